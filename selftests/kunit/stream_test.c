// SPDX-License-Identifier: GPL-2.0
/*
 * Segments as the network brings them: cut, repeated, overlapping, out of
 * order, altered.  Whatever comes, what the receiver reads is what was judged.
 */
#include <linux/if_vlan.h>
#include <linux/prandom.h>

#include "core/verb.h"
#include "fixture.h"
#include "namespace.h"
#include "reader.h"
#include "stats.h"

static const enum segment_shape shape_table[] = {
	SEGMENT_LINEAR, SEGMENT_PAGED, SEGMENT_LISTED, SEGMENT_MIXED,
	SEGMENT_PAGE, SEGMENT_SPLIT,
};

static void shape_name(const enum segment_shape *shape, char *name)
{
	static const char *const names[] = {
		[SEGMENT_LINEAR] = "linear",
		[SEGMENT_PAGED] = "paged",
		[SEGMENT_LISTED] = "fragment list",
		[SEGMENT_MIXED] = "mixed",
		[SEGMENT_PAGE] = "one page",
		[SEGMENT_SPLIT] = "head and one page",
	};

	strscpy(name, names[*shape], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(shape, shape_table, shape_name);

static void a_session_goes_through(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->shape = *(const enum segment_shape *)test->param_value;
	open_connection(test);
	expect_next(test, FROM_SERVER, "220 mx ESMTP\r\n", "220 mx ESMTP\r\n");
	expect_next(test, FROM_CLIENT, "EHLO c\r\n", "EHLO c\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250-VRFY\r\n250 SIZE\r\n",
		    "250-mx\r\n250-XXXX\r\n250 SIZE\r\n");
	expect_next(test, FROM_CLIENT, "VRFY a\r\nEXPN b\r\nNOOP\r\n",
		    "XXXXXX\r\nEXXXXX\r\nNOOP\r\n");
	expect_next(test, FROM_SERVER, "500 a\r\n500 b\r\n250 c\r\n",
		    "500 a\r\n500 b\r\n250 c\r\n");
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	expect_next(test, FROM_CLIENT, "a\n.\nb\r\n.\r\nVRFY\r\n",
		    "a\n. b\r\n.\r\nXXXX\r\n");
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	KUNIT_EXPECT_EQ(test, fixture->guard->session->messages, 1);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->refused, 3);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 6);
}

static void a_payload_in_one_piece_is_found(struct kunit *test)
{
	static const char payload[] = "three parts or one";
	const struct segment segment = {
		.shape = *(const enum segment_shape *)test->param_value,
		.options = 12,
		.payload = payload,
		.length = sizeof(payload),
	};
	struct sk_buff *skb = segment_make(test, &segment);
	const u8 *found = reader_whole(skb, sizeof(payload));

	if (segment.shape == SEGMENT_LINEAR || segment.shape == SEGMENT_PAGE) {
		KUNIT_ASSERT_NOT_NULL(test, found);
		KUNIT_EXPECT_EQ(test, memcmp(found, payload, sizeof(payload)),
				0);
	} else {
		KUNIT_EXPECT_NULL(test, found);
	}
	kfree_skb(skb);
}

/* As most of a message is read: nothing is found in it, but its dots are noted. */
static void the_middle_of_a_message_may_not_change(struct kunit *test)
{
	static const char text[] = "some text. More\r\n..of it\r\nand ";
	static const char ends[] = "some text. More\r\n.\r\n it\r\nand ";
	struct stream_fixture *fixture = test->priv;
	u32 start;

	fixture->shape = *(const enum segment_shape *)test->param_value;
	begin_text(test);
	start = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, text, text);
	expect_next(test, FROM_CLIENT, text, text);
	KUNIT_EXPECT_EQ(test, session_of(test)->octets,
			2 + 2 * strlen(text));
	KUNIT_EXPECT_EQ(test, session_of(test)->framing, 2);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, text,
				      strlen(text)), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + strlen(text),
				      ends, strlen(ends)), STREAM_DROP);
	expect_next(test, FROM_CLIENT, "\r\n.\r\n", "\r\n.\r\n");
	KUNIT_EXPECT_EQ(test, session_of(test)->messages, 1);
	/* behind it the same octets are commands */
	expect_next(test, FROM_CLIENT, "EXPN a\r\n", "EXXXXX\r\n");
}

static void a_repeat_passes_as_it_passed_before(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->shape = *(const enum segment_shape *)test->param_value;
	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\nEXPN a\r\n",
		    "NOOP\r\nEXXXXX\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP\r\nEXPN a\r\n", 14),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "NOOP\r\nEXXXXX\r\n", 14),
			0);
	/* a part of it, from within what is masked on */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 8,
				      "PN a\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "XXXX\r\n", 6), 0);
	/* it is not judged again */
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 2);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->refused, 1);
}

static void a_repeat_may_bring_new_octets_along(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->shape = *(const enum segment_shape *)test->param_value;
	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\nEX", "NOOP\r\nEX");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 4,
				      "\r\nEXPN a\r\nRSET\r\n", 16),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "\r\nEXXXXX\r\nRSET\r\n",
				     16), 0);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 3);
}

