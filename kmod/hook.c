// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module is enough to be guarded: in every network namespace,
 * hooks right before conntrack's last ones give the helper to each new
 * connection to one of the guarded ports, as the client addressed it or as
 * NAT has turned it.  By then the ruleset had its say: a connection to which
 * it gave a helper, or that it does not track, is left alone.
 *
 * A packet that conntrack calls INVALID has no connection and so no helper
 * sees it.  With payload it must not come through beside the guard.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "helper.h"
#include "hook.h"
#include "params.h"
#include "stats.h"

/* Conntrack confirms, and calls helpers, at INT_MAX. */
#define HOOK_PRIORITY	(NF_IP_PRI_CONNTRACK_CONFIRM - 1)

/* Where the TCP header of a packet is; negative if it is none. */
static int find_tcp(const struct sk_buff *skb, u8 pf)
{
	__be16 fragment = 0;
	u8 protocol;
	int offset;

	if (pf == NFPROTO_IPV4)
		return ip_hdr(skb)->protocol == IPPROTO_TCP ?
			ip_hdrlen(skb) : -1;
	protocol = ipv6_hdr(skb)->nexthdr;
	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &protocol,
				  &fragment);
	return protocol == IPPROTO_TCP ? offset : -1;
}

static bool is_invalid_payload(const struct settings *settings,
			       const struct sk_buff *skb, u8 pf)
{
	int offset = find_tcp(skb, pf);
	const struct tcphdr *th;
	struct tcphdr buffer;

	if (offset < 0)
		return false;
	th = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return th && skb->len > offset + th->doff * 4 &&
	       (settings_has_port(&settings->ports, ntohs(th->dest)) ||
		settings_has_port(&settings->ports, ntohs(th->source)));
}

static unsigned int hook_packet(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	const struct settings *settings = params_settings();
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!settings->policy.enabled)
		return NF_ACCEPT;
	if (!ct) {
		if (ctinfo == IP_CT_UNTRACKED ||
		    !is_invalid_payload(settings, skb, state->pf))
			return NF_ACCEPT;
		stats_count(state->net, COUNTER_SEGMENTS_INVALID);
		return settings->policy.monitor ? NF_ACCEPT : NF_DROP;
	}
	if (nf_ct_is_confirmed(ct) || nf_ct_is_template(ct) ||
	    !helper_on_port(ct, &settings->ports))
		return NF_ACCEPT;
	if (!helper_attach(ct))
		return NF_ACCEPT;
	/* the SYN comes again, and finds memory then */
	stats_count(state->net, COUNTER_ALLOCATION_FAILURES);
	return NF_DROP;
}

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook		= hook_packet,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_packet,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_packet,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= HOOK_PRIORITY,
	},
	{
		.hook		= hook_packet,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= HOOK_PRIORITY,
	},
};

static int __net_init hook_net_init(struct net *net)
{
	return nf_register_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
}

static void __net_exit hook_net_exit(struct net *net)
{
	nf_unregister_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
}

static struct pernet_operations hook_net_ops = {
	.init		= hook_net_init,
	.pre_exit	= hook_net_exit,
};

/**
 * hook_register() - put the hooks into all network namespaces
 *
 * Return: 0, or a negative errno.
 */
int hook_register(void)
{
	return register_pernet_subsys(&hook_net_ops);
}

/**
 * hook_unregister() - take them out
 *
 * After this no new connection gets the helper from here.
 */
void hook_unregister(void)
{
	unregister_pernet_subsys(&hook_net_ops);
}
