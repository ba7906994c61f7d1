// SPDX-License-Identifier: GPL-2.0
/*
 * DATA and the message (RFC 5321 sections 4.1.1.4 and 4.5.2): where it begins,
 * which is at the 354 (section 4.3.2), where it ends, and what looks like an
 * end and is none (section 2.3.8).
 */
#include "cuts.h"
#include "dialogue.h"
#include "policies.h"

/* What the octet that would complete an ambiguous end of data becomes. */
#define DEFANGED			"\x20"

static void reset_ambiguous(struct policy *policy)
{
	policy->end_of_data = END_OF_DATA_RESET;
}

static void accept_ambiguous(struct policy *policy)
{
	policy->end_of_data = END_OF_DATA_ACCEPT;
}

static void defang_newlines(struct policy *policy)
{
	policy->bare_newline = BARE_NEWLINE_DEFANG;
}

static void reset_newlines(struct policy *policy)
{
	policy->bare_newline = BARE_NEWLINE_RESET;
}

/* Only a 354 to DATA opens a message, and only if nothing was said since. */
static const struct dialogue data_table[] = {
	{ "CVE-2000-1022: DATA that is refused opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("503 no\r\n"),
		CLIENT_AS("VRFY root\r\nEXPN\r\n.\r\n",
			  "XXXXXXXXX\r\nEXXX\r\nX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "order,DATA,503,!VRFY,!EXPN,!unknown" },
	{ "CVE-2000-1022: nor does DATA that is not answered yet",
	  .opening = greeted,
	  .turns = { CLIENT_AS("DATA\r\nVRFY\r\n", "DATA\r\nXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "order,DATA,!VRFY" },
	{ "DATA that is put off opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("451 later\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "2yz, 220 and 334 to DATA open nothing",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("DATA\r\nDATA\r\nDATA\r\n"),
		SERVER("250 a\r\n220 b\r\n334 c\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "DATA,DATA,DATA,unexpected,250,unexpected,220,334,!VRFY" },
	{ "half a command behind a DATA that is refused goes on",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\nNO"),
		SERVER("503 no\r\n"),
		CLIENT("OP\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "order,DATA,503,NOOP" },
	{ "commands behind a DATA that is refused are commands",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nDATA\r\nRSET\r\n"),
		SERVER("501 a\r\n503 b\r\n250 c\r\n"),
		CLIENT("NOOP\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,DATA,RSET,501,503,250,NOOP" },
	{ "commands behind a DATA that is taken reset",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\nRSET\r\n"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("x\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "order,DATA,RSET,sync,354,reset" },
	{ "so does half a command",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\nR"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("SET\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "order,DATA,sync,354,reset" },
	{ "and a lone CR",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n\r"),
		SERVER("354 go\r\n"),
		SERVER_RESET("250 a\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "order,DATA,sync,354,reset" },
	{ "a message behind a DATA that is taken resets",
	  .opening = in_transaction,
	  .turns = {
		CLIENT_AS("DATA\r\nx\r\n.\r\n", "DATA\r\nx\r\nX\r\n"),
		SERVER("354 go\r\n"),
		SERVER_RESET("250 queued\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "DATA,unknown,!unknown,sync,354,reset" },
	{ "354 that answers no DATA resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\n"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "NOOP,354,reset" },
	{ "354 that answers nothing does too",
	  .opening = greeted,
	  .turns = { SERVER("354 go\r\n"), CLIENT_RESET("VRFY\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "unexpected,354,reset" },
	{ "354 instead of a greeting does too",
	  .turns = { SERVER("354 go\r\n"), CLIENT_RESET("VRFY\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "greeting,354,reset" },
	{ "354 to an end of data does too",
	  .opening = message_sent,
	  .turns = { SERVER("354 go\r\n"), CLIENT_RESET("VRFY\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "354,reset" },
	{ "354 over several lines opens a message at its last",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("354-go\r\n354 on\r\n"),
		CLIENT(".\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "order,DATA,354-,begin,354,end" },
};

static const struct dialogue message_table[] = {
	{ "several messages, the next pipelined behind the last",
	  .opening = in_message,
	  .turns = {
		CLIENT("x\r\n.\r\nMAIL\r\nDATA\r\n"),
		SERVER("250 queued\r\n250 ok\r\n354 go\r\n"),
		CLIENT("DATA\r\n.\r\nRSET\r\n"),
		SERVER("250 queued\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "end,MAIL,DATA,250,250,begin,354,end,RSET,250,250" },
	{ "three messages",
	  .opening = message_taken,
	  .turns = {
		CLIENT("MAIL\r\nDATA\r\n"),
		SERVER("250 a\r\n354 b\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
		SERVER("554 spam\r\n"),
		CLIENT("MAIL\r\nDATA\r\n"),
		SERVER("250 a\r\n354 b\r\n"),
		CLIENT(".\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "MAIL,DATA,250,begin,354,end,554,MAIL,DATA,250,begin,354,end,250,!VRFY" },
	{ "the reply to an end of data is not that to the next DATA",
	  .opening = message_sent,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("451 later\r\n503 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "order,DATA,451,503,!VRFY" },
	{ "an empty message",
	  .opening = in_message,
	  .turns = { CLIENT(".\r\n"), SERVER("250 queued\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
	{ "an empty message whose dot has company",
	  .opening = in_message,
	  .turns = {
		CLIENT_AS(".\r\nVRFY\r\n", ".\r\nXXXX\r\n"),
		SERVER("250 queued\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "end,!VRFY,250,500" },
	{ "DATA that is taken though every recipient was refused",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n550 b\r\n550 c\r\n354 d\r\n"),
		CLIENT(".\r\n"),
		SERVER("554 no recipients\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "MAIL,RCPT,RCPT,DATA,250,550,550,begin,354,end,554,!VRFY" },
	{ "a doubled dot is text",
	  .opening = in_message,
	  .turns = { CLIENT("..\r\n..\r\nVRFY\r\n. \r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end" },
	{ "commands in a message are text",
	  .opening = in_message,
	  .turns = { CLIENT("RSET\r\nBDAT 5\r\nQUIT\r\nGET /\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end" },
	{ "KB Q295725: an end of data in pieces gets to the server",
	  .opening = in_message,
	  .turns = { CLIENT("\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
	{ "RSET between messages",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL FROM:<a>\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("RSET\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("503 no\r\n"),
		CLIENT_AS(".\r\n", "X\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "MAIL,250,RSET,250,order,DATA,503,!unknown" },
};

/* Every end of data that some server takes for one, but CRLF.CRLF. */
static const struct dialogue ambiguous_table[] = {
	{ "LF.LF is defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("a\n.\nVRFY\r\n.\r\n",
			       "a\n." DEFANGED "VRFY\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "LF.CRLF is defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("a\n.\r\nb\r\n.\r\n",
			       "a\n." DEFANGED "\nb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "CRLF.LF is defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("a\r\n.\nb\r\n.\r\n",
			       "a\r\n." DEFANGED "b\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "CR.CR is defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("a\r.\rb\r\n.\r\n",
			       "a\r." DEFANGED "b\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "CRLF.NUL CRLF is defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("\r\n.\0\r\nb\r\n.\r\n",
			       "\r\n." DEFANGED "\r\nb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "a dot and a LF at the begin of the message are defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS(".\n.\n.\r\n",
			       "." DEFANGED ".\n." DEFANGED "\n") },
	  .phase = PHASE_BODY, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,ambiguous" },
	{ "two of them are both defanged",
	  .opening = in_message,
	  .turns = { CLIENT_AS("\n.\n\n.\nb\r\n.\r\n",
			       "\n." DEFANGED "\n." DEFANGED "b\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,ambiguous,end" },
	{ "the true one behind an ambiguous one ends the message",
	  .opening = in_message,
	  .turns = { CLIENT_AS("a\n.\n\r\n.\r\n",
			       "a\n." DEFANGED "\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end" },
	{ "a smuggled message stays a part of the first",
	  .opening = in_message,
	  .turns = {
		CLIENT_AS("a\n.\r\nMAIL FROM:<x>\r\nRCPT TO:<y>\r\nDATA\r\nb\r\n.\r\n",
			  "a\n." DEFANGED "\nMAIL FROM:<x>\r\nRCPT TO:<y>\r\nDATA\r\nb\r\n.\r\n"),
		SERVER("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end,250" },
	{ "CRLF.CR without LF resets, its CR may have passed",
	  .opening = in_message,
	  .turns = { CLIENT_RESET("a\r\n.\rb", "a\r\n.\r") },
	  .phase = PHASE_CLOSED, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,reset" },
	{ "LF.LF resets if asked to",
	  .change = reset_ambiguous, .opening = in_message,
	  .turns = { CLIENT_RESET("a\n.\nb", "a\n.") },
	  .phase = PHASE_CLOSED, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,reset" },
	{ "LF.LF passes if asked to",
	  .change = accept_ambiguous, .opening = in_message,
	  .turns = { CLIENT("a\n.\nb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "ambiguous,end" },
	{ "CRLF.CR passes if asked to",
	  .change = accept_ambiguous, .opening = in_message,
	  .turns = { CLIENT("a\r\n.\rb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "ambiguous,end" },
};

static const struct dialogue newline_table[] = {
	{ "bare_newline=accept passes a CR or LF that stands alone",
	  .opening = in_message,
	  .turns = { CLIENT("a\nb\rc\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end" },
	{ "defang makes a blank of a LF",
	  .change = defang_newlines, .opening = in_message,
	  .turns = { CLIENT_AS("\na\n\nb\r\n.\r\n",
			       DEFANGED "a" DEFANGED DEFANGED "b\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_LF,
	  .trace = "bare,bare,bare,end" },
	{ "so that no dot is behind it",
	  .change = defang_newlines, .opening = in_message,
	  .turns = { CLIENT_AS("a\n.\r\nb\r\n.\r\n",
			       "a" DEFANGED ".\r\nb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_LF,
	  .trace = "bare,end" },
	{ "defang leaves a CR",
	  .change = defang_newlines, .opening = in_message,
	  .turns = { CLIENT("a\rb\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "bare,end" },
	{ "reset resets at a LF",
	  .change = reset_newlines, .opening = in_message,
	  .turns = { CLIENT_RESET("a\r\nb\nc\r\n", "a\r\nb") },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_LF,
	  .trace = "bare,reset" },
	{ "reset resets at the octet behind a CR",
	  .change = reset_newlines, .opening = in_message,
	  .turns = { CLIENT_RESET("a\r\nb\rc\r\n", "a\r\nb\r") },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_CR,
	  .trace = "bare,reset" },
	{ "reset passes lines that end with CRLF",
	  .change = reset_newlines, .opening = in_message,
	  .turns = { CLIENT("a\r\n\r\n..\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
};

KUNIT_ARRAY_PARAM(data, data_table, dialogue_name);
KUNIT_ARRAY_PARAM(message, message_table, dialogue_name);
KUNIT_ARRAY_PARAM(ambiguous, ambiguous_table, dialogue_name);
KUNIT_ARRAY_PARAM(newline, newline_table, dialogue_name);

/* The whole of a segment. */
static void feed(struct session *session, const struct policy *policy,
		 const char *octets, size_t length, struct step *step)
{
	session_segment(session, FROM_CLIENT, step);
	for (; length; octets += step->length, length -= step->length)
		session_feed(session, policy, FROM_CLIENT, octets, length,
			     step);
}

/* KB Q295725: every piece of it counts, and nothing but its pieces. */
static void segments_of_an_end_of_data_are_counted(struct kunit *test)
{
	static const u8 text[] = "ab\r\n.\r\n";
	struct policy policy;
	struct step step;
	unsigned int way;

	policy_default(&policy);
	for (way = 0; way < cuts_ways(7); way++) {
		struct session session = { };
		struct cuts cuts;
		size_t at, end;

		session_resync(&session);
		session_feed(&session, &policy, FROM_CLIENT,
			     "DATA\r\n", 6, &step);
		session_feed(&session, &policy, FROM_SERVER,
			     "354\n", 4, &step);
		KUNIT_ASSERT_EQ(test, session.phase, PHASE_BODY);
		cuts_begin(&cuts, way, 7);
		for (at = 0; at < 7; at = end) {
			end = cuts_end(&cuts, at);
			feed(&session, &policy, text + at, end - at, &step);
		}
		KUNIT_ASSERT_TRUE(test, step.events & STEP_DATA_END);
		KUNIT_ASSERT_EQ_MSG(test, step.segments,
				    1 + hweight8(way >> 2), "way %u", way);
	}
}

/* The server's segments are none of the message's. */
static void segments_of_the_server_are_not_counted(struct kunit *test)
{
	struct session session = { };
	struct policy policy;
	struct step step;

	policy_default(&policy);
	session_resync(&session);
	session_feed(&session, &policy, FROM_CLIENT, "DATA\r\n", 6, &step);
	session_feed(&session, &policy, FROM_SERVER,
		     "354\n", 4, &step);
	feed(&session, &policy, "a\r\n.", 4, &step);
	session_segment(&session, FROM_SERVER, &step);
	feed(&session, &policy, "\r\n", 2, &step);
	KUNIT_EXPECT_TRUE(test, step.events & STEP_DATA_END);
	KUNIT_EXPECT_EQ(test, step.segments, 2);
}

static struct kunit_case session_data_cases[] = {
	DIALOGUES(data, only_a_354_to_data_opens_a_message),
	DIALOGUES(message, messages_go_through),
	DIALOGUES(ambiguous, ambiguous_ends_of_data_end_nothing),
	DIALOGUES(newline, newlines_that_stand_alone_are_judged),
	KUNIT_CASE(segments_of_an_end_of_data_are_counted),
	KUNIT_CASE(segments_of_the_server_are_not_counted),
	{}
};

static struct kunit_suite session_data_suite = {
	.name = "smtpguard_session_data",
	.test_cases = session_data_cases,
};

kunit_test_suite(session_data_suite);
