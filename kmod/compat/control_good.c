// SPDX-License-Identifier: GPL-2.0
/*
 * Compiles for every kernel: where it does not, no other probe tells anything.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

static inline bool control_good(const struct nf_conn *ct)
{
	return nf_ct_l3num(ct) == NFPROTO_IPV6;
}
