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
