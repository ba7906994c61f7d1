// SPDX-License-Identifier: GPL-2.0
/*
 * From the end of data to its final reply nothing may reset, or the client
 * would send the message again (RFC 5321 section 6.1, RFC 1047).
 */
#include "dialogue.h"
#include "policies.h"

static void two_refused(struct policy *policy)
{
	policy->max_refused = 2;
}

static void one_message(struct policy *policy)
{
	policy->max_messages = 1;
}

static void reset_newlines(struct policy *policy)
{
	policy->bare_newline = BARE_NEWLINE_RESET;
}

static void lines_of_16(struct policy *policy)
{
	policy->max_command_line = 16;
	policy->max_reply_line = 16;
	policy->max_text_line = 16;
}

static void with_burl(struct policy *policy)
{
	policy->verbs |= VERB_BIT(VERB_BURL);
}

#define EIGHT_REPLIES	SERVER("250 a\r\n250 a\r\n250 a\r\n250 a\r\n" \
			       "250 a\r\n250 a\r\n250 a\r\n250 a\r\n")

static const struct dialogue committed_table[] = {
	{ "an end of data behind as many commands as may be is waited for",
	  .change = with_burl, .opening = crowded,
	  .turns = {
		CLIENT("BURL imap://x LAST\r\n"),
		CLIENT("NOOP\r\n"),
		EIGHT_REPLIES, EIGHT_REPLIES, EIGHT_REPLIES, EIGHT_REPLIES,
		EIGHT_REPLIES, EIGHT_REPLIES, EIGHT_REPLIES,
		CLIENT_AS("HELP\r\n", "XXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_PIPELINE },
	{ "an unmaskable verb waits for the final reply, then resets",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 5 LAST\r\nhello\r\n",
			  "BDATXXXXXXX\r\nXXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "250,reset" },
	{ "the server's next octets reset as well",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("250 queued\r\n"),
		SERVER_RESET("500 what\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "250,reset" },
	{ "a final reply of several lines passes whole",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("250-queued\r\n250 as 1\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "250-,250,reset" },
	{ "refuse=reset waits too, and masks meanwhile",
	  .change = policy_refuse_by_reset, .opening = message_sent,
	  .turns = {
		CLIENT_AS("EXPN a\r\nNOOP\r\n", "EXXXXX\r\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "250,reset" },
	{ "from the first refused octet on, so that no command is told",
	  .change = policy_refuse_by_reset, .opening = message_sent,
	  .turns = {
		CLIENT_AS("V*\nNOOP\n", "XX\nXXXX\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "250,reset" },
	{ "so does one refused command too many",
	  .change = two_refused, .opening = message_sent,
	  .turns = {
		CLIENT_AS("V\nV\nV\nNOOP\n", "X\nX\nX\nXXXX\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REFUSED,
	  .trace = "bare,!unknown,bare,!unknown,bare,!unknown,250,reset" },
	{ "so does one message too many",
	  .change = one_message, .opening = message_sent,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\n", "MAIL\r\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		SERVER_RESET("250 ok\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_MESSAGES,
	  .trace = "MAIL,250,reset" },
	{ "so does another protocol",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("GET /\r\nHost: x\r\n", "XXXXX\r\nXXXXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "250,reset" },
	{ "so does a bare LF",
	  .change = reset_newlines, .opening = message_sent,
	  .turns = {
		CLIENT_AS("NOOP\nNOOP\n", "NOOPXXXXX\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_LF,
	  .trace = "bare,250,reset" },
	{ "so does a sync point that is not kept",
	  .change = policy_wait, .opening = message_sent,
	  .turns = {
		CLIENT_AS("QUIT\r\nNOOP\r\n", "QUIT\r\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		SERVER_RESET("221 bye\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "QUIT,sync,250,reset" },
	{ "so does a BDAT whose size cannot be told",
	  .change = policy_chunking, .opening = chunking_message_sent,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\nBDAT x\r\nNOOP\r\n",
			  "MAIL\r\nRCPT\r\nBDAT X\r\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_CHUNK,
	  .trace = "MAIL,RCPT,250,reset" },
	{ "a refused message is a final reply too",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("554 spam\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "554,reset" },
	{ "what is to blame does not pass, be it a line's end",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT\r\nNOOP\r\n", "BDATX\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "250,reset" },
	{ "so is 421",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("421 bye\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "421,reset" },
	{ "a line that is no reply is not",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("what\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
		SERVER("451 later\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "unexpected,451,reset" },
	{ "a message in chunks is waited for too",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT_AS("BDAT 2\r\nabBDAT 2 LAST\r\ncdGET /\r\n",
			  "BDAT 2\r\nabBDAT 2 LAST\r\ncdXXXXX\r\n"),
		SERVER("250 a\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "begin,BDAT,BDAT,end,250,250,reset" },
	{ "the second message is waited for, when the first is answered",
	  .change = policy_chunking, .opening = chunking_message_sent,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\nBDAT 1 LAST\r\naBDAT x\r\n",
			  "MAIL\r\nRCPT\r\nBDAT 1 LAST\r\naBDATXX\r\n"),
		SERVER("250 queued\r\n250 b\r\n250 c\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NO_RECIPIENT,
	  .trace = "MAIL,RCPT,begin,BDAT,end,250,250,250,250,reset" },
	{ "until then it is condemned",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_CONDEMNED, .reason = REASON_UNMASKABLE,
	  .trace = "" },
	{ "what is merely refused does not condemn",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("VRFY\r\nNOOP\r\n", "XXXX\r\nNOOP\r\n"),
		SERVER("250 queued\r\n500 what\r\n250 ok\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!VRFY,NOOP,250,500,250,QUIT" },
	{ "once it is answered a reset is one again",
	  .opening = message_taken,
	  .turns = { CLIENT_RESET("BDAT 0\r\n", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "reset" },
};

static const struct dialogue long_line_table[] = {
	{ "a line of a message over its limit passes",
	  .change = lines_of_16, .opening = in_message,
	  .turns = {
		CLIENT("0123456789abcdefghi\r\n.\r\n"),
		SERVER("250 q\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
	{ "a final reply over its limit passes",
	  .change = lines_of_16, .opening = in_message,
	  .turns = {
		CLIENT(".\r\n"),
		SERVER("250 queued as 0123456789abcdef\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "end,long,250,QUIT" },
	{ "a command line over its limit is masked behind it",
	  .change = lines_of_16, .opening = in_message,
	  .turns = {
		CLIENT_AS(".\r\nNOOP 0123456789abcdef\r\n",
			  ".\r\nNOOP 012345678XXXXXXX\r\n"),
		SERVER("250 queued\r\n500 what\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_COMMAND_LINE,
	  .trace = "end,!NOOP,250,500,QUIT" },
};

KUNIT_ARRAY_PARAM(committed, committed_table, dialogue_name);
KUNIT_ARRAY_PARAM(long_line, long_line_table, dialogue_name);

static void a_session_is_committed_until_the_final_reply(struct kunit *test)
{
	struct session session = { };
	struct policy policy;
	struct step step;

	policy_default(&policy);
	session_resync(&session);
	session_feed(&session, &policy, FROM_CLIENT, "DATA\r\n", 6, &step);
	session_feed(&session, &policy, FROM_SERVER,
		     "354\n", 4, &step);
	KUNIT_EXPECT_FALSE(test, session_committed(&session));
	/* what tells how lines end is a step of its own */
	session_feed(&session, &policy, FROM_CLIENT, ".\r", 2, &step);
	session_feed(&session, &policy, FROM_CLIENT, "\n", 1, &step);
	KUNIT_EXPECT_TRUE(test, session_committed(&session));
	session_feed(&session, &policy, FROM_SERVER,
		     "250-a\n", 6, &step);
	KUNIT_EXPECT_TRUE(test, session_committed(&session));
	session_feed(&session, &policy, FROM_SERVER,
		     "250 b\n", 6, &step);
	KUNIT_EXPECT_FALSE(test, session_committed(&session));
}

static struct kunit_case session_commitment_cases[] = {
	DIALOGUES(committed, nothing_resets_before_a_final_reply),
	DIALOGUES(long_line, no_long_line_resets),
	KUNIT_CASE(a_session_is_committed_until_the_final_reply),
	{}
};

static struct kunit_suite session_commitment_suite = {
	.name = "smtpguard_session_commitment",
	.test_cases = session_commitment_cases,
};

kunit_test_suite(session_commitment_suite);
