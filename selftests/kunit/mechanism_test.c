// SPDX-License-Identifier: GPL-2.0
/*
 * The AUTH mechanisms (RFC 4422 section 3.1), and which of them are offered
 * and used (RFC 4954 sections 3 and 4).
 */
#include <linux/ctype.h>

#include "core/mechanism.h"
#include "dialogue.h"
#include "policies.h"

static void mechanisms_are_sorted(struct kunit *test)
{
	u8 row;

	for (row = 1; row < mechanism_table.count; row++)
		KUNIT_EXPECT_LT_MSG(test,
				    strcmp(mechanism_table.rows[row - 1].name,
					   mechanism_table.rows[row].name), 0,
				    "%s", mechanism_table.rows[row].name);
}

static void every_mechanism_is_found_in_any_case(struct kunit *test)
{
	u8 row;

	for (row = 0; row < mechanism_table.count; row++) {
		const char *name = mechanism_table.rows[row].name;
		char lower[32];
		size_t i;

		for (i = 0; name[i]; i++)
			lower[i] = tolower(name[i]);
		KUNIT_EXPECT_EQ(test, word_find(&mechanism_table, name, i),
				row);
		KUNIT_EXPECT_EQ(test, word_find(&mechanism_table, lower, i),
				row);
	}
}

/* At most 20 capitals, digits, hyphens and underscores. */
static void every_mechanism_has_a_name_as_sasl_wants_it(struct kunit *test)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	u8 row;

	for (row = 0; row < mechanism_table.count; row++) {
		const char *name = mechanism_table.rows[row].name;

		KUNIT_EXPECT_EQ_MSG(test, strspn(name, allowed), strlen(name),
				    "%s", name);
		KUNIT_EXPECT_LE_MSG(test, strlen(name), 20, "%s", name);
	}
}

/* What passes before the filler must not become another mechanism by it. */
static void the_filler_completes_no_mechanism(struct kunit *test)
{
	u8 row;

	for (row = 0; row < mechanism_table.count; row++) {
		const char *name = mechanism_table.rows[row].name;

		KUNIT_EXPECT_NE_MSG(test, name[strlen(name) - 1],
				    COMMAND_FILLER, "%s", name);
	}
}

static void allow_mechanism(struct policy *policy, const char *name)
{
	u8 row = word_find(&mechanism_table, name, strlen(name));

	if (!WARN_ON(row == WORD_NONE))
		policy->mechanisms |= 1ULL << row;
}

static void plain_and_cram(struct policy *policy)
{
	policy->mechanisms = 0;
	allow_mechanism(policy, "PLAIN");
	allow_mechanism(policy, "CRAM-MD5");
}

static void plain_or_reset(struct policy *policy)
{
	plain_and_cram(policy);
	policy_refuse_by_reset(policy);
}

static void plain_without_newlines(struct policy *policy)
{
	plain_and_cram(policy);
	policy->bare_newline = BARE_NEWLINE_DEFANG;
}

static void scram_plus(struct policy *policy)
{
	policy->mechanisms = 0;
	allow_mechanism(policy, "SCRAM-SHA-256-PLUS");
}

static void no_mechanism(struct policy *policy)
{
	policy->mechanisms = 0;
}

/* What a client sees of @capability, when it is one line among others. */
#define OFFER(sentence, policy_change, capability, others) {		\
	sentence,							\
	.change = (policy_change), .opening = greeted,			\
	.turns = {							\
		CLIENT("EHLO c\r\n"),					\
		SERVER_AS("250-mx\r\n250-" capability "\r\n250 SIZE\r\n",	\
			  "250-mx\r\n250-" others "\r\n250 SIZE\r\n"),	\
	},								\
	.phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,		\
	.trace = "EHLO,250-,hidden,250-,250" }

