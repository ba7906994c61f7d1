/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, of which nothing else knows.  No version is asked
 * for, since features are ported back: what a kernel has, compat/probe.sh finds
 * out.
 */
#ifndef SMTPGUARD_COMPAT_H
#define SMTPGUARD_COMPAT_H

#include <net/netfilter/nf_conntrack.h>

#include "compat/have.h"

#ifdef COMPAT_HAVE_HELPER
#include <net/netfilter/nf_conntrack_helper.h>

typedef int (*compat_help_t)(struct sk_buff *skb, unsigned int protoff,
			     struct nf_conn *ct, enum ip_conntrack_info ctinfo);

static inline void
compat_helper_init(struct nf_conntrack_helper *helper, u8 l3num,
		   const char *name, u16 port,
		   const struct nf_conntrack_expect_policy *policy,
		   compat_help_t help)
{
#ifdef COMPAT_HAVE_HELPER_WITHOUT_PORTS
	nf_ct_helper_init(helper, l3num, IPPROTO_TCP, name, policy, 0, help,
			  NULL, THIS_MODULE);
#else
	nf_ct_helper_init(helper, l3num, IPPROTO_TCP, name, port, port, port,
			  policy, 0, help, NULL, THIS_MODULE);
#endif
}

/*
 * Where it is registered by a template, connections refer to a copy, which may
 * outlive the module.
 */
static inline int
compat_helper_register(struct nf_conntrack_helper *helper,
		       struct nf_conntrack_helper **registered)
{
#ifdef COMPAT_HAVE_HELPER_TEMPLATE
	return nf_conntrack_helper_register(helper, registered);
#else
	*registered = helper;
	return nf_conntrack_helper_register(helper);
#endif
}

/*
 * Its module is gone: the connection has lost it, or, since connections count
 * their references to it, it has lost its function.
 */
static inline bool
compat_helper_is_gone(const struct nf_conntrack_helper *helper)
{
	return !helper || !READ_ONCE(helper->help);
}

/* It has no helper whose module is there, and no rule denied it one. */
static inline bool compat_is_free_of_helpers(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);

	if (help)
		return compat_helper_is_gone(rcu_dereference(help->helper));
	return !test_bit(IPS_HELPER_BIT, &ct->status);
}

#else

/* The bit may come from another router, by conntrackd. */
static inline bool compat_is_free_of_helpers(const struct nf_conn *ct)
{
	return !test_bit(IPS_HELPER_BIT, &ct->status);
}

#endif

#endif /* SMTPGUARD_COMPAT_H */
