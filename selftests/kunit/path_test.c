// SPDX-License-Identifier: GPL-2.0
/*
 * The paths of MAIL and RCPT (RFC 5321 section 4.1.2), octet by octet: their
 * length (section 4.5.3.1.3), special characters, source routes (appendix C),
 * the percent hack (RFC 1123 section 5.2.16) and the domains of recipients.
 */
#include <kunit/test.h>

#include "core/path.h"
#include "policies.h"
#include "text.h"

static void plain_characters(struct policy *policy)
{
	policy->special_characters = CHECK_REFUSE;
}

static void no_source_routes(struct policy *policy)
{
	policy->source_routes = CHECK_REFUSE;
}

static void no_percent_hack(struct policy *policy)
{
	policy->percent_hack = CHECK_REFUSE;
}

static void all_checks(struct policy *policy)
{
	plain_characters(policy);
	no_source_routes(policy);
	no_percent_hack(policy);
}

static void paths_of_8(struct policy *policy)
{
	policy->max_path = 8;
}

static const struct word own_domains[] = {
	{ "EXAMPLE.COM", 0 },
	{ "EXAMPLE.COM.AU", 0 },
};

static const struct word_table own_domain_table = {
	own_domains, ARRAY_SIZE(own_domains),
};

static void own_domains_only(struct policy *policy)
{
	policy->relay_domains = &own_domain_table;
}

/**
 * struct path_case - an argument, and where it is refused
 * @name: a sentence
 * @change: made to the default policy
 * @text: the argument
 * @passed: octets that pass before the one that is refused
 * @reason: enum reason; REASON_NONE where all pass
 */
struct path_case {
	const char *name;
	void (*change)(struct policy *policy);
	struct text text;
	size_t passed;
	enum reason reason;
};

#define PASSES(sentence, policy_change, argument) \
	{ sentence, policy_change, TEXT(argument), sizeof(argument) - 1 }
#define REFUSED(sentence, policy_change, before, argument, reason) \
	{ sentence, policy_change, TEXT(before argument), \
	  sizeof(before) - 1, reason }

