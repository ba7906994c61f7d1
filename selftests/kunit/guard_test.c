// SPDX-License-Identifier: GPL-2.0
/*
 * What sessions take of memory, and what happens when there is no more.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "fixture.h"

#define PIECE	512

/* An entry for each of its dots, which are half of its octets. */
static const char *many_dots(struct kunit *test)
{
	char *text = kunit_kzalloc(test, PIECE, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < PIECE; i++)
		text[i] = "a."[i % 2];
	return text;
}

#define PIECE_ENTRIES	(PIECE / 2)

/* The next piece of the message, of which none is acknowledged. */
static enum stream_verdict send_piece(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	enum stream_verdict verdict =
		send_at(test, FROM_CLIENT, fixture->next[FROM_CLIENT],
			many_dots(test), PIECE);

	if (verdict == STREAM_ACCEPT)
		fixture->next[FROM_CLIENT] += PIECE;
	return verdict;
}

/* Whole pieces, as many as have @entries, and no more than half of one less. */
static void insist_on_pieces(struct kunit *test, unsigned int entries)
{
	unsigned int at;

	for (at = 0; at + PIECE_ENTRIES <= entries; at += PIECE_ENTRIES)
		KUNIT_ASSERT_EQ_MSG(test, send_piece(test), STREAM_ACCEPT,
				    "at %u", at);
}

static struct guard *guard_of(struct kunit *test)
{
	return ((struct stream_fixture *)test->priv)->guard;
}

static u16 ring_of(struct kunit *test, enum direction side)
{
	return guard_of(test)->side[side].history.size;
}

/* As a session begins: until something is said there is nothing to note. */
static void a_ring_comes_with_what_is_noted(struct kunit *test)
{
	open_connection(test);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_SERVER), 0);
	KUNIT_EXPECT_NULL(test, guard_of(test)->ahead);
	expect_next(test, FROM_SERVER, "220 mx\r\n", "220 mx\r\n");
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_SERVER), RING_FIRST);
}

/* 512 octets each way, as a command and its reply may have (RFC 5321). */
static void commands_and_replies_need_the_least_rings(struct kunit *test)
{
	char *line = kunit_kzalloc(test, PIECE + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	greet(test);
	memset(line, 'a', PIECE);
	memcpy(line, "NOOP ", 5);
	memcpy(line + PIECE - 2, "\r\n", 2);
	expect_next(test, FROM_CLIENT, line, line);
	memcpy(line, "250 a", 5);
	expect_next(test, FROM_SERVER, line, line);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), RING_FIRST);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_SERVER), RING_FIRST);
}

static void a_silent_session_keeps_no_ring(struct kunit *test)
{
	greet(test);
	rest_guard(test);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_SERVER), 0);
	expect_next(test, FROM_CLIENT, "EXPN a\r\n", "EXXXXX\r\n");
	/* what is under way stays, or could not be held against anything */
	rest_guard(test);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), RING_FIRST);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "NOOP a\r\n", 8), STREAM_DROP);
	acknowledge(test, FROM_CLIENT);
	rest_guard(test);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
}

static void notes_grow_with_what_is_under_way(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const char *text = many_dots(test);
	u32 first;

	begin_text(test);
	first = fixture->next[FROM_CLIENT];
	insist_on_pieces(test, 16 * PIECE_ENTRIES);
	KUNIT_EXPECT_GE(test, ring_of(test, FROM_CLIENT), 16 * PIECE_ENTRIES);
	/* all of it is still known */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, first, text, PIECE),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, first, ".", 1),
			STREAM_DROP);
}

static void notes_shrink_behind_the_message(struct kunit *test)
{
	begin_text(test);
	insist_on_pieces(test, 4 * PIECE_ENTRIES);
	acknowledge(test, FROM_CLIENT);
	/* the next dots need the room again */
	KUNIT_EXPECT_GE(test, ring_of(test, FROM_CLIENT), 4 * PIECE_ENTRIES);
	expect_next(test, FROM_CLIENT, "\r\n.\r\n", "\r\n.\r\n");
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
	expect_next(test, FROM_CLIENT, "EXPN a\r\n", "EXXXXX\r\n");
}

