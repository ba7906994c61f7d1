/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP resets towards both ends of a connection.
 */
#ifndef SMTPGUARD_RESET_H
#define SMTPGUARD_RESET_H

#include <linux/types.h>

struct net;
struct sk_buff;

/**
 * struct reset - how to end a connection at a packet of it
 * @sequence: number of the octet that the packet's receiver waits for
 * @acknowledged: what the packet acknowledges, as its receiver counts
 * @tag: on a bridge, the VLAN tag of frames to the packet's sender
 */
struct reset {
	u32 sequence;
	u32 acknowledged;
	u16 tag;
};

unsigned int reset_both(struct net *net, struct sk_buff *skb,
			unsigned int protoff, const struct reset *reset);

#endif /* SMTPGUARD_RESET_H */
