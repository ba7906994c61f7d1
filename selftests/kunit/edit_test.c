// SPDX-License-Identifier: GPL-2.0
/*
 * In-place edits of packets of all shapes.  Every checksum is added up anew
 * from all octets of the packet, never updated.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prandom.h>
#include <net/ipv6.h>

#include "edit.h"
#include "segment.h"

/* Three parts of 100, 100 and 101 octets; odd, so that sums are padded. */
#define PAYLOAD		301
/* Three parts of 1,300. */
#define LONG_PAYLOAD	3900
#define FILLER		'X'

/**
 * struct edit_case - a kind of packet
 * @name: a sentence
 * @segment: the packet, without its payload
 */
struct edit_case {
	const char *name;
	struct segment segment;
};

static const struct edit_case edit_table[] = {
	{ "IPv4", { .options = 12 } },
	{ "IPv4 without options", { } },
	{ "IPv4, paged", { .options = 12, .shape = SEGMENT_PAGED } },
	{ "IPv4, fragment list", { .options = 12, .shape = SEGMENT_LISTED } },
	{ "IPv4, mixed", { .options = 12, .shape = SEGMENT_MIXED } },
	{ "IPv4, for GSO", { .shape = SEGMENT_PAGED, .gso = 100 } },
	{ "IPv6", { .ipv6 = true, .options = 12 } },
	{ "IPv6, paged",
	  { .ipv6 = true, .options = 12, .shape = SEGMENT_PAGED } },
	{ "IPv6, fragment list",
	  { .ipv6 = true, .options = 12, .shape = SEGMENT_LISTED } },
	{ "IPv6, mixed",
	  { .ipv6 = true, .options = 12, .shape = SEGMENT_MIXED } },
	{ "IPv6 with an extension header",
	  { .ipv6 = true, .extension = true, .options = 12 } },
	{ "IPv6 with an extension header, mixed, for GSO",
	  { .ipv6 = true, .extension = true, .shape = SEGMENT_MIXED,
	    .gso = 100 } },
	{ "IPv6 with a jumbo header, paged, for GSO",
	  { .ipv6 = true, .jumbo = true, .options = 12,
	    .shape = SEGMENT_PAGED, .gso = 100 } },
};

static void edit_case_name(const struct edit_case *edit_case, char *name)
{
	strscpy(name, edit_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(edit, edit_table, edit_case_name);

static const u8 summed_table[] = {
	CHECKSUM_NONE, CHECKSUM_UNNECESSARY, CHECKSUM_COMPLETE,
	CHECKSUM_PARTIAL,
};

/**
 * struct stretch - octets of the payload
 * @from: the first
 * @length: how many
 */
struct stretch {
	unsigned int from;
	unsigned int length;
};

static const struct stretch stretch_table[] = {
	{ 0, 1 }, { 0, 2 }, { 1, 1 }, { 1, 2 }, { 2, 3 },
	/* up to, from and over the borders between the parts */
	{ 98, 2 }, { 99, 2 }, { 100, 1 }, { 97, 108 }, { 199, 3 },
	{ 200, 100 }, { 299, 2 }, { 300, 1 }, { 0, PAYLOAD },
};

static void random_octets(u8 *octets, unsigned int length, u32 seed)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, seed);
	prandom_bytes_state(&rnd, octets, length);
}

static u8 *packet_octets(struct kunit *test, const struct sk_buff *skb)
{
	u8 *octets = kunit_kmalloc(test, skb->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, octets);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, octets, skb->len), 0);
	return octets;
}

/* All of a packet is as it was but for the stretch and the checksum. */
static void expect_filled(struct kunit *test, const struct sk_buff *skb,
			  const struct segment *segment, u8 *before,
			  const struct stretch *stretch)
{
	unsigned int check = segment_protoff(segment) +
			     offsetof(struct tcphdr, check);
	u8 *after = packet_octets(test, skb);

	memset(before + segment_payload(segment) + stretch->from, FILLER,
	       stretch->length);
	if (segment->ip_summed != CHECKSUM_PARTIAL)
		memcpy(before + check, after + check, 2);
	KUNIT_ASSERT_EQ(test, skb->len, segment_payload(segment) + PAYLOAD);
	KUNIT_ASSERT_EQ(test, memcmp(before, after, skb->len), 0);
	kunit_kfree(test, after);
}

