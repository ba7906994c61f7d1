// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as they mostly are (RFC 5321 section 3), and sessions that are only
 * watched.  The other session_*_test.c have one part of the protocol each.
 */
#include "dialogue.h"
#include "policies.h"

static const struct dialogue plain_table[] = {
	{ "a message in a plain session",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("HELO c\r\n"),
		SERVER("250 mx\r\n"),
		CLIENT("MAIL FROM:<a>\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("RCPT TO:<b>\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("354 go\r\n"),
		CLIENT("S: x\r\n\r\nVRFY\r\n..\r\n.\r\n"),
		SERVER("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,HELO,250,MAIL,250,RCPT,250,DATA,begin,354,end,250" },
	{ "a message in a session of today",
	  .turns = {
		SERVER("220 mx ESMTP\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 SIZE 11\r\n"),
		CLIENT("MAIL FROM:<a> SIZE=11\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT("S: x\r\n\r\nx\r\n.\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT("QUIT\r\n"),
		SERVER("221 bye\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,EHLO,250-,250,MAIL,RCPT,DATA,250,250,begin,354,end,250,QUIT,221" },
	{ "a message larger than was declared and announced",
	  .turns = {
		SERVER("220 mx ESMTP\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 SIZE 10\r\n"),
		CLIENT("MAIL FROM:<a> SIZE=10\r\nDATA\r\n"),
		SERVER("250 ok\r\n354 go\r\n"),
		CLIENT("S: x\r\n\r\nx\r\n.\r\n"),
		SERVER("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,EHLO,250-,250,MAIL,DATA,250,begin,354,end,declared,limit,250" },
};

static void monitor_bare_newlines(struct policy *policy)
{
	policy_monitor(policy);
	policy->bare_newline = BARE_NEWLINE_DEFANG;
}

static const struct dialogue monitor_table[] = {
	{ "monitor changes no refused command",
	  .change = policy_monitor, .opening = greeted,
	  .turns = {
		CLIENT("VRFY a\r\nNOOP\rx\r\n"),
		SERVER("252 ok\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_CR,
	  .trace = "!VRFY,!NOOP,252,250" },
	{ "monitor hides no capability",
	  .change = policy_monitor,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220,EHLO,250-,hidden,250" },
	{ "monitor changes no message",
	  .change = policy_monitor, .opening = in_message,
	  .turns = { CLIENT("a\n.\nb\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end,250" },
	{ "monitor leaves bare line ends as they are",
	  .change = monitor_bare_newlines, .opening = in_message,
	  .turns = { CLIENT("a\nb\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_LF,
	  .trace = "bare,end,250" },
	{ "monitor looks for its way after what would reset",
	  .change = policy_monitor, .opening = greeted,
	  .turns = {
		CLIENT("BDAT 5 LAST\r\nhel\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "reset,250,250,!VRFY" },
};

KUNIT_ARRAY_PARAM(plain, plain_table, dialogue_name);
KUNIT_ARRAY_PARAM(monitor, monitor_table, dialogue_name);

/**
 * struct remark - octets of one side
 * @from: enum direction
 * @octets: the octets
 * @idle: nothing is under way behind them
 */
struct remark {
	enum direction from;
	const char *octets;
	bool idle;
};

static const struct remark idle_table[] = {
	{ FROM_SERVER, "220 mx\r\n", true },
	{ FROM_CLIENT, "EHLO c\r\n", false },
	{ FROM_SERVER, "250-mx\r\n", false },
	{ FROM_SERVER, "250 CHUNKING\r\n", true },
	{ FROM_CLIENT, "\r", false },
	/* which a server need not answer */
	{ FROM_CLIENT, "\n", true },
	{ FROM_SERVER, "500 what\r\n", true },
	/* a transaction that is refused, and one that is given up */
	{ FROM_CLIENT, "M", false },
	{ FROM_CLIENT, "AIL\r\n", false },
	{ FROM_SERVER, "550 no\r\n", true },
	{ FROM_CLIENT, "MAIL\r\n", false },
	{ FROM_SERVER, "250 ok\r\n", false },
	{ FROM_CLIENT, "RSET\r\n", false },
	{ FROM_SERVER, "250 ok\r\n", true },
	/* a reply that nobody asked for */
	{ FROM_SERVER, "4", false },
	{ FROM_SERVER, "21-bye\r\n", false },
	{ FROM_SERVER, "421 bye\r\n", true },
	/* a message */
	{ FROM_CLIENT, "MAIL\r\nRCPT\r\nDATA\r\n", false },
	{ FROM_SERVER, "250 ok\r\n250 ok\r\n354 go\r\n", false },
	{ FROM_CLIENT, "x\r\n", false },
	{ FROM_CLIENT, ".\r\n", false },
	{ FROM_SERVER, "250 queued\r\n", true },
	/* a message in chunks */
	{ FROM_CLIENT, "MAIL\r\nRCPT\r\nBDAT 2\r\na", false },
	{ FROM_SERVER, "250 ok\r\n250 ok\r\n250 ok\r\n", false },
	{ FROM_CLIENT, "b", false },
	{ FROM_CLIENT, "BDAT 0 LAST\r\n", false },
	{ FROM_SERVER, "250 queued\r\n", true },
	/* a chunk of a message that is given up */
	{ FROM_CLIENT, "MAIL\r\nRCPT\r\nBDAT 1\r\na", false },
	{ FROM_SERVER, "250 ok\r\n550 no\r\n503 no\r\n", false },
	{ FROM_CLIENT, "RSET\r\n", false },
	{ FROM_SERVER, "250 ok\r\n", true },
	/* an exchange, and TLS */
	{ FROM_CLIENT, "AUTH LOGIN\r\n", false },
	{ FROM_SERVER, "334 VXNl\r\n", false },
	{ FROM_CLIENT, "YQ==\r\n", false },
	{ FROM_SERVER, "235 ok\r\n", true },
	{ FROM_CLIENT, "STARTTLS\r\n", false },
	{ FROM_SERVER, "220 go\r\n", false },
	{ FROM_CLIENT, "\x16\x03\x01\x01\x01\x01", false },
	{ FROM_SERVER, "454 later\r\n", true },
	{ }
};

static const struct remark late_table[] = {
	{ FROM_CLIENT, "RSET\r\n", false },
	{ FROM_SERVER, "250 ok\r\n", false },
	{ FROM_CLIENT, "RSET\r\n", false },
	{ FROM_SERVER, "250 ok\r\n", false },
	{ FROM_CLIENT, "EHLO c\r\n", false },
	{ FROM_SERVER, "250 mx\r\n", true },
	{ }
};

static void expect_idle(struct kunit *test, struct session *session,
			const struct remark *remark)
{
	struct policy policy;
	struct step step;
	size_t at;

	policy_default(&policy);
	policy_chunking(&policy);
	for (; remark->octets; remark++) {
		size_t length = strlen(remark->octets);

		for (at = 0; at < length; at += step.length) {
			session_feed(session, &policy, remark->from,
				     remark->octets + at, length - at, &step);
			KUNIT_ASSERT_FALSE(test, step.reset);
		}
		KUNIT_EXPECT_EQ_MSG(test, session_is_idle(session),
				    remark->idle, "behind \"%s\"",
				    remark->octets);
	}
}

static void a_session_is_idle_where_nothing_is_under_way(struct kunit *test)
{
	struct session session = { };

	session_open(&session);
	KUNIT_EXPECT_FALSE(test, session_is_idle(&session));
	expect_idle(test, &session, idle_table);
}

static void a_session_seen_late_is_not_idle(struct kunit *test)
{
	struct session session = { };

	session_resync(&session);
	KUNIT_EXPECT_FALSE(test, session_is_idle(&session));
	expect_idle(test, &session, late_table);
}

/* What policies limit is limited for the whole connection. */
static void counts_go_on_where_a_session_begins_anew(struct kunit *test)
{
	static const struct remark some[] = {
		{ FROM_SERVER, "220 mx\r\n", true },
		{ FROM_CLIENT, "MAIL\r\nEXPN\r\nDATA\r\n", false },
		{ FROM_SERVER, "250 ok\r\n500 what\r\n354 go\r\n", false },
		{ FROM_CLIENT, ".\r\nMAIL\r\nRCPT\r\n", false },
		{ FROM_SERVER, "250 queued\r\n250 ok\r\n250 ok\r\n", false },
		{ }
	};
	static void (*const begin[])(struct session *session) = {
		session_open, session_open_tls, session_resync,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(begin); i++) {
		struct session session = { };

		session_open(&session);
		expect_idle(test, &session, some);
		KUNIT_EXPECT_EQ(test, session.recipients, 1);
		KUNIT_EXPECT_EQ(test, session.accepted, 1);
		KUNIT_EXPECT_TRUE(test, session.in_mail);
		begin[i](&session);
		KUNIT_EXPECT_EQ(test, session.commands, 5);
		KUNIT_EXPECT_EQ(test, session.refused, 1);
		KUNIT_EXPECT_EQ(test, session.messages, 1);
		KUNIT_EXPECT_EQ(test, session.errors, 1);
		KUNIT_EXPECT_EQ(test, session.recipients, 0);
		KUNIT_EXPECT_EQ(test, session.accepted, 0);
		KUNIT_EXPECT_FALSE(test, session.in_mail);
	}
}

static struct kunit_case session_cases[] = {
	DIALOGUES(plain, sessions_go_through),
	DIALOGUES(monitor, monitor_changes_nothing),
	KUNIT_CASE(a_session_is_idle_where_nothing_is_under_way),
	KUNIT_CASE(a_session_seen_late_is_not_idle),
	KUNIT_CASE(counts_go_on_where_a_session_begins_anew),
	{}
};

static struct kunit_suite session_suite = {
	.name = "smtpguard_session",
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);
