// SPDX-License-Identifier: GPL-2.0
/*
 * Names and addresses in command lines, as the log tells them.
 */
#include <kunit/test.h>

#include "core/address.h"
#include "text.h"

/**
 * struct address_case - a text, and what is found in it
 * @name: a sentence
 * @text: the text
 * @found: what
 */
struct address_case {
	const char *name;
	struct text text;
	struct text found;
};

static const struct address_case path_table[] = {
	{ "an address", TEXT("MAIL FROM:<a@example>"), TEXT("a@example") },
	{ "with parameters", TEXT("MAIL FROM:<a@example> SIZE=1"),
	  TEXT("a@example") },
	{ "none", TEXT("MAIL FROM:<>"), TEXT("") },
	{ "none with parameters", TEXT("MAIL FROM:<> SIZE=1"), TEXT("") },
	{ "behind blanks", TEXT("RCPT TO: \t<a@example>"), TEXT("a@example") },
	{ "without brackets", TEXT("RCPT TO:a@example NOTIFY=NEVER"),
	  TEXT("a@example") },
	{ "a bracket in quotes", TEXT("RCPT TO:<\"a> b\"@example>"),
	  TEXT("\"a> b\"@example") },
	{ "a quote in quotes", TEXT("RCPT TO:<\"a\\\"> b\"@example>"),
	  TEXT("\"a\\\"> b\"@example") },
	{ "a quote that does not end", TEXT("RCPT TO:<\"a>"), TEXT("\"a>") },
	{ "a backslash at the end", TEXT("RCPT TO:<\"a\\"), TEXT("\"a\\") },
	{ "a route", TEXT("RCPT TO:<@a,@b:c@d>"), TEXT("@a,@b:c@d") },
	{ "cut short", TEXT("RCPT TO:<a@exam"), TEXT("a@exam") },
	{ "no argument", TEXT("RCPT"), TEXT("") },
	{ "nothing", TEXT(""), TEXT("") },
};

static const struct address_case domain_table[] = {
	{ "a domain", TEXT("a@Example"), TEXT("Example") },
	{ "behind another @", TEXT("\"a@b\"@example"), TEXT("example") },
	{ "the last of two", TEXT("a@b@c"), TEXT("c") },
	{ "none", TEXT("postmaster"), TEXT("") },
	{ "an @ in quotes alone", TEXT("\"a@b\""), TEXT("") },
	{ "of nothing", TEXT(""), TEXT("") },
};

static const struct address_case name_table[] = {
	{ "a name", TEXT("EHLO mail.example"), TEXT("mail.example") },
	{ "between blanks", TEXT("HELO \t mail.example  x"),
	  TEXT("mail.example") },
	{ "none", TEXT("HELO"), TEXT("") },
	{ "of nothing", TEXT(""), TEXT("") },
};

static void address_name(const struct address_case *address_case, char *name)
{
	strscpy(name, address_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(path, path_table, address_name);
KUNIT_ARRAY_PARAM(domain, domain_table, address_name);
KUNIT_ARRAY_PARAM(name, name_table, address_name);

static void expect_found(struct kunit *test,
			 struct stretch (*find)(const u8 *text, size_t length))
{
	const struct address_case *one = test->param_value;
	struct stretch found = find((const u8 *)one->text.octets,
				    one->text.length);

	KUNIT_ASSERT_EQ(test, found.length, one->found.length);
	KUNIT_ASSERT_LE(test, found.at + found.length, one->text.length);
	KUNIT_EXPECT_EQ(test, 0, memcmp(one->text.octets + found.at,
					one->found.octets, found.length));
}

static void a_path_is_found(struct kunit *test)
{
	expect_found(test, address_of_line);
}

static void a_domain_is_found(struct kunit *test)
{
	expect_found(test, address_domain);
}

static void a_name_is_found(struct kunit *test)
{
	expect_found(test, name_of_line);
}

static struct kunit_case address_cases[] = {
	KUNIT_CASE_PARAM(a_path_is_found, path_gen_params),
	KUNIT_CASE_PARAM(a_domain_is_found, domain_gen_params),
	KUNIT_CASE_PARAM(a_name_is_found, name_gen_params),
	{}
};

static struct kunit_suite address_suite = {
	.name		= "smtpguard_address",
	.test_cases	= address_cases,
};

kunit_test_suite(address_suite);
