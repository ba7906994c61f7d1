// SPDX-License-Identifier: GPL-2.0
/*
 * The server saw an end of data where there was none (RFC 5321 section
 * 4.1.1.4): it answers inside of a message, or it takes the text behind for
 * commands that it does not know.
 */
#include "dialogue.h"
#include "policies.h"

static void log_desync(struct policy *policy)
{
	policy->desync = DESYNC_LOG;
}

static const struct dialogue answer_table[] = {
	{ "2yz inside of a message is told with desync=log",
	  .change = log_desync, .opening = in_message,
	  .turns = {
		CLIENT("x\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
		SERVER("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_DESYNC,
	  .trace = "unexpected,desync,250,end,250" },
	{ "and resets behind it by default",
	  .opening = in_message,
	  .turns = {
		CLIENT("x\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_DESYNC,
	  .trace = "unexpected,desync,250,reset" },
	{ "behind the last of its lines",
	  .opening = in_message,
	  .turns = {
		SERVER("250-queued\r\n"),
		CLIENT("x\r\n"),
		SERVER("250 as 1\r\n"),
		SERVER_RESET("250 ok\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_DESYNC,
	  .trace = "250-,unexpected,desync,250,reset" },
	{ "commands do not pass in a message that was broken off",
	  .opening = in_message,
	  .turns = {
		SERVER("552 large\r\n"),
		CLIENT_AS("VRFY root\r\nx\r\n.\r\n", "VRFXXXXXX\r\nx\r\n.\r\n"),
		SERVER("250 next\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_BROKEN_OFF },
	{ "4yz and 5yz break it off",
	  .opening = in_message,
	  .turns = {
		SERVER("421 bye\r\n451 later\r\n554 no\r\n"),
		CLIENT("x\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "421,unexpected,451,unexpected,554,end" },
	{ "nor is 2yz outside of a message",
	  .opening = message_taken,
	  .turns = { SERVER("250 what\r\n"), CLIENT("NOOP\r\n") },
	  .phase = PHASE_COMMAND, .trace = "unexpected,250,NOOP" },
};

static const struct dialogue unknown_table[] = {
	{ "five commands in a row that the server does not know are told",
	  .change = log_desync, .opening = message_taken,
	  .turns = {
		CLIENT("NOOP\r\nNOOP\r\nRSET\r\nHELP\r\nNOOP\r\n"),
		SERVER("500 a\r\n502 a\r\n500 a\r\n502 a\r\n500 a\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_DESYNC,
	  .trace = "NOOP,NOOP,RSET,HELP,NOOP,500,502,500,502,desync,500,NOOP,250" },
	{ "by default the fifth resets",
	  .opening = message_taken,
	  .turns = {
		CLIENT("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
		SERVER("500 a\r\n500 a\r\n500 a\r\n500 a\r\n500 a\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_DESYNC,
	  .trace = "NOOP,NOOP,NOOP,NOOP,NOOP,500,500,500,500,desync,500,reset" },
	{ "another reply in between begins the count anew",
	  .opening = message_taken,
	  .turns = {
		CLIENT("NOOP\r\nNOOP\r\nNOOP\r\n"),
		SERVER("500 a\r\n500 a\r\n250 a\r\n"),
		CLIENT("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
		SERVER("500 a\r\n500 a\r\n500 a\r\n500 a\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,NOOP,NOOP,500,500,250,NOOP,NOOP,NOOP,NOOP,500,500,500,500,QUIT" },
	{ "other codes are not counted",
	  .opening = message_taken,
	  .turns = {
		CLIENT("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
		SERVER("501 a\r\n503 a\r\n504 a\r\n550 a\r\n421 a\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,NOOP,NOOP,NOOP,NOOP,501,503,504,550,421,QUIT" },
	{ "before the first message there is nothing to lose track of",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
		SERVER("500 a\r\n500 a\r\n500 a\r\n500 a\r\n500 a\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,NOOP,NOOP,NOOP,NOOP,500,500,500,500,500,QUIT" },
	{ "what was masked here the server cannot know",
	  .opening = message_taken,
	  .turns = {
		CLIENT_AS("VRFY\r\nVRFY\r\nVRFY\r\nVRFY\r\nVRFY\r\n",
			  "XXXX\r\nXXXX\r\nXXXX\r\nXXXX\r\nXXXX\r\n"),
		SERVER("500 a\r\n500 a\r\n500 a\r\n500 a\r\n500 a\r\n"),
		CLIENT("QUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!VRFY,!VRFY,!VRFY,!VRFY,!VRFY,500,500,500,500,500,QUIT" },
};

KUNIT_ARRAY_PARAM(answer, answer_table, dialogue_name);
KUNIT_ARRAY_PARAM(unknown, unknown_table, dialogue_name);

static struct kunit_case session_desync_cases[] = {
	DIALOGUES(answer, a_server_that_answers_inside_of_a_message),
	DIALOGUES(unknown, a_server_that_does_not_know_what_it_gets),
	{}
};

static struct kunit_suite session_desync_suite = {
	.name = "smtpguard_session_desync",
	.test_cases = session_desync_cases,
};

kunit_test_suite(session_desync_suite);