static void a_command_repeated_with_other_octets_is_dropped(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\nNOOP\r\n",
		    "NOOP\r\nNOOP\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "VRFY\r\n", 6), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 6,
				      "NOOP\n\n", 6), STREAM_DROP);
	/* with new octets behind it, which are not taken then */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 6,
				      "VRFY\r\nRSET\r\n", 12), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 2);
	expect_next(test, FROM_CLIENT, "RSET\r\n", "RSET\r\n");
}

static void what_was_masked_may_be_repeated_with_any_octets(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "XXXX\r\n", 6), 0);
}

static void the_end_of_a_message_may_not_change(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 start;

	ask_for_message(test);
	expect_next(test, FROM_CLIENT, "\r\n", "\r\n");
	start = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, "abc\r\nd.e\r\n", "abc\r\nd.e\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "axyz\nu.we\n", 10), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "axy\nzu.e\r\n", 10), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "abc\r\n.\r\n\r\n", 10), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "abc\r\n..e\r\n", 10), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "abc\r\n\n.e\r\n", 10), STREAM_DROP);
}

/* A server that reads long lines in pieces must not get one from repeats. */
static void lines_of_a_message_may_not_be_joined(struct kunit *test)
{
	enum { LINE = 64, LENGTH = 32 * LINE };
	struct stream_fixture *fixture = test->priv;
	char *lines = kunit_kmalloc(test, LENGTH, GFP_KERNEL);
	unsigned int at;
	u32 start;

	KUNIT_ASSERT_NOT_NULL(test, lines);
	for (at = 0; at < LENGTH; at++)
		lines[at] = at % LINE == LINE - 1 ? '\n' : 'a';
	fixture->policy.max_whole_line = 1;
	ask_for_message(test);
	expect_next(test, FROM_CLIENT, "\r\n", "\r\n");
	start = fixture->next[FROM_CLIENT];
	KUNIT_ASSERT_EQ(test, send_at(test, FROM_CLIENT, start, lines, LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, lines, LENGTH),
			STREAM_ACCEPT);
	/* any so many octets have an LF that must be one */
	memset(lines, 'a', LENGTH);
	for (at = 0; at + 2 * LINE + 64 <= LENGTH; at += LINE)
		KUNIT_EXPECT_EQ_MSG(test, send_at(test, FROM_CLIENT, start + at,
						  lines, 2 * LINE + 64),
				    STREAM_DROP, "at %u", at);
}

/* Until its header has a CR, and where the header ends. */
static void the_header_of_a_message_may_not_change(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 start;

	ask_for_message(test);
	start = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, "abc\r\ndef\r\n\r\nghi",
		    "abc\r\ndef\r\n\r\nghi");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, "ab\r", 3),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 8, "\rxxx", 4),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 6, "y", 1),
			STREAM_ACCEPT);
}

/* A server that clears the highest bits reads a dot in ae. */
static void no_octet_of_a_message_of_seven_bits_may_change(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 start;

	greet(test);
	expect_next(test, FROM_CLIENT, "MAIL FROM:<a> BODY=7BIT\r\n",
		    "MAIL FROM:<a> BODY=7BIT\r\n");
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	start = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, "ab\r\nd\x8a.\x8a", "ab\r\nd\x8a. ");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "xb\r\n", 4), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 4,
				      "\xae", 1), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "ab\r\nd\x8a.\x8a", 8), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "ab\r\nd\x8a. ", 8), 0);
}

/* Where a server reads anew in the middle of a line, any dot may begin one. */
static void nor_may_one_of_what_is_too_long(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 start;

	greet(test);
	expect_next(test, FROM_CLIENT, "EHLO c\r\n", "EHLO c\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250 SIZE 4\r\n",
		    "250-mx\r\n250 SIZE 4\r\n");
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	start = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, "abcdef\r\ng.\r\n", "abcdef\r\ng.\x20\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 4, ".", 1),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start,
				      "abcdef\r\ng.\r\n", 12), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "abcdef\r\ng.\x20\n", 12), 0);
}

static void what_is_acknowledged_may_be_anything(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "VRFY\r\n", 6), STREAM_ACCEPT);
	/* but not what is not */
	expect_next(test, FROM_CLIENT, "RSET\r\n", "RSET\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "VRFY\r\nVRFY\r\n", 12), STREAM_DROP);
}

/* What lies in the memory of a device cannot be judged (devmem TCP). */
static enum stream_verdict send_unreadable(struct kunit *test, u32 sequence,
					   const void *octets,
					   unsigned int length,
					   unsigned int unreadable)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.shape = fixture->shape,
		.sequence = sequence,
		.acknowledgment = fixture->acknowledged[FROM_SERVER],
		.flags = TCP_FLAG_ACK,
		.payload = octets,
		.length = length,
		.unreadable = unreadable,
	};

	return send_segment(test, FROM_CLIENT, &segment);
}

