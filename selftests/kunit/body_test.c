// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data, whole and in all cuts.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "core/body.h"
#include "core/character.h"
#include "cuts.h"
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

/* A message may have more dots than one scan takes. */
static size_t scan_all(struct body *body, const u8 *data, size_t length,
		       u32 *quoting, enum body_mark *mark)
{
	struct dots dots;
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	while (at < length && !*mark) {
		at += body_scan(body, data + at, length - at, &dots, mark);
		*quoting += dots.quoting;
	}
	return at;
}

/* Feeds the pieces between the cuts that @cuts has a bit for. */
static size_t scan_in_pieces(const struct body_case *body_case, u64 cuts,
			     enum body_mark *mark, u8 *segments)
{
	struct dots dots;
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
		at += body_scan(&body, piece, end - at, &dots, mark);
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
		struct dots dots;

		body_segment(&body);
		body_scan(&body, pieces[i].octets, pieces[i].length, &dots,
			  &mark);
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
		u32 quoting[2] = {};
		size_t whole_at, at = 0;
		struct dots dots;
		size_t i;

		for (i = 0; i < length; i++)
			text[i] = prandom_u32_state(&rnd) % others ? 'x' :
				octets[prandom_u32_state(&rnd) %
				       (sizeof(octets) - 1)];
		body_begin(&whole);
		body_begin(&pieces);
		whole_at = scan_all(&whole, text, length, &quoting[0],
				    &whole_mark);
		while (at < length && !pieces_mark) {
			at += body_scan(&pieces, text + at, 1, &dots,
					&pieces_mark);
			quoting[1] += dots.quoting;
		}
		KUNIT_ASSERT_EQ(test, whole_at, at);
		KUNIT_ASSERT_EQ(test, whole_mark, pieces_mark);
		KUNIT_ASSERT_EQ(test, quoting[0], quoting[1]);
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
	struct body behind;
	struct body_map map;
	enum body_mark mark;
	struct dots dots;
	u32 quoting = 0;
	size_t at;

