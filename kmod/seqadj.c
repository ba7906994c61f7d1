// SPDX-License-Identifier: GPL-2.0
/*
 * Where the router has answered a SYN in the server's name (SYNPROXY), or
 * octets were put into a stream or taken out of it (NAT, NFQUEUE), the ends have
 * different numbers for the same octet.  Conntrack turns the sender's into the
 * receiver's, and acknowledgments back, when it confirms a packet, which is
 * behind our hook.
 *
 * A stream is followed in the receiver's numbers: they have no gap where octets
 * came in or went out, and what the receiver acknowledges is in them.  So of a
 * segment that passes our hook only the sequence number has to be turned.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_synproxy.h>
#include <net/tcp.h>

#include "seqadj.h"

static bool seqadj_applies(const struct nf_conn *ct)
{
	return test_bit(IPS_SEQ_ADJUST_BIT, &ct->status) || nfct_synproxy(ct);
}

/**
 * seqadj_shift() - from the sender's number of an octet to the receiver's
 * @ct: the connection
 * @direction: of the segment
 * @sequence: its sequence number
 *
 * Context: any, ct->lock held.
 * Return: what conntrack will add.
 */
u32 seqadj_shift(const struct nf_conn *ct, enum ip_conntrack_dir direction,
		 u32 sequence)
{
	lockdep_assert_held(&ct->lock);
	if (!test_bit(IPS_SEQ_ADJUST_BIT, &ct->status))
		return 0;
	return nf_ct_seq_offset(ct, direction, sequence);
}

/**
 * seqadj_acknowledged() - what an acknowledgment will be for its receiver
 * @ct: the connection
 * @direction: of the segment
 * @sequence: what it acknowledges
 *
 * Context: any, ct->lock held.
 * Return: the same octet as who sent it counts.
 */
u32 seqadj_acknowledged(const struct nf_conn *ct,
			enum ip_conntrack_dir direction, u32 sequence)
{
	const struct nf_conn_seqadj *seqadj = nfct_seqadj(ct);

	lockdep_assert_held(&ct->lock);
	if (!seqadj || !test_bit(IPS_SEQ_ADJUST_BIT, &ct->status))
		return sequence;
	/* whether it is behind the last change the sender's number tells */
	return sequence -
	       nf_ct_seq_offset(ct, !direction, sequence -
				seqadj->seq[!direction].offset_before);
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
bool seqadj_takes(const struct nf_conn *ct, const struct tcphdr *th)
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
bool seqadj_is_cookie(const struct sk_buff *skb, const struct tcphdr *th)
{
	return th->syn && th->ack && !th->window && !skb->skb_iif;
}

/**
 * seqadj_leave() - have nobody turn the numbers of a packet
 * @skb: the packet, which has those that its receiver knows
 *
 * SYNPROXY takes a server's reset for its first word and has the numbers turned
 * to fit, those of the next packets too.  Conntrack turns the resets that this
 * host sends in answer to a packet in one direction only.
 *
 * Context: any, ct->lock not held.  The connection may be gone afterwards.
 */
void seqadj_leave(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || !seqadj_applies(ct))
		return;
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

/**
 * seqadj_end() - have conntrack forget a connection whose numbers it turns
 * @skb: the reset that ends it
 *
 * Conntrack sees none of the resets, see seqadj_leave(), and would have it for
 * established for days.
 *
 * Context: any, ct->lock not held.
 */
void seqadj_end(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	/* what is not confirmed is in no table of conntrack's */
	if (ct && nf_ct_is_confirmed(ct) && seqadj_applies(ct))
		nf_ct_kill(ct);
	seqadj_leave(skb);
}
