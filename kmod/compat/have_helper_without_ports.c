// SPDX-License-Identifier: GPL-2.0
/*
 * A helper is for no ports any more: 78217fb2ccf9 ("netfilter: conntrack: remove
 * obsolete module parameters"), behind 5de6c8ad0bcc ("netfilter: conntrack: get
 * rid of tuple in helper definitions").
 */
#include <linux/in.h>
#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

void have_helper_without_ports(struct nf_conntrack_helper *helper,
			       const struct nf_conntrack_expect_policy *policy);

void have_helper_without_ports(struct nf_conntrack_helper *helper,
			       const struct nf_conntrack_expect_policy *policy)
{
	nf_ct_helper_init(helper, NFPROTO_IPV4, IPPROTO_TCP, "smtp", policy, 0,
			  NULL, NULL, THIS_MODULE);
}
