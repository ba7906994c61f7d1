/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that conntrack gives no connection.
 */
#ifndef SMTPGUARD_INVALID_H
#define SMTPGUARD_INVALID_H

struct net;
struct settings;
struct sk_buff;

unsigned int invalid_packet(struct net *net, struct sk_buff *skb,
			    const struct settings *settings);

#endif /* SMTPGUARD_INVALID_H */