static void what_cannot_be_read_is_dropped(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u64 before = counter_of(&init_net, COUNTER_SEGMENTS_UNREADABLE);

	fixture->shape = *(const enum segment_shape *)test->param_value;
	greet(test);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "", 0, 6),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "NOOP\r\n",
					      6, 6), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, counter_of(&init_net,
					 COUNTER_SEGMENTS_UNREADABLE),
			before + 2);
	/* the octets of a command that were read hold */
	expect_next(test, FROM_CLIENT, "NOOP\r\nVRFY\r\n",
		    "NOOP\r\nXXXX\r\n");
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 2);
}

static void a_repeat_that_cannot_be_read_is_dropped(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->shape = *(const enum segment_shape *)test->param_value;
	greet(test);
	expect_next(test, FROM_CLIENT, "VRFY\r\nNOOP\r\n",
		    "XXXX\r\nNOOP\r\n");
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "", 0, 3),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "VRFY\r\nNO",
					      8, 2), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "VRFY\r\nNO",
					      8, 20), STREAM_DROP);
	/* but for what is acknowledged, or not looked at any more */
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "VR", 2, 10),
			STREAM_ACCEPT);
}

static void monitor_passes_what_cannot_be_read(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->policy.monitor = true;
	greet(test);
	KUNIT_EXPECT_EQ(test, send_unreadable(test, CLIENT_START, "NOOP\r\n",
					      6, 6), STREAM_ACCEPT);
	fixture->next[FROM_CLIENT] += 12;
	/* the phase is found again */
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_BODY);
}

/* Its length says where the first command begins. */
static void the_header_of_a_load_balancer_may_not_change(struct kunit *test)
{
	static const u8 header[] =
		"\r\n\r\n\0\r\nQUIT\n\x20\0\0\x06VRFY\r\n";
	struct stream_fixture *fixture = test->priv;
	unsigned int length = sizeof(header) - 1;
	u8 other[sizeof(header)];

	fixture->policy.proxy_protocol = CHECK_ACCEPT;
	open_connection(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, header,
				      length), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, header,
				      length), STREAM_ACCEPT);
	memcpy(other, header, sizeof(header));
	other[15] = 0;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, other,
				      length), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, other,
				      16), STREAM_DROP);
}

/* Those octets went another way, so nobody here knows what they were. */
static void what_was_acknowledged_unseen_loses_the_phase(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	fixture->next[FROM_CLIENT] += 100;
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n.\r\nVRFY\r\n",
		    "VRFY\r\n.\r\nXXXX\r\n");
}

static void what_is_behind_a_hole_waits_until_it_is_filled(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 6,
				      "RSET\r\n", 6), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 1,
				      "OOP\r\n", 5), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 0);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	expect_next(test, FROM_CLIENT, "RSET\r\n", "RSET\r\n");
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 2);
}

static enum stream_verdict send_client_syn(struct kunit *test, u32 first,
					   const char *octets)
{
	struct segment syn = {
		.sequence = first - 1,
		.flags = TCP_FLAG_SYN,
		.payload = octets,
		.length = strlen(octets),
	};

	return send_segment(test, FROM_CLIENT, &syn);
}

static void a_syn_that_comes_again_changes_nothing(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START, ""),
			STREAM_ACCEPT);
	/* nor does one with another number, now that one was answered */
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START + 100, ""),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START + 100, "R"),
			STREAM_DROP);
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_BODY);
	expect_next(test, FROM_CLIENT, ".\r\nVRFY\r\n", ".\r\nXXXX\r\n");
}

static void the_server_says_which_syn_it_took(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START, ""),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START + 100, ""),
			STREAM_ACCEPT);
	/* it acknowledges the first */
	send_syn(test, FROM_SERVER);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

static void a_syn_may_carry_octets(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START,
					      "VRFY a\r\n"), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "XXXXXX\r\n", 8), 0);
	fixture->next[FROM_CLIENT] += 8;
	/* nobody could tell which of two the server reads */
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START + 3, ""),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_client_syn(test, CLIENT_START + 3,
					      "NOOP\r\n"), STREAM_DROP);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
}

/* Another connection with the same ports, whose SYN conntrack saw answered. */
static void connect_again(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->next[FROM_CLIENT] += 5000;
	fixture->next[FROM_SERVER] += 7000;
	fixture->acknowledged[FROM_CLIENT] = fixture->next[FROM_CLIENT];
	fixture->acknowledged[FROM_SERVER] = fixture->next[FROM_SERVER];
	send_syn(test, FROM_CLIENT);
	fixture->ct.proto.tcp.state = TCP_CONNTRACK_SYN_RECV;
	send_syn(test, FROM_SERVER);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_COMMAND);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 0);
	expect_next(test, FROM_SERVER, "220 mx\r\n", "220 mx\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

static void ports_may_be_used_again_inside_a_message(struct kunit *test)
{
	ask_for_message(test);
	connect_again(test);
}

static void ports_may_be_used_again_after_tls(struct kunit *test)
{
	start_tls(test);
	connect_again(test);
}

static void ports_may_be_used_again_after_a_reset(struct kunit *test)
{
	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "BDAT 5\r\n", 8), STREAM_RESET);
	connect_again(test);
}