static const struct path_case path_table[] = {
	/* whatever comes, where nothing is asked for */
	PASSES("by default nothing is refused",
	       NULL, "FROM:<@a:b%c!d|\"`e@f>"),

	/* length */
	PASSES("a path of max_path", paths_of_8, "TO:<ab@c.d>"),
	REFUSED("one octet more", paths_of_8, "TO:<abc@c.d", ">",
		REASON_PATH),
	REFUSED("two octets more", paths_of_8, "TO:<abcd@c.", "d>",
		REASON_PATH),
	PASSES("without brackets of max_path", paths_of_8, "TO:abcd@c.d"),
	REFUSED("without brackets of one octet more",
		paths_of_8, "TO:abcde@c.", "d", REASON_PATH),
	PASSES("blanks before it do not count",
	       paths_of_8, "TO: \t  <ab@c.d>"),
	PASSES("what is behind it does not count",
	       paths_of_8, "FROM:<ab@c.d> SIZE=1000 RET=HDRS"),
	PASSES("what is behind a path without brackets does not",
	       paths_of_8, "FROM:abcd@c.d SIZE=1000 RET=HDRS"),
	REFUSED("quoted octets count",
		paths_of_8, "TO:<\"a b c\"", "@d>", REASON_PATH),
	REFUSED("quoted octets that never end",
		paths_of_8, "TO:<\"a b > ", "c d e", REASON_PATH),
	REFUSED("a source route counts",
		paths_of_8, "TO:<@a,@b:c", "@d>", REASON_PATH),
	PASSES("brackets but no colon", paths_of_8, "TO<ab@c.d>"),
	REFUSED("brackets but no colon, one octet more",
		paths_of_8, "TO<abc@c.d", ">", REASON_PATH),
	PASSES("an argument without a path", paths_of_8, "nobody at all"),

	/* special characters */
	PASSES("an atom", plain_characters,
	       "TO:<A.z+0-9_=?^~/#$*'{}%@b.example>"),
	REFUSED("a pipe", plain_characters, "TO:<", "|sh@b>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("a backquote in the middle", plain_characters, "TO:<a", "`b>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("one in the domain", plain_characters, "TO:<a@b", ";c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("one in a source route", plain_characters, "TO:<@a", "&,@b:c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("a comment", plain_characters, "TO:<a", "(b)@c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("a quote that does not begin the local part",
		plain_characters, "TO:<a", "\"b\"@c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("a second quoted string",
		plain_characters, "TO:<\"a\"", "\"b\"@c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("one behind a quoted string",
		plain_characters, "TO:<\"a\"", "|@c>",
		REASON_SPECIAL_CHARACTER),
	REFUSED("one behind a quoted string that ends with a backslash",
		plain_characters, "TO:<\"a\\\\\"", "|@c>",
		REASON_SPECIAL_CHARACTER),
	PASSES("one behind a quoted quote",
	       plain_characters, "TO:<\"a\\\"|b\"@c>"),
	PASSES("one behind the path",
	       plain_characters, "TO:<a@b> ORCPT=rfc822;a|b"),
	PASSES("one behind a path without brackets",
	       plain_characters, "TO:a@b x|y"),
	PASSES("one before the path", plain_characters, "T|O:<a@b>"),

	/* source routes */
	REFUSED("a source route",
		no_source_routes, "TO:<", "@a,@b:c@d>", REASON_SOURCE_ROUTE),
	REFUSED("a source route without brackets",
		no_source_routes, "TO:", "@a:c@d", REASON_SOURCE_ROUTE),
	REFUSED("a source route behind blanks and brackets",
		no_source_routes, "TO: <<", "@a:c@d>", REASON_SOURCE_ROUTE),
	PASSES("an @ that begins no path",
	       no_source_routes, "TO:<a@b@c> @d:e"),
	PASSES("the null path", no_source_routes, "FROM:<> @a"),
	PASSES("a quoted @", no_source_routes, "TO:<\"@a:b\"@c>"),

	/* the percent hack */
	REFUSED("a percent sign in the local part",
		no_percent_hack, "TO:<a", "%b@c>", REASON_PERCENT_HACK),
	REFUSED("an exclamation mark in it",
		no_percent_hack, "TO:<a", "!b@c>", REASON_PERCENT_HACK),
	REFUSED("one that begins it",
		no_percent_hack, "TO:<", "%b@c>", REASON_PERCENT_HACK),
	REFUSED("one behind a source route",
		no_percent_hack, "TO:<@a:b", "%c@d>", REASON_PERCENT_HACK),
	REFUSED("one behind a quoted string",
		no_percent_hack, "TO:<\"a\"", "%b@c>", REASON_PERCENT_HACK),
	PASSES("a quoted one", no_percent_hack, "TO:<\"a%b!c\"@d>"),
	PASSES("one in the domain", no_percent_hack, "TO:<a@b%c!d>"),
	PASSES("one in a source route", no_percent_hack, "TO:<@a%b:c@d>"),
	PASSES("one behind the path", no_percent_hack, "TO:<a@b> c%d"),

	/* all of them */
	PASSES("a quoted string is never judged",
	       all_checks, "TO:<\"|`!;&()<>@%: \\\"\\\\\"@c>"),
	PASSES("a usual path", all_checks, "FROM:<a.b+c@d.example> SIZE=1"),

	/* domains */
	PASSES("an own domain", own_domains_only, "TO:<a@example.com>"),
	PASSES("an own domain in capitals",
	       own_domains_only, "TO:<a@EXAMPLE.Com>"),
	PASSES("one that begins as another",
	       own_domains_only, "TO:<a@example.com.au>"),
	PASSES("no domain", own_domains_only, "TO:<postmaster>"),
	PASSES("no domain, no brackets", own_domains_only, "TO:postmaster"),
	PASSES("an own domain without brackets",
	       own_domains_only, "TO:a@example.com"),
	PASSES("an own domain and parameters",
	       own_domains_only, "TO: a@example.com NOTIFY=NEVER"),
	PASSES("an own domain behind a source route",
	       own_domains_only, "TO:<@evil:a@example.com>"),
	PASSES("an own domain behind a quoted @",
	       own_domains_only, "TO:<\"a@evil\"@example.com>"),
	REFUSED("another domain",
		own_domains_only, "TO:<a@e", "vil>", REASON_RELAY),
	REFUSED("another top", own_domains_only, "TO:<a@example.", "org>",
		REASON_RELAY),
	REFUSED("a subdomain", own_domains_only, "TO:<a@", "b.example.com>",
		REASON_RELAY),
	REFUSED("an own domain that goes on",
		own_domains_only, "TO:<a@example.com", "pany>", REASON_RELAY),
	REFUSED("a dot behind an own domain",
		own_domains_only, "TO:<a@example.com.au", ".>", REASON_RELAY),
	REFUSED("an own domain that has not ended",
		own_domains_only, "TO:<a@example.co", ">", REASON_RELAY),
	REFUSED("one between two own domains",
		own_domains_only, "TO:<a@example.com.", ">", REASON_RELAY),
	REFUSED("one that the line's end ends",
		own_domains_only, "TO:a@example.co", "", REASON_RELAY),
	REFUSED("one that a blank ends",
		own_domains_only, "TO:a@example.co", " X", REASON_RELAY),
	REFUSED("an empty domain",
		own_domains_only, "TO:<a@", ">", REASON_RELAY),
	REFUSED("an own domain before the last @",
		own_domains_only, "TO:<a@example.com", "@evil>", REASON_RELAY),
	REFUSED("an address literal",
		own_domains_only, "TO:<a@", "[192.0.2.1]>", REASON_RELAY),
};

