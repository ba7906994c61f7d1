// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of unacknowledged octets, and what a repeat is held to.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "core/character.h"
#include "core/history.h"
#include "cuts.h"

#define RING	64
/* Near the wrap of sequence numbers, so that every test crosses it. */
#define START	0xfffffff8u

struct history_fixture {
	struct history history;
	u16 ring[HISTORY_WORDS(RING)];
};

static int history_test_init(struct kunit *test)
{
	struct history_fixture *fixture =
		kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);

	if (!fixture)
		return -ENOMEM;
	history_init(&fixture->history, fixture->ring, RING);
	history_start(&fixture->history, START);
	test->priv = fixture;
	return 0;
}

static struct history *fixture_history(struct kunit *test)
{
	return &((struct history_fixture *)test->priv)->history;
}

/* As body_scan() tells the dots. */
static void note_body(struct history *history, const char *octets,
		      size_t length)
{
	struct dots dots = {};
	size_t i;

	for (i = 0; i < length; i++) {
		if (octets[i] != '.')
			continue;
		dots_add(&dots, !i || is_break(octets[i - 1]) ?
			 i | DOTS_BEHIND_BREAK : i);
	}
	history_note_body(history, octets, length, &dots);
}

static bool passes(enum history_verdict verdict)
{
	return verdict == HISTORY_EQUAL || verdict == HISTORY_ALIKE;
}

/* The first verdict on octets from @from on by which one does not pass. */
static enum history_verdict compare(const struct history *history, u32 from,
				    const char *octets, size_t length)
{
	struct history_cursor cursor;
	size_t i;

	history_seek(history, &cursor, START + from);
	for (i = 0; i < length; i++) {
		u8 forwarded;
		enum history_verdict verdict =
			history_compare(history, &cursor, octets[i],
					&forwarded);

		if (!passes(verdict))
			return verdict;
	}
	return HISTORY_EQUAL;
}

static void a_command_must_be_repeated_to_the_letter(struct kunit *test)
{
	struct history *history = fixture_history(test);

	history_note_exact(history, "RSET\r\nNOOP\r\n", 12);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "RSET\r\nNOOP\r\n", 12),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 3, "T\r\nNO", 5),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "EXPN\r\n", 6),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 6, "NOOX", 4),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 12, "X", 1), HISTORY_UNKNOWN);
}

/* Half as many entries as octets, and nothing else is different. */
static void two_octets_of_a_command_are_an_entry(struct kunit *test)
{
	static const char octets[] = "MAIL FROM:<a@b.c>\r\n\200a\377\0.";
	struct history *history = fixture_history(test);
	const u32 length = sizeof(octets) - 1;
	unsigned int way;
	char other;
	u32 at;

	for (way = 0; way < cuts_ways(length); way++) {
		struct cuts cuts;
		u32 end;

		history_start(history, START);
		cuts_begin(&cuts, way, length);
		for (at = 0; at < length; at = end) {
			end = cuts_end(&cuts, at);
			history_note_exact(history, octets + at, end - at);
		}
		KUNIT_ASSERT_LE(test, history->count, length / 2 + 3);
		for (at = 0; at < length; at++) {
			history_acknowledge(history, START + at,
					    START + length);
			KUNIT_ASSERT_EQ(test, compare(history, at, octets + at,
						      length - at),
					HISTORY_EQUAL);
			other = octets[at] ^ 1;
			KUNIT_ASSERT_EQ(test, compare(history, at, &other, 1),
					HISTORY_DIFFERENT);
		}
	}
}

static void what_was_masked_is_masked_again(struct kunit *test)
{
	struct history *history = fixture_history(test);
	struct history_cursor cursor;
	u8 forwarded = 0;

	history_note_exact(history, "E", 1);
	history_note_masked(history, 'X', 3);
	history_note_exact(history, "\r\n", 2);
	history_seek(history, &cursor, START + 1);
	KUNIT_EXPECT_EQ(test,
			history_compare(history, &cursor, 'Y', &forwarded),
			HISTORY_REWRITE);
	KUNIT_EXPECT_EQ(test, forwarded, 'X');
	KUNIT_EXPECT_EQ(test,
			history_compare(history, &cursor, 'X', &forwarded),
			HISTORY_EQUAL);
}

