// SPDX-License-Identifier: GPL-2.0
/*
 * Where this router is a bridge, a frame goes from one of its ports to another
 * and IP sees nothing of it.  Conntrack can follow it there all the same, once
 * a ruleset of nftables' family "bridge" asks for that; or br_netfilter calls
 * IP's hooks for it.
 *
 * There may be no IP address here and no route, so a reset to the sender goes
 * out as a frame, by the port that the sender's came in by.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/netfilter/nf_conntrack.h>

#include "bridge.h"

/* Beside the VLAN's number: there is a tag, and it is one of 802.1ad. */
#define TAG_PRESENT	BIT(12)
#define TAG_SERVICE	BIT(13)

static_assert(!((TAG_PRESENT | TAG_SERVICE) & VLAN_VID_MASK), "bits apart");

/* What conntrack has not looked at need not be a packet of anything. */
static bool bridge_holds_ip(struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return pskb_may_pull(skb, sizeof(struct iphdr)) &&
		       ip_hdr(skb)->version == 4 && ip_hdr(skb)->ihl >= 5;
	case htons(ETH_P_IPV6):
		return pskb_may_pull(skb, sizeof(struct ipv6hdr)) &&
		       ipv6_hdr(skb)->version == 6;
	default:
		return false;
	}
}

/* br_netfilter calls IP's hooks for what crosses the bridge. */
static bool bridge_calls_ip(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb);
#else
	return false;
#endif
}

/**
 * bridge_is_tracked() - does conntrack follow what crosses bridges
 * @net: network namespace
 *
 * Else a packet without a connection is not INVALID.  Its hook shows it, and
 * nobody's else stands at that place but chains of nf_tables.
 *
 * Context: RCU read lock held.
 * Return: true if so.
 */
bool bridge_is_tracked(const struct net *net)
{
#ifdef CONFIG_NETFILTER_FAMILY_BRIDGE
	const struct nf_hook_entries *entries =
		rcu_dereference(net->nf.hooks_bridge[NF_BR_PRE_ROUTING]);
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!entries)
		return false;
	ops = nf_hook_entries_get_hook_ops(entries);
	for (i = 0; i < entries->num_hook_entries; i++) {
		if (ops[i]->priority == NF_IP_PRI_CONNTRACK &&
		    ops[i]->hook_ops_type == NF_HOOK_OP_UNDEFINED)
			return true;
	}
#endif
	return false;
}

/**
 * bridge_port_in() - by which port did a frame come in that crosses a bridge
 * @net: network namespace
 * @skb: a packet on its way out
 *
 * What IP sends through a bridge has not come in by a port of it: that came in
 * by another device, by the bridge itself, or begins on this host.
 *
 * Context: RCU read lock held.
 * Return: the port, or %NULL where the packet does not cross a bridge.
 */
struct net_device *bridge_port_in(struct net *net, const struct sk_buff *skb)
{
	struct net_device *in;

	if (!bridge_sends(skb))
		return NULL;
	in = dev_get_by_index_rcu(net, skb->skb_iif);
	if (!in || !netif_is_bridge_port(in) ||
	    netdev_master_upper_dev_get_rcu(in) !=
	    netdev_master_upper_dev_get_rcu(skb->dev))
		return NULL;
	return in;
}

/**
 * bridge_has() - does a packet of IP come by no hook but that of a bridge
 * @net: network namespace
 * @skb: the frame, network header at skb->data
 *
 * Context: RCU read lock held.
 * Return: false where it comes by one of IP's hooks as well.
 */
bool bridge_has(struct net *net, struct sk_buff *skb)
{
	return bridge_holds_ip(skb) && !bridge_calls_ip(skb) &&
	       bridge_port_in(net, skb);
}

/**
 * bridge_tag_present() - the VLAN tag of a frame
 * @skb: the frame, which has one
 *
 * Return: as bridge_tag().
 */
u16 bridge_tag_present(const struct sk_buff *skb)
{
	return skb_vlan_tag_get_id(skb) | TAG_PRESENT |
	       (skb->vlan_proto == htons(ETH_P_8021AD) ? TAG_SERVICE : 0);
}

static struct sk_buff *bridge_make_reset(struct net *net, struct sk_buff *skb)
{
	/* the hook only tells whether a checksum was verified before */
	if (ip_hdr(skb)->version == 4)
		return nf_reject_skb_v4_tcp_reset(net, skb, NULL,
						  NF_INET_FORWARD);
	if (IS_ENABLED(CONFIG_IPV6))
		return nf_reject_skb_v6_tcp_reset(net, skb, NULL,
						  NF_INET_FORWARD);
	return NULL;
}

/**
 * bridge_send_reset() - answer a frame that crosses a bridge with a reset
 * @net: network namespace
 * @skb: the frame, network header at skb->data
 * @port: where it came in
 * @tag: VLAN tag of frames to its sender
 *
 * Conntrack does not see it and is told.
 *
 * Context: softirq or process; the connection's ct->lock not held.
 */
void bridge_send_reset(struct net *net, struct sk_buff *skb,
		       struct net_device *port, u16 tag)
{
	struct sk_buff *reset = bridge_make_reset(net, skb);

	if (!reset)
		return;
	nf_ct_set_closing(skb_nfct(skb));
	reset->dev = port;
	if (tag)
		__vlan_hwaccel_put_tag(reset,
				       htons(tag & TAG_SERVICE ? ETH_P_8021AD :
								 ETH_P_8021Q),
				       tag & VLAN_VID_MASK);
	if (dev_hard_header(reset, port, ntohs(reset->protocol),
			    eth_hdr(skb)->h_source, eth_hdr(skb)->h_dest,
			    reset->len) < 0)
		kfree_skb(reset);
	else
		dev_queue_xmit(reset);
}
