// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that do not wait for replies (RFC 2920 section 3.1), nor for the
 * greeting, and servers whose every reply has its command all the same
 * (section 3.2).
 */
#include "core/verb.h"
#include "dialogue.h"
#include "policies.h"

static const struct dialogue pipelining_table[] = {
	{ "a pipelined session (RFC 2920)",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT("x\r\n.\r\nQUIT\r\n"),
		SERVER("250 queued\r\n221 bye\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,RCPT,DATA,250,250,begin,354,end,QUIT,250,221" },
	{ "many commands under way, and the right reply to each",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("RSET\r\nMAIL\r\nRCPT\r\nEXPN\r\nRCPT\r\nDATA\r\n",
			  "RSET\r\nMAIL\r\nRCPT\r\nEXXX\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250-b\r\n250 b\r\n550 c\r\n500 d\r\n"),
		SERVER("250-354 e\r\n250 e\r\n354 f\r\n"),
		CLIENT("EXPN\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "RSET,MAIL,RCPT,!EXPN,RCPT,DATA,250,250-,250,550,500,250-,250,begin,354,end" },
	{ "replies while more commands come",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRC"),
		SERVER("250 a\r\n25"),
		CLIENT("PT\r\nEHLO c\r\n"),
		SERVER_AS("0 b\r\n250 c\r\n250-\r\n250 VRFY\r\n",
			  "0 b\r\n250 c\r\n250-\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "MAIL,RCPT,250,RCPT,EHLO,250,250,250-,hidden,250" },
	{ "each 354, 334 and 220 finds its own command",
	  .opening = in_message,
	  .turns = {
		CLIENT(".\r\nRSET\r\nAUTH X\r\n"),
		SERVER("220 a\r\n334 b\r\n334 c\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("535 no\r\n"),
		CLIENT("RSET\r\nSTARTTLS\r\n"),
		SERVER("334 a\r\n454 later\r\n"),
		CLIENT_AS("EXPN\r\n", "EXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "end,RSET,AUTH,220,334,334,secret,535,RSET,STARTTLS,334,454,!EXPN" },
	{ "more commands under way than any client sends",
	  .opening = crowded,
	  .turns = { CLIENT("RSET\r\n"), CLIENT_RESET("NOOP\r\n", "NOOP\r") },
	  .phase = PHASE_CLOSED, .reason = REASON_PIPELINE,
	  .trace = "RSET,NOOP,reset" },
};

static const struct dialogue early_table[] = {
	{ "a client that speaks before the greeting",
	  .turns = {
		CLIENT_AS("HELO c\r\nVRFY a\r\n", "HELO c\r\nXXXXXX\r\n"),
		SERVER("220 mx\r\n250 mx\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "HELO,!VRFY,greeting,220,250,500" },
	{ "EHLO and a mail before the greeting (PIPECONNECT)",
	  .turns = {
		CLIENT("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b>\r\n"),
		SERVER_AS("220 mx\r\n250-mx\r\n250 VRFY\r\n250 a\r\n250 b\r\n",
			  "220 mx\r\n250-mx\r\n250 XXXX\r\n250 a\r\n250 b\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("354 go\r\n"),
		CLIENT("EXPN\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,MAIL,RCPT,greeting,220,250-,hidden,250,250,250,DATA,begin,354,end" },
	{ "CVE-2000-1022: DATA before the greeting",
	  .turns = {
		CLIENT_AS("DATA\r\nEXPN a\r\n.\r\n",
			  "DATA\r\nEXXXXX\r\nX\r\n"),
		SERVER("220 mx\r\n503 no\r\n500 what\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "order,DATA,!EXPN,!unknown,greeting,220,503,500,500" },
	{ "a greeting that refuses is not the reply to DATA",
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("554 no\r\n354 go\r\n"),
		CLIENT("EXPN\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "order,DATA,greeting,554,begin,354,end" },
	{ "pipelining=reset waits for the greeting",
	  .change = policy_wait,
	  .turns = { CLIENT_RESET("EHLO c\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "sync,reset" },
	{ "to its last line",
	  .change = policy_wait,
	  .turns = { SERVER("220-mx\r\n"), CLIENT_RESET("EHLO c\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "greeting,220-,sync,reset" },
};

static void wait_for_all(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_ATRN) | VERB_BIT(VERB_EXPN) |
			     VERB_BIT(VERB_LHLO) | VERB_BIT(VERB_TURN) |
			     VERB_BIT(VERB_VRFY) | VERB_BIT(VERB_XCLIENT));
	policy_wait(policy);
}

/* A command that ends a group: no octet may follow until it is answered. */
#define SYNC_POINT(verb, line, events) {				\
	verb,								\
	.change = wait_for_all, .opening = in_transaction,		\
	.turns = { CLIENT(line), CLIENT_RESET("RSET\r\n", "") },	\
	.phase = PHASE_CLOSED, .reason = REASON_SYNC,			\
	.trace = events }

static const struct dialogue sync_point_table[] = {
	SYNC_POINT("ATRN", "ATRN a\r\n", "ATRN,sync,reset"),
	SYNC_POINT("AUTH", "AUTH a\r\n", "AUTH,sync,reset"),
	SYNC_POINT("DATA", "DATA a\r\n", "DATA,sync,reset"),
	SYNC_POINT("EHLO", "EHLO a\r\n", "EHLO,sync,reset"),
	SYNC_POINT("EXPN", "EXPN a\r\n", "EXPN,sync,reset"),
	SYNC_POINT("LHLO", "LHLO a\r\n", "LHLO,sync,reset"),
	SYNC_POINT("NOOP", "NOOP a\r\n", "NOOP,sync,reset"),
	SYNC_POINT("QUIT", "QUIT a\r\n", "QUIT,sync,reset"),
	SYNC_POINT("STARTTLS", "STARTTLS a\r\n", "STARTTLS,sync,reset"),
	SYNC_POINT("TURN", "TURN a\r\n", "TURN,sync,reset"),
	SYNC_POINT("VRFY", "VRFY a\r\n", "VRFY,sync,reset"),
	SYNC_POINT("XCLIENT", "XCLIENT a\r\n", "XCLIENT,sync,reset"),
};

static const struct dialogue waiting_table[] = {
	{ "a client that waits goes through",
	  .change = policy_wait,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 AUTH LOGIN\r\n"),
		CLIENT("AUTH LOGIN\r\n"),
		SERVER("334 a\r\n"),
		CLIENT("b\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,EHLO,250-,250,AUTH,334,secret,235,QUIT" },
	{ "and may pipeline what RFC 2920 lets it",
	  .change = policy_wait, .opening = greeted,
	  .turns = {
		CLIENT("RSET\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"),
		CLIENT("x\r\n.\r\nMAIL\r\nQUIT\r\n"),
		SERVER("250 queued\r\n250 a\r\n221 b\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "RSET,MAIL,RCPT,DATA,250,250,250,begin,354,end,MAIL,QUIT,250,250,221" },
	{ "what comes in the segment of its command waits too little",
	  .change = policy_wait, .opening = in_transaction,
	  .turns = { CLIENT_RESET("DATA\r\nx\r\n", "DATA\r\n") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "DATA,sync,reset" },
	{ "HELO may be inside of a group",
	  .change = policy_wait,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("HELO c\r\nMAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "greeting,220,HELO,MAIL" },
	{ "half a reply is none",
	  .change = policy_wait, .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 SI"),
		CLIENT_RESET("RSET\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "EHLO,250-,sync,reset" },
	{ "the reply to a command before is none",
	  .change = policy_wait, .opening = greeted,
	  .turns = {
		CLIENT("RSET\r\nNOOP\r\n"),
		SERVER("250 a\r\n"),
		CLIENT_RESET("\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "RSET,NOOP,250,sync,reset" },
	{ "a line of an AUTH exchange is waited for too",
	  .change = policy_wait, .opening = in_auth,
	  .turns = { CLIENT_RESET("a\r\nRSET\r\n", "a\r\n") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "secret,sync,reset" },
};

KUNIT_ARRAY_PARAM(pipelining, pipelining_table, dialogue_name);
KUNIT_ARRAY_PARAM(early, early_table, dialogue_name);
KUNIT_ARRAY_PARAM(sync_point, sync_point_table, dialogue_name);
KUNIT_ARRAY_PARAM(waiting, waiting_table, dialogue_name);

static void say(struct session *session, const struct policy *policy,
		enum direction from, const char *line, struct step *step)
{
	size_t length = strlen(line);
	size_t at;

	for (at = 0; at < length; at += step->length)
		session_feed(session, policy, from, line + at, length - at,
			     step);
}

/* As many as a transaction may have, and not one is taken for another's. */
static void a_thousand_replies_find_their_commands(struct kunit *test)
{
	enum { RECIPIENTS = 1000 };
	struct session session = { };
	struct policy policy;
	struct step step;
	unsigned int i;

	policy_default(&policy);
	policy.max_recipients = RECIPIENTS;
	session_open(&session);
	say(&session, &policy, FROM_SERVER, "220 mx\n", &step);
	say(&session, &policy, FROM_CLIENT, "MAIL\n", &step);
	for (i = 0; i < RECIPIENTS; i++) {
		say(&session, &policy, FROM_CLIENT, "RCPT\n", &step);
		KUNIT_ASSERT_FALSE(test, step.refused);
		KUNIT_ASSERT_FALSE(test, step.reset);
	}
	say(&session, &policy, FROM_CLIENT, "DATA\r\n", &step);
	for (i = 0; i < RECIPIENTS + 1; i++) {
		say(&session, &policy, FROM_SERVER, "250 ok\n", &step);
		KUNIT_ASSERT_EQ(test, step.events, STEP_REPLY);
	}
	say(&session, &policy, FROM_SERVER, "354 go\n", &step);
	KUNIT_EXPECT_TRUE(test, step.events & STEP_DATA_BEGIN);
	KUNIT_EXPECT_EQ(test, session.accepted, RECIPIENTS);
}

/* Eight messages in chunks before the first reply, and 2,000 recipients. */
static void eight_transactions_find_their_replies(struct kunit *test)
{
	enum { TRANSACTIONS = 8, RECIPIENTS = 250 };
	struct session session = { };
	struct policy policy;
	struct step step;
	unsigned int i, j;

	policy_default(&policy);
	policy_chunking(&policy);
	session_open(&session);
	say(&session, &policy, FROM_SERVER, "220 mx\n", &step);
	say(&session, &policy, FROM_CLIENT, "EHLO c\n", &step);
	say(&session, &policy, FROM_SERVER, "250-mx\n", &step);
	say(&session, &policy, FROM_SERVER, "250 CHUNKING\n", &step);
	for (i = 0; i < TRANSACTIONS; i++) {
		say(&session, &policy, FROM_CLIENT, "MAIL\n", &step);
		for (j = 0; j < RECIPIENTS; j++)
			say(&session, &policy, FROM_CLIENT, "RCPT\n", &step);
		say(&session, &policy, FROM_CLIENT,
		    "BDAT 1\r\naBDAT 1 LAST\r\nb", &step);
		KUNIT_ASSERT_TRUE(test, step.events & STEP_DATA_END);
		say(&session, &policy, FROM_CLIENT, "RSET\n", &step);
	}
	KUNIT_EXPECT_EQ(test, session.messages, TRANSACTIONS);
	for (i = 0; i < TRANSACTIONS; i++) {
		say(&session, &policy, FROM_SERVER, "250 mail\n", &step);
		for (j = 0; j < RECIPIENTS; j++)
			say(&session, &policy, FROM_SERVER, "250 to\n", &step);
		KUNIT_ASSERT_EQ(test, session.accepted, RECIPIENTS);
		say(&session, &policy, FROM_SERVER, "250 chunk\n", &step);
		KUNIT_ASSERT_EQ(test, session.accepted, RECIPIENTS);
		KUNIT_ASSERT_TRUE(test, session_committed(&session));
		say(&session, &policy, FROM_SERVER, "250 queued\n", &step);
		KUNIT_ASSERT_EQ(test, session.accepted, 0);
		KUNIT_ASSERT_EQ(test, session_committed(&session),
				i + 1 < TRANSACTIONS);
		say(&session, &policy, FROM_SERVER, "250 rset\n", &step);
		KUNIT_ASSERT_EQ(test, step.events, STEP_REPLY);
	}
	KUNIT_EXPECT_TRUE(test, session_is_idle(&session));
}

static struct kunit_case session_pipelining_cases[] = {
	DIALOGUES(pipelining, each_reply_finds_its_command),
	DIALOGUES(early, clients_may_speak_before_the_greeting),
	DIALOGUES(sync_point, these_commands_end_a_group),
	DIALOGUES(waiting, clients_that_wait_go_through),
	KUNIT_CASE(a_thousand_replies_find_their_commands),
	KUNIT_CASE(eight_transactions_find_their_replies),
	{}
};

static struct kunit_suite session_pipelining_suite = {
	.name = "smtpguard_session_pipelining",
	.test_cases = session_pipelining_cases,
};

kunit_test_suite(session_pipelining_suite);
