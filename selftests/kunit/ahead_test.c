// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of a message or a chunk that pass ahead of a hole, and all that
 * must not.
 */
#include <linux/prandom.h>

#include "fixture.h"
#include "namespace.h"
#include "policies.h"
#include "stats.h"

/* A segment's payload in the middle of a message: 16 lines of 64 octets. */
#define LINE_LENGTH	64
#define PIECE_LENGTH	(16 * LINE_LENGTH)

#define MESSAGE_LENGTH	(12 * PIECE_LENGTH)
/* From one line that begins with a dot to the next. */
#define QUOTED_DISTANCE	(4 * LINE_LENGTH)

static void fill_lines(u8 *octets, unsigned int length)
{
	unsigned int i;

	for (i = 0; i < length; i++)
		octets[i] = "abc.defg"[i % 8];
	for (i = LINE_LENGTH; i <= length; i += LINE_LENGTH) {
		octets[i - 2] = '\r';
		octets[i - 1] = '\n';
	}
}

static u8 *make_lines(struct kunit *test, unsigned int length)
{
	u8 *octets = kunit_kmalloc(test, length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, octets);
	fill_lines(octets, length);
	return octets;
}

/* Octets behind a hole: so many are missing before them. */
static enum stream_verdict send_behind(struct kunit *test, u32 missing,
				       const void *octets, unsigned int length)
{
	struct stream_fixture *fixture = test->priv;

	return send_at(test, FROM_CLIENT,
		       fixture->next[FROM_CLIENT] + missing, octets, length);
}

static u8 islands(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	return fixture->guard->ahead ? fixture->guard->ahead->count : 0;
}

/* What the client sent is next, with what passed ahead. */
static void expect_filled(struct kunit *test, u32 filled)
{
	struct stream_fixture *fixture = test->priv;
	struct guard *guard = fixture->guard;

	fixture->next[FROM_CLIENT] += filled;
	KUNIT_ASSERT_EQ(test, guard->side[FROM_CLIENT].next,
			fixture->next[FROM_CLIENT]);
}

static void a_message_goes_on_behind_a_hole(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u8 *lines = make_lines(test, PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 6, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 6 + PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, islands(test), 1);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, "first\n", 6),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, islands(test), 0);
	expect_filled(test, 6 + 2 * PIECE_LENGTH);
	expect_next(test, FROM_CLIENT, ".\r\nVRFY\r\n", ".\r\nXXXX\r\n");
	KUNIT_EXPECT_EQ(test, fixture->guard->session->messages, 1);
	KUNIT_EXPECT_EQ(test, fixture->guard->side[FROM_CLIENT].octets,
			6 + 6 + 2 * PIECE_LENGTH + 9);
}

static void several_holes_are_filled_in_any_order(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 3 * PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 2 * PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, islands(test), 3);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, islands(test), 0);
	expect_filled(test, 4 * PIECE_LENGTH);
}

/* Each octet counts there, and those that pass ahead cannot be overwritten. */
static void nothing_passes_ahead_of_a_message_s_limit(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	greet(test);
	expect_next(test, FROM_CLIENT, "EHLO c\r\n", "EHLO c\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250 SIZE 2054\r\n",
		    "250-mx\r\n250 SIZE 2054\r\n");
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	KUNIT_EXPECT_EQ(test, send_behind(test, 6 + PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5 + PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, islands(test), 1);
}

static void nothing_of_a_message_of_seven_bits_passes_ahead(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	greet(test);
	expect_next(test, FROM_CLIENT, "MAIL FROM:<a> BODY=7BIT\r\nDATA\r\n",
		    "MAIL FROM:<a> BODY=7BIT\r\nDATA\r\n");
	expect_next(test, FROM_SERVER, "250 ok\r\n354 go\r\n",
		    "250 ok\r\n354 go\r\n");
	KUNIT_EXPECT_EQ(test, send_behind(test, 6, lines, PIECE_LENGTH),
			STREAM_DROP);
}

/* The header goes on in a piece, or ends in it, and is too long with the next. */
static void expect_header(struct kunit *test, const u8 *piece, bool ends)
{
	struct stream_fixture *fixture = test->priv;
	u8 *lines = make_lines(test, PIECE_LENGTH);

	fixture->policy.max_header = 2;
	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 6, piece, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, "first\r", 6),
			STREAM_ACCEPT);
	expect_filled(test, 6 + PIECE_LENGTH);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	expect_filled(test, PIECE_LENGTH);
	expect_next(test, FROM_CLIENT, "a.\r\n", ends ? "a.\r\n" : "a.\x20\n");
}

