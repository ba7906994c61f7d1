// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines (RFC 5321 section 4.1), in all cuts: what passes, what is
 * overwritten and from which octet on.  Limits are those of section 4.5.3.1.4
 * and of RFC 4954 section 4.
 */
#include <kunit/test.h>

#include "core/command.h"
#include "cuts.h"
#include "outcome.h"
#include "policies.h"

/**
 * struct command_case - octets of a client and what the server gets
 * @name: a sentence
 * @text: the octets
 * @seen: those that pass; before a reset, those that pass if each is a segment
 *	of its own
 * @trace: the events, see outcome_take()
 * @reason: enum reason
 */
struct command_case {
	const char *name;
	struct text text;
	struct text seen;
	const char *trace;
	enum reason reason;
};

static const struct command_case command_table[] = {
	{ "an allowed verb passes",
	  TEXT("NOOP\r\n"), UNCHANGED, "NOOP" },
	{ "its argument passes whatever it is",
	  TEXT("MAIL FROM:<BDAT@VRFY> X=\"DATA\"\r\n"), UNCHANGED, "MAIL" },
	{ "verbs are the same in lower case",
	  TEXT("nOop\r\nquit\r\n"), UNCHANGED, "NOOP,QUIT" },
	{ "a tab ends a verb",
	  TEXT("NOOP\tx\r\n"), UNCHANGED, "NOOP" },
	{ "a blank may come before the line end",
	  TEXT("DATA \r\n"), UNCHANGED, "DATA" },
	{ "LF alone ends a line",
	  TEXT("NOOP\nVRFY\n"), TEXT("NOOP\nXXXX\n"),
	  "bare,NOOP,bare,!VRFY", REASON_VERB },
	{ "an empty line is a command that no server knows",
	  TEXT("\r\n\nNOOP\n"), UNCHANGED, "unknown,bare,unknown,bare,NOOP" },
	{ "a mere prefix of a verb is too",
	  TEXT("NOO\r\n"), UNCHANGED, "unknown" },
	{ "a refused verb is masked from its first octet",
	  TEXT("VRFY a\r\n"), TEXT("XXXXXX\r\n"), "!VRFY", REASON_VERB },
	{ "in lower case too",
	  TEXT("vrFy a\r\n"), TEXT("XXXXXX\r\n"), "!VRFY", REASON_VERB },
	{ "what it shares with an allowed verb passes",
	  TEXT("SEND a\r\n"), TEXT("SXXXXX\r\n"), "!SEND", REASON_VERB },
	{ "what it shares with an unmaskable verb passes",
	  TEXT("XFORWARD a\r\n"), TEXT("XXXXXXXXXX\r\n"),
	  "!XFORWARD", REASON_VERB },
	{ "a verb with an octet too many is another",
	  TEXT("NOOPS\r\n"), TEXT("NOOPX\r\n"), "!unknown", REASON_VERB },
	{ "a prefix of a verb and a blank are no verb",
	  TEXT("NOO P\r\n"), TEXT("NOOXX\r\n"), "!unknown", REASON_VERB },
	{ "a blank before the verb is masked with it",
	  TEXT(" NOOP\r\n"), TEXT("XXXXX\r\n"), "!unknown", REASON_VERB },
	{ "a tab before the verb is masked with it",
	  TEXT("\tVRFY\r\n"), TEXT("XXXXX\r\n"), "!unknown", REASON_VERB },
	{ "a NUL is in no verb",
	  TEXT("NO\0OP\r\n"), TEXT("NOXXX\r\n"), "!unknown", REASON_VERB },
	{ "a NUL does not end a verb",
	  TEXT("NOOP\0x\r\n"), TEXT("NOOPXX\r\n"), "!unknown", REASON_VERB },
	{ "from a NUL in an argument on all is masked",
	  TEXT("NOOP a\0b\r\n"), TEXT("NOOP aXX\r\n"), "!NOOP",
	  REASON_OCTET },
	{ "an octet above 127 is in no verb",
	  TEXT("NO\xcfP\r\n"), TEXT("NOXX\r\n"), "!unknown", REASON_VERB },
	{ "an octet above 127 passes in an argument (SMTPUTF8)",
	  TEXT("RCPT TO:<\xc3\xa9@x>\r\n"), UNCHANGED, "RCPT" },
	{ "a CR ends a verb, and what follows it is masked",
	  TEXT("NOOP\rVRFY\r\n"), TEXT("NOOP\rXXXX\r\n"),
	  "!NOOP", REASON_BARE_CR },
	{ "a CR in an argument has what follows it masked",
	  TEXT("NOOP a\rb c\r\n"), TEXT("NOOP a\rXXX\r\n"),
	  "!NOOP", REASON_BARE_CR },
	{ "a CR at the begin of a line has what follows it masked",
	  TEXT("\rVRFY\r\n"), TEXT("\rXXXX\r\n"), "!unknown", REASON_BARE_CR },
	{ "no CR is ever masked",
	  TEXT("V\rR\rF\r\n"), TEXT("X\rX\rX\r\n"), "!unknown", REASON_VERB },
	{ "two CRs before the LF change nothing",
	  TEXT("NOOP\r\r\n"), UNCHANGED, "NOOP" },
	{ "a refused line does not touch the next",
	  TEXT("VRFY a\r\nNOOP b\r\n"), TEXT("XXXXXX\r\nNOOP b\r\n"),
	  "!VRFY,NOOP",
	  REASON_VERB },
	{ "an allowed line does not help the next",
	  TEXT("NOOP b\r\nVRFY a\r\n"), TEXT("NOOP b\r\nXXXXXX\r\n"),
	  "NOOP,!VRFY",
	  REASON_VERB },
	{ "a request of a browser resets",
	  TEXT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), TEXT("XXX"),
	  "reset", REASON_FOREIGN },
	{ "a version of SSH resets",
	  TEXT("ssh-2.0-x\r\n"), TEXT("sXX"), "reset", REASON_FOREIGN },
	{ "a TLS record resets",
	  TEXT("\x16\x03\x01"), TEXT(""), "reset", REASON_FOREIGN },
	{ "BDAT resets, its chunk would run as commands",
	  TEXT("BDAT 5 LAST\r\nhello"), TEXT("BDAT"),
	  "reset", REASON_UNMASKABLE },
	{ "BDAT resets in lower case",
	  TEXT("bdat 0\r\n"), TEXT("bdat"), "reset", REASON_UNMASKABLE },
	{ "BDAT resets before a tab",
	  TEXT("BDAT\t5\r\n"), TEXT("BDAT"), "reset", REASON_UNMASKABLE },
	{ "BDAT resets before a CR",
	  TEXT("BDAT\r\n"), TEXT("BDAT"), "reset", REASON_UNMASKABLE },
	{ "BDAT resets before a LF",
	  TEXT("BDAT\n"), TEXT("BDAT"), "bare,reset", REASON_UNMASKABLE },
	{ "BDAT resets behind another line",
	  TEXT("NOOP\r\nBDAT 5\r\n"), TEXT("NOOP\r\nBDAT"), "NOOP,reset",
	  REASON_UNMASKABLE },
	{ "XEXCH50 resets",
	  TEXT("XEXCH50 1 2\r\n"), TEXT("XEXCH50"),
	  "reset", REASON_UNMASKABLE },
	{ "a prefix of BDAT does not",
	  TEXT("BDA\r\n"), UNCHANGED, "unknown" },
	{ "BDAT with an octet too many does not",
	  TEXT("BDATA 5\r\n"), TEXT("BDATXXX\r\n"), "!unknown", REASON_VERB },
	{ "BDAT behind a blank does not",
	  TEXT(" BDAT 5\r\n"), TEXT("XXXXXXX\r\n"), "!unknown", REASON_VERB },
};