static const struct dialogue offer_table[] = {
	OFFER("those that may not be used are hidden, each a word",
	      plain_and_cram, "AUTH LOGIN PLAIN GSSAPI CRAM-MD5",
	      "AUTH XXXXX PLAIN XXXXXX CRAM-MD5"),
	OFFER("in the form before RFC 2554 too",
	      plain_and_cram, "AUTH=LOGIN PLAIN", "AUTH=XXXXX PLAIN"),
	OFFER("in small letters too",
	      plain_and_cram, "auth login plain", "auth XXXXX plain"),
	OFFER("a mechanism and an octet are another mechanism",
	      plain_and_cram, "AUTH PLAINS PLAIN", "AUTH PLAINX PLAIN"),
	OFFER("what it shares with one that may be used passes",
	      plain_and_cram, "AUTH CRAM-SHA1  PLAIN",
	      "AUTH CRAM-XXXX  PLAIN"),
	OFFER("a mere prefix has passed, so the filler goes on to the next",
	      plain_and_cram, "AUTH PLAI CRAM-MD5", "AUTH PLAIXXXXXXXXX"),
	OFFER("SCRAM-SHA-256 is a mere prefix of the one with PLUS",
	      scram_plus, "AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
	      "AUTH SCRAM-SHA-256XXXXXXXXXXXXXXXXXXX"),
	OFFER("all may be hidden",
	      no_mechanism, "AUTH PLAIN LOGIN", "AUTH XXXXX XXXXX"),
	OFFER("a tab parts them too",
	      plain_and_cram, "AUTH LOGIN\tPLAIN", "AUTH XXXXX\tPLAIN"),
	{ "what may be used is not hidden",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250-AUTH\r\n250 AUTH PLAIN cram-md5\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "EHLO,250-,250-,250" },
	{ "auth_mechanisms=all hides none, known or not",
	  .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 AUTH X-NEW LOGIN\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "EHLO,250-,250" },
};

static const struct dialogue use_table[] = {
	{ "one that may be used, in any case",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = {
		CLIENT("AUTH cram-MD5\r\n"),
		SERVER("334 a\r\n"),
		CLIENT("b\r\n"),
		SERVER("535 no\r\n"),
		CLIENT("auth  plain AA==\r\n"),
		SERVER("235 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "AUTH,334,secret,535,AUTH,235" },
	{ "one that may not, with its initial response",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = {
		CLIENT_AS("AUTH LOGIN dGVz\r\n", "AUTH XXXXXXXXXX\r\n"),
		SERVER("504 what\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!AUTH,504,!VRFY" },
	{ "one that goes on as another",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = { CLIENT_AS("AUTH CRAM-SHA1\r\nAUTH PLAINS\r\n",
			       "AUTH CRAM-XXXX\r\nAUTH PLAINX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_MECHANISM,
	  .trace = "!AUTH,!AUTH" },
	{ "a mere prefix and a blank",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = { CLIENT_AS("AUTH PLAI AA==\r\n", "AUTH PLAIXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_MECHANISM,
	  .trace = "!AUTH" },
	{ "a mere prefix that is no mechanism passes at the line end",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = { CLIENT("AUTH CRAM\r\n"), SERVER("504 what\r\n") },
	  .phase = PHASE_COMMAND, .trace = "AUTH,504" },
	{ "one that is a mechanism of its own resets there",
	  .change = scram_plus, .opening = greeted,
	  .turns = { CLIENT_RESET("AUTH SCRAM-SHA-256\r\n",
				  "AUTH SCRAM-SHA-256") },
	  .phase = PHASE_CLOSED, .reason = REASON_MECHANISM,
	  .trace = "reset" },
	{ "a bare LF that becomes a blank ends a mere prefix",
	  .change = plain_without_newlines, .opening = greeted,
	  .turns = { CLIENT_AS("AUTH PLAI\nN\r\n", "AUTH PLAI X\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_MECHANISM,
	  .trace = "bare,!AUTH" },
	{ "AUTH without a mechanism is the server's to refuse",
	  .change = plain_and_cram, .opening = greeted,
	  .turns = { CLIENT("AUTH\r\nAUTH \r\n") },
	  .phase = PHASE_COMMAND, .trace = "AUTH,AUTH" },
	{ "refuse=reset resets at the first octet of another",
	  .change = plain_or_reset, .opening = greeted,
	  .turns = { CLIENT_RESET("AUTH PIN\r\n", "AUTH P") },
	  .phase = PHASE_CLOSED, .reason = REASON_MECHANISM,
	  .trace = "reset" },
};

KUNIT_ARRAY_PARAM(offer, offer_table, dialogue_name);
KUNIT_ARRAY_PARAM(use, use_table, dialogue_name);

static struct kunit_case mechanism_cases[] = {
	KUNIT_CASE(mechanisms_are_sorted),
	KUNIT_CASE(every_mechanism_is_found_in_any_case),
	KUNIT_CASE(every_mechanism_has_a_name_as_sasl_wants_it),
	KUNIT_CASE(the_filler_completes_no_mechanism),
	DIALOGUES(offer, mechanisms_are_offered_if_they_may_be_used),
	DIALOGUES(use, mechanisms_are_used_if_they_may_be),
	{}
};

static struct kunit_suite mechanism_suite = {
	.name = "smtpguard_mechanism",
	.test_cases = mechanism_cases,
};

kunit_test_suite(mechanism_suite);
