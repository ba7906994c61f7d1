/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is different where this router is a bridge.
 */
#ifndef SMTPGUARD_BRIDGE_H
#define SMTPGUARD_BRIDGE_H

#include <linux/types.h>

struct net;
struct net_device;
struct sk_buff;

bool bridge_sends(const struct sk_buff *skb);
bool bridge_is_tracked(const struct net *net);
bool bridge_has(struct net *net, struct sk_buff *skb);
u16 bridge_tag(const struct sk_buff *skb);
struct net_device *bridge_port_in(struct net *net, const struct sk_buff *skb);
void bridge_send_reset(struct net *net, struct sk_buff *skb,
		       struct net_device *port, u16 tag);

#endif /* SMTPGUARD_BRIDGE_H */
