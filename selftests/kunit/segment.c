// SPDX-License-Identifier: GPL-2.0
/*
 * Makes packets, and adds up their checksums from nothing.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "segment.h"

#define HEADROOM	64
/* An extension header of IPv6: two octets, and six of options. */
#define EXTENSION	8
/* Where payload begins in a page: not where any alignment would be of help. */
#define PAGE_GAP	3

/**
 * segment_protoff() - where TCP begins
 * @segment: the segment
 *
 * Return: its offset from the network header.
 */
unsigned int segment_protoff(const struct segment *segment)
{
	if (!segment->ipv6)
		return sizeof(struct iphdr);
	return sizeof(struct ipv6hdr) +
	       (segment->extension || segment->jumbo ? EXTENSION : 0);
}

/**
 * segment_payload() - where the payload begins
 * @segment: the segment
 *
 * Return: its offset from the network header.
 */
unsigned int segment_payload(const struct segment *segment)
{
	return segment_protoff(segment) + sizeof(struct tcphdr) +
	       segment->options;
}

static void put_ipv4(struct sk_buff *skb, const struct segment *segment)
{
	struct iphdr *iph = skb_put_zero(skb, sizeof(*iph));

	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(segment_payload(segment) + segment->length);
	iph->ttl = 64;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = htonl(0xc0000202);
	iph->daddr = htonl(0xc6336402);
	ip_send_check(iph);
}

/* Destination options: six octets of padding. */
static void put_extension(struct sk_buff *skb)
{
	u8 *extension = skb_put_zero(skb, EXTENSION);

	ipv6_hdr(skb)->nexthdr = IPPROTO_DSTOPTS;
	extension[0] = IPPROTO_TCP;
	extension[2] = IPV6_TLV_PADN;
	extension[3] = 4;
}

/* Hop-by-hop options: the length, in place of that in the header. */
static void put_jumbo(struct sk_buff *skb)
{
	u8 *extension = skb_put_zero(skb, EXTENSION);
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	__be32 length = htonl(ntohs(ip6h->payload_len));

	extension[0] = IPPROTO_TCP;
	extension[2] = IPV6_TLV_JUMBO;
	extension[3] = sizeof(length);
	memcpy(extension + 4, &length, sizeof(length));
	ip6h->nexthdr = NEXTHDR_HOP;
	ip6h->payload_len = 0;
}

static void put_ipv6(struct sk_buff *skb, const struct segment *segment)
{
	struct ipv6hdr *ip6h = skb_put_zero(skb, sizeof(*ip6h));

	ip6h->version = 6;
	ip6h->payload_len = htons(segment_payload(segment) - sizeof(*ip6h) +
				  segment->length);
	ip6h->nexthdr = IPPROTO_TCP;
	ip6h->hop_limit = 64;
	ipv6_addr_set(&ip6h->saddr, htonl(0x20010db8), htonl(0x10000), 0,
		      htonl(2));
	ipv6_addr_set(&ip6h->daddr, htonl(0x20010db8), htonl(0x20000), 0,
		      htonl(2));
	if (segment->extension)
		put_extension(skb);
	if (segment->jumbo)
		put_jumbo(skb);
}

static void put_tcp(struct sk_buff *skb, const struct segment *segment)
{
	struct tcphdr *th = skb_put_zero(skb, sizeof(*th));

	tcp_flag_word(th) = segment->flags;
	th->source = htons(1025);
	th->dest = htons(25);
	th->seq = htonl(segment->sequence);
	th->ack_seq = htonl(segment->acknowledgment);
	th->doff = (sizeof(*th) + segment->options) / 4;
	th->window = htons(0xfaf0);
	th->urg_ptr = htons(segment->urgent);
	memset(skb_put(skb, segment->options), 1, segment->options);
}

static bool add_page(struct sk_buff *skb, const void *data, unsigned int length)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (!page)
		return false;
	memcpy(page_address(page) + PAGE_GAP, data, length);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, PAGE_GAP, length,
			PAGE_SIZE);
	return true;
}

static bool add_packet(struct sk_buff *skb, const void *data,
		       unsigned int length)
{
	struct sk_buff **last = &skb_shinfo(skb)->frag_list;
	struct sk_buff *packet = alloc_skb(length, GFP_KERNEL);

	if (!packet)
		return false;
	skb_put_data(packet, data, length);
	while (*last)
		last = &(*last)->next;
	*last = packet;
	skb->len += length;
	skb->data_len += length;
	skb->truesize += packet->truesize;
	return true;
}

static bool add_linear(struct sk_buff *skb, const void *data,
		       unsigned int length)
{
	skb_put_data(skb, data, length);
	return true;
}

