// SPDX-License-Identifier: GPL-2.0
/*
 * In-place edits of TCP segments of any shape: linear, paged, with a fragment
 * list, GSO or not.  What is written to is made this skb's own and linear
 * first, for pages may be shared with a socket that will send them again.
 * The checksum is right after each edit.  No edit makes a segment longer; those
 * that cut one off are the last of it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "edit.h"

static struct tcphdr *edit_header(struct sk_buff *skb, unsigned int protoff)
{
	return (struct tcphdr *)(skb->data + protoff);
}

/*
 * Of a packet that was put together from fragments, octets must not go from one
 * to another: a bridge sends them on as they are, at offsets that would no
 * longer be right.  It cuts anew what lies in one piece.
 *
 * What is not in one piece with the headers is pulled to them, and what was
 * there before may be copied for that.  There may be thousands of edits, one
 * behind the other: each time it is twice as much as need be, so that all of
 * the copies together are no more than three of the packet.
 */
static int edit_make_writable(struct sk_buff *skb, unsigned int length)
{
	if (skb_has_frag_list(skb) && !skb_is_gso(skb) && skb_linearize(skb))
		return -ENOMEM;
	if (length > skb_headlen(skb))
		length = min(2 * length, skb->len);
	return skb_ensure_writable(skb, length);
}

/**
 * edit_fill() - overwrite a stretch of a TCP segment
 * @skb: the packet, network header at skb->data
 * @protoff: offset of the TCP header
 * @offset: where to begin, behind the TCP header or at an option of it
 * @length: octets to overwrite
 * @octet: what with
 *
 * Pointers into @skb are no longer good afterwards.
 *
 * A checksum that covers the packet (CHECKSUM_NONE, _UNNECESSARY) is updated;
 * then the sum over all octets (CHECKSUM_COMPLETE) is what it was.  One that
 * is still to be computed (CHECKSUM_PARTIAL) covers only the pseudo header.
 *
 * Context: any.
 * Return: 0, or -ENOMEM, and nothing was changed then.
 */
int edit_fill(struct sk_buff *skb, unsigned int protoff, unsigned int offset,
	      unsigned int length, u8 octet)
{
	__wsum before, after, difference;
	u8 *data;

	if (edit_make_writable(skb, offset + length))
		return -ENOMEM;

	data = skb->data + offset;
	before = csum_partial(data, length, 0);
	memset(data, octet, length);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return 0;

	after = csum_partial(data, length, 0);
	difference = csum_shift(csum_sub(after, before), offset - protoff);
	csum_replace_by_diff(&edit_header(skb, protoff)->check, difference);
	return 0;
}

/**
 * edit_clear_urgent() - make a TCP segment carry no urgent data
 * @skb: the packet, network header at skb->data
 * @protoff: offset of the TCP header
 *
 * Context: any.
 * Return: 0, or -ENOMEM, and nothing was changed then.
 */
int edit_clear_urgent(struct sk_buff *skb, unsigned int protoff)
{
	struct tcphdr *th;
	__be32 flags;

	if (edit_make_writable(skb, protoff + sizeof(*th)))
		return -ENOMEM;

	th = edit_header(skb, protoff);
	flags = tcp_flag_word(th);
	th->urg = 0;
	if (skb->ip_summed != CHECKSUM_PARTIAL) {
		csum_replace4(&th->check, flags, tcp_flag_word(th));
		csum_replace2(&th->check, th->urg_ptr, 0);
	}
	th->urg_ptr = 0;
	return 0;
}

/* The sum over a segment, or what a device that computes it begins with. */
static __wsum edit_sum(struct sk_buff *skb, unsigned int protoff)
{
	edit_header(skb, protoff)->check = 0;
	return skb->ip_summed == CHECKSUM_PARTIAL ?
		0 : skb_checksum(skb, protoff, skb->len - protoff, 0);
}

static void edit_set_check(struct sk_buff *skb, unsigned int protoff,
			   __sum16 check)
{
	edit_header(skb, protoff)->check =
		skb->ip_summed == CHECKSUM_PARTIAL ? ~check : check;
}

static void edit_finish_ipv4(struct sk_buff *skb, unsigned int protoff)
{
	__wsum sum = edit_sum(skb, protoff);
	struct iphdr *iph = ip_hdr(skb);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	edit_set_check(skb, protoff,
		       csum_tcpudp_magic(iph->saddr, iph->daddr,
					 skb->len - protoff, IPPROTO_TCP, sum));
}