static void fill(struct kunit *test, const struct segment *segment,
		 const struct stretch *stretch)
{
	struct sk_buff *skb = segment_make(test, segment);
	u8 *before = packet_octets(test, skb);

	KUNIT_ASSERT_EQ(test,
			edit_fill(skb, segment_protoff(segment),
				  segment_payload(segment) + stretch->from,
				  stretch->length, FILLER), 0);
	expect_filled(test, skb, segment, before, stretch);
	KUNIT_ASSERT_TRUE_MSG(test, segment_sum_holds(skb, segment),
			      "ip_summed %u, %u octets from %u",
			      segment->ip_summed, stretch->length,
			      stretch->from);
	KUNIT_ASSERT_EQ(test, skb_shinfo(skb)->gso_size, segment->gso);
	kunit_kfree(test, before);
	kfree_skb(skb);
}

static void a_filled_packet_has_the_right_checksum(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	unsigned int summed, i;
	u8 payload[PAYLOAD];

	segment.payload = payload;
	segment.length = PAYLOAD;
	for (summed = 0; summed < ARRAY_SIZE(summed_table); summed++) {
		segment.ip_summed = summed_table[summed];
		for (i = 0; i < ARRAY_SIZE(stretch_table); i++) {
			random_octets(payload, PAYLOAD, i);
			fill(test, &segment, &stretch_table[i]);
		}
	}
}

static void several_edits_of_a_packet_add_up(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	struct sk_buff *skb;
	u8 payload[PAYLOAD];
	unsigned int i;

	random_octets(payload, PAYLOAD, 1);
	segment.payload = payload;
	segment.length = PAYLOAD;
	segment.ip_summed = CHECKSUM_COMPLETE;
	skb = segment_make(test, &segment);
	for (i = 0; i < ARRAY_SIZE(stretch_table); i++) {
		KUNIT_ASSERT_EQ(test,
				edit_fill(skb, segment_protoff(&segment),
					  segment_payload(&segment) +
					  stretch_table[i].from,
					  stretch_table[i].length, 'a' + i),
				0);
		KUNIT_ASSERT_TRUE(test, segment_sum_holds(skb, &segment));
	}
	kfree_skb(skb);
}

/*
 * As a client has it that sends one refused line behind the other.  Whenever
 * there is more of the packet in one piece than before, all that is has been
 * copied there, at worst.
 */
static void many_edits_copy_a_packet_a_few_times(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	u8 *payload = kunit_kzalloc(test, LONG_PAYLOAD, GFP_KERNEL);
	struct segment segment = edit_case->segment;
	unsigned int copied = 0;
	struct sk_buff *skb;
	unsigned int at;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	segment.payload = payload;
	segment.length = LONG_PAYLOAD;
	skb = segment_make(test, &segment);
	for (at = 0; at < LONG_PAYLOAD; at += 2) {
		unsigned int headlen = skb_headlen(skb);

		KUNIT_ASSERT_EQ(test,
				edit_fill(skb, segment_protoff(&segment),
					  segment_payload(&segment) + at, 1,
					  FILLER), 0);
		if (skb_headlen(skb) != headlen)
			copied += skb_headlen(skb);
	}
	KUNIT_EXPECT_TRUE(test, segment_sum_holds(skb, &segment));
	KUNIT_EXPECT_LE(test, copied, 3 * skb->len);
	kfree_skb(skb);
}

/* Octets that are the same in the end need no other checksum either. */
static void filling_with_what_was_there_changes_nothing(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	u8 payload[PAYLOAD];
	struct sk_buff *skb;
	__sum16 check;

	memset(payload, FILLER, PAYLOAD);
	segment.payload = payload;
	segment.length = PAYLOAD;
	skb = segment_make(test, &segment);
	check = tcp_hdr(skb)->check;
	KUNIT_EXPECT_EQ(test, edit_fill(skb, segment_protoff(&segment),
					segment_payload(&segment) + 1, 7,
					FILLER), 0);
	KUNIT_EXPECT_TRUE(test, segment_sum_holds(skb, &segment));
	KUNIT_EXPECT_EQ(test, tcp_hdr(skb)->check, check);
	kfree_skb(skb);
}

