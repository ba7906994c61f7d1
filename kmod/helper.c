// SPDX-License-Identifier: GPL-2.0
/*
 * The conntrack helper "smtp", for IPv4 and IPv6.  A ruleset gives it to
 * connections by name, hook.c to those to the guarded ports.  Whoever has it is
 * under guard, and conntrack keeps the flow; hook.c has its packets judged.
 *
 * The module has no alias by which the kernel would load it for a rule that
 * names the helper: anybody can write one, in a network namespace of his own,
 * and what is loaded then is loaded for this host (user_namespaces(7)).
 *
 * This file alone knows the helper interface.
 */
#include <linux/module.h>

#include "compat.h"
#include "guard.h"
#include "helper.h"
#include "judge.h"

static_assert(sizeof(struct flow) <= sizeof_field(struct nf_conn_help, data),
	      "conntrack keeps no more for a helper");

#define HELPER_NAME	"smtp"
#define HELPER_PORT	25

/* No SMTP session makes another connection expected. */
static const struct nf_conntrack_expect_policy helper_expectations = {
	.max_expected	= 0,
	.timeout	= 0,
};

static struct nf_conntrack_helper helper_templates[2];
static struct nf_conntrack_helper *helpers[2];

static const u8 helper_families[2] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/* Conntrack must have something to call.  The packet has been judged by then. */
static int helper_help(struct sk_buff *skb, unsigned int protoff,
		       struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	return NF_ACCEPT;
}

/* nfct_help_data() would look for the extension once more. */
static struct flow *help_flow(struct nf_conn_help *help)
{
	return (struct flow *)help->data;
}

/*
 * Conntrack calls this when it takes the entry out of its table, from any
 * context and with no lock held.  Other processors may have packets of the
 * connection in hand: whoever has ct->lock next finds an entry without a guard
 * that is marked as dying, and opens none.
 */
static void helper_destroy(struct nf_conn *ct)
{
	struct nf_conn_help *help = nfct_help(ct);
	struct guard *guard;
	struct flow *flow;

	if (!help)
		return;
	flow = help_flow(help);
	spin_lock_bh(&ct->lock);
	guard = flow->guard;
	if (guard)
		judge_end(ct, flow);
	flow->guard = NULL;
	spin_unlock_bh(&ct->lock);
	if (guard)
		guard_close(guard);
}

static struct nf_conntrack_helper *helper_for(const struct nf_conn *ct)
{
	return helpers[nf_ct_l3num(ct) == NFPROTO_IPV6];
}

/**
 * helper_flow() - what is kept of a connection that has this helper
 * @ct: the connection
 *
 * Context: RCU read lock held.
 * Return: its flow, or %NULL where it has another or none.
 */
struct flow *helper_flow(const struct nf_conn *ct)
{
	struct nf_conn_help *help = nfct_help(ct);

	if (!help || rcu_access_pointer(help->helper) != helper_for(ct))
		return NULL;
	return help_flow(help);
}

/**
 * helper_is_free() - may a connection come under guard
 * @ct: the connection
 *
 * Return: false where it has a helper whose module is there, or the ruleset
 * denied it one.
 */
bool helper_is_free(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);

	if (help)
		return compat_helper_is_gone(rcu_dereference(help->helper));
	return !test_bit(IPS_HELPER_BIT, &ct->status);
}

/**
 * helper_attach() - take a new connection under guard
 * @ct: a connection that is not confirmed yet and free
 *
 * Context: RCU read lock held.
 * Return: its flow, or %NULL without memory.
 */
struct flow *helper_attach(struct nf_conn *ct)
{
	struct nf_conntrack_helper *helper = helper_for(ct);
	struct nf_conn_help *help;

	help = nf_ct_helper_ext_add(ct, GFP_ATOMIC);
	if (!help || !compat_helper_hold(helper))
		return NULL;
	rcu_assign_pointer(help->helper, helper);
	return help_flow(help);
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
		err = compat_helper_register(&helper_templates[i],
					     helper_families[i], HELPER_NAME,
					     HELPER_PORT, &helper_expectations,
					     helper_help, helper_destroy,
					     &helpers[i]);
		if (err)
			goto unregister;
	}
	return 0;

unregister:
	while (i--)
		compat_helper_unregister(helpers[i]);
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
		compat_helper_unregister(helpers[i]);
}