/* The server may take such octets for the begin of a new session. */
static void no_syn_brings_octets_past_a_session_that_is_over(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT],
				      "BDAT 5\r\n", 8), STREAM_RESET);
	KUNIT_EXPECT_NE(test, send_client_syn(test, CLIENT_START + 100,
					      "VRFY\r\n"), STREAM_ACCEPT);
	KUNIT_EXPECT_NE(test, send_client_syn(test, CLIENT_START,
					      "NOOP\r\nVRFY\r\n"),
			STREAM_ACCEPT);
}

static void no_syn_brings_octets_past_tls(struct kunit *test)
{
	start_tls(test);
	KUNIT_EXPECT_NE(test, send_client_syn(test, CLIENT_START + 100,
					      "VRFY\r\n"), STREAM_ACCEPT);
	KUNIT_EXPECT_NE(test, send_client_syn(test, CLIENT_START, "VRFY\r\n"),
			STREAM_ACCEPT);
}

static void send_urgent(struct kunit *test, const char *octets,
			const char *seen)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.sequence = fixture->next[FROM_CLIENT],
		.acknowledgment = fixture->acknowledged[FROM_SERVER],
		.flags = TCP_FLAG_ACK | TCP_FLAG_PSH | TCP_FLAG_URG,
		.urgent = 1,
		.payload = octets,
		.length = strlen(octets),
	};

	KUNIT_ASSERT_EQ(test, send_segment(test, FROM_CLIENT, &segment),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, seen, segment.length), 0);
	fixture->next[FROM_CLIENT] += segment.length;
}

/* RFC 6093: what is urgent may be taken out of the stream, or not. */
static void nothing_is_urgent(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	send_urgent(test, "NOOP\r\n", "NOOP\r\n");
	KUNIT_EXPECT_FALSE(test, fixture->out_header.urg);
	KUNIT_EXPECT_EQ(test, fixture->out_header.urg_ptr, 0);
	KUNIT_EXPECT_TRUE(test, fixture->out_header.psh);
	KUNIT_EXPECT_TRUE(test, fixture->out_header.ack);
	send_urgent(test, "VRFY\r\n", "XXXX\r\n");
	KUNIT_EXPECT_FALSE(test, fixture->out_header.urg);
}

static void monitor_leaves_what_is_urgent(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->policy.monitor = true;
	greet(test);
	send_urgent(test, "VRFY\r\n", "VRFY\r\n");
	KUNIT_EXPECT_TRUE(test, fixture->out_header.urg);
	KUNIT_EXPECT_EQ(test, ntohs(fixture->out_header.urg_ptr), 1);
}

static void a_reset_session_lets_nothing_pass(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP\r\nBDAT 5\r\n", 14), STREAM_RESET);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_CLOSED);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP\r\n", 6), STREAM_RESET);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER,
				      fixture->next[FROM_SERVER], NULL, 0),
			STREAM_RESET);
}

/* RFC 5961: a reset is heeded at no other number. */
static void the_number_that_a_receiver_waits_for_is_known(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	KUNIT_EXPECT_EQ(test, fixture->expected, CLIENT_START);
	/* behind a hole, and in a repeat */
	send_at(test, FROM_CLIENT, CLIENT_START + 100, "BDAT 5\r\n", 8);
	KUNIT_EXPECT_EQ(test, fixture->expected, CLIENT_START + 6);
	send_at(test, FROM_CLIENT, CLIENT_START, "NOOP\r\nBDAT 5\r\n", 14);
	KUNIT_EXPECT_EQ(test, fixture->expected, CLIENT_START + 6);
	/* where the place is lost, the segment's own */
	begin_again(test, CLIENT_START, SERVER_START);
	greet(test);
	fixture->policy.enabled = false;
	send_at(test, FROM_CLIENT, CLIENT_START, "NOOP\r\n", 6);
	send_at(test, FROM_CLIENT, CLIENT_START + 500, "NOOP\r\n", 6);
	KUNIT_EXPECT_EQ(test, fixture->expected, CLIENT_START + 500);
}

static void a_condemned_session_is_reset_by_the_next_segment(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	ask_for_message(test);
	expect_next(test, FROM_CLIENT, ".\r\nBDAT 0\r\n", ".\r\nBDATXX\r\n");
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	/* an acknowledgment is not its business */
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT], "QUIT\r\n",
				      6), STREAM_RESET);
}

static void tls_passes_in_any_order(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	start_tls(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT] + 100,
				      "VRFY\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "VRFY\r\n", 6), 0);
}

/* Most octets take an entry each. */
static void fill_line(char *line, unsigned int length)
{
	memset(line, 0xc3, length);
	memcpy(line, "NOOP ", 5);
	memcpy(line + length - 2, "\r\n", 2);
}

/* Until an acknowledgment: a repeat could not be held against anything. */
static void more_than_can_be_noted_waits(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	char *line = kunit_kmalloc(test, 900, GFP_KERNEL);
	u32 waits;

	KUNIT_ASSERT_NOT_NULL(test, line);
	fill_line(line, 900);
	limit_notes(test, LEAST_NOTES);
	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, line,
				      900), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 900,
				      line, 900), STREAM_ACCEPT);
	waits = CLIENT_START + 1800;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, waits, line, 900),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 2);
	fixture->next[FROM_CLIENT] = waits;
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, waits, line, 900),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->commands, 3);
}

