/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What events and the list of sessions tell alike.
 */
#ifndef SMTPGUARD_ATTRIBUTE_H
#define SMTPGUARD_ATTRIBUTE_H

#include <linux/types.h>

struct nf_conn;
struct sk_buff;

int attribute_put_ends(struct sk_buff *skb, const struct nf_conn *ct,
		       bool reversed);
int attribute_put_nat_ends(struct sk_buff *skb, const struct nf_conn *ct,
			   bool reversed);
int attribute_put_phase(struct sk_buff *skb, u8 phase);

#endif /* SMTPGUARD_ATTRIBUTE_H */
