// SPDX-License-Identifier: GPL-2.0
/*
 * Replies (RFC 5321 section 4.2), in all cuts: codes and lines, their limit
 * (section 4.5.3.1.5), masked greetings, hidden capabilities (section 4.1.1.1).
 */
#include <kunit/test.h>

#include "core/reply.h"
#include "core/verb.h"
#include "cuts.h"
#include "outcome.h"
#include "policies.h"

/**
 * struct reply_case - octets of a server and what the client gets
 * @name: a sentence
 * @text: the octets
 * @seen: those that the client gets, as many
 * @trace: the events, see outcome_take()
 * @kind: what the reply answers
 * @change: made to the default policy
 */
struct reply_case {
	const char *name;
	struct text text;
	struct text seen;
	const char *trace;
	enum reply_to kind;
	void (*change)(struct policy *policy);
};

static void mask_greeting(struct policy *policy)
{
	policy->greeting = GREETING_MASK;
}

static void refuse_auth(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_AUTH));
}

static void refuse_starttls(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_STARTTLS));
}

static const struct reply_case reply_table[] = {
	/* lines and codes */
	{ "a reply of one line",
	  TEXT("250 ok\r\n"), UNCHANGED, "250", REPLY_TO_OTHER },
	{ "a reply of several lines",
	  TEXT("250-a\r\n250-b\r\n250 c\r\n"), UNCHANGED, "250-,250-,250",
	  REPLY_TO_OTHER },
	{ "LF alone ends a line",
	  TEXT("250-a\n250 b\n"), UNCHANGED, "250-,250", REPLY_TO_OTHER },
	{ "a code needs no text",
	  TEXT("250\r\n"), UNCHANGED, "250", REPLY_TO_OTHER },
	{ "nor a CR",
	  TEXT("250-\n250\n"), UNCHANGED, "250-,250", REPLY_TO_OTHER },
	{ "a tab is a separator, any other octet is none",
	  TEXT("250\tok\r\n250=\r\n2500\r\n"), UNCHANGED,
	  "250,unexpected,unexpected", REPLY_TO_OTHER },
	{ "the smallest and the largest code",
	  TEXT("200\r\n599 x\r\n"), UNCHANGED, "200,599", REPLY_TO_OTHER },
	{ "a code below or above them is none",
	  TEXT("199\r\n600 x\r\n"), UNCHANGED, "unexpected,unexpected",
	  REPLY_TO_OTHER },
	{ "two digits are no code",
	  TEXT("25\r\n250 a\r\n"), UNCHANGED, "unexpected,250",
	  REPLY_TO_OTHER },
	{ "a letter is in no code",
	  TEXT("2a0 b\r\n"), UNCHANGED, "unexpected", REPLY_TO_OTHER },
	{ "the octets around the digits are in no code",
	  TEXT("25/\n:50\n"), UNCHANGED, "unexpected,unexpected",
	  REPLY_TO_OTHER },
	{ "a line without a code is no reply",
	  TEXT("hello\r\n"), UNCHANGED, "unexpected", REPLY_TO_OTHER },
	{ "nor is an empty line",
	  TEXT("\r\n\n250\n"), UNCHANGED, "unexpected,unexpected,250",
	  REPLY_TO_OTHER },
	{ "a code in the text is text",
	  TEXT("250-354 go\r\n250 554\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_OTHER },

	/* the greeting */
	{ "a greeting that is kept",
	  TEXT("220 mx.example ESMTP 4.96\r\n"), UNCHANGED, "220",
	  REPLY_TO_GREETING },
	{ "a greeting as Mailguard masks it",
	  TEXT("220 mx20.example ESMTP 02 0 2 ready\r\n"),
	  TEXT("220 **20***************02*0 2******\r\n"), "220",
	  REPLY_TO_GREETING, policy_mailguard },
	{ "a greeting of 2s and 0s as Mailguard masks it",
	  TEXT("220 2002 0 0  2\r\n"), TEXT("220 2002*0 0 *2\r\n"), "220",
	  REPLY_TO_GREETING, policy_mailguard },
	{ "a greeting of two lines as Mailguard masks it",
	  TEXT("220-a b\r\n220 0 c\r\n"), TEXT("220-***\r\n220 0 *\r\n"),
	  "220-,220", REPLY_TO_GREETING, policy_mailguard },
	{ "a greeting of which only ESMTP stays",
	  TEXT("220 mx.example ESMTP Exim 4.96\r\n"),
	  TEXT("220 xxxxxxxxxx ESMTP Exxx xxxx\r\n"), "220",
	  REPLY_TO_GREETING, mask_greeting },
	{ "ESMTP is a word of its own and in capitals",
	  TEXT("220 ESMTPS esmtp xESMTP ESM\r\n"),
	  TEXT("220 ESMTPx xxxxx xxxxxx ESM\r\n"), "220", REPLY_TO_GREETING,
	  mask_greeting },
	{ "NULs behind ESMTP are masked",
	  TEXT("220 ESMTP\0\0\0 a\r\n"), TEXT("220 ESMTPxxx x\r\n"), "220",
	  REPLY_TO_GREETING, mask_greeting },
	{ "a greeting in all its cuts",
	  TEXT("220 ESMTP b\n"), TEXT("220 ESMTP x\n"), "220",
	  REPLY_TO_GREETING, mask_greeting },
	{ "a greeting of two lines of which only ESMTP stays",
	  TEXT("220-a\r\n220 ESMTP b\r\n"), TEXT("220-x\r\n220 ESMTP x\r\n"),
	  "220-,220", REPLY_TO_GREETING, mask_greeting },
	{ "a refusal instead of a greeting",
	  TEXT("554 go away\r\n"), TEXT("554 xx xxxx\r\n"), "554",
	  REPLY_TO_GREETING, mask_greeting },
	{ "only a greeting is masked as one",
	  TEXT("220 mx.example\r\n"), UNCHANGED, "220", REPLY_TO_STARTTLS,
	  mask_greeting },

	/* capabilities */
	{ "what may be seen is",
	  TEXT("250-mx\r\n250-SIZE 1000\r\n250-STARTTLS\r\n"
		   "250 8BITMIME\r\n"), UNCHANGED, "250-,250-,250-,250",
	  REPLY_TO_EHLO },
	{ "what may not be seen is masked",
	  TEXT("250-mx\r\n250-CHUNKING\r\n250-VRFY a\r\n250 SIZE 1\r\n"),
	  TEXT("250-mx\r\n250-XXXXXXXX\r\n250-XXXXXX\r\n250 SIZE 1\r\n"),
	  "250-,hidden,250-,hidden,250-,250", REPLY_TO_EHLO },
	{ "in the last line too",
	  TEXT("250-mx\r\n250 TURN\r\n"), TEXT("250-mx\r\n250 XXXX\r\n"),
	  "250-,hidden,250", REPLY_TO_EHLO },
	{ "in all cuts",
	  TEXT("250-\n250 QQ\n"), TEXT("250-\n250 XX\n"), "250-,hidden,250",
	  REPLY_TO_EHLO },
	{ "in lower case too",
	  TEXT("250-mx\r\n250-chunking\r\n250 size 1\r\n"),
	  TEXT("250-mx\r\n250-XXXXXXXX\r\n250 size 1\r\n"),
	  "250-,hidden,250-,250", REPLY_TO_EHLO },
	{ "what nobody knows is masked",
	  TEXT("250-mx\r\n250 QUANTUM x\r\n"),
	  TEXT("250-mx\r\n250 XXXXXXXXX\r\n"),
	  "250-,hidden,250", REPLY_TO_EHLO },
	{ "the first line names the server and is never masked",
	  TEXT("250-VRFY greets you\r\n250 SIZE\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_EHLO },
	{ "nor is a reply of one line",
	  TEXT("250 CHUNKING\r\n"), UNCHANGED, "250", REPLY_TO_EHLO },
	{ "AUTH=LOGIN is AUTH",
	  TEXT("250-mx\r\n250 AUTH=LOGIN PLAIN\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_EHLO },
	{ "AUTH=LOGIN is hidden with AUTH",
	  TEXT("250-mx\r\n250-AUTH=LOGIN\r\n250 AUTH PLAIN\r\n"),
	  TEXT("250-mx\r\n250-XXXXXXXXXX\r\n250 XXXXXXXXXX\r\n"),
	  "250-,hidden,250-,hidden,250", REPLY_TO_EHLO, refuse_auth },
	{ "what is hidden may share octets with what is seen",
	  TEXT("250-mx\r\n250 STARTTLS\r\n"),
	  TEXT("250-mx\r\n250 SXXXXXXX\r\n"),
	  "250-,hidden,250", REPLY_TO_EHLO, refuse_starttls },
	{ "a keyword and an octet are another keyword",
	  TEXT("250-mx\r\n250-SIZEY 5\r\n250 SIZEX\r\n"),
	  TEXT("250-mx\r\n250-SIZEXXX\r\n250 SIZEX\r\n"),
	  "250-,hidden,250-,hidden,250", REPLY_TO_EHLO },
	{ "a prefix of a keyword and a blank are another keyword",
	  TEXT("250-mx\r\n250 8BIT 1\r\n"), TEXT("250-mx\r\n250 8BITXX\r\n"),
	  "250-,hidden,250", REPLY_TO_EHLO },
	{ "a tab ends a keyword",
	  TEXT("250-mx\r\n250 SIZE\t5\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_EHLO },
	{ "a blank before the keyword hides it",
	  TEXT("250-mx\r\n250  SIZE\r\n"), TEXT("250-mx\r\n250 XXXXX\r\n"),
	  "250-,hidden,250", REPLY_TO_EHLO },
	{ "an argument may be a hidden keyword",
	  TEXT("250-mx\r\n250 LIMITS VRFY=1\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_EHLO },
	{ "a refusal of EHLO is not masked",
	  TEXT("500-VRFY\r\n500 VRFY\r\n"), UNCHANGED, "500-,500",
	  REPLY_TO_EHLO },
	{ "a reply to HELO is not masked",
	  TEXT("250-mx\r\n250 VRFY\r\n"), UNCHANGED, "250-,250",
	  REPLY_TO_HELO },
	{ "a reply to HELP is not masked",
	  TEXT("214-HELP\r\n214-VRFY\r\n214 EXPN\r\n"), UNCHANGED,
	  "214-,214-,214", REPLY_TO_OTHER },
	{ "Mailguard shows no capability at all",
	  TEXT("250-mx\r\n250-SIZE\r\n250 HELP\r\n"),
	  TEXT("250-mx\r\n250-XXXX\r\n250 XXXX\r\n"),
	  "250-,hidden,250-,hidden,250", REPLY_TO_EHLO, policy_mailguard },
};

static void reply_case_name(const struct reply_case *reply_case, char *name)
{
	strscpy(name, reply_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reply, reply_table, reply_case_name);

static void feed_piece(struct kunit *test, struct reply *reply,
		       const struct policy *policy, enum reply_to kind,
		       const u8 *piece, size_t length, struct outcome *outcome)
{
	size_t at = 0;

	while (at < length) {
		struct step step = { };

		reply_feed(reply, policy, kind, piece + at, length - at, &step);
		step_check(test, &step, length - at);
		KUNIT_ASSERT_EQ(test, step.span, SPAN_REPLY);
		outcome_take(outcome, &step, piece + at, false);
		at += step.length;
	}
}

static void feed_in_pieces(struct kunit *test, const struct policy *policy,
			   enum reply_to kind, const struct text *text,
			   unsigned int way, struct outcome *outcome)
{
	struct reply reply = { };
	struct cuts cuts;
	size_t at, end;

	outcome_clear(outcome);
	cuts_begin(&cuts, way, text->length);
	for (at = 0; at < text->length; at = end) {
		u8 *piece;

		end = cuts_end(&cuts, at);
		/* of its own size, for KASAN to see a read beyond it */
		piece = kmemdup(text->octets + at, end - at, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, piece);
		feed_piece(test, &reply, policy, kind, piece, end - at,
			   outcome);
		kfree(piece);
	}
}

static void every_cut_shows_the_same(struct kunit *test)
{
	const struct reply_case *reply_case = test->param_value;
	const struct text *text = &reply_case->text;
	const struct text *seen = text_seen(text, &reply_case->seen);
	struct outcome *outcome = outcome_make(test);
	struct policy policy;
	unsigned int way;

	policy_default(&policy);
	if (reply_case->change)
		reply_case->change(&policy);
	for (way = 0; way < cuts_ways(text->length); way++) {
		feed_in_pieces(test, &policy, reply_case->kind, text, way,
			       outcome);
		KUNIT_ASSERT_TRUE_MSG(test, outcome_passed(outcome, seen),
				      "way %u: seen \"%*pE\"", way,
				      (int)outcome->length, outcome->octets);
		KUNIT_ASSERT_STREQ(test, outcome->trace, reply_case->trace);
		KUNIT_ASSERT_EQ(test, outcome->reason,
				strstr(reply_case->trace, "hidden") ?
				REASON_CAPABILITY : REASON_NONE);
	}
}

static void greet(struct kunit *test, void (*change)(struct policy *policy),
		  struct outcome *outcome)
{
	static const struct text greeting =
		TEXT("220 mail02.example.net ESMTP ready\r\n");
	struct policy policy;

	policy_default(&policy);
	change(&policy);
	feed_in_pieces(test, &policy, REPLY_TO_GREETING, &greeting, 0,
		       outcome);
	/* a string, without its line end */
	outcome->octets[outcome->length - 2] = '\0';
}

/* By this Postfix knows a PIX, and works around its faults. */
static bool looks_like_mailguard(const struct outcome *outcome)
{
	const char *text = (const char *)outcome->octets;

	return !text[strspn(text, "20 *\t\n")];
}

static void mailguard_is_known_by_its_greeting(struct kunit *test)
{
	struct outcome *outcome = outcome_make(test);

	greet(test, policy_mailguard, outcome);
	KUNIT_EXPECT_TRUE(test, looks_like_mailguard(outcome));
}

static void esmtp_is_not_taken_for_mailguard(struct kunit *test)
{
	struct outcome *outcome = outcome_make(test);

	greet(test, mask_greeting, outcome);
	KUNIT_EXPECT_FALSE(test, looks_like_mailguard(outcome));
	KUNIT_EXPECT_NOT_NULL(test, strstr(outcome->octets, " ESMTP "));
	KUNIT_EXPECT_NULL(test, strstr(outcome->octets, "example"));
}

/* Octets with CRLF, and whether they are too many. */
static void expect_long(struct kunit *test, u16 maximum, size_t length,
			bool is_long)
{
	struct outcome *outcome = outcome_make(test);
	char *line = kunit_kmalloc(test, length, GFP_KERNEL);
	struct text text = { .octets = line, .length = length };
	struct policy policy;
	unsigned int way;

	KUNIT_ASSERT_NOT_NULL(test, line);
	memset(line, 'a', length);
	memcpy(line, "250-", 4);
	memcpy(line + length - 2, "\r\n", 2);
	policy_default(&policy);
	policy.max_reply_line = maximum;
	for (way = 0; way < cuts_ways(length); way++) {
		feed_in_pieces(test, &policy, REPLY_TO_OTHER, &text, way,
			       outcome);
		KUNIT_ASSERT_TRUE(test, outcome_passed(outcome, &text));
		KUNIT_ASSERT_STREQ(test, outcome->trace,
				   is_long ? "long,250-" : "250-");
	}
}

static void a_line_over_its_limit_is_told_once_and_passes(struct kunit *test)
{
	expect_long(test, 512, 512, false);
	expect_long(test, 512, 513, true);
	expect_long(test, 512, 800, true);
	expect_long(test, 2048, 2048, false);
	expect_long(test, 2048, 2049, true);
}

static void a_line_may_be_longer_than_what_is_counted(struct kunit *test)
{
	struct reply reply = { };
	struct policy policy;
	unsigned int i, told = 0;

	policy_default(&policy);
	/* the most that the parameter takes */
	policy.max_reply_line = 4000;
	for (i = 0; i < 3 * U16_MAX; i++) {
		struct step step = { };

		reply_feed(&reply, &policy, REPLY_TO_OTHER, "2", 1, &step);
		told += !!(step.events & STEP_LONG_LINE);
	}
	KUNIT_EXPECT_EQ(test, told, 1);
}

/* A line that is no reply does not end the reply that it stands in. */
static void a_line_in_between_makes_no_new_first_line(struct kunit *test)
{
	static const struct text text = TEXT("250-mx\r\n\r\n250 VRFY\r\n");
	struct outcome *outcome = outcome_make(test);
	struct policy policy;

	policy_default(&policy);
	feed_in_pieces(test, &policy, REPLY_TO_EHLO, &text, 0, outcome);
	KUNIT_EXPECT_STREQ(test, outcome->trace, "250-,unexpected,hidden,250");
}

static struct kunit_case reply_cases[] = {
	KUNIT_CASE_PARAM(every_cut_shows_the_same, reply_gen_params),
	KUNIT_CASE(mailguard_is_known_by_its_greeting),
	KUNIT_CASE(esmtp_is_not_taken_for_mailguard),
	KUNIT_CASE(a_line_over_its_limit_is_told_once_and_passes),
	KUNIT_CASE(a_line_may_be_longer_than_what_is_counted),
	KUNIT_CASE(a_line_in_between_makes_no_new_first_line),
	{}
};

static struct kunit_suite reply_suite = {
	.name = "smtpguard_reply",
	.test_cases = reply_cases,
};

kunit_test_suite(reply_suite);