	KUNIT_ASSERT_EQ(test, scan_all(&body, text, cut, &quoting, &mark), cut);
	KUNIT_ASSERT_EQ(test, quoting, before);
	behind = body;
	scan_all(&behind, text + cut, length - cut, &quoting, &mark);
	KUNIT_ASSERT_EQ(test, quoting, all);
	body_map_begin(&map);
	for (at = cut; at < length;) {
		size_t piece = at < length - 1 ? (length - at) / 2 : 1;

		at += body_map_feed(&map, text + at, piece, &dots);
	}
	KUNIT_ASSERT_TRUE(test, body_apply(&body, &map, &quoting));
	KUNIT_ASSERT_EQ(test, before + quoting, all);
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

/* Text of pieces in any order, with NULs here and there. Returns its length. */
static size_t make_pieces(struct rnd_state *rnd, u8 *text, size_t most)
{
	static const char *const pieces[] = {
		"x", "..", "\r\n..", "\n.x", "\r", "\xae\x8a",
		"eight of", "a longer piece without any of them, of 48 octets",
	};
	size_t length = 0;

	for (;;) {
		const char *piece = pieces[prandom_u32_state(rnd) %
					   ARRAY_SIZE(pieces)];

		if (length + strlen(piece) > most)
			return length;
		memcpy(text + length, piece, strlen(piece));
		length += strlen(piece);
		if (prandom_u32_state(rnd) % 4 == 0)
			text[length - 1] = '\0';
	}
}

/* What a repeat is held against depends on it. */
static void every_dot_is_told(struct kunit *test)
{
	u8 *text = kunit_kmalloc(test, 4096, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int round;

	KUNIT_ASSERT_NOT_NULL(test, text);
	prandom_seed_state(&rnd, 2008);
	for (round = 0; round < 400; round++) {
		size_t length = make_pieces(&rnd, text, 100 + round * 8);
		struct body body;
		size_t at = 0;

		body_begin(&body);
		while (at < length) {
			unsigned int next = 0;
			enum body_mark mark;
			struct dots dots;
			size_t end, i;

			end = at + body_scan(&body, text + at, length - at,
					     &dots, &mark);
			for (i = at; i < end; i++) {
				if (text[i] != '.')
					continue;
				KUNIT_ASSERT_LT(test, next, dots.count);
				KUNIT_ASSERT_EQ(test, dots_place(&dots, next),
						i - at);
				/* one with none may be taken for one with one */
				KUNIT_ASSERT_TRUE(test,
						  dots.at[next++] &
							DOTS_BEHIND_BREAK ||
						  (i > at &&
						   !is_break(text[i - 1])));
			}
			KUNIT_ASSERT_EQ(test, next, dots.count);
			at = end;
		}
	}
}

/* Of octets that pass ahead it is not known what state of the header they meet. */
static void a_map_goes_through_the_header(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int round;

	prandom_seed_state(&rnd, 5322);
	for (round = 0; round < 2000; round++) {
		size_t length = 1 + prandom_u32_state(&rnd) % 12;
		struct body_map map;
		struct dots dots;
		size_t i, at = 0;
		u8 text[12];
		u8 from;

		for (i = 0; i < length; i++)
			text[i] = "\r\nxy"[prandom_u32_state(&rnd) % 4];
		body_map_begin(&map);
		while (at < length)
			at += body_map_feed(&map, text + at, length - at,
					    &dots);
		for (from = 0; from < HEADER_OPEN_STATES; from++) {
			u8 state = from;

			for (i = 0; i < length; i++)
				state = header_octet(state, text[i]);
			KUNIT_ASSERT_EQ(test, map.header[from], state);
		}
	}
}

static void long_lines_are_counted(struct kunit *test)
{
	static u8 line[1001];
	struct body body;

	body_begin(&body);
	memset(line, 'x', sizeof(line));
	memcpy(line + 998, "\r\n", 2);
	KUNIT_EXPECT_EQ(test, body_read_lines(&body, line, 1000, 1000), 0);
	line[998] = 'x';
	memcpy(line + 999, "\r\n", 2);
	KUNIT_EXPECT_EQ(test, body_read_lines(&body, line, 500, 1000), 0);
	KUNIT_EXPECT_EQ(test,
			body_read_lines(&body, line + 500, 501, 1000), 1);
	KUNIT_EXPECT_EQ(test, body.line, 0);
}

/* RFC 5321 section 4.5.3.1.6: 10 octets with CRLF may be, dots among them. */
static void long_lines_are_counted_at_every_cut(struct kunit *test)
{
	static const u8 lines[] = "12345678\r\n"
				    "123456789\r\n"
				    "\r\n"
				    "..345678\r\n"
				    "..3456789\r\n";
	const size_t length = sizeof(lines) - 1;
	unsigned int way;

	for (way = 0; way < cuts_ways(length); way++) {
		unsigned int long_lines = 0;
		struct body body;
		struct cuts cuts;
		size_t at, end;

		body_begin(&body);
		cuts_begin(&cuts, way, length);
		for (at = 0; at < length; at = end) {
			end = cuts_end(&cuts, at);
			long_lines += body_read_lines(&body, lines + at,
						      end - at, 10);
		}
		KUNIT_ASSERT_EQ_MSG(test, long_lines, 2, "way %u", way);
	}
}

static struct kunit_case body_cases[] = {
	KUNIT_CASE_PARAM(every_cut_finds_the_same, body_gen_params),
	KUNIT_CASE(segments_of_an_end_of_data_are_counted),
	KUNIT_CASE(segments_before_an_ambiguous_end_are_not_counted),
	KUNIT_CASE(long_messages_are_scanned_like_short_pieces),
	KUNIT_CASE(dots_that_begin_lines_are_counted),
	KUNIT_CASE(every_dot_is_told),
	KUNIT_CASE(long_lines_are_counted),
	KUNIT_CASE(long_lines_are_counted_at_every_cut),
	KUNIT_CASE(a_map_goes_through_the_header),
	{}
};

static struct kunit_suite body_suite = {
	.name = "smtpguard_body",
	.test_cases = body_cases,
};

kunit_test_suite(body_suite);
