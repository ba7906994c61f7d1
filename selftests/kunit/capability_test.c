// SPDX-License-Identifier: GPL-2.0
/*
 * The capabilities, and which of them a refused verb takes along.
 */
#include <kunit/test.h>
#include <linux/ctype.h>

#include "core/capability.h"
#include "core/verb.h"

static u64 capability_bit(struct kunit *test, const char *name)
{
	u8 row = word_find(&capability_table, name, strlen(name));

	KUNIT_ASSERT_NE_MSG(test, row, WORD_NONE, "%s", name);
	return 1ULL << row;
}

static u64 capability_all(void)
{
	return (1ULL << capability_table.count) - 1;
}

/**
 * struct announcement - a capability and the verb that it announces
 * @capability: its name
 * @verb: the verb
 */
struct announcement {
	const char *capability;
	u8 verb;
};

static const struct announcement announcement_table[] = {
	{ "ATRN",	VERB_ATRN },
	{ "AUTH",	VERB_AUTH },
	{ "BINARYMIME",	VERB_BDAT },
	{ "BURL",	VERB_BURL },
	{ "CHUNKING",	VERB_BDAT },
	{ "ETRN",	VERB_ETRN },
	{ "EXPN",	VERB_EXPN },
	{ "HELP",	VERB_HELP },
	{ "SAML",	VERB_SAML },
	{ "SEND",	VERB_SEND },
	{ "SOML",	VERB_SOML },
	{ "STARTTLS",	VERB_STARTTLS },
	{ "TURN",	VERB_TURN },
	{ "VRFY",	VERB_VRFY },
	{ "X-ANONYMOUSTLS", VERB_X_ANONYMOUSTLS },
	{ "X-EXPS",	VERB_X_EXPS },
	{ "XCLIENT",	VERB_XCLIENT },
	{ "XEXCH50",	VERB_XEXCH50 },
	{ "XFORWARD",	VERB_XFORWARD },
};

static void announcement_name(const struct announcement *announcement,
			      char *name)
{
	strscpy(name, announcement->capability, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(announcement, announcement_table, announcement_name);

static void a_refused_verb_is_not_announced(struct kunit *test)
{
	const struct announcement *announcement = test->param_value;
	u64 bit = capability_bit(test, announcement->capability);
	u64 verb = VERB_BIT(announcement->verb);

	KUNIT_EXPECT_EQ(test, capability_set_for_verbs(bit, verb), bit);
	KUNIT_EXPECT_EQ(test, capability_set_for_verbs(bit, ~verb), 0);
	/* nor is one that the server may not announce at all */
	KUNIT_EXPECT_EQ(test, capability_set_for_verbs(0, verb), 0);
}

static void capabilities_that_announce_no_verb_stay(struct kunit *test)
{
	u64 left = capability_set_for_verbs(capability_all(), 0);
	u64 expected = capability_all();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(announcement_table); i++)
		expected &= ~capability_bit(test,
					    announcement_table[i].capability);
	KUNIT_EXPECT_EQ(test, left, expected);
	KUNIT_EXPECT_TRUE(test, left & capability_bit(test, "PIPELINING"));
	KUNIT_EXPECT_TRUE(test, left & capability_bit(test, "8BITMIME"));
}

static void every_capability_is_found_in_any_case(struct kunit *test)
{
	u8 row;

	for (row = 0; row < capability_table.count; row++) {
		const char *name = capability_table.rows[row].name;
		char lower[32];
		size_t i;

		for (i = 0; name[i]; i++)
			lower[i] = tolower(name[i]);
		KUNIT_EXPECT_EQ(test, word_find(&capability_table, name, i),
				row);
		KUNIT_EXPECT_EQ(test, word_find(&capability_table, lower, i),
				row);
	}
}

/* A hidden one that is a prefix of a shown one would pass whole. */
static void no_capability_is_a_prefix_of_another(struct kunit *test)
{
	u8 row;

	for (row = 1; row < capability_table.count; row++) {
		const char *shorter = capability_table.rows[row - 1].name;
		const char *longer = capability_table.rows[row].name;

		KUNIT_EXPECT_NE_MSG(test,
				    strncmp(shorter, longer, strlen(shorter)),
				    0, "%s", shorter);
	}
}

/* What passes before the filler is a prefix of some capability. */
static void the_filler_completes_no_capability(struct kunit *test)
{
	u8 row;

	for (row = 0; row < capability_table.count; row++) {
		const char *name = capability_table.rows[row].name;

		KUNIT_EXPECT_NE_MSG(test, name[strlen(name) - 1], 'X', "%s",
				    name);
	}
}

static struct kunit_case capability_cases[] = {
	KUNIT_CASE_PARAM(a_refused_verb_is_not_announced,
			 announcement_gen_params),
	KUNIT_CASE(capabilities_that_announce_no_verb_stay),
	KUNIT_CASE(every_capability_is_found_in_any_case),
	KUNIT_CASE(no_capability_is_a_prefix_of_another),
	KUNIT_CASE(the_filler_completes_no_capability),
	{}
};

static struct kunit_suite capability_suite = {
	.name = "smtpguard_capability",
	.test_cases = capability_cases,
};

kunit_test_suite(capability_suite);