static void expect_untouched(struct kunit *test, struct sk_buff *skb,
			     const struct segment *segment, const u8 *octets)
{
	u8 *now = packet_octets(test, skb);

	KUNIT_EXPECT_EQ(test, memcmp(now, octets, skb->len), 0);
	KUNIT_EXPECT_TRUE(test, segment_sum_holds(skb, segment));
}

/* As a socket keeps what it may have to send again, or a sniffer looks on. */
static void the_original_of_a_clone_is_untouched(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	const struct stretch all = { 0, PAYLOAD };
	struct segment segment = edit_case->segment;
	struct sk_buff *skb, *clone;
	u8 payload[PAYLOAD];
	u8 *octets;

	random_octets(payload, PAYLOAD, 2);
	segment.payload = payload;
	segment.length = PAYLOAD;
	skb = segment_make(test, &segment);
	octets = packet_octets(test, skb);
	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_EXPECT_EQ(test, edit_fill(clone, segment_protoff(&segment),
					segment_payload(&segment), PAYLOAD,
					FILLER), 0);
	KUNIT_EXPECT_TRUE(test, segment_sum_holds(clone, &segment));
	expect_untouched(test, skb, &segment, octets);
	expect_filled(test, clone, &segment, octets, &all);
	kfree_skb(clone);
	kfree_skb(skb);
}

/* Pages of a file that is sent are the file's own. */
static void shared_pages_are_untouched(struct kunit *test)
{
	struct segment segment = {
		.shape = SEGMENT_PAGED, .length = PAYLOAD,
	};
	u8 payload[PAYLOAD];
	struct page *page;
	struct sk_buff *skb;
	const u8 *kept;

	random_octets(payload, PAYLOAD, 3);
	segment.payload = payload;
	skb = segment_make(test, &segment);
	page = skb_frag_page(&skb_shinfo(skb)->frags[0]);
	kept = page_address(page) + skb_frag_off(&skb_shinfo(skb)->frags[0]);
	get_page(page);
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	KUNIT_EXPECT_EQ(test, edit_fill(skb, segment_protoff(&segment),
					segment_payload(&segment), PAYLOAD,
					FILLER), 0);
	KUNIT_EXPECT_TRUE(test, segment_sum_holds(skb, &segment));
	KUNIT_EXPECT_EQ(test, memcmp(kept, payload, PAYLOAD / 3), 0);
	kfree_skb(skb);
	put_page(page);
}

/* The one change that edit_clear_urgent() is to make. */
static void clear_urgent(u8 *packet, const struct segment *segment)
{
	struct tcphdr *th = (struct tcphdr *)(packet +
					      segment_protoff(segment));

	th->urg = 0;
	th->urg_ptr = 0;
}

static void expect_not_urgent(struct kunit *test, const struct sk_buff *skb,
			      const struct segment *segment, u8 *before)
{
	unsigned int check = segment_protoff(segment) +
			     offsetof(struct tcphdr, check);
	u8 *after = packet_octets(test, skb);

	clear_urgent(before, segment);
	if (segment->ip_summed != CHECKSUM_PARTIAL)
		memcpy(before + check, after + check, 2);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, skb->len), 0);
	KUNIT_EXPECT_TRUE_MSG(test, segment_sum_holds(skb, segment),
			      "ip_summed %u", segment->ip_summed);
}

static void no_packet_stays_urgent(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	struct sk_buff *skb, *clone;
	u8 payload[PAYLOAD];
	unsigned int i;
	u8 *octets;

	random_octets(payload, PAYLOAD, 5);
	segment.payload = payload;
	segment.length = PAYLOAD;
	segment.flags = TCP_FLAG_ACK | TCP_FLAG_PSH | TCP_FLAG_URG;
	segment.urgent = 0x1234;
	for (i = 0; i < ARRAY_SIZE(summed_table); i++) {
		segment.ip_summed = summed_table[i];
		skb = segment_make(test, &segment);
		octets = packet_octets(test, skb);
		clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, clone);
		KUNIT_EXPECT_EQ(test,
				edit_clear_urgent(clone,
						  segment_protoff(&segment)),
				0);
		expect_untouched(test, skb, &segment, octets);
		expect_not_urgent(test, clone, &segment, octets);
		kfree_skb(clone);
		kfree_skb(skb);
	}
}

