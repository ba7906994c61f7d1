/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments of all the shapes in which a router meets them.
 */
#ifndef SMTPGUARD_KUNIT_SEGMENT_H
#define SMTPGUARD_KUNIT_SEGMENT_H

#include <kunit/test.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

/**
 * enum segment_shape - where the payload lies
 * @SEGMENT_LINEAR: behind the headers
 * @SEGMENT_PAGED: in pages, that somebody else may hold too
 * @SEGMENT_LISTED: in packets of a fragment list, as GRO makes them
 * @SEGMENT_MIXED: some of it in each of these
 * @SEGMENT_PAGE: in one page
 * @SEGMENT_SPLIT: its begin behind the headers, the rest in one page
 */
enum segment_shape {
	SEGMENT_LINEAR,
	SEGMENT_PAGED,
	SEGMENT_LISTED,
	SEGMENT_MIXED,
	SEGMENT_PAGE,
	SEGMENT_SPLIT,

	SEGMENT_SHAPES
};

/**
 * struct segment - a TCP segment to make
 * @shape: where the payload lies
 * @ipv6: IPv6, or else IPv4
 * @extension: a header of IPv6 between IPv6 and TCP
 * @jumbo: such a one that tells the length, as the kernel has it in packets of
 *	more than 64 kB (BIG TCP; up to 6.12)
 * @gso: octets of the segments that it is to be cut to, 0 for none
 * @ip_summed: who has computed the checksum, as in struct sk_buff
 * @options: octets of TCP options, a multiple of 4
 * @sequence: number of its first octet
 * @acknowledgment: its acknowledgment number
 * @flags: TCP_FLAG_ bits
 * @urgent: the urgent pointer
 * @payload: the octets
 * @length: how many
 * @unreadable: as many more octets that a reader does not come to
 * @tag: the number of its VLAN; 0: none
 */
struct segment {
	enum segment_shape shape;
	bool ipv6;
	bool extension;
	bool jumbo;
	u16 gso;
	u8 ip_summed;
	unsigned int options;
	u32 sequence;
	u32 acknowledgment;
	__be32 flags;
	u16 urgent;
	const void *payload;
	unsigned int length;
	unsigned int unreadable;
	u16 tag;
};

unsigned int segment_protoff(const struct segment *segment);
unsigned int segment_payload(const struct segment *segment);
struct sk_buff *segment_make(struct kunit *test, const struct segment *segment);
bool segment_sum_is_right(const struct sk_buff *skb,
			  const struct segment *segment);
bool segment_sum_holds(const struct sk_buff *skb,
		       const struct segment *segment);

#endif /* SMTPGUARD_KUNIT_SEGMENT_H */