static void a_segment_alone_may_be_more_than_can_be_noted(struct kunit *test)
{
	char *line = kunit_kmalloc(test, 3800, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	fill_line(line, 1900);
	fill_line(line + 1900, 1900);
	limit_notes(test, LEAST_NOTES);
	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, line,
				      3800), STREAM_ACCEPT);
	/* what of it was noted may come again, what was not resets */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START, line,
				      1900), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 1900,
				      line, 1900), STREAM_RESET);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_CLOSED);
}

/* A message with an entry for each dot, and as many other octets; and its end. */
static char *many_dots(struct kunit *test, unsigned int count)
{
	char *dots = kunit_kmalloc(test, 2 * count + 5, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, dots);
	for (i = 0; i < count; i++)
		memcpy(dots + 2 * i, "a.", 2);
	memcpy(dots + 2 * count, "\r\n.\r\n", 5);
	return dots;
}

static void the_nearest_dots_are_noted(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	char *dots = many_dots(test, 3000);
	u32 start;

	begin_text(test);
	start = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 2000),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 2000, dots,
				      6000), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 2000),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start + 2000, dots,
				      6000), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_BODY);
}

/* It is dropped, and what was read of it holds when it comes again. */
static void what_cannot_be_noted_of_a_segment_waits(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	char *dots = many_dots(test, 1900);
	u32 start;

	limit_notes(test, LEAST_NOTES);
	begin_text(test);
	start = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 400),
			STREAM_ACCEPT);
	start += 400;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 3805),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 3805),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->messages, 0);
	fixture->next[FROM_CLIENT] = start;
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, ".\r\n", 3),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 3805),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->messages, 1);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 3805),
			STREAM_ACCEPT);
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
}

static void an_unknown_repeat_waits_for_the_final_reply(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	char *dots = many_dots(test, 3000);
	u32 start;

	limit_notes(test, LEAST_NOTES);
	begin_text(test);
	start = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 6005),
			STREAM_ACCEPT);
	KUNIT_EXPECT_TRUE(test, session_committed(session_of(test)));
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, start, dots, 6005),
			STREAM_DROP);
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
}

static void say(struct kunit *test, enum direction from, const char *octets)
{
	expect_next(test, from, octets, octets);
	acknowledge(test, from);
}