static void expect_reset(struct kunit *test, struct sk_buff *skb,
			 const struct segment *segment)
{
	const struct tcphdr *th = (const struct tcphdr *)
		(skb->data + segment_protoff(segment));
	unsigned int i;

	KUNIT_EXPECT_EQ(test, skb->len, segment_payload(segment));
	KUNIT_EXPECT_EQ(test, ntohl(th->seq), 0x12345678);
	KUNIT_EXPECT_EQ(test, ntohl(th->ack_seq), segment->acknowledgment);
	KUNIT_EXPECT_EQ(test, tcp_flag_word(th) &
			(TCP_FLAG_RST | TCP_FLAG_ACK | TCP_FLAG_SYN |
			 TCP_FLAG_FIN | TCP_FLAG_PSH | TCP_FLAG_URG),
			TCP_FLAG_RST | TCP_FLAG_ACK);
	KUNIT_EXPECT_EQ(test, th->urg_ptr, 0);
	KUNIT_EXPECT_EQ(test, th->doff * 4,
			sizeof(*th) + segment->options);
	/* a receiver that checks timestamps wants them */
	for (i = 0; i < segment->options; i++)
		KUNIT_EXPECT_EQ(test, ((const u8 *)(th + 1))[i], 1);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_NONE);
	KUNIT_EXPECT_TRUE(test, segment_sum_is_right(skb, segment));
	KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
}

/* No receiver takes a packet that tells its length twice (RFC 2675). */
static void expect_no_jumbo(struct kunit *test, const struct ipv6hdr *ip6h)
{
	static const u8 padding[] = { IPPROTO_TCP, 0, IPV6_TLV_PADN, 4 };
	const u8 *header = (const u8 *)(ip6h + 1);

	if (ip6h->nexthdr != NEXTHDR_HOP)
		return;
	KUNIT_EXPECT_EQ(test, memcmp(header, padding, sizeof(padding)), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(header + sizeof(padding), 0, 4));
}

static void expect_header_length(struct kunit *test, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->version == 6) {
		KUNIT_EXPECT_EQ(test, ntohs(ipv6_hdr(skb)->payload_len),
				skb->len - sizeof(struct ipv6hdr));
		expect_no_jumbo(test, ipv6_hdr(skb));
		return;
	}
	KUNIT_EXPECT_EQ(test, ntohs(iph->tot_len), skb->len);
	KUNIT_EXPECT_EQ(test, ip_fast_csum(iph, iph->ihl), 0);
}

static void any_packet_becomes_a_reset(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	struct sk_buff *skb, *clone;
	u8 payload[PAYLOAD];
	unsigned int i;
	u8 *octets;

	random_octets(payload, PAYLOAD, 4);
	segment.payload = payload;
	segment.length = PAYLOAD;
	segment.flags = TCP_FLAG_ACK | TCP_FLAG_PSH | TCP_FLAG_FIN |
			TCP_FLAG_URG;
	for (i = 0; i < ARRAY_SIZE(summed_table); i++) {
		segment.ip_summed = summed_table[i];
		segment.acknowledgment = 1;
		skb = segment_make(test, &segment);
		segment.acknowledgment = 0x87654321;
		octets = packet_octets(test, skb);
		clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, clone);
		KUNIT_EXPECT_EQ(test,
				edit_to_reset(clone, segment_protoff(&segment),
					      0x12345678, 0x87654321), 0);
		expect_reset(test, clone, &segment);
		expect_header_length(test, clone);
		expect_untouched(test, skb, &segment, octets);
		kfree_skb(clone);
		kfree_skb(skb);
	}
}

static void a_segment_without_payload_becomes_a_reset(struct kunit *test)
{
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	struct sk_buff *skb;

	segment.gso = 0;
	segment.acknowledgment = 1;
	segment.flags = TCP_FLAG_ACK;
	skb = segment_make(test, &segment);
	segment.acknowledgment = 0x87654321;
	KUNIT_EXPECT_EQ(test, edit_to_reset(skb, segment_protoff(&segment),
					    0x12345678, 0x87654321), 0);
	expect_reset(test, skb, &segment);
	expect_header_length(test, skb);
	kfree_skb(skb);
}

