// SPDX-License-Identifier: GPL-2.0
/*
 * BODY=7BIT in the line of a MAIL (RFC 6152), and for how long it holds.
 */
#include <kunit/test.h>

#include "core/seven.h"
#include "text.h"

/**
 * struct seven_case - a line
 * @name: a sentence
 * @text: the line
 * @says: it may say BODY=7BIT
 */
struct seven_case {
	const char *name;
	struct text text;
	bool says;
};

static const struct seven_case seven_table[] = {
	{ "the parameter", TEXT("MAIL FROM:<a@b> BODY=7BIT\r\n"), true },
	{ "in small letters", TEXT("mail from:<a@b> body=7bit\n"), true },
	{ "before others", TEXT("MAIL FROM:<> BODY=7BIT SIZE=1\r\n"), true },
	{ "behind others", TEXT("MAIL FROM:<> SIZE=1\tBODY=7BIT\r\n"), true },
	{ "behind a path that does not end", TEXT("MAIL FROM:a BODY=7BIT\r\n"),
	  true },
	{ "right behind the path", TEXT("MAIL FROM:<a>BODY=7BIT\r\n"), true },
	{ "between control characters", TEXT("MAIL FROM:<>\001BODY=7BIT\v\r\n"),
	  true },
	{ "the first of two", TEXT("MAIL FROM:<> BODY=7BIT BODY=8BITMIME\r\n"),
	  true },
	{ "the second of two", TEXT("MAIL FROM:<> BODY=8BITMIME BODY=7BIT\r\n"),
	  true },
	{ "another value", TEXT("MAIL FROM:<a@b> BODY=8BITMIME\r\n"), false },
	{ "a part of a word", TEXT("MAIL FROM:<a> BODY=7BITS XBODY=7BIT\r\n"),
	  false },
	{ "half of it", TEXT("MAIL FROM:<a> BODY=7BI\r\n"), false },
	{ "two words", TEXT("MAIL FROM:<a> BODY= 7BIT\r\n"), false },
	{ "none", TEXT("MAIL FROM:<a>\r\n"), false },
};

static void seven_name(const struct seven_case *seven_case, char *name)
{
	strscpy(name, seven_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(seven, seven_table, seven_name);

static void any_word_of_a_mail_says_it(struct kunit *test)
{
	const struct seven_case *seven_case = test->param_value;
	const struct text *text = &seven_case->text;
	size_t cut;

	for (cut = 0; cut <= text->length; cut++) {
		struct seven seven = { };

		seven_read(&seven, text->octets, cut);
		seven_read(&seven, text->octets + cut, text->length - cut);
		seven_line_end(&seven, true);
		KUNIT_EXPECT_EQ_MSG(test, seven.message, seven_case->says,
				    "cut %zu", cut);
	}
}

static void say(struct seven *seven, bool opens_mail, const char *line)
{
	seven_read(seven, line, strlen(line));
	seven_line_end(seven, opens_mail);
}

static void it_holds_until_another_mail_is_accepted(struct kunit *test)
{
	struct seven seven = { };

	say(&seven, false, "NOOP BODY=7BIT\r\n");
	KUNIT_EXPECT_FALSE(test, seven.message);
	say(&seven, true, "MAIL FROM:<> BODY=7BIT\r\n");
	seven_accepted(&seven);
	KUNIT_EXPECT_TRUE(test, seven.message);
	/* this one the server may refuse */
	say(&seven, true, "MAIL FROM:<>\r\n");
	say(&seven, false, "RSET\r\n");
	KUNIT_EXPECT_TRUE(test, seven.message);
	seven_accepted(&seven);
	KUNIT_EXPECT_FALSE(test, seven.message);
}

static struct kunit_case seven_cases[] = {
	KUNIT_CASE_PARAM(any_word_of_a_mail_says_it, seven_gen_params),
	KUNIT_CASE(it_holds_until_another_mail_is_accepted),
	{}
};

static struct kunit_suite seven_suite = {
	.name = "smtpguard_seven",
	.test_cases = seven_cases,
};

kunit_test_suite(seven_suite);