/* Payload in three parts, of odd and of even lengths; one that nothing adds is none. */
static bool add_payload(struct sk_buff *skb, const struct segment *segment)
{
	static bool (*const adders[][3])(struct sk_buff *skb, const void *data,
					 unsigned int length) = {
		[SEGMENT_LINEAR] = { add_linear, add_linear, add_linear },
		[SEGMENT_PAGED] = { add_page, add_page, add_page },
		[SEGMENT_LISTED] = { add_packet, add_packet, add_packet },
		[SEGMENT_MIXED] = { add_linear, add_page, add_packet },
		[SEGMENT_PAGE] = { NULL, NULL, add_page },
		[SEGMENT_SPLIT] = { add_linear, NULL, add_page },
	};
	unsigned int part, at = 0;

	for (part = 0; part < 3; part++) {
		unsigned int left = segment->length - at;
		unsigned int length = part == 2 ? left : left / (3 - part);

		if (!length || !adders[segment->shape][part])
			continue;
		if (!adders[segment->shape][part](skb, segment->payload + at,
						  length))
			return false;
		at += length;
	}
	return true;
}

static __sum16 segment_sum(const struct sk_buff *skb,
			   const struct segment *segment, __wsum sum)
{
	unsigned int length = skb->len - segment_protoff(segment);

	if (segment->ipv6)
		return csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
				       &ipv6_hdr(skb)->daddr, length,
				       IPPROTO_TCP, sum);
	return csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
				 length, IPPROTO_TCP, sum);
}

/* The sum of all octets from TCP on. */
static __wsum octets_sum(const struct sk_buff *skb,
			 const struct segment *segment)
{
	unsigned int protoff = segment_protoff(segment);

	return skb_checksum(skb, protoff, skb->len - protoff, 0);
}

static void put_sum(struct sk_buff *skb, const struct segment *segment)
{
	struct tcphdr *th = tcp_hdr(skb);

	skb->ip_summed = segment->ip_summed;
	if (segment->ip_summed == CHECKSUM_PARTIAL) {
		th->check = (__force __sum16)~segment_sum(skb, segment, 0);
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct tcphdr, check);
		return;
	}
	th->check = segment_sum(skb, segment, octets_sum(skb, segment));
	if (segment->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = octets_sum(skb, segment);
}

/**
 * segment_make() - make a packet
 * @test: the test; it fails without memory
 * @segment: what it is to be
 *
 * Return: the packet, as netfilter hooks see it, to be freed by the caller.
 */
struct sk_buff *segment_make(struct kunit *test, const struct segment *segment)
{
	unsigned int linear = segment_payload(segment) + segment->length;
	struct sk_buff *skb = alloc_skb(HEADROOM + linear, GFP_KERNEL);
	bool whole;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, HEADROOM);
	skb_reset_network_header(skb);
	if (segment->ipv6)
		put_ipv6(skb, segment);
	else
		put_ipv4(skb, segment);
	skb->protocol = htons(segment->ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	skb_set_transport_header(skb, segment_protoff(segment));
	put_tcp(skb, segment);
	whole = add_payload(skb, segment);
	if (!whole)
		kfree_skb(skb);
	KUNIT_ASSERT_TRUE(test, whole);
	put_sum(skb, segment);
	if (segment->tag)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), segment->tag);
	if (!segment->gso)
		return skb;
	skb_shinfo(skb)->gso_size = segment->gso;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(segment->length, segment->gso);
	skb_shinfo(skb)->gso_type = segment->ipv6 ? SKB_GSO_TCPV6 :
						    SKB_GSO_TCPV4;
	return skb;
}

/**
 * segment_sum_is_right() - would a receiver take it
 * @skb: the packet, with a whole checksum
 * @segment: what it was made of
 *
 * Return: true where the checksum fits the octets.
 */
bool segment_sum_is_right(const struct sk_buff *skb,
			  const struct segment *segment)
{
	return !segment_sum(skb, segment, octets_sum(skb, segment));
}

/**
 * segment_sum_holds() - is what the packet says of its checksum true
 * @skb: the packet
 * @segment: what it was made of
 *
 * Return: true where a receiver would take it; where the checksum is still to
 * be computed, would then; and where the sum of the octets is noted, is that.
 */
bool segment_sum_holds(const struct sk_buff *skb, const struct segment *segment)
{
	if (skb->ip_summed != segment->ip_summed)
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return skb_checksum_start_offset(skb) ==
				segment_protoff(segment) &&
		       skb->csum_offset == offsetof(struct tcphdr, check) &&
		       tcp_hdr(skb)->check ==
				(__force __sum16)~segment_sum(skb, segment, 0);
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    csum_fold(skb->csum) != csum_fold(octets_sum(skb, segment)))
		return false;
	return segment_sum_is_right(skb, segment);
}