static void a_header_goes_on_behind_a_hole(struct kunit *test)
{
	expect_header(test, make_lines(test, PIECE_LENGTH), false);
}

static void a_header_ends_behind_a_hole(struct kunit *test)
{
	u8 *piece = make_lines(test, PIECE_LENGTH);

	memcpy(piece + PIECE_LENGTH - 4, "\r\n\r\n", 4);
	expect_header(test, piece, true);
}

static void a_header_ends_where_a_hole_is_filled(struct kunit *test)
{
	u8 *piece = make_lines(test, PIECE_LENGTH);

	memcpy(piece, "\n\r\n", 3);
	expect_header(test, piece, true);
}

static void commands_wait_behind_a_hole(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	greet(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 6, lines, PIECE_LENGTH),
			STREAM_DROP);
}

static void what_cannot_be_read_waits_behind_a_hole(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u8 *lines = make_lines(test, PIECE_LENGTH);
	struct segment segment = {
		.flags = TCP_FLAG_ACK,
		.payload = lines,
		.length = PIECE_LENGTH,
		.unreadable = 1,
	};

	ask_for_message(test);
	segment.sequence = fixture->next[FROM_CLIENT] + 5;
	segment.acknowledgment = fixture->acknowledged[FROM_SERVER];
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_CLIENT, &segment),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, islands(test), 0);
	segment.unreadable = 0;
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_CLIENT, &segment),
			STREAM_ACCEPT);
	segment.length -= 10;
	segment.unreadable = 10;
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_CLIENT, &segment),
			STREAM_DROP);
}

/* However long, they may be commands behind the end of the message. */
static void short_segments_wait_behind_a_hole(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, "VRFY\r\n", 6),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, 511), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, 512), STREAM_ACCEPT);
}

/**
 * struct landing_case - a segment of a message behind a hole
 * @name: a sentence
 * @before: the end of the octets that are missing
 * @octets: the begin of the segment
 * @end: its end
 * @passes: it may pass ahead
 * @joins: and the missing octets then pass, too
 */
struct landing_case {
	const char *name;
	const char *before;
	const char *octets;
	const char *end;
	bool passes;
	bool joins;
};

static const struct landing_case landing_table[] = {
	{ "text", "a", "b", "c", true, true },
	{ "a dot that is doubled", "a\r\n.", ".b", "\r\n..c", true, true },
	{ "a dot doubled across the end", "a\r\n", "..b", "\r\n.", true, true },
	{ "a line that ends at the begin", "a", "\r\nb", "\r\n", true, true },
	{ "a CRLF cut in two", "a\r", "\nb", "\r", true, true },
	{ "a dot at the end of a line", "a\r\nb.", "\r\nc", "d.\r\n",
	  true, true },
	{ "the end of the data", "a", "b", "c\r\n.\r\n", false, false },
	{ "the end, and a command behind", "a", "b", "\r\n.\r\nVRFY\r\n",
	  false, false },
	{ "an ambiguous end", "a", "b", "\n.\n", false, false },
	{ "an end with the CRLF before missing", "a\r\n", ".\r\nVRFY\r\n", "",
	  false, false },
	{ "an end with the CR before missing", "a\r", "\n.\r\nVRFY\r\n", "",
	  false, false },
	{ "a dot and LF with the line break missing", "a\n", ".\nVRFY", "",
	  false, false },
	{ "an end with its dot missing", "a\r\n.", "\r\nVRFY\r\n", "b",
	  true, false },
	{ "an end with all but LF missing", "a\r\n.\r", "\nVRFY\r\n", "b",
	  true, false },
	{ "an ambiguous end with its dot missing", "a\n.", "\nVRFY\r\n", "b",
	  true, false },
	{ "the whole end is missing", "a\r\n.\r\n", "VRFY\r\n", "b",
	  true, false },
	{ "the end is missing, and what it is behind",
	  "a\r\n.\r\nMAIL FROM:<a>\r\n", "VRFY\r\n", "b", true, false },
};