static void notes_grow_to_their_limit(struct kunit *test)
{
	limit_notes(test, LEAST_NOTES);
	begin_text(test);
	/* of the last one it is not known before that half as much will do */
	insist_on_pieces(test, history_fit(LEAST_NOTES) - PIECE + PIECE_ENTRIES);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_DROP);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_ACCEPT);
}

static void without_memory_notes_do_not_grow(struct kunit *test)
{
	unsigned int pieces = 0;

	begin_text(test);
	insist_on_pieces(test, 2 * PIECE_ENTRIES);
	limit_memory(test, 0);
	/* there may be room for some more */
	while (send_piece(test) == STREAM_ACCEPT && pieces < 16)
		pieces++;
	KUNIT_EXPECT_LT(test, pieces, 16);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_EQ(test, send_piece(test), STREAM_ACCEPT);
}

/* Not even the first segment: a repeat of it could be anything. */
static void without_memory_for_a_ring_nothing_is_read(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	open_connection(test);
	limit_memory(test, 0);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER, SERVER_START,
				      "220 mx\r\n", 8), STREAM_DROP);
	fixture->policy.monitor = true;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER, SERVER_START,
				      "220 mx\r\n", 8), STREAM_ACCEPT);
	fixture->policy.monitor = false;
	limit_memory(test, MEMORY_DEFAULT);
}

static void without_memory_no_session_begins(struct kunit *test)
{
	close_guard(test);
	limit_memory(test, 0);
	KUNIT_EXPECT_FALSE(test, open_guard(test));
	limit_memory(test, MEMORY_DEFAULT);
}

static void behind_tls_nothing_is_kept(struct kunit *test)
{
	start_tls(test);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), RING_FIRST);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->session);
	/* until then, what was read in clear may come again as another text */
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
	KUNIT_EXPECT_NULL(test, guard_of(test)->session);
	expect_next(test, FROM_CLIENT, "VRFY a\r\n", "VRFY a\r\n");
	expect_next(test, FROM_SERVER, "250 a\r\n", "250 a\r\n");
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
	KUNIT_EXPECT_EQ(test, guard_totals(guard_of(test)).commands, 1);
	KUNIT_EXPECT_TRUE(test, guard_is_opaque(guard_of(test)));
	KUNIT_EXPECT_FALSE(test, guard_is_committed(guard_of(test)));
	KUNIT_EXPECT_FALSE(test, guard_is_idle(guard_of(test)));
}

static struct flow *flow_of(struct kunit *test)
{
	return &((struct stream_fixture *)test->priv)->flow;
}

/* What the server's hello says of its length makes no sense: no more is read. */
static void end_hello(struct kunit *test)
{
	expect_next(test, FROM_SERVER, "\xff\xff\xff", "\xff\xff\xff");
}

static void begin_line(struct kunit *test, enum direction side)
{
	struct stream_fixture *fixture = test->priv;
	struct line *line;

	rcu_read_lock();
	spin_lock_bh(&fixture->ct.lock);
	line = guard_line(fixture->guard, side);
	if (line)
		line->length = 1;
	spin_unlock_bh(&fixture->ct.lock);
	rcu_read_unlock();
	KUNIT_ASSERT_NOT_NULL(test, line);
}

static void settle_behind_tls(struct kunit *test)
{
	start_tls(test);
	end_hello(test);
	acknowledge(test, FROM_SERVER);
	KUNIT_ASSERT_FALSE(test, guard_of(test)->settled);
	acknowledge(test, FROM_CLIENT);
	KUNIT_ASSERT_TRUE(test, guard_of(test)->settled);
}

static void behind_tls_segments_are_only_counted(struct kunit *test)
{
	struct side *side;
	u64 before;

	settle_behind_tls(test);
	side = &guard_of(test)->side[FROM_CLIENT];
	before = side->octets;
	expect_next(test, FROM_CLIENT, "VRFY a\r\n", "VRFY a\r\n");
	KUNIT_EXPECT_EQ(test, side->octets, before + 8);
	side = &guard_of(test)->side[FROM_SERVER];
	before = side->octets;
	expect_next(test, FROM_SERVER, "250 a\r\n", "250 a\r\n");
	KUNIT_EXPECT_EQ(test, side->octets, before + 7);
	/* an end is not */
	send_fin(test, FROM_SERVER);
	KUNIT_EXPECT_TRUE(test, side->finished);
	KUNIT_EXPECT_TRUE(test, guard_of(test)->settled);
	send_fin(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_IGNORED);
}

