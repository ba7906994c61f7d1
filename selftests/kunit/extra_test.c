// SPDX-License-Identifier: GPL-2.0
/*
 * Words that a policy adds to a table.
 */
#include <kunit/test.h>

#include "core/capability.h"
#include "core/extra.h"
#include "core/verb.h"

static bool fits(const char *name)
{
	return extra_fits(&verb_table, name, strlen(name));
}

static void a_word_of_letters_digits_and_hyphens_fits(struct kunit *test)
{
	static const char *const good[] = {
		"XLOOP", "xloop", "X-FOO", "AB", "A1", "-9", "VERB", "ONEX2",
		"EHL", "XOORG", "ABCDEFGHIJKLMNOPQRSTUVW0",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		KUNIT_EXPECT_TRUE_MSG(test, fits(good[i]), "%s", good[i]);
}

static void others_do_not(struct kunit *test)
{
	static const char *const bad[] = {
		"", "A", "A_B", "A.B", "A:", "\xc4\xd6", "A+", "+AB",
		"ABCDEFGHIJKLMNOPQRSTUVW01",
		/* what is left of a refused verb */
		"XX", "EXX", "ex", "DATAXX", "ONEX", "INDEX",
		/* of a refused one the octets would pass */
		"VRFY", "VRFY2", "starttlsnow", "AUTH-X1", "GETTY", "PROXY2",
		/* more follows than a line */
		"AUTHENTICATE", "AUTHINFO", "CHUNK", "COMPRESS", "EXDATA",
		"exdata", "SSL", "STLS", "TLS", "XAUTH", "XCOMPRESS", "XDATA",
		"XPROXY", "XPROXYFROM", "XPROXYTO", "XSTARTTLS", "XTLS",
		"XTURN",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, fits(bad[i]), "%s", bad[i]);
	KUNIT_EXPECT_TRUE(test, fits("DSN2"));
	KUNIT_EXPECT_FALSE(test, extra_fits(&capability_table, "DSN2", 4));
}

static struct extra *extra_new(struct kunit *test)
{
	struct extra *extra = kunit_kzalloc(test, sizeof(*extra), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, extra);
	extra_clear(extra);
	return extra;
}

static void words_are_in_order_and_none_is_there_twice(struct kunit *test)
{
	static const char *const words[] = { "XB", "xa", "XC", "XA", "xab" };
	static const char *const expected[] = { "XA", "XAB", "XB", "XC" };
	struct extra *extra = extra_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		KUNIT_EXPECT_TRUE(test, extra_add(extra, words[i],
						  strlen(words[i])));
	KUNIT_ASSERT_EQ(test, extra->table.count, ARRAY_SIZE(expected));
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		KUNIT_EXPECT_STREQ(test, extra->table.rows[i].name, expected[i]);
}

static void there_may_be_sixteen(struct kunit *test)
{
	struct extra *extra = extra_new(test);
	char name[] = "XA";
	unsigned int i;

	for (i = 0; i < EXTRA_WORDS_MAX; i++, name[1]++)
		KUNIT_EXPECT_TRUE(test, extra_add(extra, name, 2));
	KUNIT_EXPECT_FALSE(test, extra_add(extra, name, 2));
	/* one that is there already needs no room */
	KUNIT_EXPECT_TRUE(test, extra_add(extra, "XA", 2));
}

static void walk(const struct word_table *table, struct word_cursor *cursor,
		 const char *octets)
{
	u16 i;

	for (i = 0; octets[i]; i++)
		extra_step(table, cursor, i, octets[i]);
}

static void a_walk_tells_prefixes_from_words(struct kunit *test)
{
	struct extra *extra = extra_new(test);
	struct word_cursor cursor = { 0 };

	extra_add(extra, "XLOOP", 5);
	walk(&extra->table, &cursor, "xlo");
	KUNIT_EXPECT_TRUE(test, extra_prefixes(&extra->table, &cursor));
	KUNIT_EXPECT_FALSE(test, extra_matches(&extra->table, &cursor));
	extra_step(&extra->table, &cursor, 3, 'O');
	extra_step(&extra->table, &cursor, 4, 'P');
	KUNIT_EXPECT_TRUE(test, extra_matches(&extra->table, &cursor));
	extra_step(&extra->table, &cursor, 5, 'S');
	KUNIT_EXPECT_FALSE(test, extra_prefixes(&extra->table, &cursor));
	KUNIT_EXPECT_FALSE(test, extra_prefixes(NULL, &cursor));
	KUNIT_EXPECT_FALSE(test, extra_matches(NULL, &cursor));
}

/* The words were added when "DATA" had come: it is none of them with "XA". */
static void a_walk_that_began_without_words_ends(struct kunit *test)
{
	struct extra *extra = extra_new(test);
	struct word_cursor cursor = { 0 };

	extra_add(extra, "-FOO", 4);
	walk(NULL, &cursor, "DATA");
	extra_step(&extra->table, &cursor, 4, '-');
	KUNIT_EXPECT_FALSE(test, extra_prefixes(&extra->table, &cursor));
}

/* In the middle of a word there are fewer, and shorter ones. */
static void a_walk_outlives_its_words(struct kunit *test)
{
	struct extra *extra = extra_new(test);
	struct word_cursor cursor = { 0 };

	extra_add(extra, "XA", 2);
	extra_add(extra, "XB", 2);
	extra_add(extra, "XCDEFGHIJKLMNOPQRSTUVW01", EXTRA_LENGTH_MAX);
	walk(&extra->table, &cursor, "XCDEFGHIJKLMNOPQRSTUVW0");
	extra_clear(extra);
	extra_add(extra, "XA", 2);
	extra_step(&extra->table, &cursor, cursor.depth, '1');
	KUNIT_EXPECT_FALSE(test, extra_prefixes(&extra->table, &cursor));
}

static struct kunit_case extra_cases[] = {
	KUNIT_CASE(a_word_of_letters_digits_and_hyphens_fits),
	KUNIT_CASE(others_do_not),
	KUNIT_CASE(words_are_in_order_and_none_is_there_twice),
	KUNIT_CASE(there_may_be_sixteen),
	KUNIT_CASE(a_walk_tells_prefixes_from_words),
	KUNIT_CASE(a_walk_that_began_without_words_ends),
	KUNIT_CASE(a_walk_outlives_its_words),
	{}
};

static struct kunit_suite extra_suite = {
	.name = "smtpguard_extra",
	.test_cases = extra_cases,
};

kunit_test_suite(extra_suite);