static void landing_name(const struct landing_case *landing_case, char *name)
{
	strscpy(name, landing_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(landing, landing_table, landing_name);

static void no_segment_brings_an_end_past_a_hole(struct kunit *test)
{
	const struct landing_case *sample = test->param_value;
	unsigned int missing = strlen(sample->before);
	u8 *octets = make_lines(test, PIECE_LENGTH);
	struct stream_fixture *fixture = test->priv;

	memset(octets, 'x', PIECE_LENGTH);
	memcpy(octets, sample->octets, strlen(sample->octets));
	memcpy(octets + PIECE_LENGTH - strlen(sample->end), sample->end,
	       strlen(sample->end));
	for (fixture->shape = 0; fixture->shape < SEGMENT_SHAPES;
	     fixture->shape++) {
		begin_again(test, CLIENT_START, SERVER_START);
		ask_for_message(test);
		KUNIT_EXPECT_EQ(test, send_behind(test, missing, octets,
						  PIECE_LENGTH),
				sample->passes ? STREAM_ACCEPT : STREAM_DROP);
		if (!sample->passes)
			continue;
		KUNIT_EXPECT_EQ(test, send_behind(test, 0, sample->before,
						  missing),
				sample->joins ? STREAM_ACCEPT : STREAM_RESET);
		KUNIT_EXPECT_EQ(test, phase_of(test),
				sample->joins ? PHASE_BODY : PHASE_CLOSED);
	}
}

static void what_passed_ahead_may_be_repeated(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);
	u8 *other = make_lines(test, PIECE_LENGTH);

	begin_text(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5 + 70, lines + 70, 100),
			STREAM_ACCEPT);
	/* text that is other text changes nothing, a dot's neighbours do */
	other[1] = 'X';
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, other, PIECE_LENGTH),
			STREAM_ACCEPT);
	other[2] = '\n';
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, other, PIECE_LENGTH),
			STREAM_DROP);
	other[2] = 'X';
	other[LINE_LENGTH] = '.';
	KUNIT_EXPECT_EQ(test, send_behind(test, 5 + 60, other + 60, 100),
			STREAM_DROP);
	/* neither before nor after the hole is filled */
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, "12345", 5), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, other, PIECE_LENGTH),
			STREAM_DROP);
}

/* A sender cuts anew what it sends again. */
static void what_fills_a_hole_may_overlap_an_island(struct kunit *test)
{
	u8 *lines = make_lines(test, 4 * PIECE_LENGTH);

	begin_text(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH,
					  lines + PIECE_LENGTH, PIECE_LENGTH),
			STREAM_ACCEPT);
	lines[PIECE_LENGTH + 3] = '\n';
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, 3 * PIECE_LENGTH),
			STREAM_DROP);
	lines[PIECE_LENGTH + 3] = '.';
	lines[PIECE_LENGTH + 5] = 'X';
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, 3 * PIECE_LENGTH),
			STREAM_ACCEPT);
	expect_filled(test, 3 * PIECE_LENGTH);
	KUNIT_EXPECT_EQ(test, islands(test), 0);
}

/* Each octet of a header counts: where it ends is not known yet. */
static void what_passed_ahead_of_a_header_may_not_change(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	lines[5] = 'X';
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_DROP);
}