static void a_flow_first_seen_late_finds_its_phase(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	say(test, FROM_CLIENT, "VRFY\r\n");
	say(test, FROM_SERVER, "252 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	say(test, FROM_CLIENT, "VRFY\r\n");
	say(test, FROM_SERVER, "252 ok\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

/* The server has not got the line that the reply would answer. */
static void a_reply_to_something_older_tells_nothing(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	say(test, FROM_CLIENT, "RSET\r\n");
	say(test, FROM_SERVER, "250 ok\r\n");
	expect_next(test, FROM_CLIENT, "RSET\r\n", "RSET\r\n");
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "VRFY\r\n");
}

/* With the first segment of the server's it is not known where the client is. */
static void where_the_client_goes_on_tells_that_it_was_silent(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	say(test, FROM_SERVER, "250 ok\r\n");
	say(test, FROM_CLIENT, "NOOP\r\n");
	say(test, FROM_SERVER, "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_COMMAND);
}

static void where_the_client_goes_on_tells_that_it_was_not(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	fixture->next[FROM_CLIENT] += 100;
	say(test, FROM_CLIENT, "NOOP\r\n");
	say(test, FROM_SERVER, "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	say(test, FROM_CLIENT, "NOOP\r\n");
	say(test, FROM_SERVER, "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_COMMAND);
}

/* As with a split handshake: the greeting is the first that is seen. */
static void a_greeting_tells_if_the_client_goes_on_behind_it(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	say(test, FROM_SERVER, "220 mx\r\n");
	say(test, FROM_CLIENT, "EHLO c\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250 VRFY\r\n",
		    "250-mx\r\n250 XXXX\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
	begin_again(test, CLIENT_START, SERVER_START);
	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "220 mx\r\n", "220 mx\r\n");
	fixture->next[FROM_CLIENT] += 100;
	say(test, FROM_CLIENT, "RSET\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "VRFY\r\n");
}

/* Part of the message has passed unseen when its 354 is seen. */
static void a_message_that_has_begun_is_none_that_begins(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	fixture->next[FROM_CLIENT] += 100;
	expect_next(test, FROM_CLIENT, ".\r\nVRFY\r\n", ".\r\nVRFY\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
}

/* It is acknowledged before anything is seen of the client. */
static void what_is_acknowledged_later_was_said_before(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	fixture->next[FROM_CLIENT] += 100;
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_CLIENT, ".\r\nVRFY\r\n", ".\r\nVRFY\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	begin_again(test, CLIENT_START, SERVER_START);
	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	fixture->next[FROM_CLIENT] += 100;
	acknowledge(test, FROM_CLIENT);
	say(test, FROM_CLIENT, "NOOP\r\n");
	say(test, FROM_SERVER, "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
}

/* A reset might cost the reply to an end of data that was not seen. */
static void what_passed_unread_may_be_repeated(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->guard->untracked = true;
	expect_next(test, FROM_CLIENT, "a\r\n.\r\n", "a\r\n.\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "a\r\n.\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 4,
				      "\r\n", 2), STREAM_ACCEPT);
}

static void a_flow_first_seen_late_passes_if_asked_to(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->policy.midstream = MIDSTREAM_ACCEPT;
	fixture->guard->untracked = true;
	expect_next(test, FROM_SERVER, "252 ok\r\n", "252 ok\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "VRFY\r\n");
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_OPAQUE);
}

static void a_flow_first_seen_late_is_reset_if_asked_to(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->policy.midstream = MIDSTREAM_RESET;
	fixture->guard->untracked = true;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP\r\n", 6), STREAM_RESET);
}

static void what_passed_while_disabled_is_not_known(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	fixture->policy.enabled = false;
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "VRFY\r\n");
	expect_next(test, FROM_SERVER, "252 ok\r\n", "252 ok\r\n");
	fixture->policy.enabled = true;
	say(test, FROM_CLIENT, "DATA\r\n");
	say(test, FROM_SERVER, "354 go\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\r\n.\r\nVRFY\r\n",
		    "VRFY\r\n.\r\nXXXX\r\n");
}

/* Without payload; it acknowledges all that the client has said. */
static enum stream_verdict send_empty(struct kunit *test, __be32 flags)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.sequence = fixture->next[FROM_SERVER],
		.acknowledgment = fixture->next[FROM_CLIENT],
		.flags = flags,
		.urgent = flags & TCP_FLAG_URG ? 1 : 0,
		.tag = 5,
	};

	return send_segment(test, FROM_SERVER, &segment);
}

/* What the client has said was not acknowledged: it comes as it came, or not. */
static void insist_on_repeat(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "VRFY\r\n", 6), STREAM_DROP);
}

static void say_something(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
}

static void a_number_without_its_flag_acknowledges_nothing(struct kunit *test)
{
	say_something(test);
	KUNIT_EXPECT_EQ(test, send_empty(test, TCP_FLAG_PSH), STREAM_ACCEPT);
	insist_on_repeat(test);
}

static void nor_is_what_is_empty_urgent(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	say_something(test);
	KUNIT_EXPECT_EQ(test, send_empty(test, TCP_FLAG_ACK | TCP_FLAG_URG),
			STREAM_ACCEPT);
	KUNIT_EXPECT_FALSE(test, fixture->out_header.urg);
}

/* Frames to the server are to look like those from it. */
static void what_acknowledges_tells_the_vlan(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const struct side *side = &fixture->guard->side[FROM_SERVER];

	say_something(test);
	KUNIT_EXPECT_EQ(test, side->tag, 0);
	KUNIT_EXPECT_EQ(test, send_empty(test, TCP_FLAG_ACK), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, side->tag & VLAN_VID_MASK, 5);
}

/* The client says what it likes in the server's name, from where it is itself. */
static void the_client_acknowledges_nothing_of_its_own(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const u8 *strays = &fixture->guard->strays[FROM_SERVER];
	int own = fixture->device[FROM_SERVER];

	say_something(test);
	fixture->device[FROM_SERVER] = fixture->device[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_empty(test, TCP_FLAG_ACK), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, *strays, 1);
	insist_on_repeat(test);
	/* the server is where it was, so the others were strays */
	fixture->device[FROM_SERVER] = own;
	KUNIT_EXPECT_EQ(test, send_empty(test, TCP_FLAG_ACK), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, *strays, 0);
}

/* The session is to be reset, but this segment has begun to pass. */
static void who_did_not_wait_for_turn_gets_no_commands(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	fixture->policy.verbs |= VERB_BIT(VERB_TURN);
	greet(test);
	expect_next(test, FROM_CLIENT, "TURN\r\nNOOP\r\n",
		    "TURN\r\nNOOP\r\n");
	expect_next(test, FROM_SERVER, "250 ok\r\nVRFY a\r\n",
		    "250 ok\r\nXXXXXX\r\n");
}

static void monitor_passes_all_as_it_is(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 next;

	fixture->policy.monitor = true;
	greet(test);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "VRFY\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "EXPN\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "EXPN\r\n", 6), 0);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->refused, 1);
	next = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next, "BDAT 5\r\n",
				      8), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "BDAT 5\r\n", 8), 0);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next + 1000,
				      "VRFY\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, "VRFY\r\n", 6), 0);
}

static void both_fins_close_the_session(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "QUIT\r\n", "QUIT\r\n");
	send_fin(test, FROM_CLIENT);
	KUNIT_EXPECT_FALSE(test, fixture->guard->closed);
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_SERVER, "221 bye\r\n", "221 bye\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "VRFY\r\n", 6), STREAM_ACCEPT);
	send_fin(test, FROM_SERVER);
	KUNIT_EXPECT_TRUE(test, fixture->guard->closed);
}

