// SPDX-License-Identifier: GPL-2.0
/*
 * Conntrack has helpers: 9fb9cbb1082d ("[NETFILTER]: Add nf_conntrack
 * subsystem."), to be removed one by one.
 */
#include <net/netfilter/nf_conntrack_helper.h>

static inline bool have_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);

	return help && rcu_access_pointer(help->helper);
}
