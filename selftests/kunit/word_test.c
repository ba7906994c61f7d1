// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of words, and the walk over them.
 */
#include <kunit/test.h>
#include <linux/ctype.h>

#include "core/capability.h"
#include "core/verb.h"

static void table_is_sorted(struct kunit *test, const struct word_table *table)
{
	u8 row;

	for (row = 1; row < table->count; row++)
		KUNIT_EXPECT_LT_MSG(test,
				    strcmp(table->rows[row - 1].name,
					   table->rows[row].name), 0,
				    "%s", table->rows[row].name);
}

static void verbs_are_sorted(struct kunit *test)
{
	table_is_sorted(test, &verb_table);
}

static void capabilities_are_sorted(struct kunit *test)
{
	table_is_sorted(test, &capability_table);
}

/* A refused verb that is a prefix of an allowed one would pass whole. */
static void no_verb_is_a_prefix_of_another(struct kunit *test)
{
	u8 row;

	for (row = 1; row < verb_table.count; row++) {
		const char *shorter = verb_table.rows[row - 1].name;

		KUNIT_EXPECT_NE_MSG(test,
				    strncmp(shorter, verb_table.rows[row].name,
					    strlen(shorter)), 0,
				    "%s", shorter);
	}
}

static void every_verb_is_found_in_any_case(struct kunit *test)
{
	u8 row;

	for (row = 0; row < verb_table.count; row++) {
		const char *name = verb_table.rows[row].name;
		char lower[16];
		size_t i;

		for (i = 0; name[i]; i++)
			lower[i] = tolower(name[i]);
		KUNIT_EXPECT_EQ(test, word_find(&verb_table, name, i), row);
		KUNIT_EXPECT_EQ(test, word_find(&verb_table, lower, i), row);
		KUNIT_EXPECT_EQ(test, word_find(&verb_table, name, i - 1),
				WORD_NONE);
	}
}

static void a_walk_leaves_the_set_at_the_first_wrong_octet(struct kunit *test)
{
	u64 set = VERB_BIT(VERB_HELO) | VERB_BIT(VERB_MAIL);
	struct word_cursor cursor = { 0 };

	word_step(&verb_table, &cursor, 'h');
	KUNIT_EXPECT_TRUE(test, word_prefixes(&verb_table, set, &cursor));
	word_step(&verb_table, &cursor, 'E');
	word_step(&verb_table, &cursor, 'L');
	KUNIT_EXPECT_TRUE(test, word_prefixes(&verb_table, set, &cursor));
	word_step(&verb_table, &cursor, 'P');
	KUNIT_EXPECT_FALSE(test, word_prefixes(&verb_table, set, &cursor));
	KUNIT_EXPECT_EQ(test, word_match(&verb_table, &cursor), VERB_HELP);
	word_step(&verb_table, &cursor, 'S');
	KUNIT_EXPECT_EQ(test, word_match(&verb_table, &cursor), WORD_NONE);
}

static void a_nul_is_in_no_word(struct kunit *test)
{
	struct word_cursor cursor = { 0 };
	size_t i;

	for (i = 0; i < 4; i++)
		word_step(&verb_table, &cursor, "HELO"[i]);
	word_step(&verb_table, &cursor, '\0');
	KUNIT_EXPECT_EQ(test, cursor.row, WORD_NONE);
}

static struct kunit_case word_cases[] = {
	KUNIT_CASE(verbs_are_sorted),
	KUNIT_CASE(capabilities_are_sorted),
	KUNIT_CASE(no_verb_is_a_prefix_of_another),
	KUNIT_CASE(every_verb_is_found_in_any_case),
	KUNIT_CASE(a_walk_leaves_the_set_at_the_first_wrong_octet),
	KUNIT_CASE(a_nul_is_in_no_word),
	{}
};

static struct kunit_suite word_suite = {
	.name = "smtpguard_word",
	.test_cases = word_cases,
};

kunit_test_suite(word_suite);
