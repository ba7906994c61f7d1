/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the router's own routes say about where a packet came from.
 */
#ifndef SMTPGUARD_ROUTE_H
#define SMTPGUARD_ROUTE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/l3mdev.h>

#include "bridge.h"

struct net;
struct nf_conntrack_tuple;

bool route_turns_back(struct net *net, const struct sk_buff *skb,
		      const struct net_device *out);
bool route_leads_back(struct net *net, const struct nf_conntrack_tuple *sender,
		      int interface);

/**
 * route_came_by() - the device that a packet came in by
 * @skb: the packet, network header at skb->data
 *
 * A VRF puts itself in the place of its device, and then IP's own notes say
 * which one that was.  A frame that crosses a bridge has none.
 *
 * Return: its index, or 0 where this host sent the packet.
 */
static inline int route_came_by(const struct sk_buff *skb)
{
	if (bridge_sends(skb))
		return skb->skb_iif;
	if (ip_hdr(skb)->version == 4)
		return ipv4_l3mdev_skb(IPCB(skb)->flags) ? IPCB(skb)->iif :
							   skb->skb_iif;
	return ipv6_l3mdev_skb(IP6CB(skb)->flags) ? IP6CB(skb)->iif :
						    skb->skb_iif;
}

/**
 * route_came_surely_by() - is a device the one that a packet came in by
 * @skb: the packet
 * @interface: the device's index, not 0
 *
 * Looks for the notes of both families.  Where there are none, as those of the other
 * one or of a frame that crosses a bridge, what is found in their place can only
 * have the answer be false.
 *
 * Return: true where route_came_by() is @interface; false where it may be.
 */
static inline bool route_came_surely_by(const struct sk_buff *skb,
					int interface)
{
	return skb->skb_iif == interface &&
	       !ipv4_l3mdev_skb(IPCB(skb)->flags) &&
	       !ipv6_l3mdev_skb(IP6CB(skb)->flags);
}

#endif /* SMTPGUARD_ROUTE_H */
