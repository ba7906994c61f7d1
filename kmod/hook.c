// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module is enough to be guarded: hooks right before conntrack's
 * last ones have all packets judged of connections that select.c chooses, and
 * of those that are under guard already.  By then the ruleset had its say: it
 * may have chosen a connection, given it another helper, or not have it tracked.
 *
 * They are in every network namespace.  Where ports are not guarded they only
 * look if a rule chose the connection, and there is none where nothing but the
 * module would have connections followed.
 *
 * Conntrack calls helpers more than once for a packet that IP sends through a
 * bridge, or for which br_netfilter calls IP's hooks.  A hook knows where it
 * is, and one of them judges.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter_bridge.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/l3mdev.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "bridge.h"
#include "flow.h"
#include "helper.h"
#include "hook.h"
#include "invalid.h"
#include "judge.h"
#include "offload.h"
#include "params.h"
#include "select.h"
#include "unguarded.h"

/*
 * Behind us are SYNPROXY, at INT_MAX - 1, and conntrack, at INT_MAX or, where
 * IPv6 is received, at INT_MAX - 1.  Of two at the same place the last to come
 * would be the first.
 */
#define HOOK_PRIORITY	(NF_IP_PRI_CONNTRACK_CONFIRM - 2)

/* It may be INVALID, or have been kept from conntrack. */
static unsigned int hook_no_connection(struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       enum ip_conntrack_info ctinfo,
				       const struct settings *settings)
{
	if (ctinfo == IP_CT_UNTRACKED) {
		unguarded_untracked(state->net, skb, settings);
		return NF_ACCEPT;
	}
	return settings->policy.enabled ?
	       invalid_packet(state->net, skb, settings) : NF_ACCEPT;
}

/* Of a connection that may not be in the table of flows, or of none. */
static unsigned int hook_unknown(struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct settings *settings = params_settings();
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct)
		return hook_no_connection(skb, state, ctinfo, settings);
	if (nf_ct_is_template(ct))
		return NF_ACCEPT;
	helper_note(ct);
	if (!select_chooses(ct, settings))
		return NF_ACCEPT;
	select_note(state->net, settings);
	return judge_packet(skb, state->out);
}

/* What is under guard stays so, even on a port that no longer is. */
static __always_inline unsigned int
hook_packet(struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct nf_conn *ct = (struct nf_conn *)skb_nfct(skb);

	/* what hook_unknown() notes was noted before, or unheard_segment() does */
	if (ct && flow_is_known(ct))
		return judge_packet(skb, state->out);
	return hook_unknown(skb, state);
}

/* Nothing but this is done for all that is only forwarded. */
static __always_inline bool hook_is_foreign(const struct sk_buff *skb)
{
	const struct nf_conn *ct = (struct nf_conn *)skb_nfct(skb);

	return ct && select_is_foreign(ct, params_settings());
}

/*
 * What a device of IPsec sends comes by once more on its way to be encrypted, and
 * is of no connection any more.  All that was received has a device.  @skb is of no
 * connection.
 */
static bool hook_saw_before(const struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING && !skb->skb_iif &&
	       skb_dst(skb) && dst_xfrm(skb_dst(skb));
}

/* It comes by again, with another connection, by a device below. */
static bool hook_is_repeated(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING &&
	       netif_is_l3_master(state->out);
}

static noinline unsigned int hook_ip_alone(struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	if (!select_expects(state->net, params_settings()) ||
	    hook_saw_before(skb, state) || hook_is_repeated(state))
		return NF_ACCEPT;
	return hook_unknown(skb, state);
}

/* Apart, and with the same arguments: what is foreign moves no registers for it. */
static noinline __noclone unsigned int
hook_ip_near(void *priv, struct sk_buff *skb,
	     const struct nf_hook_state *state)
{
	if (!skb_nfct(skb))
		return hook_ip_alone(skb, state);
	return hook_is_repeated(state) ? NF_ACCEPT : hook_packet(skb, state);
}

static unsigned int hook_ip(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return hook_is_foreign(skb) ? NF_ACCEPT : hook_ip_near(priv, skb, state);
}

#ifdef CONFIG_NETFILTER_FAMILY_BRIDGE
static unsigned int hook_bridge(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	if (hook_is_foreign(skb))
		return NF_ACCEPT;
	if (!skb_nfct(skb) && !select_expects(state->net, params_settings()))
		return NF_ACCEPT;
	if (!bridge_has(state->net, skb))
		return NF_ACCEPT;
	if (skb_nfct(skb) || bridge_is_tracked(state->net))
		return hook_packet(skb, state);
	unguarded_frame(state->net, skb, params_settings());
	return NF_ACCEPT;
}
#endif

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook		= hook_ip,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_ip,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_ip,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_ip,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= HOOK_PRIORITY,
	},
#ifdef CONFIG_NETFILTER_FAMILY_BRIDGE
	{
		.hook		= hook_bridge,
		.pf		= NFPROTO_BRIDGE,
		.hooknum	= NF_BR_POST_ROUTING,
		.priority	= HOOK_PRIORITY,
	},
#endif
};

static int __net_init hook_net_init(struct net *net)
{
	return nf_register_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
}

static void __net_exit hook_net_exit(struct net *net)
{
	nf_unregister_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
}

/* An RCU grace period after hook_net_exit(). */
static void __net_exit hook_net_release(struct net *net)
{
	flow_release(net);
}

static struct pernet_operations hook_net_ops = {
	.init		= hook_net_init,
	.pre_exit	= hook_net_exit,
	.exit		= hook_net_release,
};

/**
 * hook_register() - put the hooks into all network namespaces
 *
 * Return: 0, or a negative errno.
 */
int hook_register(void)
{
	int err = register_pernet_subsys(&hook_net_ops);

	if (err)
		return err;
	err = offload_register();
	if (err)
		unregister_pernet_subsys(&hook_net_ops);
	return err;
}

/**
 * hook_unregister() - take them out
 *
 * After this none is judged.
 */
void hook_unregister(void)
{
	offload_unregister();
	unregister_pernet_subsys(&hook_net_ops);
}
