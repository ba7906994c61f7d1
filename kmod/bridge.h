/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is different where this router is a bridge.
 */
#ifndef SMTPGUARD_BRIDGE_H
#define SMTPGUARD_BRIDGE_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

struct net;

bool bridge_is_tracked(const struct net *net);
bool bridge_has(struct net *net, struct sk_buff *skb);
u16 bridge_tag_present(const struct sk_buff *skb);
struct net_device *bridge_port_in(struct net *net, const struct sk_buff *skb);
void bridge_send_reset(struct net *net, struct sk_buff *skb,
		       struct net_device *port, u16 tag);

/**
 * bridge_sends() - does a packet leave by a port of a bridge
 * @skb: a packet on its way out
 *
 * What IPsec is about to encrypt has no device yet where this host sends it.
 *
 * Return: true where it does.
 */
static inline bool bridge_sends(const struct sk_buff *skb)
{
	return skb->dev && netif_is_bridge_port(skb->dev);
}

/**
 * bridge_tag() - the VLAN tag of a frame
 * @skb: the frame
 *
 * Return: what bridge_send_reset() takes.
 */
static inline u16 bridge_tag(const struct sk_buff *skb)
{
	return skb_vlan_tag_present(skb) ? bridge_tag_present(skb) : 0;
}

#endif /* SMTPGUARD_BRIDGE_H */