/* Somebody follows the log, and a line was under way of which no more is read. */
static void behind_tls_no_line_is_kept(struct kunit *test)
{
	enum direction side;

	start_tls(test);
	for (side = FROM_CLIENT; side <= FROM_SERVER; side++)
		begin_line(test, side);
	end_hello(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->side[FROM_CLIENT].line);
	KUNIT_EXPECT_NULL(test, guard_of(test)->side[FROM_SERVER].line);
	KUNIT_EXPECT_TRUE(test, guard_of(test)->settled);
}

/* Where one side is this host, or was not heard, who speaks for it is looked at. */
static void insist_that_none_settles_without(struct kunit *test,
					     enum direction side)
{
	((struct stream_fixture *)test->priv)->device[side] = 0;
	start_tls(test);
	end_hello(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_TRUE(test, guard_is_bare(guard_of(test)));
	KUNIT_EXPECT_FALSE(test, guard_of(test)->settled);
}

static void without_the_server_s_device_no_session_settles(struct kunit *test)
{
	insist_that_none_settles_without(test, FROM_SERVER);
}

static void without_the_client_s_device_no_session_settles(struct kunit *test)
{
	insist_that_none_settles_without(test, FROM_CLIENT);
}

static void a_hello_under_way_does_not_settle(struct kunit *test)
{
	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->session);
	KUNIT_EXPECT_FALSE(test, guard_of(test)->settled);
	end_hello(test);
	KUNIT_EXPECT_TRUE(test, guard_of(test)->settled);
}

static void what_is_read_does_not_settle(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_SERVER, "250 a\r\n", "250 a\r\n");
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_FALSE(test, guard_of(test)->settled);
}

/* The ports are used again. */
static void another_session_has_not_settled(struct kunit *test)
{
	settle_behind_tls(test);
	KUNIT_ASSERT_TRUE(test, reopen_guard(test));
	KUNIT_EXPECT_FALSE(test, guard_of(test)->settled);
}

/* The client leaves first, and then the server; all but the last is said. */
static void close_connection(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "QUIT\r\n", "QUIT\r\n");
	send_fin(test, FROM_CLIENT);
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_SERVER, "221 bye\r\n", "221 bye\r\n");
	send_fin(test, FROM_SERVER);
}

static void behind_both_fins_a_stub_is_left(struct kunit *test)
{
	close_connection(test);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_GUARDED);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_FINISHED);
	/* what was lost behind us comes again, with the FIN or without */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START,
				      "QUIT\r\n", 6), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER, SERVER_START,
				      "220 mx\r\n", 8), STREAM_ACCEPT);
	acknowledge(test, FROM_CLIENT);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_FINISHED);
	/* more than was said then */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, CLIENT_START + 6,
				      "EXPN a\r\n", 8), STREAM_RESET);
}

/* The side that was closed last acknowledges last, too. */
static void the_last_acknowledgment_passes(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	send_fin(test, FROM_SERVER);
	acknowledge(test, FROM_SERVER);
	send_fin(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_FINISHED);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER,
				      fixture->next[FROM_SERVER], "", 0),
			STREAM_ACCEPT);
	/* a reset has the number that its receiver waits for */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT], "NOOP\r\n",
				      6), STREAM_RESET);
	KUNIT_EXPECT_EQ(test, fixture->expected, fixture->next[FROM_CLIENT]);
}

/* Its numbers are not followed. */
static void behind_tls_what_was_lost_comes_again(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 lost;

	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	lost = fixture->next[FROM_SERVER];
	expect_next(test, FROM_SERVER, "221 bye\r\n", "221 bye\r\n");
	send_fin(test, FROM_SERVER);
	send_fin(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_IGNORED);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_SERVER, lost, "221 bye\r\n",
				      9), STREAM_ACCEPT);
}

