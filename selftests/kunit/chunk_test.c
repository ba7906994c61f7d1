// SPDX-License-Identifier: GPL-2.0
/*
 * The argument of BDAT (RFC 3030 section 2), octet by octet.
 */
#include "core/chunk.h"
#include "walk.h"

static const struct walk_case chunk_table[] = {
	{ "a size", TEXT("86\r\nx"), 4, PARSE_DONE, 86 },
	{ "a size and LAST", TEXT("86 LAST\r\nx"), 9, PARSE_DONE, 86 },
	{ "LAST in small letters", TEXT("86 last\r\n"), 9, PARSE_DONE, 86 },
	{ "LAST in letters of both sizes", TEXT("86 lAsT\r\n"), 9, PARSE_DONE,
	  86 },
	{ "a blank behind the size", TEXT("86 \r\n"), 5, PARSE_DONE, 86 },
	{ "zero", TEXT("0\r\n"), 3, PARSE_DONE, 0 },
	{ "zero and LAST", TEXT("0 LAST\r\n"), 8, PARSE_DONE, 0 },
	{ "one octet", TEXT("1\r\n"), 3, PARSE_DONE, 1 },
	{ "zeros behind another digit", TEXT("1000\r\n"), 6, PARSE_DONE, 1000 },
	{ "2^31 less 1, the greatest size", TEXT("2147483647\r\n"), 12,
	  PARSE_DONE, S32_MAX },
	{ "2^31", TEXT("2147483648\r\n"), 10, PARSE_WRONG },
	{ "2^32", TEXT("4294967296\r\n"), 10, PARSE_WRONG },
	{ "2^32 and 5, which would be 5 in 32 bits",
	  TEXT("4294967301\r\n"), 10, PARSE_WRONG },
	{ "2^64 and 5, which would be 5 in 64 bits",
	  TEXT("18446744073709551621\r\n"), 11, PARSE_WRONG },
	{ "ten times the greatest size", TEXT("21474836470\r\n"), 11,
	  PARSE_WRONG },
	{ "a leading zero", TEXT("05\r\n"), 2, PARSE_WRONG },
	{ "two zeros", TEXT("00\r\n"), 2, PARSE_WRONG },
	{ "no size", TEXT("\r\n"), 1, PARSE_WRONG },
	{ "LAST alone", TEXT("LAST\r\n"), 1, PARSE_WRONG },
	{ "a blank before the size", TEXT(" 86\r\n"), 1, PARSE_WRONG },
	{ "a minus", TEXT("-1\r\n"), 1, PARSE_WRONG },
	{ "a plus", TEXT("+1\r\n"), 1, PARSE_WRONG },
	{ "a hexadecimal size", TEXT("0x10\r\n"), 2, PARSE_WRONG },
	{ "a letter in the size", TEXT("8k\r\n"), 2, PARSE_WRONG },
	{ "a tab behind the size", TEXT("86\tLAST\r\n"), 3, PARSE_WRONG },
	{ "two blanks behind it", TEXT("86  LAST\r\n"), 4, PARSE_WRONG },
	{ "LAST right behind it", TEXT("86LAST\r\n"), 3, PARSE_WRONG },
	{ "another word", TEXT("86 LOST\r\n"), 5, PARSE_WRONG },
	{ "half of LAST", TEXT("86 LA\r\n"), 6, PARSE_WRONG },
	{ "more than LAST", TEXT("86 LASTS\r\n"), 8, PARSE_WRONG },
	{ "a blank behind LAST", TEXT("86 LAST \r\n"), 8, PARSE_WRONG },
	{ "a CR alone", TEXT("86\rx"), 4, PARSE_WRONG },
	{ "two CRs", TEXT("86\r\r\n"), 4, PARSE_WRONG },
	{ "a LF alone", TEXT("86\nx"), 3, PARSE_WRONG },
	{ "a LF alone behind LAST", TEXT("86 LAST\nx"), 8, PARSE_WRONG },
	{ "a NUL", TEXT("86\0\r\n"), 3, PARSE_WRONG },
	{ "digits of another script", TEXT("\xd9\xa8\r\n"), 1, PARSE_WRONG },
};

KUNIT_ARRAY_PARAM(chunk, chunk_table, walk_name);

static const struct walk chunk_walk = { .octet = chunk_octet };

static void every_cut_reads_the_same(struct kunit *test)
{
	walk_check(test, chunk_walk);
}

/* What may follow these octets, and nothing else may. */
static void expect_next(struct kunit *test, const char *octets,
			const char *allowed)
{
	struct walk walk = chunk_walk;

	walk_on(&walk, octets, strlen(octets));
	KUNIT_ASSERT_EQ_MSG(test, walk.parse, PARSE_MORE, "\"%s\"", octets);
	walk_allows(test, &walk, allowed, strlen(allowed));
}

static void no_other_octet_is_taken(struct kunit *test)
{
	expect_next(test, "", "0123456789");
	expect_next(test, "0", " \r");
	expect_next(test, "8", "0123456789 \r");
	expect_next(test, "8 ", "\rLl");
	expect_next(test, "8 L", "Aa");
	expect_next(test, "8 LA", "Ss");
	expect_next(test, "8 LAS", "Tt");
	expect_next(test, "8 LAST", "\r");
	expect_next(test, "8\r", "\n");
	expect_next(test, "8 \r", "\n");
	expect_next(test, "8 LAST\r", "\n");
	/* the tenths of the greatest size that may have any other digit */
	expect_next(test, "214748363", "0123456789 \r");
	expect_next(test, "214748364", "01234567 \r");
	expect_next(test, "214748365", " \r");
}

static void last_is_told_from_the_others(struct kunit *test)
{
	struct walk with = chunk_walk;
	struct walk without = chunk_walk;

	walk_on(&with, "0 LAST\r\n", 8);
	walk_on(&without, "0 \r\n", 4);
	KUNIT_EXPECT_EQ(test, with.at, CHUNK_LAST_OCTETS);
	KUNIT_EXPECT_EQ(test, without.at, CHUNK_OCTETS);
}

static struct kunit_case chunk_cases[] = {
	KUNIT_CASE_PARAM(every_cut_reads_the_same, chunk_gen_params),
	KUNIT_CASE(no_other_octet_is_taken),
	KUNIT_CASE(last_is_told_from_the_others),
	{}
};

static struct kunit_suite chunk_suite = {
	.name = "smtpguard_chunk",
	.test_cases = chunk_cases,
};

kunit_test_suite(chunk_suite);