static void what_only_partly_lies_in_an_island_waits(struct kunit *test)
{
	u8 *lines = make_lines(test, 2 * PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH, lines,
					  PIECE_LENGTH), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH + 64, lines,
					  PIECE_LENGTH), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH - 64, lines,
					  PIECE_LENGTH), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, PIECE_LENGTH - 64, lines,
					  2 * PIECE_LENGTH), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, islands(test), 1);
}

static void there_are_only_so_many_islands(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);
	unsigned int i;

	ask_for_message(test);
	for (i = 0; i < ISLANDS_MAX; i++)
		KUNIT_EXPECT_EQ(test, send_behind(test, 8 + i * PIECE_LENGTH,
						  lines, 512), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 8 + i * PIECE_LENGTH, lines,
					  512), STREAM_DROP);
	/* the last can still grow, and the first ones be joined */
	KUNIT_EXPECT_EQ(test, send_behind(test, 8 + 512 + (i - 1) *
					  PIECE_LENGTH, lines, 512),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, 8), STREAM_ACCEPT);
	expect_filled(test, 8 + 512);
	KUNIT_EXPECT_EQ(test, islands(test), ISLANDS_MAX - 1);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, lines, 512), STREAM_ACCEPT);
	expect_filled(test, PIECE_LENGTH);
	KUNIT_EXPECT_EQ(test, islands(test), ISLANDS_MAX - 2);
}

static void there_are_only_so_many_dots_in_islands(struct kunit *test)
{
	u8 *lines = make_lines(test, PIECE_LENGTH);
	unsigned int at;

	/* two of its octets take an entry, be they of a header or not */
	memset(lines, '.', PIECE_LENGTH);
	limit_notes(test, LEAST_NOTES);
	ask_for_message(test);
	for (at = 5; at + 512 <= 5 + 2 * history_fit(LEAST_NOTES); at += 512)
		KUNIT_EXPECT_EQ(test, send_behind(test, at, lines, 512),
				STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, at, lines, 512), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, "12345", 5), STREAM_ACCEPT);
	expect_filled(test, at);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, 512), STREAM_ACCEPT);
}

static void a_policy_about_newlines_must_see_all_in_order(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u8 *lines = make_lines(test, PIECE_LENGTH);

	fixture->policy.bare_newline = BARE_NEWLINE_DEFANG;
	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_DROP);
}

static void begin_chunk(struct kunit *test, const char *command)
{
	struct stream_fixture *fixture = test->priv;

	policy_chunking(&fixture->policy);
	greet(test);
	expect_next(test, FROM_CLIENT, "EHLO c\r\n", "EHLO c\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250 CHUNKING\r\n",
		    "250-mx\r\n250 CHUNKING\r\n");
	expect_next(test, FROM_CLIENT, "MAIL\r\nRCPT\r\n",
		    "MAIL\r\nRCPT\r\n");
	expect_next(test, FROM_SERVER, "250 a\r\n250 b\r\n",
		    "250 a\r\n250 b\r\n");
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	expect_next(test, FROM_CLIENT, command, command);
}

/* Its octets are known by their number, so not even their length matters. */
static void a_chunk_goes_on_behind_a_hole(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	begin_chunk(test, "BDAT 20 LAST\r\n");
	KUNIT_EXPECT_EQ(test, send_behind(test, 10, "\r\n.\r\nVRFY\n", 10),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, "VRFY\n", 5),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 10, "whatever", 8),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, send_behind(test, 0, "01234", 5), STREAM_ACCEPT);
	expect_filled(test, 20);
	KUNIT_EXPECT_EQ(test, fixture->guard->session->messages, 1);
	KUNIT_EXPECT_EQ(test, session_message_size(session_of(test)), 20);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

