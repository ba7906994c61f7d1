// SPDX-License-Identifier: GPL-2.0
/*
 * A helper is for no ports any more: 78217fb2ccf9 ("netfilter: conntrack: remove
 * obsolete module parameters"), behind 5de6c8ad0bcc ("netfilter: conntrack: get
 * rid of tuple in helper definitions").
 */
#include <net/netfilter/nf_conntrack_helper.h>

typedef int (*help_t)(struct sk_buff *skb, unsigned int protoff,
		      struct nf_conn *ct, enum ip_conntrack_info ctinfo);
typedef int (*from_nlattr_t)(struct nlattr *attribute, struct nf_conn *ct);

static inline void
have_helper_without_ports(struct nf_conntrack_helper *helper,
			  const struct nf_conntrack_expect_policy *policy,
			  help_t help, from_nlattr_t from_nlattr,
			  struct module *module)
{
	nf_ct_helper_init(helper, 0, 0, "", policy, 0, help, from_nlattr,
			  module);
}