/*
 * The kernel tells the length of packets of more than 64 kB in a header of its
 * own (RFC 2675, BIG TCP up to 6.12), and no receiver takes it beside
 * payload_len.  Padding takes its place: where the other headers are has been
 * noted in more places than this.
 */
static void edit_remove_jumbo(struct ipv6hdr *ip6h)
{
	u8 *option = (u8 *)(ip6h + 1) + sizeof(struct ipv6_opt_hdr);
	u8 *length = option + 1;

	if (ip6h->payload_len || ip6h->nexthdr != NEXTHDR_HOP ||
	    *option != IPV6_TLV_JUMBO || *length != sizeof(__be32))
		return;
	*option = IPV6_TLV_PADN;
	memset(length + 1, 0, *length);
}

static void edit_finish_ipv6(struct sk_buff *skb, unsigned int protoff)
{
	__wsum sum = edit_sum(skb, protoff);
	struct ipv6hdr *ip6h = ipv6_hdr(skb);

	edit_remove_jumbo(ip6h);
	ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
	edit_set_check(skb, protoff,
		       csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr,
				       skb->len - protoff, IPPROTO_TCP, sum));
}

static void edit_finish(struct sk_buff *skb, unsigned int protoff)
{
	if (ip_hdr(skb)->version == 4)
		edit_finish_ipv4(skb, protoff);
	else
		edit_finish_ipv6(skb, protoff);
}

/* Of a GSO packet that has become shorter. */
static void edit_finish_gso(struct sk_buff *skb, unsigned int payload)
{
	struct skb_shared_info *shared = skb_shinfo(skb);

	if (!skb_is_gso(skb))
		return;
	if (payload <= shared->gso_size)
		skb_gso_reset(skb);
	else
		shared->gso_segs = DIV_ROUND_UP(payload, shared->gso_size);
}

/**
 * edit_cut() - shorten a TCP segment
 * @skb: the packet, network header at skb->data
 * @protoff: offset of the TCP header
 * @length: octets of the packet to keep, behind the TCP header
 *
 * What is cut off does not end the stream: its FIN goes with it.
 *
 * Context: any.
 * Return: 0, or -ENOMEM, or -EMSGSIZE where more is kept than a header can tell the
 * length of, and the packet is only good for dropping then.
 */
int edit_cut(struct sk_buff *skb, unsigned int protoff, unsigned int length)
{
	struct tcphdr *th;

	if (length > U16_MAX)
		return -EMSGSIZE;
	if (edit_make_writable(skb, protoff + sizeof(*th)) ||
	    pskb_trim(skb, length))
		return -ENOMEM;
	th = edit_header(skb, protoff);
	th->fin = 0;
	edit_finish_gso(skb, length - protoff - th->doff * 4);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_NONE;
	edit_finish(skb, protoff);
	return 0;
}

/**
 * edit_to_reset() - turn a TCP segment into a reset of its connection
 * @skb: the packet, network header at skb->data
 * @protoff: offset of the TCP header
 * @sequence: number of the octet that the receiver waits for
 * @acknowledged: what it acknowledges, if it does
 *
 * The payload is cut off, the options stay: a receiver that checks timestamps
 * (RFC 7323) wants them on a reset too.
 *
 * Context: any.
 * Return: 0, or -ENOMEM, and the packet is only good for dropping then.
 */
int edit_to_reset(struct sk_buff *skb, unsigned int protoff, u32 sequence,
		  u32 acknowledged)
{
	struct tcphdr *th;

	if (skb_ensure_writable(skb, protoff + sizeof(*th)))
		return -ENOMEM;
	th = edit_header(skb, protoff);
	if (skb_ensure_writable(skb, protoff + th->doff * 4) ||
	    pskb_trim(skb, protoff + edit_header(skb, protoff)->doff * 4))
		return -ENOMEM;

	th = edit_header(skb, protoff);
	th->seq = htonl(sequence);
	th->ack_seq = htonl(acknowledged);
	th->rst = 1;
	th->fin = 0;
	th->syn = 0;
	th->psh = 0;
	th->urg = 0;
	th->urg_ptr = 0;
	if (skb_is_gso(skb))
		skb_gso_reset(skb);
	skb->ip_summed = CHECKSUM_NONE;
	edit_finish(skb, protoff);
	return 0;
}
