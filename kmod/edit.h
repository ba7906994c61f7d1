/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In-place edits of TCP segments.
 */
#ifndef SMTPGUARD_EDIT_H
#define SMTPGUARD_EDIT_H

#include <linux/types.h>

struct sk_buff;

int edit_fill(struct sk_buff *skb, unsigned int protoff, unsigned int offset,
	      unsigned int length, u8 octet);
int edit_clear_urgent(struct sk_buff *skb, unsigned int protoff);
int edit_cut(struct sk_buff *skb, unsigned int protoff, unsigned int length);
int edit_to_reset(struct sk_buff *skb, unsigned int protoff, u32 sequence,
		  u32 acknowledged);

#endif /* SMTPGUARD_EDIT_H */