/* The piece before it was noted, and no octet of that piece masked. */
static void a_dot_that_begins_a_piece_counts(struct kunit *test)
{
	struct history *history = fixture_history(test);

	note_body(history, "a\r\n", 3);
	history_note_masked(history, ' ', 0);
	note_body(history, ".\r\n", 3);
	KUNIT_EXPECT_EQ(test, compare(history, 3, ".\r\n", 3), HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 3, "x\r\n", 3),
			HISTORY_DIFFERENT);
}

/* It was not known yet when the piece before it was noted. */
static void no_break_comes_before_a_dot_that_begins_a_piece(struct kunit *test)
{
	struct history *history = fixture_history(test);

	note_body(history, "abc", 3);
	note_body(history, ".\r\n", 3);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "a\ny.\r\n", 6),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "ab\n", 3),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "ab\0", 3),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "ab.", 3),
			HISTORY_DIFFERENT);
}

static void the_end_of_a_message_may_not_change(struct kunit *test)
{
	struct history *history = fixture_history(test);

	note_body(history, "abc\r\n..d\r\ne.f\n", 14);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "abc\r\n..d\r\ne.f\n", 14),
			HISTORY_EQUAL);
	/* as much of a change as no server could see an end in */
	KUNIT_EXPECT_EQ(test, compare(history, 1, "yz\r\n..d\nxy.f\n", 13),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "axyz", 4),
			HISTORY_DIFFERENT);
	/* a dot where none was, and none where one was */
	KUNIT_EXPECT_EQ(test, compare(history, 10, ".", 1), HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 11, "x", 1), HISTORY_DIFFERENT);
	/* a break before one */
	KUNIT_EXPECT_EQ(test, compare(history, 10, "\n", 1),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 10, "", 1), HISTORY_DIFFERENT);
	/* a doubled dot that is doubled no more */
	KUNIT_EXPECT_EQ(test, compare(history, 5, ".\r", 2),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, 3, "\r\r", 2),
			HISTORY_DIFFERENT);
}

static void acknowledged_octets_are_forgotten(struct kunit *test)
{
	struct history *history = fixture_history(test);
	u32 acknowledged;

	note_body(history, "abcdef\r\nghi\r\n", 13);
	for (acknowledged = 1; acknowledged < 13; acknowledged++) {
		history_acknowledge(history, START + acknowledged, START + 13);
		KUNIT_EXPECT_EQ(test, history->base, START + acknowledged);
		KUNIT_EXPECT_EQ_MSG(test,
				    compare(history, acknowledged,
					    "ABCDEF\r\nGHi\r\n" + acknowledged,
					    13 - acknowledged), HISTORY_EQUAL,
				    "%u acknowledged", acknowledged);
	}
	history_acknowledge(history, START + 13, START + 13);
	KUNIT_EXPECT_EQ(test, history->count, 0);
	/* the next octet still begins a line */
	note_body(history, ".", 1);
	KUNIT_EXPECT_EQ(test, compare(history, 13, "x", 1),
			HISTORY_DIFFERENT);
}

static void a_full_ring_knows_what_it_does_not_know(struct kunit *test)
{
	struct history *history = fixture_history(test);
	char octets[2 * RING + 8];
	u32 end = START + (u32)sizeof(octets);

	memset(octets, 'N', sizeof(octets));
	history_note_exact(history, octets, sizeof(octets));
	KUNIT_EXPECT_EQ(test, history_room(history), 0);
	KUNIT_EXPECT_EQ(test, compare(history, 0, octets, 2 * RING),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 2 * RING, octets, 1),
			HISTORY_UNKNOWN);
	history_acknowledge(history, end, end);
	KUNIT_EXPECT_EQ(test, history_room(history), RING);
}