/* In order: most of them are counted at once, and nothing but counted. */
static void octets_of_a_chunk_are_counted_once(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 next;

	begin_chunk(test, "BDAT 30 LAST\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_ASSERT_TRUE(test, fixture->guard->steady);
	next = fixture->next[FROM_CLIENT];
	expect_next(test, FROM_CLIENT, "\r\n.\r\nVRFY\n",
		    "\r\n.\r\nVRFY\n");
	KUNIT_EXPECT_EQ(test, session_chunk_left(session_of(test), FROM_CLIENT),
			20);
	/* a repeat, with octets that are new behind it */
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next, "0123456789ab",
				      12), STREAM_ACCEPT);
	fixture->next[FROM_CLIENT] += 2;
	KUNIT_EXPECT_EQ(test, session_chunk_left(session_of(test), FROM_CLIENT),
			18);
	/* an island up to the chunk's end */
	KUNIT_EXPECT_EQ(test, send_behind(test, 8, "0123456789", 10),
			STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, session_chunk_left(session_of(test), FROM_CLIENT),
			18);
	expect_next(test, FROM_CLIENT, "0123", "0123");
	KUNIT_EXPECT_EQ(test, session_of(test)->messages, 0);
	expect_next(test, FROM_CLIENT, "4567", "4567");
	expect_filled(test, 10);
	KUNIT_EXPECT_EQ(test, session_of(test)->messages, 1);
	KUNIT_EXPECT_EQ(test, session_message_size(session_of(test)), 30);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

static void the_last_octet_of_a_chunk_ends_it(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	begin_chunk(test, "BDAT 10 LAST\r\n");
	acknowledge(test, FROM_CLIENT);
	KUNIT_ASSERT_TRUE(test, fixture->guard->steady);
	expect_next(test, FROM_CLIENT, "01234", "01234");
	KUNIT_EXPECT_EQ(test, session_of(test)->messages, 0);
	expect_next(test, FROM_CLIENT, "56789", "56789");
	KUNIT_EXPECT_EQ(test, session_of(test)->messages, 1);
	expect_next(test, FROM_CLIENT, "VRFY\r\n", "XXXX\r\n");
}

static void what_may_be_behind_a_chunk_waits(struct kunit *test)
{
	begin_chunk(test, "BDAT 20\r\n");
	KUNIT_EXPECT_EQ(test, send_behind(test, 10, "0123456789V", 11),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_behind(test, 20, "VRFY\r\n", 6),
			STREAM_DROP);
}

/* It is neither masked nor reset before the message's reply. */
static void a_refused_chunk_is_withheld(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u64 before = counter_of(&init_net, COUNTER_SEGMENTS_WITHHELD);
	u32 next;

	begin_chunk(test, "BDAT 1\r\naBDAT 20 LAST\r\n");
	expect_next(test, FROM_SERVER, "500 what\r\n", "500 what\r\n");
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	next = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next, "VRFY\r\n", 6),
			STREAM_DROP);
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next + 6, "VRFY\r\n",
				      6), STREAM_DROP);
	KUNIT_EXPECT_EQ(test, counter_of(&init_net, COUNTER_SEGMENTS_WITHHELD),
			before + 1);
	expect_next(test, FROM_SERVER, "500 what\r\n", "500 what\r\n");
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next, "VRFY\r\n", 6),
			STREAM_RESET);
}

/* Its octets, a segment with more behind them, and only they pass. */
static void expect_cut(struct kunit *test, const char *octets,
		       unsigned int passing)
{
	struct stream_fixture *fixture = test->priv;
	u32 next = fixture->next[FROM_CLIENT];

	KUNIT_ASSERT_EQ(test, send_at(test, FROM_CLIENT, next, octets,
				      strlen(octets)), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, fixture->out_length, passing);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, octets, passing), 0);
	KUNIT_EXPECT_EQ(test, fixture->guard->side[FROM_CLIENT].next,
			next + passing);
}