/* Its receiver would acknowledge both when the hole is filled. */
static void a_fin_behind_a_hole_waits_until_it_is_filled(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	struct segment fin = { .flags = TCP_FLAG_ACK | TCP_FLAG_FIN };

	greet(test);
	send_fin(test, FROM_CLIENT);
	acknowledge(test, FROM_CLIENT);
	fin.sequence = fixture->next[FROM_SERVER] + 9;
	fin.acknowledgment = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_SERVER, &fin),
			STREAM_DROP);
	KUNIT_EXPECT_FALSE(test, fixture->guard->closed);
	expect_next(test, FROM_SERVER, "221 bye\r\n", "221 bye\r\n");
	send_fin(test, FROM_SERVER);
	KUNIT_EXPECT_TRUE(test, fixture->guard->closed);
	acknowledge(test, FROM_SERVER);
}

/**
 * struct story - octets of a client, and how the server reads them
 * @test: the test
 * @rnd: where chance comes from
 * @sent: what the client sends
 * @read: what the server reads
 * @length: of both
 * @next: octets that have passed in order
 * @acknowledged: octets that the server has acknowledged
 * @start: number of the first
 */
struct story {
	struct kunit *test;
	struct rnd_state rnd;
	const char *sent;
	const char *read;
	unsigned int length;
	unsigned int next;
	unsigned int acknowledged;
	u32 start;
};

static u32 story_random(struct story *story, u32 below)
{
	return prandom_u32_state(&story->rnd) % below;
}

/* Which copy of an octet a server takes is its own choice: all read alike. */
static void story_expect_read(struct story *story, unsigned int from,
			      unsigned int length)
{
	struct stream_fixture *fixture = story->test->priv;
	unsigned int i;

	for (i = 0; i < length; i++) {
		if (from + i < story->acknowledged)
			continue;
		KUNIT_ASSERT_EQ_MSG(story->test, fixture->out[i],
				    (u8)story->read[from + i], "octet %u",
				    from + i);
	}
}

/* As an attacker does who is unseen if the server keeps the first copy. */
static void story_alter(struct story *story, u8 *octets, unsigned int length)
{
	octets[story_random(story, length)] = "\r\n.XV"[story_random(story, 5)];
}

static void story_send(struct story *story)
{
	unsigned int from = story_random(story, story->next + 8);
	unsigned int length = 1 + story_random(story, 40);
	enum stream_verdict verdict;
	bool altered;
	u8 octets[40];

	from = min(from, story->length - 1);
	length = min(length, story->length - from);
	memcpy(octets, story->sent + from, length);
	/* new octets are what the story says they are */
	altered = from + length <= story->next && !story_random(story, 3);
	if (altered)
		story_alter(story, octets, length);
	verdict = send_at(story->test, FROM_CLIENT, story->start + from,
			  octets, length);
	KUNIT_ASSERT_NE(story->test, verdict, STREAM_RESET);
	if (from > story->next) {
		KUNIT_ASSERT_EQ(story->test, verdict, STREAM_DROP);
		return;
	}
	if (!altered)
		KUNIT_ASSERT_EQ(story->test, verdict, STREAM_ACCEPT);
	if (verdict == STREAM_DROP)
		return;
	story_expect_read(story, from, length);
	story->next = max(story->next, from + length);
}

static void story_acknowledge(struct story *story)
{
	struct stream_fixture *fixture = story->test->priv;
	unsigned int unacknowledged = story->next - story->acknowledged;

	story->acknowledged += story_random(story, unacknowledged + 1);
	fixture->acknowledged[FROM_CLIENT] = story->start + story->acknowledged;
	KUNIT_ASSERT_EQ(story->test,
			send_at(story->test, FROM_SERVER,
				fixture->next[FROM_SERVER], NULL, 0),
			STREAM_ACCEPT);
}

static void story_tell(struct story *story)
{
	while (story->next < story->length) {
		story_send(story);
		if (!story_random(story, 8))
			story_acknowledge(story);
	}
}

static void the_server_reads_the_same_whatever_comes(struct kunit *test)
{
	static const char sent[] =
		"EHLO c\r\nVRFY root\r\nMAIL FROM:<a>\r\nEXPN all\r\n"
		"RCPT TO:<b>\r\nNOOP\nDEBUG\nNOOP x\ry\r\nXFORWARD A=B\r\n"
		" NOOP\r\nRSET\r\nSEND FROM:<a>\r\nHELP\r\nQUIT\r\n";
	static const char read[] =
		"EHLO c\r\nXXXXXXXXX\r\nMAIL FROM:<a>\r\nEXXXXXXX\r\n"
		"RCPT TO:<b>\r\nNOOP\nDXXXX\nNOOP x\rX\r\nXXXXXXXXXXXX\r\n"
		"XXXXX\r\nRSET\r\nSXXXXXXXXXXXX\r\nHELP\r\nQUIT\r\n";
	struct stream_fixture *fixture = test->priv;
	unsigned int seed;

	fixture->policy.max_refused = 0;
	for (seed = 0; seed < 200; seed++) {
		struct story story = {
			.test = test,
			.sent = sent,
			.read = read,
			.length = sizeof(sent) - 1,
			.start = CLIENT_START - seed,
		};

		prandom_seed_state(&story.rnd, seed);
		begin_again(test, story.start, SERVER_START);
		fixture->shape = seed % SEGMENT_SHAPES;
		greet(test);
		story_tell(&story);
		KUNIT_ASSERT_EQ(test, fixture->guard->session->commands, 14);
	}
}

