// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a message's header (RFC 5322 section 2.1).
 */
#include <kunit/test.h>

#include "core/header.h"
#include "text.h"

/**
 * struct header_case - octets of a message
 * @name: a sentence
 * @text: the octets
 * @length: those of the header with the empty line; 0 where it goes on
 */
struct header_case {
	const char *name;
	struct text text;
	size_t length;
};

static const struct header_case header_table[] = {
	{ "a header", TEXT("A: b\r\nC: d\r\n\r\ntext"), 14 },
	{ "no header", TEXT("\r\ntext"), 2 },
	{ "no header, of a client that knows only LF", TEXT("\ntext"), 1 },
	{ "of a client that knows only LF", TEXT("A: b\nC: d\n\ntext"), 11 },
	{ "LFLF behind a CRLF", TEXT("A: b\r\nC: d\n\ntext"), 0 },
	{ "LFLF behind a CR", TEXT("A:\rb\n\ntext"), 0 },
	{ "LF CRLF", TEXT("A: b\n\r\ntext"), 0 },
	{ "CRLF LF", TEXT("A: b\r\n\ntext"), 0 },
	{ "CRCR", TEXT("A: b\r\r"), 0 },
	{ "CRLF CR CRLF", TEXT("A: b\r\n\r\r\n"), 0 },
	{ "CR CRLF CRLF", TEXT("A: b\r\r\n\r\n"), 9 },
	{ "CR LF at the begin, and more between", TEXT("\rx\n\r\n\r\n"), 7 },
	{ "a line of a blank", TEXT("A: b\r\n \r\n"), 0 },
	{ "one line end", TEXT("A: b\r\n"), 0 },
};

static void header_name(const struct header_case *header_case, char *name)
{
	strscpy(name, header_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(header, header_table, header_name);

/* In as many calls as it takes. */
static void read_all(u8 *state, const u8 *octets, size_t length)
{
	size_t at = 0;

	while (at < length && header_is_open(*state))
		at += header_read(state, octets + at, length - at);
}

static void an_empty_line_ends_it(struct kunit *test)
{
	const struct header_case *header_case = test->param_value;
	const struct text *text = &header_case->text;
	size_t cut;

	for (cut = 0; cut <= text->length; cut++) {
		u8 state = HEADER_BEGIN;

		read_all(&state, text->octets, cut);
		KUNIT_EXPECT_EQ_MSG(test, header_is_open(state),
				    !header_case->length ||
				    cut < header_case->length, "cut %zu", cut);
		read_all(&state, text->octets + cut, text->length - cut);
		KUNIT_EXPECT_EQ_MSG(test, header_is_open(state),
				    !header_case->length, "cut %zu", cut);
	}
}

static void what_has_ended_goes_on_no_more(struct kunit *test)
{
	u8 state = HEADER_OVER;

	KUNIT_EXPECT_EQ(test, header_octet(HEADER_END, 'x'), HEADER_END);
	KUNIT_EXPECT_EQ(test, header_read(&state, "\r\n\r\n", 4), 0);
	KUNIT_EXPECT_EQ(test, state, HEADER_OVER);
}

/* Each octet before the first CR counts, for one more of them would, too. */
static void it_is_read_up_to_the_first_cr(struct kunit *test)
{
	u8 state = HEADER_BEGIN;

	KUNIT_EXPECT_EQ(test, header_read(&state, "A: b\nC: d\r\n\r\n", 14), 10);
	KUNIT_EXPECT_TRUE(test, header_has_cr(state));
	KUNIT_EXPECT_EQ(test, header_read(&state, "\nE: f\r\n\r\ntext", 14), 9);
	KUNIT_EXPECT_EQ(test, state, HEADER_END);
}

static struct kunit_case header_cases[] = {
	KUNIT_CASE_PARAM(an_empty_line_ends_it, header_gen_params),
	KUNIT_CASE(what_has_ended_goes_on_no_more),
	KUNIT_CASE(it_is_read_up_to_the_first_cr),
	{}
};

static struct kunit_suite header_suite = {
	.name = "smtpguard_header",
	.test_cases = header_cases,
};

kunit_test_suite(header_suite);