static void a_reset_session_stays_reset(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT],
				      "XEXCH50 1 2\r\n", 13), STREAM_RESET);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_OVER);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT], "", 0),
			STREAM_RESET);
	fixture->policy.monitor = true;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT], "NOOP\r\n",
				      6), STREAM_ACCEPT);
}

/* Its number lies before all that is known, which would let octets pass. */
static enum stream_verdict answer_another(struct kunit *test)
{
	const struct segment segment = {
		.sequence = SERVER_START - (1 << 20),
		.acknowledgment = CLIENT_START - (1 << 20),
		.flags = TCP_FLAG_SYN | TCP_FLAG_ACK,
	};

	return send_segment(test, FROM_SERVER, &segment);
}

/* And what might come of it passes no more than it. */
static void an_answer_to_another_syn_is_dropped(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	greet(test);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      CLIENT_START - (1 << 20), "a", 1),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, answer_another(test), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_GUARDED);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      CLIENT_START - (1 << 20), "a", 1),
			STREAM_DROP);
	/* the session goes on */
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT,
				      fixture->next[FROM_CLIENT], "NOOP\r\n",
				      6), STREAM_ACCEPT);
}

static void an_answer_to_another_syn_is_dropped_behind_tls(struct kunit *test)
{
	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_NULL(test, guard_of(test)->session);
	KUNIT_EXPECT_EQ(test, answer_another(test), STREAM_DROP);
	expect_next(test, FROM_CLIENT, "VRFY a\r\n", "VRFY a\r\n");
}

static void retire_flow(struct kunit *test, enum flow_state state)
{
	struct stream_fixture *fixture = test->priv;

	rcu_read_lock();
	spin_lock_bh(&fixture->ct.lock);
	flow_retire(&fixture->flow, state);
	spin_unlock_bh(&fixture->ct.lock);
	rcu_read_unlock();
	fixture->guard = NULL;
}

static void what_is_ignored_is_so_to_its_end(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	const struct segment syn = {
		.sequence = CLIENT_START + (1 << 20),
		.flags = TCP_FLAG_SYN,
		.payload = "VRFY a\r\n",
		.length = 8,
	};

	greet(test);
	retire_flow(test, FLOW_IGNORED);
	expect_next(test, FROM_CLIENT, "VRFY a\r\n", "VRFY a\r\n");
	/* nobody would have read what it carries, once it is answered */
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_CLIENT, &syn),
			STREAM_DROP);
	fixture->ct.proto.tcp.state = TCP_CONNTRACK_SYN_RECV;
	KUNIT_EXPECT_EQ(test, answer_another(test), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_GUARDED);
}

static void an_answer_to_another_syn_is_dropped_by_a_stub(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	struct segment again = {
		.acknowledgment = CLIENT_START,
		.flags = TCP_FLAG_SYN | TCP_FLAG_ACK,
	};

	open_connection(test);
	retire_flow(test, FLOW_IGNORED);
	KUNIT_EXPECT_EQ(test, answer_another(test), STREAM_DROP);
	/* the one that it was opened with may come again */
	again.sequence = fixture->next[FROM_SERVER] - 1;
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_SERVER, &again),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, flow_of(test)->state, FLOW_IGNORED);
}

/* What is in the hole may be the final reply to a message. */
/* A server may scan for minutes, and the client must hear what came of it. */
static void a_final_reply_has_its_memory(struct kunit *test)
{
	ask_for_message(test);
	expect_next(test, FROM_CLIENT, "a\r\n.\r\n", "a\r\n.\r\n");
	acknowledge(test, FROM_CLIENT);
	rest_guard(test);
	limit_memory(test, 0);
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	limit_memory(test, MEMORY_DEFAULT);
}

static void what_is_under_way_is_not_idle(struct kunit *test)
{
	open_connection(test);
	KUNIT_EXPECT_FALSE(test, guard_is_idle(guard_of(test)));
	expect_next(test, FROM_SERVER, "220 mx\r\n", "220 mx\r\n");
	KUNIT_EXPECT_FALSE(test, guard_is_idle(guard_of(test)));
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_TRUE(test, guard_is_idle(guard_of(test)));
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_FALSE(test, guard_is_idle(guard_of(test)));
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_TRUE(test, guard_is_idle(guard_of(test)));
}