/* A server that did not get the first copy gets the same from the second. */
static void what_is_behind_an_uncertain_end_waits(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 next;

	greet(test);
	expect_next(test, FROM_CLIENT, "DATA\n", "DATA\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
	expect_cut(test, "a\n.\nVRFY\n", 4);
	expect_cut(test, "a\n.\nVRFY\n", 4);
	next = fixture->next[FROM_CLIENT] += 4;
	KUNIT_EXPECT_EQ(test, send_at(test, FROM_CLIENT, next, "VRFY\n", 5),
			STREAM_DROP);
	expect_next(test, FROM_SERVER, "250 queued\r\n", "250 queued\r\n");
	expect_next(test, FROM_CLIENT, "VRFY\n", "XXXX\n");
}

static void a_chunk_waits_for_the_reply_to_ehlo(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	policy_chunking(&fixture->policy);
	greet(test);
	expect_cut(test, "EHLO c\r\nMAIL\r\nRCPT\r\nBDAT 2 LAST\r\nabVRFY\r\n",
		   25);
	fixture->next[FROM_CLIENT] += 25;
	expect_next(test, FROM_SERVER, "250-mx\r\n250 CHUNKING\r\n",
		    "250-mx\r\n250 CHUNKING\r\n");
	expect_next(test, FROM_CLIENT, "2 LAST\r\nabVRFY\r\n",
		    "2 LAST\r\nabXXXX\r\n");
}

static void a_lost_phase_forgets_the_islands(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u8 *lines = make_lines(test, PIECE_LENGTH);

	ask_for_message(test);
	KUNIT_EXPECT_EQ(test, send_behind(test, 5, lines, PIECE_LENGTH),
			STREAM_ACCEPT);
	fixture->next[FROM_CLIENT] += 5 + PIECE_LENGTH;
	acknowledge(test, FROM_CLIENT);
	KUNIT_EXPECT_EQ(test, phase_of(test), PHASE_UNKNOWN);
	KUNIT_EXPECT_EQ(test, islands(test), 0);
}

/**
 * struct lottery - a message of which all pieces come, in an order by chance
 * @test: the test
 * @rnd: where chance comes from
 * @octets: the message, MESSAGE_LENGTH
 * @passed: which octets the server has, of those with that number
 * @start: number of the first
 */
struct lottery {
	struct kunit *test;
	struct rnd_state rnd;
	u8 *octets;
	bool *passed;
	u32 start;
};

static u32 lottery_draw(struct lottery *lottery, u32 below)
{
	return prandom_u32_state(&lottery->rnd) % below;
}

/* The server acknowledges what it has in one piece from the begin. */
static unsigned int lottery_received(const struct lottery *lottery)
{
	unsigned int received = 0;

	while (received < MESSAGE_LENGTH && lottery->passed[received])
		received++;
	return received;
}

static void lottery_acknowledge(struct lottery *lottery)
{
	struct stream_fixture *fixture = lottery->test->priv;

	fixture->acknowledged[FROM_CLIENT] =
		lottery->start + lottery_received(lottery);
	KUNIT_ASSERT_EQ(lottery->test,
			send_at(lottery->test, FROM_SERVER,
				fixture->next[FROM_SERVER], NULL, 0),
			STREAM_ACCEPT);
}

static void lottery_send(struct lottery *lottery, unsigned int from)
{
	unsigned int length = 1 + lottery_draw(lottery, 2000);
	enum stream_verdict verdict;

	length = min(length, MESSAGE_LENGTH - from);
	verdict = send_at(lottery->test, FROM_CLIENT, lottery->start + from,
			  lottery->octets + from, length);
	KUNIT_ASSERT_NE(lottery->test, verdict, STREAM_RESET);
	if (verdict == STREAM_ACCEPT)
		memset(lottery->passed + from, true, length);
}

/* At times the first that is missing, at times any. */
static void lottery_play(struct lottery *lottery)
{
	unsigned int received = 0;

	while (received < MESSAGE_LENGTH) {
		unsigned int ahead = MESSAGE_LENGTH - received;

		if (!lottery_draw(lottery, 4))
			lottery_send(lottery, received);
		else
			lottery_send(lottery, received +
				     lottery_draw(lottery, ahead));
		if (!lottery_draw(lottery, 8))
			lottery_acknowledge(lottery);
		received = lottery_received(lottery);
	}
}

static void a_message_arrives_in_whatever_order(struct kunit *test)
{
	struct lottery lottery = { .test = test };
	struct stream_fixture *fixture = test->priv;
	const struct session *session;
	unsigned int seed, i;

	lottery.octets = make_lines(test, MESSAGE_LENGTH);
	lottery.passed = kunit_kmalloc(test, MESSAGE_LENGTH, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, lottery.passed);
	for (i = 0; i < MESSAGE_LENGTH; i += QUOTED_DISTANCE)
		memcpy(lottery.octets + i, "..", 2);
	memcpy(lottery.octets + MESSAGE_LENGTH - 3, ".\r\n", 3);
	memcpy(lottery.octets + MESSAGE_LENGTH - 5, "\r\n", 2);
	for (seed = 0; seed < 200; seed++) {
		prandom_seed_state(&lottery.rnd, seed);
		begin_again(test, CLIENT_START - 64 * seed, SERVER_START);
		fixture->shape = seed % SEGMENT_SHAPES;
		ask_for_message(test);
		lottery.start = fixture->next[FROM_CLIENT];
		memset(lottery.passed, false, MESSAGE_LENGTH);
		lottery_play(&lottery);
		KUNIT_ASSERT_EQ(test, phase_of(test), PHASE_COMMAND);
		session = session_of(test);
		KUNIT_ASSERT_EQ(test, session->messages, 1);
		KUNIT_ASSERT_EQ(test, session->octets, MESSAGE_LENGTH);
		KUNIT_ASSERT_EQ(test, session_message_size(session),
				MESSAGE_LENGTH - 3 -
				MESSAGE_LENGTH / QUOTED_DISTANCE);
		KUNIT_ASSERT_EQ(test, islands(test), 0);
	}
}

static struct kunit_case ahead_cases[] = {
	KUNIT_CASE(a_message_goes_on_behind_a_hole),
	KUNIT_CASE(several_holes_are_filled_in_any_order),
	KUNIT_CASE(commands_wait_behind_a_hole),
	KUNIT_CASE(what_cannot_be_read_waits_behind_a_hole),
	KUNIT_CASE(short_segments_wait_behind_a_hole),
	KUNIT_CASE_PARAM(no_segment_brings_an_end_past_a_hole,
			 landing_gen_params),
	KUNIT_CASE(what_passed_ahead_may_be_repeated),
	KUNIT_CASE(nothing_passes_ahead_of_a_message_s_limit),
	KUNIT_CASE(nothing_of_a_message_of_seven_bits_passes_ahead),
	KUNIT_CASE(a_header_goes_on_behind_a_hole),
	KUNIT_CASE(a_header_ends_behind_a_hole),
	KUNIT_CASE(a_header_ends_where_a_hole_is_filled),
	KUNIT_CASE(what_fills_a_hole_may_overlap_an_island),
	KUNIT_CASE(what_passed_ahead_of_a_header_may_not_change),
	KUNIT_CASE(what_only_partly_lies_in_an_island_waits),
	KUNIT_CASE(there_are_only_so_many_islands),
	KUNIT_CASE(there_are_only_so_many_dots_in_islands),
	KUNIT_CASE(a_policy_about_newlines_must_see_all_in_order),
	KUNIT_CASE(a_chunk_goes_on_behind_a_hole),
	KUNIT_CASE(octets_of_a_chunk_are_counted_once),
	KUNIT_CASE(the_last_octet_of_a_chunk_ends_it),
	KUNIT_CASE(what_may_be_behind_a_chunk_waits),
	KUNIT_CASE(a_refused_chunk_is_withheld),
	KUNIT_CASE(what_is_behind_an_uncertain_end_waits),
	KUNIT_CASE(a_chunk_waits_for_the_reply_to_ehlo),
	KUNIT_CASE(a_lost_phase_forgets_the_islands),
	KUNIT_CASE(a_message_arrives_in_whatever_order),
	{}
};

static struct kunit_suite ahead_suite = {
	.name		= "smtpguard_ahead",
	.init		= stream_test_init,
	.exit		= stream_test_exit,
	.test_cases	= ahead_cases,
};

kunit_test_suite(ahead_suite);