/* What is kept of a packet is as it was, and no receiver misses the rest. */
static void expect_cut(struct kunit *test, struct sk_buff *skb,
		       const struct segment *segment, const u8 *payload,
		       unsigned int kept)
{
	struct segment cut = *segment;
	u8 *after = packet_octets(test, skb);
	bool gso = segment->gso && kept > segment->gso;

	if (cut.ip_summed != CHECKSUM_PARTIAL)
		cut.ip_summed = CHECKSUM_NONE;
	KUNIT_ASSERT_EQ(test, skb->len, segment_payload(segment) + kept);
	KUNIT_EXPECT_EQ(test, memcmp(after + segment_payload(segment), payload,
				     kept), 0);
	KUNIT_EXPECT_EQ(test, tcp_flag_word(tcp_hdr(skb)) &
			(TCP_FLAG_ACK | TCP_FLAG_FIN), TCP_FLAG_ACK);
	KUNIT_EXPECT_TRUE_MSG(test, segment_sum_holds(skb, &cut),
			      "ip_summed %u, %u octets", segment->ip_summed,
			      kept);
	KUNIT_EXPECT_EQ(test, skb_is_gso(skb), gso);
	if (gso)
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs,
				DIV_ROUND_UP(kept, segment->gso));
	expect_header_length(test, skb);
	kunit_kfree(test, after);
}

static void any_packet_can_be_cut(struct kunit *test)
{
	static const unsigned int kept[] = { 1, 99, 100, 101, 200, 250, 300 };
	const struct edit_case *edit_case = test->param_value;
	struct segment segment = edit_case->segment;
	struct sk_buff *skb, *clone;
	u8 payload[PAYLOAD];
	unsigned int i;
	u8 *octets;

	random_octets(payload, PAYLOAD, 6);
	segment.payload = payload;
	segment.length = PAYLOAD;
	segment.flags = TCP_FLAG_ACK | TCP_FLAG_PSH | TCP_FLAG_FIN;
	for (i = 0; i < ARRAY_SIZE(kept) * ARRAY_SIZE(summed_table); i++) {
		unsigned int length = kept[i / ARRAY_SIZE(summed_table)];

		segment.ip_summed = summed_table[i % ARRAY_SIZE(summed_table)];
		skb = segment_make(test, &segment);
		octets = packet_octets(test, skb);
		clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, clone);
		KUNIT_EXPECT_EQ(test,
				edit_cut(clone, segment_protoff(&segment),
					 segment_payload(&segment) + length), 0);
		expect_cut(test, clone, &segment, payload, length);
		expect_untouched(test, skb, &segment, octets);
		kfree_skb(clone);
		kfree_skb(skb);
	}
}

static struct kunit_case edit_cases[] = {
	KUNIT_CASE_PARAM(any_packet_can_be_cut, edit_gen_params),
	KUNIT_CASE_PARAM(a_filled_packet_has_the_right_checksum,
			 edit_gen_params),
	KUNIT_CASE_PARAM(several_edits_of_a_packet_add_up, edit_gen_params),
	KUNIT_CASE_PARAM(many_edits_copy_a_packet_a_few_times,
			 edit_gen_params),
	KUNIT_CASE_PARAM(filling_with_what_was_there_changes_nothing,
			 edit_gen_params),
	KUNIT_CASE_PARAM(the_original_of_a_clone_is_untouched,
			 edit_gen_params),
	KUNIT_CASE(shared_pages_are_untouched),
	KUNIT_CASE_PARAM(no_packet_stays_urgent, edit_gen_params),
	KUNIT_CASE_PARAM(any_packet_becomes_a_reset, edit_gen_params),
	KUNIT_CASE_PARAM(a_segment_without_payload_becomes_a_reset,
			 edit_gen_params),
	{}
};

static struct kunit_suite edit_suite = {
	.name = "smtpguard_edit",
	.test_cases = edit_cases,
};

kunit_test_suite(edit_suite);
