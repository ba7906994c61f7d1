/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the router's own routes say about where a packet came from.
 */
#ifndef SMTPGUARD_ROUTE_H
#define SMTPGUARD_ROUTE_H

#include <linux/types.h>

struct net;
struct net_device;
struct nf_conntrack_tuple;
struct sk_buff;

bool route_turns_back(struct net *net, const struct sk_buff *skb,
		      const struct net_device *out);
int route_came_by(const struct sk_buff *skb);
bool route_leads_back(struct net *net, const struct nf_conntrack_tuple *sender,
		      int interface);

#endif /* SMTPGUARD_ROUTE_H */