static void other_memory_changes_nothing(struct kunit *test)
{
	struct history *history = fixture_history(test);
	u16 more[HISTORY_WORDS(2 * RING)];
	char octets[RING];
	size_t i;

	/* none of a pair */
	for (i = 0; i < RING; i++)
		octets[i] = '\x80' + i;
	/* so that the oldest entry is in the middle of the ring */
	history_note_exact(history, octets, RING - 8);
	history_acknowledge(history, START + 24, START + RING - 8);
	history_note_exact(history, octets + RING - 8, 8);
	history_resize(history, more, 2 * RING);
	KUNIT_EXPECT_EQ(test, history_room(history), RING + 24);
	KUNIT_EXPECT_EQ(test, compare(history, 24, octets + 24, RING - 24),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 24, octets + 25, 1),
			HISTORY_DIFFERENT);
}

/* Is the octet the dot of what some server may take for an end of data? */
static bool is_end(const char *text, size_t length, size_t at)
{
	size_t before = at;

	if (text[at] != '.' || at + 1 == length || !is_break(text[at + 1]))
		return false;
	while (before && !text[before - 1])
		before--;
	return !before || is_line_end(text[before - 1]);
}

/* Any octet that passes, in each place, as if a repeat had brought it. */
static void mix(const struct history *history, struct rnd_state *rnd,
		const char *octets, char *text, size_t from, size_t length)
{
	for (; from < length; from++) {
		char octet = octets[prandom_u32_state(rnd) % 6];

		if (compare(history, from, &octet, 1) == HISTORY_EQUAL)
			text[from] = octet;
	}
}

/*
 * Whatever was noted in whatever cuts passes from any place on, and whatever a
 * receiver makes of all the repeats that pass ends where the first copy did.
 */
static void no_mix_of_repeats_ends_elsewhere(struct kunit *test)
{
	static const char octets[] = "\r\n.\0ab";
	struct history *history = fixture_history(test);
	struct rnd_state rnd;
	unsigned int round;

	prandom_seed_state(&rnd, 20010801);
	for (round = 0; round < 5000; round++) {
		size_t length = prandom_u32_state(&rnd) % 50 + 1;
		/* the more rounds, the fewer of the octets that count */
		u32 others = 1 + round / 1000;
		size_t at, from;
		char text[50], mixed[50];

		for (at = 0; at < length; at++)
			text[at] = prandom_u32_state(&rnd) % others ? 'x' :
				octets[prandom_u32_state(&rnd) % 6];
		history_start(history, START);
		for (at = 0; at < length;) {
			size_t piece = prandom_u32_state(&rnd) %
				(length - at) + 1;

			note_body(history, text + at, piece);
			at += piece;
		}
		from = prandom_u32_state(&rnd) % length;
		if (round % 2)
			history_acknowledge(history,
					    START + prandom_u32_state(&rnd) %
					    (from + 1), START + length);
		KUNIT_ASSERT_EQ(test,
				compare(history, from, text + from,
					length - from), HISTORY_EQUAL);
		memcpy(mixed, text, length);
		mix(history, &rnd, octets, mixed, from, length);
		for (at = 0; at < length; at++)
			KUNIT_ASSERT_EQ(test, is_end(mixed, length, at),
					is_end(text, length, at));
	}
}

/* A message has fewer entries than lines where it has no dots. */
static void what_has_no_dots_takes_few_entries(struct kunit *test)
{
	struct history *history = fixture_history(test);
	char text[1448];
	unsigned int i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 78 < 76 ? 'A' : "\r\n"[i % 78 - 76];
	for (i = 0; i < 10; i++)
		note_body(history, text, sizeof(text));
	KUNIT_EXPECT_LE(test, history->count, 3 * 10);
	KUNIT_EXPECT_EQ(test, compare(history, 0, text, sizeof(text)),
			HISTORY_EQUAL);
}

