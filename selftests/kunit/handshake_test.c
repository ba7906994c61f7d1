// SPDX-License-Identifier: GPL-2.0
/*
 * The begin of a TLS handshake behind STARTTLS (RFC 3207 section 4): the
 * header of the record and the type of its message (RFC 8446 sections 4 and
 * 5.1).
 */
#include "core/handshake.h"
#include "walk.h"

static const struct walk_case handshake_table[] = {
	{ "a ClientHello as TLS 1.0 sends it",
	  TEXT("\x16\x03\x01\x02\x00\x01\x00"), 6, PARSE_DONE, 512 },
	{ "SSL 3",
	  TEXT("\x16\x03\x00\x00\x40\x01"), 6, PARSE_DONE, 64 },
	{ "the highest version",
	  TEXT("\x16\x03\x04\x00\x40\x01"), 6, PARSE_DONE, 64 },
	{ "a version beyond it",
	  TEXT("\x16\x03\x05\x00\x40\x01"), 3, PARSE_WRONG },
	{ "another major version",
	  TEXT("\x16\x02\x00\x00\x40\x01"), 2, PARSE_WRONG },
	{ "the least length",
	  TEXT("\x16\x03\x01\x00\x04\x01"), 6, PARSE_DONE, 4 },
	{ "a length below it",
	  TEXT("\x16\x03\x01\x00\x03\x01"), 5, PARSE_WRONG },
	{ "no length",
	  TEXT("\x16\x03\x01\x00\x00\x01"), 5, PARSE_WRONG },
	{ "the greatest length",
	  TEXT("\x16\x03\x01\x40\x00\x01"), 6, PARSE_DONE, 16384 },
	{ "a length beyond it",
	  TEXT("\x16\x03\x01\x40\x01\x01"), 5, PARSE_WRONG },
	{ "a length far beyond it",
	  TEXT("\x16\x03\x01\x41\x00\x01"), 4, PARSE_WRONG },
	{ "a ServerHello",
	  TEXT("\x16\x03\x01\x02\x00\x02"), 6, PARSE_WRONG },
	{ "an alert",
	  TEXT("\x15\x03\x01\x00\x02\x02\x28"), 1, PARSE_WRONG },
	{ "application data",
	  TEXT("\x17\x03\x03\x00\x40\x01"), 1, PARSE_WRONG },
	{ "the hello of SSL 2",
	  TEXT("\x80\x2e\x01\x03\x01"), 1, PARSE_WRONG },
	{ "a command",
	  TEXT("EHLO c\r\n"), 1, PARSE_WRONG },
	{ "a line end",
	  TEXT("\r\n"), 1, PARSE_WRONG },
	{ "a command that begins like a handshake",
	  TEXT("\x16VRFY\r\n"), 2, PARSE_WRONG },
	{ "five octets are not all",
	  TEXT("\x16\x03\x01\x02\x00"), 5, PARSE_MORE },
};

KUNIT_ARRAY_PARAM(handshake, handshake_table, walk_name);

static const struct walk handshake_walk = { .octet = handshake_octet };

static void every_cut_reads_the_same(struct kunit *test)
{
	walk_check(test, handshake_walk);
}

/* Octets from @from to @to may follow @octets, and nothing else may. */
static void expect_next(struct kunit *test, const struct text *octets,
			unsigned int from, unsigned int to)
{
	struct walk walk = handshake_walk;
	char allowed[U8_MAX + 1];
	unsigned int count = 0;

	while (from <= to)
		allowed[count++] = from++;
	walk_on(&walk, octets->octets, octets->length);
	KUNIT_ASSERT_EQ(test, walk.parse, PARSE_MORE);
	walk_allows(test, &walk, allowed, count);
}

static void no_other_octet_is_taken(struct kunit *test)
{
	static const struct text octets[] = {
		TEXT(""),
		TEXT("\x16"),
		TEXT("\x16\x03"),
		TEXT("\x16\x03\x01"),
		TEXT("\x16\x03\x01\x00"),
		TEXT("\x16\x03\x01\x3f"),
		TEXT("\x16\x03\x01\x40"),
		TEXT("\x16\x03\x01\x02\x00"),
	};

	expect_next(test, &octets[0], 0x16, 0x16);
	expect_next(test, &octets[1], 0x03, 0x03);
	expect_next(test, &octets[2], 0x00, 0x04);
	expect_next(test, &octets[3], 0x00, 0x40);
	expect_next(test, &octets[4], 0x04, 0xff);
	expect_next(test, &octets[5], 0x00, 0xff);
	expect_next(test, &octets[6], 0x00, 0x00);
	expect_next(test, &octets[7], 0x01, 0x01);
}

static struct kunit_case handshake_cases[] = {
	KUNIT_CASE_PARAM(every_cut_reads_the_same, handshake_gen_params),
	KUNIT_CASE(no_other_octet_is_taken),
	{}
};

static struct kunit_suite handshake_suite = {
	.name = "smtpguard_handshake",
	.test_cases = handshake_cases,
};

kunit_test_suite(handshake_suite);
