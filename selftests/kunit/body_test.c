// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data, whole and in all cuts.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "core/body.h"
#include "text.h"

/**
 * struct body_case - octets of a message and what must be found
 * @name: a sentence
 * @text: the octets
 * @mark: the first mark
 * @at: octets up to it, it included
 */
struct body_case {
	const char *name;
	struct text text;
	enum body_mark mark;
	size_t at;
};

static const struct body_case body_table[] = {
	{ "an empty message ends at once",
	  TEXT(".\r\nQUIT"), BODY_MARK_END, 3 },
	{ "CRLF.CRLF ends a message",
	  TEXT("Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n"), BODY_MARK_END, 24 },
	{ "a doubled dot does not",
	  TEXT("a\r\n..\r\n.x\r\nb."), BODY_MARK_NONE, 13 },
	{ "a dot inside a line does not",
	  TEXT("the end.\r\nof it .\r\n"), BODY_MARK_NONE, 19 },
	{ "a dot and a blank do not",
	  TEXT("a\r\n. \r\n"), BODY_MARK_NONE, 7 },
	{ "an extra CR before CRLF.CRLF changes nothing",
	  TEXT("a\r\r\n.\r\n"), BODY_MARK_END, 7 },
	{ "an empty line before the dot changes nothing",
	  TEXT("a\r\n\r\n.\r\n"), BODY_MARK_END, 8 },
	{ "LF . LF is ambiguous",
	  TEXT("a\n.\nb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "LF . CR is ambiguous",
	  TEXT("a\n.\rb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "LF . CRLF is ambiguous",
	  TEXT("a\n.\r\nb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "CR . CR is ambiguous",
	  TEXT("a\r.\rb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "CR . LF is ambiguous",
	  TEXT("a\r.\nb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "CR . CRLF is ambiguous",
	  TEXT("a\r.\r\nb"), BODY_MARK_AMBIGUOUS, 4 },
	{ "CRLF . LF is ambiguous",
	  TEXT("a\r\n.\nb"), BODY_MARK_AMBIGUOUS, 5 },
	{ "CRLF . CR is ambiguous",
	  TEXT("a\r\n.\rb"), BODY_MARK_AMBIGUOUS_CR, 6 },
	{ "CRLF . CR CRLF is ambiguous",
	  TEXT("a\r\n.\r\r\nb"), BODY_MARK_AMBIGUOUS_CR, 6 },
	{ "CRLF NUL . CRLF is ambiguous",
	  TEXT("a\r\n\0.\r\nb"), BODY_MARK_AMBIGUOUS, 6 },
	{ "CRLF . NUL CRLF is ambiguous",
	  TEXT("a\r\n.\0\r\nb"), BODY_MARK_AMBIGUOUS, 5 },
	{ "many NULs between are ambiguous too",
	  TEXT("a\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0.\nb"),
	  BODY_MARK_AMBIGUOUS, 24 },
	{ "NULs inside a line are not",
	  TEXT("a\0\0.\r\nb"), BODY_MARK_NONE, 7 },
};

static void body_case_name(const struct body_case *body_case, char *name)
{
	strscpy(name, body_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(body, body_table, body_case_name);

/* Feeds the pieces between the cuts that @cuts has a bit for. */
static size_t scan_in_pieces(const struct body_case *body_case, u64 cuts,
			     enum body_mark *mark, u8 *segments)
{
	struct body body;
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	body_begin(&body);
	while (at < body_case->text.length) {
		size_t end = at + 1;
		u8 *piece;

		while (end < body_case->text.length && !(cuts >> (end - 1) & 1))
			end++;
		/* of its own size, for KASAN to see a read beyond it */
		piece = kmemdup(body_case->text.octets + at, end - at,
				GFP_KERNEL);
		body_segment(&body);
		at += body_scan(&body, piece, end - at, mark);
		kfree(piece);
		if (*mark)
			break;
	}
	*segments = body_segments(&body);
	return at;
}

static void every_cut_finds_the_same(struct kunit *test)
{
	const struct body_case *body_case = test->param_value;
	u64 all = 1ULL << min_t(size_t, body_case->text.length - 1, 12);
	enum body_mark mark;
	u8 segments;
	u64 cuts;

	for (cuts = 0; cuts < all; cuts++) {
		/* the cuts that count are at the end of the octets */
		u64 shifted = body_case->text.length > 13 ?
			cuts << (body_case->text.length - 13) : cuts;

		KUNIT_ASSERT_EQ_MSG(test,
				    scan_in_pieces(body_case, shifted, &mark,
						   &segments),
				    body_case->at, "cuts %llx", shifted);
		KUNIT_ASSERT_EQ_MSG(test, mark, body_case->mark,
				    "cuts %llx", shifted);
	}
	scan_in_pieces(body_case, ~0ULL, &mark, &segments);
	KUNIT_EXPECT_EQ(test, mark, body_case->mark);
}

/* KB Q295725: lost when it came in two packets. */
static void segments_of_an_end_of_data_are_counted(struct kunit *test)
{
	static const struct body_case end = {
		.text = TEXT("a\r\n\r\n.\r\n"),
	};
	enum body_mark mark;
	u64 cuts;

	/* the CR of the empty line begins it, whatever came before */
	for (cuts = 0; cuts < 128; cuts++) {
		u8 expected = 1 + hweight8(cuts >> 3);
		u8 segments;

		scan_in_pieces(&end, cuts, &mark, &segments);
		KUNIT_EXPECT_EQ(test, mark, BODY_MARK_END);
		KUNIT_EXPECT_EQ_MSG(test, segments, expected, "cuts %llx",
				    cuts);
	}
}

static void segments_before_an_ambiguous_end_are_not_counted(struct kunit *test)
{
	static const struct text pieces[] = {
		TEXT("a\r\n.\r"), TEXT("\r"), TEXT("\n.\r\n"),
	};
	static const enum body_mark marks[] = {
		BODY_MARK_NONE, BODY_MARK_AMBIGUOUS_CR, BODY_MARK_END,
	};
	struct body body;
	size_t i;

	body_begin(&body);
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		enum body_mark mark;

		body_segment(&body);
		body_scan(&body, pieces[i].octets, pieces[i].length, &mark);
		KUNIT_ASSERT_EQ(test, mark, marks[i]);
	}
	KUNIT_EXPECT_EQ(test, body_segments(&body), 2);
}

/* The search for dots must find what an octet by octet scan finds. */
static void long_messages_are_scanned_like_short_pieces(struct kunit *test)
{
	static const char octets[] = "\r\n.\0abcdefgh\x8d\x8a\xae";
	struct rnd_state rnd;
	unsigned int round;
	u8 *text = kunit_kmalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	prandom_seed_state(&rnd, 295725);
	for (round = 0; round < 400; round++) {
		/* the more rounds, the fewer of the octets that count */
		u32 others = 1 + round / 4;
		enum body_mark whole_mark, pieces_mark = BODY_MARK_NONE;
		struct body whole, pieces;
		size_t length = prandom_u32_state(&rnd) % 4095 + 1;
		size_t whole_at, at = 0;
		size_t i;

		for (i = 0; i < length; i++)
			text[i] = prandom_u32_state(&rnd) % others ? 'x' :
				octets[prandom_u32_state(&rnd) %
				       (sizeof(octets) - 1)];
		body_begin(&whole);
		body_begin(&pieces);
		whole_at = body_scan(&whole, text, length, &whole_mark);
		while (at < length && !pieces_mark)
			at += body_scan(&pieces, text + at, 1, &pieces_mark);
		KUNIT_ASSERT_EQ(test, whole_at, at);
		KUNIT_ASSERT_EQ(test, whole_mark, pieces_mark);
		KUNIT_ASSERT_TRUE(test, whole.state == pieces.state);
	}
}

static u32 count_line_dots(const u8 *text, size_t length)
{
	u32 dots = 0;
	size_t i;

	for (i = 2; i < length; i++)
		dots += !memcmp(text + i - 2, "\r\n.", 3);
	return dots;
}

/* What follows a cut, with all before it or none known. */
static void dots_behind_a_cut(struct kunit *test, const u8 *text, size_t cut,
			      size_t length)
{
	u32 before = count_line_dots(text, cut);
	u32 all = count_line_dots(text, length);
	struct body body = { .state = BODY_TEXT };
	u32 dots = body_line_dots(body.state, text, cut);
	struct body_map map;
	enum body_mark mark;

	KUNIT_ASSERT_EQ(test, dots, before);
	KUNIT_ASSERT_EQ(test, body_scan(&body, text, cut, &mark), cut);
	dots = body_line_dots(body.state, text + cut, length - cut);
	KUNIT_ASSERT_EQ(test, before + dots, all);
	body_map_begin(&map);
	body_map_feed(&map, text + cut, (length - cut) / 2);
	body_map_feed(&map, text + cut + (length - cut) / 2,
		      length - cut - (length - cut) / 2);
	KUNIT_ASSERT_TRUE(test, body_apply(&body, &map, &dots));
	KUNIT_ASSERT_EQ(test, before + dots, all);
}

/* Lines of a message in which no dot is alone. */
static void dots_that_begin_lines_are_counted(struct kunit *test)
{
	static const char *const pieces[] = {
		"\r\n", "\r\n..", "\r..", "\n..", "\r\r\n..", "..", "x",
		"..\r\n", "a longer piece without any of them, of 48 octets",
	};
	u8 *text = kunit_kmalloc(test, 4096, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int round;

	KUNIT_ASSERT_NOT_NULL(test, text);
	prandom_seed_state(&rnd, 1870);
	for (round = 0; round < 2000; round++) {
		size_t wanted = 2 + prandom_u32_state(&rnd) % 400;
		size_t length = 0;

		while (length < wanted) {
			const char *piece = pieces[prandom_u32_state(&rnd) %
						   ARRAY_SIZE(pieces)];

			memcpy(text + length, piece, strlen(piece));
			length += strlen(piece);
		}
		dots_behind_a_cut(test, text,
				  1 + prandom_u32_state(&rnd) % (length - 1),
				  length);
	}
}

static struct kunit_case body_cases[] = {
	KUNIT_CASE_PARAM(every_cut_finds_the_same, body_gen_params),
	KUNIT_CASE(segments_of_an_end_of_data_are_counted),
	KUNIT_CASE(segments_before_an_ambiguous_end_are_not_counted),
	KUNIT_CASE(long_messages_are_scanned_like_short_pieces),
	KUNIT_CASE(dots_that_begin_lines_are_counted),
	{}
};

static struct kunit_suite body_suite = {
	.name = "smtpguard_body",
	.test_cases = body_cases,
};

kunit_test_suite(body_suite);