/* As long as any part of an entry, and longer. */
static void far_dots_are_found(struct kunit *test)
{
	static const size_t gaps[] = { 0, 1, 0x1ffe, 0x1fff, 0x2000, 0x4001 };
	struct history *history = fixture_history(test);
	size_t length = 0x5000;
	char *text = kunit_kmalloc(test, length, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		memset(text, 'x', length);
		text[1 + gaps[i]] = '.';
		history_start(history, START);
		note_body(history, text, length);
		KUNIT_ASSERT_EQ(test, compare(history, 0, text, length),
				HISTORY_EQUAL);
		KUNIT_ASSERT_EQ(test, compare(history, 1 + gaps[i], "x", 1),
				HISTORY_DIFFERENT);
		if (gaps[i])
			KUNIT_ASSERT_EQ(test,
					compare(history, gaps[i], "\n", 1),
					HISTORY_DIFFERENT);
		KUNIT_ASSERT_EQ(test, compare(history, 2 + gaps[i], "\n", 1),
				HISTORY_EQUAL);
	}
}

/* RFC 3030: their number counts, and so does every octet around them. */
static void octets_of_a_chunk_may_change(struct kunit *test)
{
	enum { LINE = 12, CHUNK = 20000, BEHIND = LINE + CHUNK };
	struct history *history = fixture_history(test);
	char *chunk = kunit_kzalloc(test, CHUNK, GFP_KERNEL);
	u32 from;

	KUNIT_ASSERT_NOT_NULL(test, chunk);
	memset(chunk, '\n', CHUNK / 2);
	history_note_exact(history, "BDAT 20000\r\n", LINE);
	history_note_any(history, CHUNK);
	history_note_exact(history, "NOOP\r\n", 6);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "BDAT 20000\r\n", LINE),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, 0, "BDAT 90000\r\n", LINE),
			HISTORY_DIFFERENT);
	/* at several places of each entry, as far as it is acknowledged */
	for (from = LINE; from < BEHIND; from += 1999) {
		history_acknowledge(history, START + from, START + BEHIND + 6);
		KUNIT_ASSERT_EQ(test, compare(history, from, chunk,
					      BEHIND - from), HISTORY_EQUAL);
	}
	KUNIT_EXPECT_EQ(test, compare(history, BEHIND - 1, ".NOOP\r\n", 7),
			HISTORY_EQUAL);
	KUNIT_EXPECT_EQ(test, compare(history, BEHIND - 1, ".EXPN\r\n", 7),
			HISTORY_DIFFERENT);
	KUNIT_EXPECT_EQ(test, compare(history, BEHIND + 6, "x", 1),
			HISTORY_UNKNOWN);
}

/* An octet that takes an entry, whatever is beside it. */
static u8 wide(unsigned int number)
{
	return number | 0x80;
}

/* A ring of @size entries, all in use, the oldest of them not in its begin. */
static void fill_ring(struct kunit *test, struct history *history,
		      unsigned int size)
{
	u16 *ring = kunit_kmalloc(test, HISTORY_WORDS(size) * sizeof(*ring),
				  GFP_KERNEL);
	unsigned int old = size / 3;
	unsigned int i;
	u8 octet;

	KUNIT_ASSERT_NOT_NULL(test, ring);
	history_init(history, ring, size);
	history_start(history, START - old);
	for (i = 0; i < old + size; i++) {
		octet = wide(i - old);
		if (i == size)
			history_acknowledge(history, START, START - old + size);
		history_note_exact(history, &octet, 1);
	}
	KUNIT_ASSERT_EQ(test, history->base, START);
	KUNIT_ASSERT_EQ(test, history->count, size);
}

static void expect_found(struct kunit *test, const struct history *history,
			 unsigned int from, u8 octet)
{
	struct history_cursor cursor;
	u8 forwarded;

	KUNIT_ASSERT_LE(test, history_seek(history, &cursor, START + from),
			HISTORY_STEPS_MAX);
	KUNIT_ASSERT_TRUE_MSG(test,
			      passes(history_compare(history, &cursor, octet,
						     &forwarded)),
			      "%u of %u", from, history->count);
}