static void a_new_connection_begins_anew(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u64 id = guard_of(test)->id;

	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	limit_memory(test, 0);
	KUNIT_EXPECT_FALSE(test, reopen_guard(test));
	KUNIT_EXPECT_EQ(test, fixture->flow.state, FLOW_OVER);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_TRUE(test, reopen_guard(test));
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->session);
	KUNIT_EXPECT_NE(test, guard_of(test)->id, id);
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

/* A session that is open, and no memory for another. */
static bool open_again(struct kunit *test)
{
	bool opened;

	limit_memory(test, MEMORY_DEFAULT);
	opened = reopen_guard(test);
	open_connection(test);
	limit_memory(test, 0);
	return opened;
}

static void without_memory_monitor_drops_nothing(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	start_tls(test);
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	limit_memory(test, 0);
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, fixture->flow.state, FLOW_OVER);
	KUNIT_ASSERT_TRUE(test, open_again(test));
	fixture->policy.monitor = true;
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, fixture->flow.state, FLOW_IGNORED);
	KUNIT_ASSERT_TRUE(test, open_again(test));
	fixture->policy.monitor = false;
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_EQ(test, answer_anew(test), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_COMMAND);
}

static void a_new_connection_begins_with_little(struct kunit *test)
{
	ask_for_message(test);
	insist_on_pieces(test, 4 * PIECE);
	KUNIT_EXPECT_TRUE(test, reopen_guard(test));
	KUNIT_EXPECT_EQ(test, ring_of(test, FROM_CLIENT), 0);
}

static struct kunit_case guard_cases[] = {
	KUNIT_CASE(a_ring_comes_with_what_is_noted),
	KUNIT_CASE(commands_and_replies_need_the_least_rings),
	KUNIT_CASE(a_silent_session_keeps_no_ring),
	KUNIT_CASE(notes_grow_with_what_is_under_way),
	KUNIT_CASE(notes_shrink_behind_the_message),
	KUNIT_CASE(notes_grow_to_their_limit),
	KUNIT_CASE(without_memory_notes_do_not_grow),
	KUNIT_CASE(without_memory_for_a_ring_nothing_is_read),
	KUNIT_CASE(without_memory_no_session_begins),
	KUNIT_CASE(without_memory_monitor_drops_nothing),
	KUNIT_CASE(a_new_connection_begins_with_little),
	KUNIT_CASE(a_new_connection_begins_anew),
	KUNIT_CASE(behind_tls_nothing_is_kept),
	KUNIT_CASE(behind_tls_segments_are_only_counted),
	KUNIT_CASE(a_hello_under_way_does_not_settle),
	KUNIT_CASE(behind_tls_no_line_is_kept),
	KUNIT_CASE(without_the_server_s_device_no_session_settles),
	KUNIT_CASE(without_the_client_s_device_no_session_settles),
	KUNIT_CASE(what_is_read_does_not_settle),
	KUNIT_CASE(another_session_has_not_settled),
	KUNIT_CASE(behind_both_fins_a_stub_is_left),
	KUNIT_CASE(the_last_acknowledgment_passes),
	KUNIT_CASE(behind_tls_what_was_lost_comes_again),
	KUNIT_CASE(a_reset_session_stays_reset),
	KUNIT_CASE(an_answer_to_another_syn_is_dropped),
	KUNIT_CASE(an_answer_to_another_syn_is_dropped_behind_tls),
	KUNIT_CASE(an_answer_to_another_syn_is_dropped_by_a_stub),
	KUNIT_CASE(what_is_ignored_is_so_to_its_end),
	KUNIT_CASE(a_final_reply_has_its_memory),
	KUNIT_CASE(what_is_under_way_is_not_idle),
	{}
};

static struct kunit_suite guard_suite = {
	.name		= "smtpguard_guard",
	.init		= stream_test_init,
	.exit		= stream_test_exit,
	.test_cases	= guard_cases,
};

kunit_test_suite(guard_suite);