static void path_case_name(const struct path_case *path_case, char *name)
{
	strscpy(name, path_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(path, path_table, path_case_name);

/**
 * struct path_walk - all that is kept of an argument between two octets
 * @path: the walk
 * @domain: the walk through the domains
 */
struct path_walk {
	struct smtp_path path;
	struct word_cursor domain;
};

static const struct path_walk path_begin = {
	.path = { .part = PATH_PREFIX },
};

/* Returns how many octets passed. */
static size_t walk_on(struct path_walk *walk, const struct path_rules *rules,
		      const char *octets, size_t length, enum reason *reason)
{
	size_t at;

	for (at = 0; at < length; at++) {
		*reason = path_octet(&walk->path, &walk->domain, rules,
				     octets[at]);
		if (*reason)
			return at;
	}
	return at;
}

static void every_cut_refuses_the_same(struct kunit *test)
{
	const struct path_case *path_case = test->param_value;
	const struct text *text = &path_case->text;
	struct policy policy;
	struct path_rules rules = { .policy = &policy };
	size_t cut;

	policy_default(&policy);
	if (path_case->change)
		path_case->change(&policy);
	rules.domains = policy.relay_domains;
	for (cut = 0; cut < text->length; cut++) {
		struct path_walk first = path_begin;
		enum reason reason = REASON_NONE;
		size_t passed = walk_on(&first, &rules, text->octets, cut,
					&reason);
		struct path_walk second = first;

		if (!reason)
			passed += walk_on(&second, &rules, text->octets + cut,
					  text->length - cut, &reason);
		if (!reason)
			reason = path_end(&second.path, &second.domain, &rules);
		KUNIT_ASSERT_EQ_MSG(test, reason, path_case->reason,
				    "cut %zu", cut);
		KUNIT_ASSERT_EQ_MSG(test, passed, path_case->passed,
				    "cut %zu", cut);
	}
}

/* What @octet gets behind the first octet of a local part. */
static enum reason local_reason(const struct policy *policy, u8 octet)
{
	const struct path_rules rules = { .policy = policy };
	struct path_walk walk = path_begin;
	char text[] = { 'T', 'O', ':', '<', 'a', octet };
	enum reason reason = REASON_NONE;

	walk_on(&walk, &rules, text, sizeof(text), &reason);
	return reason;
}

static void no_other_character_is_special(struct kunit *test)
{
	struct policy policy;
	unsigned int octet;

	policy_default(&policy);
	plain_characters(&policy);
	for (octet = 1; octet <= U8_MAX; octet++) {
		bool special = strchr("|`!;&()<\"", octet);

		if (octet == '\r' || octet == '\n')
			continue;
		KUNIT_EXPECT_EQ_MSG(test, local_reason(&policy, octet), special ?
				    REASON_SPECIAL_CHARACTER : REASON_NONE,
				    "octet 0x%02x", octet);
	}
}

static void no_other_character_is_the_percent_hack(struct kunit *test)
{
	struct policy policy;
	unsigned int octet;

	policy_default(&policy);
	no_percent_hack(&policy);
	for (octet = 1; octet <= U8_MAX; octet++) {
		bool hack = octet == '%' || octet == '!';

		if (octet == '\r' || octet == '\n')
			continue;
		KUNIT_EXPECT_EQ_MSG(test, local_reason(&policy, octet), hack ?
				    REASON_PERCENT_HACK : REASON_NONE,
				    "octet 0x%02x", octet);
	}
}

/* The count of its octets must not come round to a short path again. */
static void a_path_may_be_longer_than_what_is_counted(struct kunit *test)
{
	struct policy policy;
	const struct path_rules rules = { .policy = &policy };
	struct path_walk walk = path_begin;
	enum reason reason = REASON_NONE;
	unsigned int octet;

	policy_default(&policy);
	/* the most that the parameter takes */
	policy.max_path = 2000;
	KUNIT_ASSERT_EQ(test, walk_on(&walk, &rules, "TO:<", 4, &reason), 4);
	for (octet = 2; octet < U16_MAX; octet++) {
		walk_on(&walk, &rules, "a", 1, &reason);
		KUNIT_ASSERT_EQ_MSG(test, reason, octet > 2000 ?
				    REASON_PATH : REASON_NONE,
				    "octet %u", octet);
	}
}

/* Another list, of one name, in memory of its own for KASAN to see. */
static const struct word_table *one_domain(struct kunit *test, const char *name)
{
	struct word_table *table = kunit_kzalloc(test, sizeof(*table),
						 GFP_KERNEL);
	struct word *row = kunit_kzalloc(test, sizeof(*row), GFP_KERNEL);
	char *copy = kunit_kzalloc(test, strlen(name) + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, name, strlen(name));
	row->name = copy;
	table->rows = row;
	table->count = 1;
	return table;
}

/* The owner writes relay_domains while the line comes. */
static void domains_may_change_in_the_middle_of_one(struct kunit *test)
{
	static const struct word before[] = {
		{ "A.EXAMPLE", 0 }, { "B.EXAMPLE", 0 },
	};
	static const struct word_table table = { before, ARRAY_SIZE(before) };
	static const char *const begins[] = { "TO:<x@b.exam", "TO:<x@a.exam" };
	static const char *const ends[] = { "p", ">" };
	struct policy policy;
	struct path_rules rules = { .policy = &policy };
	unsigned int i;

	policy_default(&policy);
	for (i = 0; i < ARRAY_SIZE(begins) * ARRAY_SIZE(ends); i++) {
		struct path_walk walk = path_begin;
		enum reason reason = REASON_NONE;

		rules.domains = &table;
		KUNIT_ASSERT_EQ(test, walk_on(&walk, &rules, begins[i / 2], 12,
					      &reason), 12);
		KUNIT_ASSERT_EQ(test, reason, REASON_NONE);
		rules.domains = one_domain(test, "A");
		walk_on(&walk, &rules, ends[i % 2], 1, &reason);
		KUNIT_EXPECT_EQ(test, reason, REASON_RELAY);
	}
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE_PARAM(every_cut_refuses_the_same, path_gen_params),
	KUNIT_CASE(no_other_character_is_special),
	KUNIT_CASE(no_other_character_is_the_percent_hack),
	KUNIT_CASE(a_path_may_be_longer_than_what_is_counted),
	KUNIT_CASE(domains_may_change_in_the_middle_of_one),
	{}
};

static struct kunit_suite path_suite = {
	.name = "smtpguard_path",
	.test_cases = path_cases,
};

kunit_test_suite(path_suite);
