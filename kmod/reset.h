/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP resets towards both ends of a connection.
 */
#ifndef SMTPGUARD_RESET_H
#define SMTPGUARD_RESET_H

#include <linux/types.h>

struct net;
struct sk_buff;

unsigned int reset_both(struct net *net, struct sk_buff *skb,
			unsigned int protoff, u32 sequence);

#endif /* SMTPGUARD_RESET_H */
