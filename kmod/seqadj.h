/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence numbers that conntrack turns.
 */
#ifndef SMTPGUARD_SEQADJ_H
#define SMTPGUARD_SEQADJ_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_synproxy.h>

u32 seqadj_acknowledged(const struct nf_conn *ct,
			enum ip_conntrack_dir direction, u32 sequence);
void seqadj_leave(struct sk_buff *skb);
void seqadj_end(struct sk_buff *skb);

/**
 * seqadj_shift() - from the sender's number of an octet to the receiver's
 * @ct: the connection
 * @direction: of the segment
 * @sequence: its sequence number
 *
 * Context: any, ct->lock held.
 * Return: what conntrack will add.
 */
static inline u32 seqadj_shift(const struct nf_conn *ct,
			       enum ip_conntrack_dir direction, u32 sequence)
{
	lockdep_assert_held(&ct->lock);
	if (!test_bit(IPS_SEQ_ADJUST_BIT, &ct->status))
		return 0;
	return nf_ct_seq_offset(ct, direction, sequence);
}

/**
 * seqadj_takes() - does SYNPROXY take a segment right behind our hook
 * @ct: its connection
 * @th: its TCP header
 *
 * It does so with the server's answer to its SYN, and only then fixes by how
 * much the server's numbers are turned.
 *
 * Context: any, ct->lock held.
 * Return: true where nobody receives the segment.
 */
static inline bool seqadj_takes(const struct nf_conn *ct,
				const struct tcphdr *th)
{
	lockdep_assert_held(&ct->lock);
	return th->syn && th->ack && nfct_synproxy(ct) &&
	       ct->proto.tcp.state == TCP_CONNTRACK_SYN_RECV;
}

/**
 * seqadj_is_cookie() - does SYNPROXY answer a SYN in the server's name
 * @skb: the packet that holds a segment
 * @th: its TCP header
 *
 * That is of no connection yet: the SYN passed conntrack by.  Where the client
 * uses a port again, conntrack has the answer belong to the connection before.  It
 * opens no window, and nobody but this router sends one of those here.
 *
 * Return: true where it does.
 */
static inline bool seqadj_is_cookie(const struct sk_buff *skb,
				    const struct tcphdr *th)
{
	return th->syn && th->ack && !th->window && !skb->skb_iif;
}

#endif /* SMTPGUARD_SEQADJ_H */
