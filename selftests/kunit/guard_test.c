// SPDX-License-Identifier: GPL-2.0
/*
 * What sessions take of memory, and what happens when there is no more.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "flow.h"

#define PIECE	512

/* An entry for each of them. */
static const char *line_ends(struct kunit *test)
{
	char *lines = kunit_kzalloc(test, PIECE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lines);
	memset(lines, '\n', PIECE);
	return lines;
}

/* The next piece of the message, of which none is acknowledged. */
static enum stream_verdict send_piece(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	enum stream_verdict verdict =
		send_at(test, FROM_CLIENT, fixture->next[FROM_CLIENT],
			line_ends(test), PIECE);

	if (verdict == STREAM_ACCEPT)
		fixture->next[FROM_CLIENT] += PIECE;
	return verdict;
}

/* Whole pieces, as many as @octets have. */
static void insist_on_pieces(struct kunit *test, unsigned int octets)
{
	unsigned int at;

	for (at = 0; at + PIECE <= octets; at += PIECE)
		KUNIT_ASSERT_EQ_MSG(test, send_piece(test), STREAM_ACCEPT,
				    "at %u", at);
}

static struct guard *guard_of(struct kunit *test)
{
	return ((struct stream_fixture *)test->priv)->guard;
}

static void notes_grow_with_what_is_under_way(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const char *lines = line_ends(test);
	u32 first;

	ask_for_message(test);
	first = fixture->next[FROM_CLIENT];
	insist_on_pieces(test, RING_CLIENT_FIRST + 4 * PIECE);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->ring[RING_CLIENT]);
	/* all of it is still known */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, first, lines, PIECE),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, first, "\r", 1),
			STREAM_DROP);
}

static void notes_shrink_behind_the_message(struct kunit *test)
{
	ask_for_message(test);
	insist_on_pieces(test, RING_CLIENT_FIRST + PIECE);
	acknowledge(test, FROM_CLIENT);
	/* the next lines need the room again */
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->ring[RING_CLIENT]);
	expect_next(test, FROM_CLIENT, "\r\n.\r\n", "\r\n.\r\n");
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->ring[RING_CLIENT]);
	expect_next(test, FROM_CLIENT, "EXPN a\r\n", "EXXXXX\r\n");
}

static void notes_grow_to_their_limit(struct kunit *test)
{
	limit_notes(test, LEAST_NOTES);
	ask_for_message(test);
	insist_on_pieces(test, history_fit(LEAST_NOTES));
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_DROP);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_ACCEPT);
}

static void without_memory_notes_do_not_grow(struct kunit *test)
{
	ask_for_message(test);
	limit_memory(test, 0);
	insist_on_pieces(test, RING_CLIENT_FIRST);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_DROP);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_ACCEPT);
}

static void without_memory_no_session_begins(struct kunit *test)
{
	limit_memory(test, 0);
	KUNIT_EXPECT_NULL(test, open_guard(test));
	limit_memory(test, MEMORY_DEFAULT);
}

static void behind_tls_nothing_is_noted(struct kunit *test)
{
	start_tls(test);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->notes);
	/* until then, what was read in clear may come again as another text */
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->notes);
	expect_next(test, FROM_CLIENT, "VRFY a\r\n", "VRFY a\r\n");
	expect_next(test, FROM_SERVER, "250 a\r\n", "250 a\r\n");
	KUNIT_EXPECT_NULL(test, guard_of(test)->notes);
}

static void behind_both_fins_nothing_is_noted(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "QUIT\r\n", "QUIT\r\n");
	send_fin(test, FROM_CLIENT);
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_SERVER, "221 bye\r\n", "221 bye\r\n");
	send_fin(test, FROM_SERVER);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->notes);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_NULL(test, guard_of(test)->notes);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "QUIT\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->notes);
}

static void a_new_connection_begins_with_notes(struct kunit *test)
{
	struct guard *guard = guard_of(test);
	u64 id = guard->id;

	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	limit_memory(test, 0);
	KUNIT_EXPECT_FALSE(test, reopen_guard(test));
	KUNIT_EXPECT_EQ(test, guard->id, id);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_TRUE(test, reopen_guard(test));
	KUNIT_EXPECT_NOT_NULL(test, guard->notes);
	KUNIT_EXPECT_NE(test, guard->id, id);
}

/* The server answers a SYN of another connection with the same ports. */
static enum stream_verdict answer_anew(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const struct segment segment = {
		.sequence = SERVER_START + (1 << 20),
		.acknowledgment = CLIENT_START + (1 << 20),
		.flags = TCP_FLAG_SYN | TCP_FLAG_ACK,
	};

	fixture->ct.proto.tcp.state = TCP_CONNTRACK_SYN_RECV;
	return send_segment(test, FROM_SERVER, &segment);
}

static void without_memory_monitor_drops_nothing(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	limit_memory(test, 0);
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_DROP);
	fixture->policy.monitor = true;
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_OPAQUE);
	fixture->policy.monitor = false;
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_COMMAND);
}

static void a_new_connection_begins_with_little(struct kunit *test)
{
	ask_for_message(test);
	insist_on_pieces(test, RING_CLIENT_FIRST + PIECE);
	KUNIT_EXPECT_TRUE(test, reopen_guard(test));
	KUNIT_EXPECT_NULL(test, guard_of(test)->ring[RING_CLIENT]);
}

static struct kunit_case guard_cases[] = {
	KUNIT_CASE(notes_grow_with_what_is_under_way),
	KUNIT_CASE(notes_shrink_behind_the_message),
	KUNIT_CASE(notes_grow_to_their_limit),
	KUNIT_CASE(without_memory_notes_do_not_grow),
	KUNIT_CASE(without_memory_no_session_begins),
	KUNIT_CASE(without_memory_monitor_drops_nothing),
	KUNIT_CASE(a_new_connection_begins_with_little),
	KUNIT_CASE(a_new_connection_begins_with_notes),
	KUNIT_CASE(behind_tls_nothing_is_noted),
	KUNIT_CASE(behind_both_fins_nothing_is_noted),
	{}
};

static struct kunit_suite guard_suite = {
	.name		= "smtpguard_guard",
	.init		= stream_test_init,
	.exit		= stream_test_exit,
	.test_cases	= guard_cases,
};

kunit_test_suite(guard_suite);