static struct kunit_case stream_cases[] = {
	KUNIT_CASE_PARAM(a_session_goes_through, shape_gen_params),
	KUNIT_CASE_PARAM(a_payload_in_one_piece_is_found, shape_gen_params),
	KUNIT_CASE_PARAM(the_middle_of_a_message_may_not_change,
			 shape_gen_params),
	KUNIT_CASE_PARAM(a_repeat_passes_as_it_passed_before,
			 shape_gen_params),
	KUNIT_CASE_PARAM(a_repeat_may_bring_new_octets_along,
			 shape_gen_params),
	KUNIT_CASE(a_command_repeated_with_other_octets_is_dropped),
	KUNIT_CASE(what_was_masked_may_be_repeated_with_any_octets),
	KUNIT_CASE(the_end_of_a_message_may_not_change),
	KUNIT_CASE(the_header_of_a_message_may_not_change),
	KUNIT_CASE(lines_of_a_message_may_not_be_joined),
	KUNIT_CASE(no_octet_of_a_message_of_seven_bits_may_change),
	KUNIT_CASE(nor_may_one_of_what_is_too_long),
	KUNIT_CASE(what_is_acknowledged_may_be_anything),
	KUNIT_CASE_PARAM(what_cannot_be_read_is_dropped, shape_gen_params),
	KUNIT_CASE_PARAM(a_repeat_that_cannot_be_read_is_dropped,
			 shape_gen_params),
	KUNIT_CASE(monitor_passes_what_cannot_be_read),
	KUNIT_CASE(the_header_of_a_load_balancer_may_not_change),
	KUNIT_CASE(what_was_acknowledged_unseen_loses_the_phase),
	KUNIT_CASE(what_is_behind_a_hole_waits_until_it_is_filled),
	KUNIT_CASE(a_syn_that_comes_again_changes_nothing),
	KUNIT_CASE(the_server_says_which_syn_it_took),
	KUNIT_CASE(a_syn_may_carry_octets),
	KUNIT_CASE(ports_may_be_used_again_inside_a_message),
	KUNIT_CASE(ports_may_be_used_again_after_tls),
	KUNIT_CASE(ports_may_be_used_again_after_a_reset),
	KUNIT_CASE(no_syn_brings_octets_past_a_session_that_is_over),
	KUNIT_CASE(no_syn_brings_octets_past_tls),
	KUNIT_CASE(nothing_is_urgent),
	KUNIT_CASE(nor_is_what_is_empty_urgent),
	KUNIT_CASE(monitor_leaves_what_is_urgent),
	KUNIT_CASE(a_number_without_its_flag_acknowledges_nothing),
	KUNIT_CASE(what_acknowledges_tells_the_vlan),
	KUNIT_CASE(the_client_acknowledges_nothing_of_its_own),
	KUNIT_CASE(a_reset_session_lets_nothing_pass),
	KUNIT_CASE(the_number_that_a_receiver_waits_for_is_known),
	KUNIT_CASE(a_condemned_session_is_reset_by_the_next_segment),
	KUNIT_CASE(tls_passes_in_any_order),
	KUNIT_CASE(more_than_can_be_noted_waits),
	KUNIT_CASE(a_segment_alone_may_be_more_than_can_be_noted),
	KUNIT_CASE(the_nearest_dots_are_noted),
	KUNIT_CASE(what_cannot_be_noted_of_a_segment_waits),
	KUNIT_CASE(an_unknown_repeat_waits_for_the_final_reply),
	KUNIT_CASE(a_flow_first_seen_late_finds_its_phase),
	KUNIT_CASE(a_reply_to_something_older_tells_nothing),
	KUNIT_CASE(where_the_client_goes_on_tells_that_it_was_silent),
	KUNIT_CASE(where_the_client_goes_on_tells_that_it_was_not),
	KUNIT_CASE(a_greeting_tells_if_the_client_goes_on_behind_it),
	KUNIT_CASE(a_message_that_has_begun_is_none_that_begins),
	KUNIT_CASE(what_is_acknowledged_later_was_said_before),
	KUNIT_CASE(what_passed_unread_may_be_repeated),
	KUNIT_CASE(a_flow_first_seen_late_passes_if_asked_to),
	KUNIT_CASE(a_flow_first_seen_late_is_reset_if_asked_to),
	KUNIT_CASE(what_passed_while_disabled_is_not_known),
	KUNIT_CASE(who_did_not_wait_for_turn_gets_no_commands),
	KUNIT_CASE(monitor_passes_all_as_it_is),
	KUNIT_CASE(both_fins_close_the_session),
	KUNIT_CASE(a_fin_behind_a_hole_waits_until_it_is_filled),
	KUNIT_CASE(the_server_reads_the_same_whatever_comes),
	{}
};

static struct kunit_suite stream_suite = {
	.name = "smtpguard_stream",
	.init = stream_test_init,
	.exit = stream_test_exit,
	.test_cases = stream_cases,
};

kunit_test_suite(stream_suite);
