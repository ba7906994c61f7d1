/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions; the only file that tests for them.
 */
#ifndef SMTPGUARD_COMPAT_H
#define SMTPGUARD_COMPAT_H

#include <linux/version.h>
#include <net/netfilter/nf_conntrack.h>

/*
 * Helpers are on their way out of the kernel, and with them goes this header.
 * sparse cannot ask for it.
 */
#ifdef __has_include
#if !__has_include("net/netfilter/nf_conntrack_helper.h")
#define COMPAT_WITHOUT_HELPERS
#endif
#endif

#ifndef COMPAT_WITHOUT_HELPERS
#include <net/netfilter/nf_conntrack_helper.h>

typedef int (*compat_help_t)(struct sk_buff *skb, unsigned int protoff,
			     struct nf_conn *ct, enum ip_conntrack_info ctinfo);

/*
 * From 7.2 on a helper is registered by a template; what connections hold a
 * counted reference to is a copy of it, which outlives the module.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)

static inline int
compat_helper_register(struct nf_conntrack_helper *template, u8 l3num,
		       const char *name, u16 port,
		       const struct nf_conntrack_expect_policy *policy,
		       compat_help_t help,
		       struct nf_conntrack_helper **registered)
{
	nf_ct_helper_init(template, l3num, IPPROTO_TCP, name, policy, 0, help,
			  NULL, THIS_MODULE);
	return nf_conntrack_helper_register(template, registered);
}

/* Its module is gone. */
static inline bool
compat_helper_is_gone(const struct nf_conntrack_helper *helper)
{
	return !helper || !rcu_access_pointer(helper->help);
}

#else

static inline int
compat_helper_register(struct nf_conntrack_helper *template, u8 l3num,
		       const char *name, u16 port,
		       const struct nf_conntrack_expect_policy *policy,
		       compat_help_t help,
		       struct nf_conntrack_helper **registered)
{
	nf_ct_helper_init(template, l3num, IPPROTO_TCP, name, port, port, port,
			  policy, 0, help, NULL, THIS_MODULE);
	*registered = template;
	return nf_conntrack_helper_register(template);
}

static inline bool
compat_helper_is_gone(const struct nf_conntrack_helper *helper)
{
	return !helper;
}

#endif

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