static void command_case_name(const struct command_case *command_case,
			      char *name)
{
	strscpy(name, command_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(command, command_table, command_case_name);

/* Feeds one segment; nothing of one in which a reset comes passes. */
static void feed_segment(struct kunit *test, struct command *command,
			 const struct policy *policy, const u8 *segment,
			 size_t length, struct outcome *outcome)
{
	size_t before = outcome->length;
	size_t at = 0;

	while (at < length && !outcome->reset) {
		struct step step = { };

		command_feed(command, policy, policy->verbs, segment + at,
			     length - at, &step);
		step_check(test, &step, length - at);
		KUNIT_ASSERT_EQ(test, step.span, SPAN_COMMAND);
		outcome_take(outcome, &step, segment + at, false);
		at += step.length;
	}
	if (outcome->reset)
		outcome->length = before;
}

static void feed_in_pieces(struct kunit *test, const struct policy *policy,
			   const struct text *text, unsigned int way,
			   struct outcome *outcome)
{
	struct command command = { };
	struct cuts cuts;
	size_t at, end;

	outcome_clear(outcome);
	cuts_begin(&cuts, way, text->length);
	for (at = 0; at < text->length && !outcome->reset; at = end) {
		u8 *piece;

		end = cuts_end(&cuts, at);
		/* of its own size, for KASAN to see a read beyond it */
		piece = kmemdup(text->octets + at, end - at, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, piece);
		feed_segment(test, &command, policy, piece, end - at, outcome);
		kfree(piece);
	}
	if (!outcome->reset)
		KUNIT_EXPECT_FALSE(test, command_open(&command));
}

static void expect_seen(struct kunit *test, const struct outcome *outcome,
			const struct text *seen, unsigned int way)
{
	if (!outcome->reset)
		KUNIT_ASSERT_TRUE_MSG(test, outcome_passed(outcome, seen),
				      "way %u: passed \"%*pE\"", way,
				      (int)outcome->length, outcome->octets);
	/* the fewer segments, the less has passed before the reset */
	KUNIT_ASSERT_LE_MSG(test, outcome->length, seen->length, "way %u", way);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(outcome->octets, seen->octets,
					 outcome->length), 0, "way %u", way);
}

static void every_cut_passes_the_same(struct kunit *test)
{
	const struct command_case *command_case = test->param_value;
	const struct text *text = &command_case->text;
	const struct text *seen = text_seen(text, &command_case->seen);
	struct outcome *outcome = outcome_make(test);
	size_t passed = 0;
	struct policy policy;
	unsigned int way;

	policy_default(&policy);
	for (way = 0; way < cuts_ways(text->length); way++) {
		feed_in_pieces(test, &policy, text, way, outcome);
		expect_seen(test, outcome, seen, way);
		KUNIT_ASSERT_STREQ(test, outcome->trace, command_case->trace);
		KUNIT_ASSERT_EQ(test, outcome->reason, command_case->reason);
		passed = max(passed, outcome->length);
	}
	/* each octet a segment of its own is among the ways */
	KUNIT_EXPECT_EQ(test, passed, seen->length);
}

/**
 * struct limit_case - a command line of some length
 * @name: a sentence
 * @verb: its begin
 * @length: its octets with CRLF
 * @seen: octets of it with CRLF that are not masked
 * @maximum: max_command_line
 */
struct limit_case {
	const char *name;
	const char *verb;
	size_t length;
	size_t seen;
	u16 maximum;
};

static const struct limit_case limit_table[] = {
	{ "a line of 512 octets passes where 512 may",
	  "NOOP ", 512, 512, 512 },
	{ "the 511th octet of a line of 513 is masked",
	  "NOOP ", 513, 512, 512 },
	{ "all octets from the 511th on are masked",
	  "NOOP ", 600, 512, 512 },
	{ "a line of 2048 octets passes where 2048 may",
	  "MAIL ", 2048, 2048, 2048 },
	{ "a line of 2049 does not",
	  "MAIL ", 2049, 2048, 2048 },
	{ "AUTH may have 12288 octets (RFC 4954 section 4)",
	  "AUTH PLAIN ", 12288, 12288, 512 },
	{ "but not 12289",
	  "AUTH PLAIN ", 12289, 12288, 512 },
	{ "auth may have them in lower case",
	  "auth plain ", 12288, 12288, 512 },
	{ "AUTH may have more where any line may",
	  "AUTH PLAIN ", 13000, 13000, 13000 },
};

static void limit_case_name(const struct limit_case *limit_case, char *name)
{
	strscpy(name, limit_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(limit, limit_table, limit_case_name);

/* All octets of it from @from on are overwritten. */
static struct text limit_line(struct kunit *test,
			      const struct limit_case *limit_case, size_t from)
{
	size_t length = limit_case->length;
	char *line = kunit_kmalloc(test, length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	memset(line, 'a', length);
	memcpy(line, limit_case->verb, strlen(limit_case->verb));
	memset(line + from, COMMAND_FILLER, length - from);
	memcpy(line + length - 2, "\r\n", 2);
	return (struct text){ .octets = line, .length = length };
}

static void a_line_is_masked_beyond_its_limit(struct kunit *test)
{
	const struct limit_case *limit_case = test->param_value;
	bool refused = limit_case->seen < limit_case->length;
	struct outcome *outcome = outcome_make(test);
	struct text line = limit_line(test, limit_case, limit_case->length);
	struct text seen = limit_line(test, limit_case, limit_case->seen - 2);
	struct policy policy;
	unsigned int way;

	policy_default(&policy);
	policy.max_command_line = limit_case->maximum;
	for (way = 0; way < cuts_ways(line.length); way++) {
		feed_in_pieces(test, &policy, &line, way, outcome);
		KUNIT_ASSERT_TRUE_MSG(test, outcome_passed(outcome, &seen),
				      "way %u", way);
		KUNIT_ASSERT_EQ(test, outcome->reason, refused ?
				REASON_COMMAND_LINE : REASON_NONE);
		KUNIT_ASSERT_EQ(test, outcome->trace[0] == '!', refused);
	}
}

static void a_line_may_be_longer_than_what_is_counted(struct kunit *test)
{
	/* what max_command_line takes at most */
	enum { LONGEST = 16000 };
	struct command command = { };
	struct policy policy;
	struct step step = { };
	unsigned int i;

	policy_default(&policy);
	policy.max_command_line = LONGEST;
	for (i = 0; i < 2 * U16_MAX; i++) {
		const char *octet = i < 5 ? "NOOP " + i : "a";

		memset(&step, 0, sizeof(step));
		command_feed(&command, &policy, policy.verbs, octet, 1, &step);
		KUNIT_ASSERT_EQ_MSG(test, step.mask_to, i >= LONGEST - 2,
				    "octet %u", i);
	}
	memset(&step, 0, sizeof(step));
	command_feed(&command, &policy, policy.verbs, "\n", 1, &step);
	KUNIT_EXPECT_TRUE(test, step.refused);
	KUNIT_EXPECT_FALSE(test, command_open(&command));
}

/* Octets that a refused verb shares with one that may pass so far. */
static size_t shared_prefix(const struct policy *policy, const char *name)
{
	u64 passing = policy->verbs | VERB_UNMASKABLE;
	size_t longest = 0;
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++) {
		const char *other = verb_name(verb);
		size_t shared = 0;

		if (!word_in_set(passing, verb))
			continue;
		while (name[shared] && name[shared] == other[shared])
			shared++;
		longest = max(longest, shared);
	}
	return longest;
}

static void expect_verb_masked(struct kunit *test, const struct policy *policy,
			       u8 verb, struct outcome *outcome)
{
	size_t length = strlen(verb_name(verb)) + 2;
	size_t shared = shared_prefix(policy, verb_name(verb));
	char line[32], masked[32];
	struct text text = { .octets = line, .length = length + 2 };
	struct text seen = { .octets = masked, .length = length + 2 };
	unsigned int way;

	snprintf(line, sizeof(line), "%s a\r\n", verb_name(verb));
	memcpy(masked, line, sizeof(line));
	memset(masked + shared, COMMAND_FILLER, length - shared);
	for (way = 0; way < cuts_ways(text.length); way++) {
		feed_in_pieces(test, policy, &text, way, outcome);
		KUNIT_ASSERT_TRUE_MSG(test, outcome_passed(outcome, &seen),
				      "%s, way %u", verb_name(verb), way);
		KUNIT_ASSERT_EQ(test, outcome->trace[0], '!');
		KUNIT_ASSERT_STREQ(test, outcome->trace + 1, verb_name(verb));
	}
}

static void expect_verb_passed(struct kunit *test, const struct policy *policy,
			       u8 verb, struct outcome *outcome)
{
	char line[32];
	struct text text = { .octets = line };
	unsigned int way;

	text.length = snprintf(line, sizeof(line), "%s a\r\n",
			       verb_name(verb));
	for (way = 0; way < cuts_ways(text.length); way++) {
		feed_in_pieces(test, policy, &text, way, outcome);
		KUNIT_ASSERT_TRUE_MSG(test, outcome_passed(outcome, &text),
				      "%s, way %u", verb_name(verb), way);
		KUNIT_ASSERT_STREQ(test, outcome->trace, verb_name(verb));
	}
}

static void expect_all_verbs(struct kunit *test, const struct policy *policy)
{
	struct outcome *outcome = outcome_make(test);
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++) {
		if (word_in_set(policy->verbs, verb))
			expect_verb_passed(test, policy, verb, outcome);
		else if (!word_in_set(VERB_UNMASKABLE | VERB_FOREIGN, verb))
			expect_verb_masked(test, policy, verb, outcome);
	}
}

static void esmtp_passes_its_verbs_and_no_others(struct kunit *test)
{
	struct policy policy;

	policy_default(&policy);
	expect_all_verbs(test, &policy);
}

static void mailguard_passes_its_seven_verbs_and_no_others(struct kunit *test)
{
	struct policy policy;

	policy_default(&policy);
	policy_mailguard(&policy);
	expect_all_verbs(test, &policy);
}

static void no_verb_at_all_may_be_allowed(struct kunit *test)
{
	struct policy policy;

	policy_default(&policy);
	policy_refuse(&policy, ~0ULL);
	expect_all_verbs(test, &policy);
}

static void every_verb_may_be_allowed_but_the_untracked(struct kunit *test)
{
	u64 never = VERB_UNTRACKED | VERB_FOREIGN;
	struct policy policy;

	policy_default(&policy);
	policy_allow(&policy, (VERB_BIT(VERB_COUNT) - 1) & ~never);
	expect_all_verbs(test, &policy);
}

/* What passes before the filler is a prefix of some verb. */
static void the_filler_completes_no_verb(struct kunit *test)
{
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++) {
		const char *name = verb_name(verb);

		KUNIT_EXPECT_NE_MSG(test, name[strlen(name) - 1],
				    COMMAND_FILLER, "%s", name);
	}
}

static void a_verb_can_be_taken_away_for_a_while(struct kunit *test)
{
	static const u8 line[] = "RCPT\n";
	struct command command = { };
	struct policy policy;
	struct step step = { };

	policy_default(&policy);
	command_feed(&command, &policy, policy.verbs & ~VERB_BIT(VERB_RCPT),
		     line, 5, &step);
	KUNIT_EXPECT_EQ(test, step.mask_from, 1);
	KUNIT_EXPECT_EQ(test, step.mask_to, 4);
	memset(&step, 0, sizeof(step));
	command_feed(&command, &policy, policy.verbs, line, 5, &step);
	KUNIT_EXPECT_EQ(test, step.length, 5);
	KUNIT_EXPECT_EQ(test, step.mask_to, 0);
	KUNIT_EXPECT_EQ(test, step.verb, VERB_RCPT);
}

static struct kunit_case command_cases[] = {
	KUNIT_CASE_PARAM(every_cut_passes_the_same, command_gen_params),
	KUNIT_CASE_PARAM(a_line_is_masked_beyond_its_limit, limit_gen_params),
	KUNIT_CASE(a_line_may_be_longer_than_what_is_counted),
	KUNIT_CASE(esmtp_passes_its_verbs_and_no_others),
	KUNIT_CASE(mailguard_passes_its_seven_verbs_and_no_others),
	KUNIT_CASE(no_verb_at_all_may_be_allowed),
	KUNIT_CASE(every_verb_may_be_allowed_but_the_untracked),
	KUNIT_CASE(the_filler_completes_no_verb),
	KUNIT_CASE(a_verb_can_be_taken_away_for_a_while),
	{}
};

static struct kunit_suite command_suite = {
	.name = "smtpguard_command",
	.test_cases = command_cases,
};

kunit_test_suite(command_suite);
