// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing in a packet shows who sent it, for the sender writes all of it.  The
 * device that it came by does, and with the router's routes that tells whether
 * its source is to be found there.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/dst.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "bridge.h"
#include "route.h"

/**
 * route_came_by() - the device that a packet came in by
 * @skb: the packet, network header at skb->data
 *
 * A VRF puts itself in the place of its device, and then IP's own notes say
 * which one that was.  A frame that crosses a bridge has none.
 *
 * Return: its index, or 0 where this host sent the packet.
 */
int route_came_by(const struct sk_buff *skb)
{
	if (bridge_sends(skb))
		return skb->skb_iif;
	if (ip_hdr(skb)->version == 4)
		return ipv4_l3mdev_skb(IPCB(skb)->flags) ? IPCB(skb)->iif :
							   skb->skb_iif;
	return ipv6_l3mdev_skb(IP6CB(skb)->flags) ? IP6CB(skb)->iif :
						    skb->skb_iif;
}

/* The device that packets leave by; 0: not known. */
static int route_interface(struct net *net, struct flowi *flow, u8 family)
{
	struct dst_entry *dst;
	int interface;

	if (nf_route(net, &dst, flow, false, family))
		return 0;
	interface = dst->dev->ifindex;
	dst_release(dst);
	return interface;
}

static int route_to_source(struct net *net, const struct sk_buff *skb,
			   const struct net_device *out)
{
	bool ipv4 = ip_hdr(skb)->version == 4;
	struct flowi flow = {
		.flowi_oif = l3mdev_master_ifindex_rcu(out),
	};

	if (ipv4)
		flow.u.ip4.daddr = ip_hdr(skb)->saddr;
	else
		flow.u.ip6.daddr = ipv6_hdr(skb)->saddr;
	return route_interface(net, &flow, ipv4 ? AF_INET : AF_INET6);
}

/**
 * route_leads_back() - does the route to a sender leave by a device
 * @net: network namespace
 * @sender: the ends of its packet as that came in, before NAT
 * @interface: index of the device that it came by
 *
 * Marks are left out of account: rulesets that give them by where a packet came
 * in would have each lead back there.  Of several next hops it is the one that
 * the router takes for the address alone.
 *
 * Context: any, RCU read lock held.
 */
bool route_leads_back(struct net *net, const struct nf_conntrack_tuple *sender,
		      int interface)
{
	struct net_device *in = dev_get_by_index_rcu(net, interface);
	struct flowi flow = {};

	if (!in)
		return false;
	flow.flowi_oif = l3mdev_master_ifindex_rcu(in);
	if (sender->src.l3num == NFPROTO_IPV4)
		flow.u.ip4.daddr = sender->src.u3.ip;
	else
		flow.u.ip6.daddr = sender->src.u3.in6;
	return route_interface(net, &flow, sender->src.l3num) == interface;
}

/**
 * route_turns_back() - does a packet go back to where it came from
 * @net: network namespace
 * @skb: the packet, network header at skb->data
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * One that leaves by the device that it came by may have been sent by its
 * receiver, in another's name.  Where the route to its source leaves by that
 * device, too, as with a router on a stick, nobody can tell.
 *
 * Context: any, RCU read lock held.
 * Return: true where the source is not behind that device.
 */
bool route_turns_back(struct net *net, const struct sk_buff *skb,
		      const struct net_device *out)
{
	int interface;

	if (!out || route_came_by(skb) != out->ifindex)
		return false;
	interface = route_to_source(net, skb, out);
	return interface && interface != out->ifindex;
}
