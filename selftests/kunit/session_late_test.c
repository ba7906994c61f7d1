// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions that are first seen after their start: nothing is overwritten before
 * it is certain how to read them.
 */
#include "dialogue.h"
#include "policies.h"

#define LATE(sentence)	sentence, .start = START_MIDSTREAM

/* What a command that is refused becomes as soon as commands are found. */
#define REFUSED		CLIENT_AS("VRFY\r\n", "XXXX\r\n")
#define FOUND		.phase = PHASE_COMMAND, .reason = REASON_VERB
#define NOT_FOUND	.phase = PHASE_UNKNOWN

static void accept_proxy(struct policy *policy)
{
	policy->proxy_protocol = CHECK_ACCEPT;
}

static const struct dialogue found_table[] = {
	{ LATE("nothing is read before a reply"),
	  .turns = { CLIENT("VRFY\r\nBDAT 5\r\n.\r\n") },
	  NOT_FOUND, .trace = "" },
	{ LATE("a reply to what may be text finds nothing"),
	  .turns = {
		CLIENT("VRFY\r\n"), SERVER("252 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "252" },
	{ LATE("the second command that waits for its reply is found by it"),
	  .turns = {
		CLIENT("x\r\n"), SERVER("500 what\r\n"),
		CLIENT("noop x\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "500,250,!VRFY" },
	{ LATE("the first behind a place is found by its reply"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 VRFY\r\n"), REFUSED,
		SERVER("500 what\r\n"), CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "250,250-,250,!VRFY,500,EHLO,250-,hidden,250" },
	{ LATE("a command that is refused is one, behind a success"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("RCPT TO:<a>\r\n"),
		SERVER("550-no\r\n550 no\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,550-,550,!VRFY" },
	{ LATE("DATA that is refused is one"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("DATA\r\n"),
		SERVER("503 no\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,503,!VRFY" },
	{ LATE("a group is found by its last reply"),
	  .turns = {
		SERVER("250 ok\r\n"),
		CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRSET\r\n"),
		SERVER("250 ok\r\n550 no\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,250,550,250,!VRFY" },
	{ LATE("and not by the one before"),
	  .turns = {
		SERVER("250 ok\r\n"),
		CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRSET\r\n"),
		SERVER("250 ok\r\n550 no\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250,550" },
	{ LATE("a group may go on while it is answered"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("MAIL FROM:<a>\r\nRCPT"),
		SERVER("250 ok\r\n"), CLIENT(" TO:<b>\r\n"),
		SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,250,250,!VRFY" },
	{ LATE("a message is found by the 354 to a group's DATA"),
	  .turns = {
		CLIENT(":<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT_AS("VRFY\r\n.\r\nVRFY\r\n", "VRFY\r\n.\r\nXXXX\r\n"),
	  },
	  FOUND, .trace = "250,250,begin,354,end,!VRFY" },
	{ LATE("354 finds a message if DATA was not seen"),
	  .turns = {
		SERVER("354 go\r\n"),
		CLIENT_AS("VRFY\r\n.\r\nVRFY\r\n", "VRFY\r\n.\r\nXXXX\r\n"),
	  },
	  FOUND, .trace = "begin,354,end,!VRFY" },
	{ LATE("354 finds a message if the end of DATA was seen"),
	  .turns = {
		CLIENT("TA\r\n"), SERVER("354 go\r\n"),
		CLIENT_AS(".\r\nVRFY\r\n", ".\r\nXXXX\r\n"),
	  },
	  FOUND, .trace = "begin,354,end,!VRFY" },
	{ LATE("354 to anything else finds none"),
	  .turns = {
		CLIENT("RCPT TO:<a>\r\nXEXCH50 6 2\r\n"), SERVER("354 go\r\n"),
		CLIENT("\r\n.\r\n.VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "354" },
	{ LATE("334 finds an AUTH exchange"),
	  .turns = {
		CLIENT("AUTH LOGIN\r\n"), SERVER("334 VXNl\r\n"),
		CLIENT("VRFY\r\n"), SERVER("235 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "334,secret,235,!VRFY" },
	{ LATE("334 finds one that has begun before"),
	  .turns = {
		CLIENT("YQ==\r\nYg==\r\n"), SERVER("334 VXNl\r\n"),
		CLIENT("VRFY\r\n"), SERVER("235 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "334,secret,235,!VRFY" },
	{ LATE("a handshake behind a 220 finds TLS"),
	  .turns = {
		CLIENT("TLS\r\n"), SERVER("220 go\r\n"),
		CLIENT("\x16\x03\x01\0\x06\001VRFY\n"),
		SERVER("\x16\x03\x03\x01\x01\002"),
		SERVER("250 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "220,tls" },
	{ LATE("one that the server does not answer with its own does not"),
	  .turns = {
		CLIENT("TLS\r\n"), SERVER("220 go\r\n"),
		CLIENT("\x16\x03\x01\0\x06\001VRFYx"),
		SERVER("250 ok\r\n\x16\x03\x03\x01\x01\002"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220,250" },
	{ LATE("a handshake that looks like the end of a line does, too"),
	  .turns = {
		SERVER("220 go\r\n"), CLIENT("\x16\x03\x01\0\n\001VRFY\r\nab\n"),
		SERVER("\x16\x03\x03\x01\n\002"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "220,unexpected,tls" },
	{ LATE("EHLO and MAIL may have come before it was seen"),
	  .change = policy_keep_order,
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("RCPT TO:<a>\r\n"),
		SERVER("250 ok\r\n"), CLIENT("RCPT\r\nDATA\r\n"),
		SERVER("250 ok\r\n354 go\r\n"), CLIENT(".\r\nMAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "250,250,RCPT,DATA,250,begin,354,end,MAIL" },
	{ LATE("what comes behind EHLO is seen"),
	  .change = policy_keep_order,
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP\r\n"), SERVER("250 ok\r\n"),
		CLIENT("EHLO c\r\n"), SERVER("250 mx\r\n"),
		CLIENT_AS("RCPT\r\n", "RXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER },
	{ LATE("once EHLO was answered no DATA can be unseen"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP\r\n"), SERVER("250 ok\r\n"),
		CLIENT("EHLO c\r\n"), SERVER("250 mx\r\n"),
		SERVER("354 go\r\n"), CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "250,250,EHLO,250,unexpected,354,reset" },
	{ LATE("a session that is found may be one of LMTP"),
	  .turns = {
		SERVER("220 mx\r\n"), CLIENT("LHLO c\r\n"),
		SERVER("250 mx\r\n"),
		CLIENT("MAIL FROM:<a>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT(".\r\n"), SERVER("250 ok\r\n250 ok\r\n"), REFUSED,
	  },
	  FOUND },
};

/* A 220 greets, or answers STARTTLS or XCLIENT. */
static const struct dialogue ready_table[] = {
	{ LATE("the first line behind a greeting is found before its reply"),
	  .turns = {
		SERVER("220-mx\r\n220 mx\r\n"), CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
		REFUSED,
	  },
	  FOUND, .trace = "220-,220,250-,hidden,250,!VRFY" },
	{ LATE("what comes behind that line is judged"),
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_AS("HELO c\r\nVRFY\r\n", "HELO c\r\nXXXX\r\n"),
	  },
	  FOUND, .trace = "220,!VRFY" },
	{ LATE("that line has been a command, so no PROXY header follows"),
	  .change = accept_proxy,
	  .turns = {
		SERVER("220 mx\r\n"), CLIENT("EHLO c\r\n"),
		SERVER("250 mx\r\n"),
		CLIENT_AS("PROXY UNKNOWN\r\n", "XXXXXXXXXXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_PROXY },
	{ LATE("DATA there opens a message"),
	  .turns = {
		SERVER("220 mx\r\n"), CLIENT("DATA\r\n"),
		SERVER("354 go\r\n"), CLIENT("VRFY\r\n.\r\n"), REFUSED,
	  },
	  FOUND, .trace = "220,begin,354,end,!VRFY" },
	{ LATE("a client whose STARTTLS was answered goes on without TLS"),
	  .turns = {
		CLIENT("NOOP\r\nSTARTTLS\r\n"),
		SERVER("250 ok\r\n220 go\r\n"), CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY },
	{ LATE("a client is greeted anew behind XCLIENT"),
	  .turns = {
		CLIENT("NOOP\r\nXCLIENT NAME=a\r\n"),
		SERVER("250 ok\r\n220 mx\r\n"), CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY },
	{ LATE("a line that no command has finds nothing there"),
	  .turns = {
		SERVER("220 mx\r\n"), CLIENT("Dear Bob,\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220" },
	{ LATE("nor does what is more than half a handshake"),
	  .turns = {
		SERVER("220 go\r\n"),
		CLIENT("\x16\x03\x01\x01\x01\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220" },
	{ LATE("nor does a line with a bare LF"),
	  .turns = { SERVER("220 mx\r\n"), CLIENT("NOOP\nVRFY\r\n") },
	  NOT_FOUND, .trace = "220" },
	{ LATE("nor does BDAT, behind which a chunk comes"),
	  .turns = {
		SERVER("220 mx\r\n"), CLIENT("BDAT 6\r\nVRFY\r\nNOOP\r\n"),
	  },
	  NOT_FOUND, .trace = "220" },
	{ LATE("nor one that begins in the middle of a reply"),
	  .turns = {
		SERVER("220 mx\r\n250-mx\r\n"), CLIENT("NOOP\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220,250-" },
	{ LATE("nor one that began before the 220"),
	  .turns = {
		CLIENT("NO"), SERVER("220 mx\r\n"), CLIENT("OP\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220" },
	{ LATE("nor one behind the rest of a reply that reads like a 220"),
	  .turns = {
		CLIENT("DATA\r\n"), SERVER("x 220 go\r\n"),
		CLIENT("RSET\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "unexpected" },
	{ LATE("a client that pipelines before it is greeted is in a chunk"),
	  .turns = {
		CLIENT("EHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\n"
		       "BDAT 40 LAST\r\nsome text\r\n"),
		SERVER("220 mx\r\n"), CLIENT("RSET\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "220" },
};

/* The octets of a message that is sent in chunks, or of one behind a 354. */
static const struct dialogue text_table[] = {
	{ LATE("a reply to an older command comes in mid-chunk"),
	  .turns = {
		CLIENT("...the chunk, first part\r\n"),
		SERVER("250 2.1.0 Ok\r\n"),
		CLIENT("please pay 100 to account 4711.\r\nKind regards\r\n"),
		SERVER("250 2.1.5 Ok\r\n"),
		SERVER("250 2.0.0 Ok: queued\r\n"),
		CLIENT("NOOP\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,250,250,250,!VRFY" },
	{ LATE("the reply to the chunk before comes in mid-chunk"),
	  .turns = {
		CLIENT("text\r\nBDAT 40 LAST\r\nEXPN root\r\n"),
		SERVER("250 2.0.0 30 octets received\r\n"),
		CLIENT("EXPN root\r\nDear VRFY,\r\n"),
		SERVER("250 2.0.0 Ok: queued\r\n"),
		CLIENT("RSET\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,250,250,!VRFY" },
	{ LATE("lines that are verbs, and others, between two older replies"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("RSET\r\nHow are you?\r\n"),
		SERVER("250 ok\r\n"), CLIENT("EXPN root\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a reply in the middle of a line of the client's"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("HELP"), SERVER("250 ok\r\n"),
		CLIENT("er\r\nVRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a reply that has begun before the command"),
	  .turns = {
		SERVER("250 ok\r\n"), SERVER("250-ok\r\n"), CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250-,250" },
	{ LATE("lines of a message that are verbs"),
	  .turns = {
		CLIENT("Subject: x\r\n\r\nMAIL FROM:<a>\r\nDATA\r\n"),
		CLIENT("HELP me\r\nQUIT\r\n.\r\n"), SERVER("250 queued\r\n"),
		CLIENT("NOOP\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "250,250,!VRFY" },
	{ LATE("a message that is refused in its middle"),
	  .turns = {
		CLIENT("Subject: x\r\n\r\nDATA\r\n"),
		SERVER("552 too large\r\n"), CLIENT("QUIT\r\n"),
		SERVER("452 no room\r\n"), CLIENT("VRFY\r\n.\r\n"),
		SERVER("552 too large\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "552,452,552" },
	{ LATE("a server that hangs up in a message"),
	  .turns = {
		CLIENT("text\r\n"), SERVER("421 bye\r\n"),
		CLIENT("NOOP\r\n"), SERVER("421 bye\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "421,421" },
	{ LATE("nothing counts from before a 421"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP\r\n"),
		SERVER("421 bye\r\n"), SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,421,250" },
	{ LATE("commands are found behind a message that was refused"),
	  .turns = {
		CLIENT("text\r\n.\r\n"), SERVER("550 no\r\n"),
		CLIENT("RSET\r\n"), SERVER("250 ok\r\n"), REFUSED,
	  },
	  FOUND, .trace = "550,250,!VRFY" },
};

/* Lines that no command has, and replies that it does not get. */
static const struct dialogue unfit_table[] = {
	{ LATE("only a reply's last line finds"),
	  .turns = { SERVER("250-mx\r\n"), CLIENT("VRFY\r\n") },
	  NOT_FOUND, .trace = "250-" },
	{ LATE("the rest of a reply finds nothing"),
	  .turns = {
		SERVER("x 354 go\r\n"), CLIENT("VRFY\r\n"),
		SERVER("x 250 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "unexpected,unexpected" },
	{ LATE("250 is no answer to DATA"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("DATA\r\n"), SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a bare LF ends no command"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP\n"), SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a bare CR is in none"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP \r\r\n"),
		SERVER("250 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a NUL is in none"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOOP \0\r\n"),
		SERVER("250 ok\r\n"), CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("a mere prefix is none"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("NOO\r\n"), SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  NOT_FOUND, .trace = "250,250" },
	{ LATE("what follows BDAT may be a chunk"),
	  .turns = {
		SERVER("250 ok\r\n"), CLIENT("BDAT 6\r\n"),
		SERVER("250 ok\r\n"), CLIENT("VRFY\r\n"),
		SERVER("250 ok\r\n"), CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n"), REFUSED,
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
};

KUNIT_ARRAY_PARAM(found, found_table, dialogue_name);
KUNIT_ARRAY_PARAM(ready, ready_table, dialogue_name);
KUNIT_ARRAY_PARAM(text, text_table, dialogue_name);
KUNIT_ARRAY_PARAM(unfit, unfit_table, dialogue_name);

static void feed(struct kunit *test, struct session *session,
		 enum direction from, const char *octets)
{
	size_t length = strlen(octets);
	struct policy policy;
	struct step step;
	size_t at;

	policy_default(&policy);
	for (at = 0; at < length; at += step.length) {
		session_feed(session, &policy, from, octets + at, length - at,
			     &step);
		KUNIT_ASSERT_FALSE(test, step.reset);
		KUNIT_ASSERT_EQ(test, step.mask_from, step.mask_to);
	}
}

/* A reply that answers something older. */
static void a_server_that_has_not_heard_all_tells_nothing(struct kunit *test)
{
	static const char *const replies[] = {
		"250 ok\r\n", "354 go\r\n", "334 VXNl\r\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		struct session session = { };

		session_resync(&session);
		feed(test, &session, FROM_SERVER, "250 ok\r\n");
		feed(test, &session, FROM_CLIENT, "NOOP\r\n");
		session_acknowledge(&session, false);
		feed(test, &session, FROM_SERVER, replies[i]);
		KUNIT_EXPECT_TRUE(test, session_is_lost(&session));
		session_acknowledge(&session, true);
		feed(test, &session, FROM_SERVER, "250 ok\r\n");
		KUNIT_EXPECT_TRUE(test, session_is_lost(&session));
		feed(test, &session, FROM_CLIENT, "NOOP\r\n");
		feed(test, &session, FROM_SERVER, "250 ok\r\n");
		KUNIT_EXPECT_FALSE(test, session_is_lost(&session));
	}
}

static void a_220_that_has_not_heard_all_tells_nothing(struct kunit *test)
{
	struct session session = { };

	session_resync(&session);
	session_acknowledge(&session, false);
	feed(test, &session, FROM_SERVER, "220 mx\r\n");
	feed(test, &session, FROM_CLIENT, "RSET\r\n");
	KUNIT_EXPECT_TRUE(test, session_is_lost(&session));
	session_resync(&session);
	session_acknowledge(&session, true);
	feed(test, &session, FROM_SERVER, "220 mx\r\n");
	feed(test, &session, FROM_CLIENT, "RSET\r\n");
	KUNIT_EXPECT_FALSE(test, session_is_lost(&session));
}

/* The client had said more than was seen. */
static void who_was_not_silent_is_not_found(struct kunit *test)
{
	struct session session = { };

	session_resync(&session);
	feed(test, &session, FROM_SERVER, "220 mx\r\n");
	session_missed(&session);
	feed(test, &session, FROM_CLIENT, "RSET\r\n");
	KUNIT_EXPECT_TRUE(test, session_is_lost(&session));

	session_resync(&session);
	feed(test, &session, FROM_SERVER, "250 ok\r\n");
	session_missed(&session);
	feed(test, &session, FROM_CLIENT, "NOOP\r\n");
	feed(test, &session, FROM_SERVER, "250 ok\r\n");
	KUNIT_EXPECT_TRUE(test, session_is_lost(&session));
	session_resync(&session);
	feed(test, &session, FROM_SERVER, "354 go\r\n");
	KUNIT_EXPECT_TRUE(test, session_in_message(&session));
	session_missed(&session);
	KUNIT_EXPECT_TRUE(test, session_is_lost(&session));
}

static void what_is_over_or_was_seen_is_not_looked_for(struct kunit *test)
{
	struct session session = { };

	session_open(&session);
	feed(test, &session, FROM_SERVER, "220 mx\r\n");
	session_missed(&session);
	KUNIT_EXPECT_EQ(test, session.phase, PHASE_COMMAND);
	session_resync(&session);
	feed(test, &session, FROM_SERVER, "354 go\r\n");
	session_close(&session);
	session_missed(&session);
	KUNIT_EXPECT_TRUE(test, session_is_closed(&session));
}

static struct kunit_case session_late_cases[] = {
	DIALOGUES(found, the_phase_is_found_by_replies),
	DIALOGUES(ready, a_line_behind_a_220_is_a_command),
	DIALOGUES(text, text_is_never_taken_for_commands),
	DIALOGUES(unfit, what_does_not_fit_finds_nothing),
	KUNIT_CASE(a_server_that_has_not_heard_all_tells_nothing),
	KUNIT_CASE(a_220_that_has_not_heard_all_tells_nothing),
	KUNIT_CASE(who_was_not_silent_is_not_found),
	KUNIT_CASE(what_is_over_or_was_seen_is_not_looked_for),
	{}
};

static struct kunit_suite session_late_suite = {
	.name = "smtpguard_session_late",
	.test_cases = session_late_cases,
};

kunit_test_suite(session_late_suite);
