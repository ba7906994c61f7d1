/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence numbers that conntrack turns.
 */
#ifndef SMTPGUARD_SEQADJ_H
#define SMTPGUARD_SEQADJ_H

#include <linux/types.h>
#include <net/netfilter/nf_conntrack.h>

struct sk_buff;
struct tcphdr;

u32 seqadj_shift(const struct nf_conn *ct, enum ip_conntrack_dir direction,
		 u32 sequence);
u32 seqadj_acknowledged(const struct nf_conn *ct,
			enum ip_conntrack_dir direction, u32 sequence);
bool seqadj_takes(const struct nf_conn *ct, const struct tcphdr *th);
bool seqadj_is_cookie(const struct sk_buff *skb, const struct tcphdr *th);
void seqadj_leave(struct sk_buff *skb);
void seqadj_end(struct sk_buff *skb);

#endif /* SMTPGUARD_SEQADJ_H */
