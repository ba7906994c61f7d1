// SPDX-License-Identifier: GPL-2.0
/*
 * The conntrack helper "smtp", for IPv4 and IPv6: a name by which a ruleset
 * chooses connections to be guarded, and nothing else.
 *
 * The module has no alias by which the kernel would load it for a rule that
 * names the helper: anybody can write one, in a network namespace of his own,
 * and what is loaded then is loaded for this host (user_namespaces(7)).
 *
 * This file alone has to do with the interface by which helpers are offered.
 */
#include <linux/module.h>

#include "compat.h"
#include "helper.h"
#include "unguarded.h"

#ifndef COMPAT_HAVE_HELPER
#error "this kernel has no helpers: make HELPERLESS=1"
#endif

#define HELPER_PORT	25

/* No SMTP session makes another connection expected. */
static const struct nf_conntrack_expect_policy helper_expectations = {
	.max_expected	= 0,
	.timeout	= 0,
};

static struct nf_conntrack_helper helper_templates[2];
static struct nf_conntrack_helper *helpers[2];

static const u8 helper_families[2] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/* Of what conntrack keeps for a helper, all zero at first, the first octet. */
static u8 *helper_noted(struct nf_conn_help *help)
{
	return (u8 *)help->data;
}

/*
 * Conntrack calls this right behind our hook, and the packet has been judged.
 * Open vSwitch and tc's action ct call it as well, for packets that come by no
 * hook.  So the hook leaves a note, and a connection without one is theirs.
 */
static int helper_help(struct sk_buff *skb, unsigned int protoff,
		       struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	struct nf_conn_help *help = nfct_help(ct);

	if (help && !READ_ONCE(*helper_noted(help)))
		unguarded_elsewhere(nf_ct_net(ct), skb, protoff);
	return NF_ACCEPT;
}

static struct nf_conntrack_helper *helper_for(const struct nf_conn *ct)
{
	return helpers[nf_ct_l3num(ct) == NFPROTO_IPV6];
}

/**
 * helper_chooses() - did the ruleset give a connection this helper
 * @ct: the connection
 *
 * Context: RCU read lock held.
 * Return: true where it did.
 */
bool helper_chooses(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);

	return help && rcu_access_pointer(help->helper) == helper_for(ct);
}

/**
 * helper_note() - a connection comes by the hook
 * @ct: the connection
 *
 * Context: RCU read lock held.
 */
void helper_note(const struct nf_conn *ct)
{
	struct nf_conn_help *help = nfct_help(ct);

	if (help && rcu_access_pointer(help->helper) == helper_for(ct) &&
	    !READ_ONCE(*helper_noted(help)))
		WRITE_ONCE(*helper_noted(help), true);
}

/**
 * helper_register() - offer the helper to conntrack
 *
 * Return: 0, or a negative errno.
 */
int helper_register(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		compat_helper_init(&helper_templates[i], helper_families[i],
				   HELPER_NAME, HELPER_PORT,
				   &helper_expectations, helper_help);
		err = compat_helper_register(&helper_templates[i], &helpers[i]);
		if (err)
			goto unregister;
	}
	return 0;

unregister:
	while (i--)
		nf_conntrack_helper_unregister(helpers[i]);
	return err;
}

/**
 * helper_unregister() - take it back
 *
 * Sessions live on without it.  After this no packet and no connection calls
 * into the helper any more.
 */
void helper_unregister(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++)
		nf_conntrack_helper_unregister(helpers[i]);
}