/* However much is under way: it may be one octet that is sent again. */
static void a_place_is_found_in_few_steps(struct kunit *test)
{
	static const unsigned int sizes[] = {
		1, 2, HISTORY_STRIDE - 1, HISTORY_STRIDE, HISTORY_STRIDE + 1,
		HISTORY_UNMARKED - 1, HISTORY_UNMARKED, HISTORY_UNMARKED + 1,
		HISTORY_UNMARKED + HISTORY_STRIDE, 1000, U16_MAX,
	};
	struct history history;
	unsigned int i, at;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fill_ring(test, &history, sizes[i]);
		for (at = 0; at < sizes[i]; at++)
			expect_found(test, &history, at, wide(at));
	}
}

/* An acknowledgment goes to its place the same way. */
static void a_place_is_found_behind_what_is_acknowledged(struct kunit *test)
{
	enum { SIZE = HISTORY_UNMARKED + 10 * HISTORY_STRIDE + 7,
	       LINE = 7, LINES = SIZE / 3 };
	u16 *more = kunit_kmalloc(test, HISTORY_WORDS(2 * SIZE) * sizeof(*more),
				  GFP_KERNEL);
	struct history history;
	unsigned int at, to;

	KUNIT_ASSERT_NOT_NULL(test, more);
	fill_ring(test, &history, SIZE);
	for (at = 0; at < SIZE; at += 5) {
		history_acknowledge(&history, START + at, START + SIZE);
		for (to = at; to < SIZE; to += 11)
			expect_found(test, &history, to, wide(to));
	}
	/* lines of more octets than entries, acknowledged octet by octet */
	history_acknowledge(&history, START + SIZE, START + SIZE);
	history_start(&history, START);
	for (at = 0; at < LINES; at++)
		note_body(&history, "abcde\r\n", LINE);
	for (at = 0; at < LINES * LINE; at++) {
		history_acknowledge(&history, START + at, START + LINES * LINE);
		if (at == LINES * LINE / 2)
			history_resize(&history, more, 2 * SIZE);
		KUNIT_ASSERT_EQ(test, history.base, START + at);
		for (to = at; to < LINES * LINE; to += 257)
			expect_found(test, &history, to,
				     "abcde\r\n"[to % LINE]);
	}
}

static void rings_fit_into_their_memory(struct kunit *test)
{
	unsigned int words;

	for (words = 0; words < 2 * HISTORY_UNMARKED; words++) {
		KUNIT_ASSERT_LE(test, HISTORY_WORDS(history_fit(words)), words);
		KUNIT_ASSERT_GT(test, HISTORY_WORDS(history_fit(words) + 1),
				words);
	}
}

static struct kunit_case history_cases[] = {
	KUNIT_CASE(a_command_must_be_repeated_to_the_letter),
	KUNIT_CASE(two_octets_of_a_command_are_an_entry),
	KUNIT_CASE(what_was_masked_is_masked_again),
	KUNIT_CASE(a_dot_that_begins_a_piece_counts),
	KUNIT_CASE(no_break_comes_before_a_dot_that_begins_a_piece),
	KUNIT_CASE(the_end_of_a_message_may_not_change),
	KUNIT_CASE(acknowledged_octets_are_forgotten),
	KUNIT_CASE(a_full_ring_knows_what_it_does_not_know),
	KUNIT_CASE(other_memory_changes_nothing),
	KUNIT_CASE(no_mix_of_repeats_ends_elsewhere),
	KUNIT_CASE(what_has_no_dots_takes_few_entries),
	KUNIT_CASE(far_dots_are_found),
	KUNIT_CASE(octets_of_a_chunk_may_change),
	KUNIT_CASE(a_place_is_found_in_few_steps),
	KUNIT_CASE(a_place_is_found_behind_what_is_acknowledged),
	KUNIT_CASE(rings_fit_into_their_memory),
	{}
};

static struct kunit_suite history_suite = {
	.name = "smtpguard_history",
	.init = history_test_init,
	.test_cases = history_cases,
};

kunit_test_suite(history_suite);
