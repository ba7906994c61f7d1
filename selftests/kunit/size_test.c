// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes in the parameters of MAIL and in the lines of a reply to EHLO
 * (RFC 1870 sections 3 and 4).
 */
#include <kunit/test.h>

#include "core/size.h"
#include "text.h"

/**
 * struct size_case - octets, and the size that is told in them
 * @name: a sentence
 * @text: the octets
 * @value: the size, 0 for none
 */
struct size_case {
	const char *name;
	struct text text;
	u64 value;
};

static const struct size_case parameter_table[] = {
	{ "a size", TEXT(" SIZE=1000\r\n"), 1000 },
	{ "in small letters", TEXT(" size=1000\r\n"), 1000 },
	{ "before other parameters", TEXT(" SIZE=1000 BODY=8BITMIME\r\n"),
	  1000 },
	{ "behind others", TEXT(" BODY=8BITMIME SMTPUTF8\tSIZE=1000\r\n"),
	  1000 },
	{ "with leading zeros", TEXT(" SIZE=0001000\r\n"), 1000 },
	{ "2^64 less 1", TEXT(" SIZE=18446744073709551615\r\n"), U64_MAX },
	{ "2^64", TEXT(" SIZE=18446744073709551616\r\n"), U64_MAX },
	{ "more digits than RFC 1870 allows",
	  TEXT(" SIZE=184467440737095516150\r\n"), U64_MAX },
	{ "the last of two", TEXT(" SIZE=1 SIZE=2\r\n"), 2 },
	{ "the last of two, which is none", TEXT(" SIZE=1 SIZE=x\r\n"), 0 },
	{ "no digit", TEXT(" SIZE=\r\n"), 0 },
	{ "no number", TEXT(" SIZE=-1\r\n"), 0 },
	{ "a letter behind it", TEXT(" SIZE=10k\r\n"), 0 },
	{ "without a value", TEXT(" SIZE 1\r\n"), 0 },
	{ "right behind the path", TEXT("SIZE=1\r\n"), 0 },
	{ "in another word", TEXT(" XSIZE=1 SIZES=1 SIZ=1\r\n"), 0 },
	{ "none", TEXT("\r\n"), 0 },
};

static const struct size_case keyword_table[] = {
	{ "a size", TEXT("SIZE 1000\r\n"), 1000 },
	{ "in small letters", TEXT("size 1000\r\n"), 1000 },
	{ "behind a tab", TEXT("SIZE\t1000\n"), 1000 },
	{ "a blank behind it", TEXT("SIZE 1000 2\r\n"), 1000 },
	{ "a CR in it", TEXT("SI\rZE 10\r00\r\n"), 1000 },
	{ "2^64", TEXT("SIZE 18446744073709551616\r\n"), U64_MAX },
	{ "no value", TEXT("SIZE\r\n"), 0 },
	{ "no digit", TEXT("SIZE \r\n"), 0 },
	{ "two blanks", TEXT("SIZE  1000\r\n"), 0 },
	{ "no number", TEXT("SIZE 10M\r\n"), 0 },
	{ "as in old forms of AUTH", TEXT("SIZE=1000\r\n"), 0 },
	{ "not in the first word", TEXT("AUTH SIZE 1000\r\n"), 0 },
	{ "in another word", TEXT("SIZES 1000\r\n"), 0 },
};

static void size_name(const struct size_case *size_case, char *name)
{
	strscpy(name, size_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(parameter, parameter_table, size_name);
KUNIT_ARRAY_PARAM(keyword, keyword_table, size_name);

static void a_declared_size_is_read(struct kunit *test)
{
	const struct size_case *size_case = test->param_value;
	struct size_walk walk = { };
	size_t i;

	for (i = 0; i < size_case->text.length; i++)
		size_parameter_octet(&walk, size_case->text.octets[i]);
	KUNIT_EXPECT_EQ(test, walk.value, size_case->value);
}

static void an_announced_size_is_read(struct kunit *test)
{
	const struct size_case *size_case = test->param_value;
	struct size_walk walk = { .part = SIZE_PART_BEGIN };
	size_t i;

	for (i = 0; i < size_case->text.length; i++)
		size_keyword_octet(&walk, size_case->text.octets[i]);
	KUNIT_EXPECT_EQ(test, walk.value, size_case->value);
}

static struct kunit_case size_cases[] = {
	KUNIT_CASE_PARAM(a_declared_size_is_read, parameter_gen_params),
	KUNIT_CASE_PARAM(an_announced_size_is_read, keyword_gen_params),
	{}
};

static struct kunit_suite size_suite = {
	.name		= "smtpguard_size",
	.test_cases	= size_cases,
};

kunit_test_suite(size_suite);
