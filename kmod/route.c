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
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "route.h"

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

static bool route_leads_back_ipv4(struct net *net, __be32 sender,
				  const struct net_device *in)
{
	struct flowi4 flow = {
		.flowi4_iif = LOOPBACK_IFINDEX,
		.flowi4_l3mdev = l3mdev_master_ifindex_rcu(in),
		.flowi4_scope = RT_SCOPE_UNIVERSE,
		.daddr = sender,
	};
	struct fib_result found;

	return !fib_lookup(net, &flow, &found, 0) &&
	       found.type == RTN_UNICAST && fib_info_nh_uses_dev(found.fi, in);
}

#if IS_ENABLED(CONFIG_IPV6)
/* Has a route several next hops?  One of them was chosen for it. */
static bool route_is_multipath(const struct rt6_info *route)
{
	const struct fib6_info *from = rcu_dereference(route->from);

	return from && (from->nh || from->fib6_nsiblings);
}

/* @interface: which next hop to prefer; 0: none */
static bool route_look_up_ipv6(struct net *net, const struct in6_addr *sender,
			       const struct net_device *in, int interface,
			       bool *multipath)
{
	struct flowi6 flow = {
		.flowi6_iif = LOOPBACK_IFINDEX,
		.flowi6_l3mdev = l3mdev_master_ifindex_rcu(in),
		.flowi6_oif = interface,
		.daddr = *sender,
	};
	struct dst_entry *dst = ip6_route_lookup(net, &flow, NULL, 0);
	const struct rt6_info *route = container_of(dst, struct rt6_info, dst);
	bool leads = !dst->error && !(route->rt6i_flags & RTF_LOCAL) &&
		     dst->dev == in;

	*multipath = !dst->error && route_is_multipath(route);
	dst_release(dst);
	return leads;
}

/* With a preference the kernel takes routes that are worse than its best, too. */
static bool route_leads_back_ipv6(struct net *net,
				  const struct in6_addr *sender,
				  const struct net_device *in)
{
	bool multipath;

	/* a bridge of a host without IPv6 has packets of it all the same */
	if (!ipv6_mod_enabled())
		return false;
	return route_look_up_ipv6(net, sender, in, 0, &multipath) ||
	       (multipath && route_look_up_ipv6(net, sender, in, in->ifindex,
						&multipath));
}
#else
static bool route_leads_back_ipv6(struct net *net,
				  const struct in6_addr *sender,
				  const struct net_device *in)
{
	return false;
}
#endif

/**
 * route_leads_back() - does a route to a sender leave by a device
 * @net: network namespace
 * @sender: the ends of its packet as that came in, before NAT
 * @interface: index of the device that it came by
 *
 * It is enough that one of its next hops does.  Marks are left out of account:
 * rulesets that give them by where a packet came in would have each lead back
 * there.
 *
 * Context: any, RCU read lock held.
 * Return: true where one does.
 */
bool route_leads_back(struct net *net, const struct nf_conntrack_tuple *sender,
		      int interface)
{
	const struct net_device *in = dev_get_by_index_rcu(net, interface);

	if (!in)
		return false;
	if (sender->src.l3num == NFPROTO_IPV4)
		return route_leads_back_ipv4(net, sender->src.u3.ip, in);
	return route_leads_back_ipv6(net, &sender->src.u3.in6, in);
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
