// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as they mostly are (RFC 5321 section 3), sessions that are only
 * watched, and sessions that are first seen late.  The other session_*_test.c
 * have one part of the protocol each.
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
		CLIENT("BDAT 5 LAST\r\nhello"),
		SERVER("250 ok\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "reset,250,!VRFY" },
};

static const struct dialogue midstream_table[] = {
	{ "nothing is read before a reply",
	  .start = START_MIDSTREAM,
	  .turns = { CLIENT("VRFY\r\nBDAT 5\r\n.\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "" },
	{ "a reply finds the commands",
	  .start = START_MIDSTREAM,
	  .turns = {
		CLIENT("VRFY\r\n"),
		SERVER("252 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "252,!VRFY" },
	{ "only its last line does",
	  .start = START_MIDSTREAM,
	  .turns = { SERVER("250-mx\r\n"), CLIENT("VRFY\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "250-" },
	{ "the rest of a line does not",
	  .start = START_MIDSTREAM,
	  .turns = { SERVER("x 250 ok\r\n"), CLIENT("VRFY\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "unexpected" },
	{ "354 finds a message",
	  .start = START_MIDSTREAM,
	  .turns = {
		SERVER("354 go\r\n"),
		CLIENT_AS("VRFY\r\n.\r\nVRFY\r\n", "VRFY\r\n.\r\nXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,354,end,!VRFY" },
	{ "334 finds an AUTH exchange",
	  .start = START_MIDSTREAM,
	  .turns = {
		SERVER("334 VXNl\r\n"),
		CLIENT("VRFY\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "334,secret,235,!VRFY" },
	{ "354 to a DATA that was not seen opens a message",
	  .start = START_MIDSTREAM,
	  .turns = {
		SERVER("250 ok\r\n"),
		SERVER("354 go\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "250,begin,354,end" },
	{ "EHLO and MAIL may have come before it was seen",
	  .change = policy_keep_order, .start = START_MIDSTREAM,
	  .turns = {
		SERVER("250 ok\r\n"),
		CLIENT("RCPT\r\nDATA\r\n"),
		SERVER("250 ok\r\n354 go\r\n"),
		CLIENT(".\r\nMAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "250,RCPT,DATA,250,begin,354,end,MAIL" },
	{ "what comes behind EHLO is seen",
	  .change = policy_keep_order, .start = START_MIDSTREAM,
	  .turns = {
		SERVER("250 ok\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250 mx\r\n"),
		CLIENT_AS("RCPT\r\n", "RXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER },
	{ "but no longer once EHLO was answered",
	  .start = START_MIDSTREAM,
	  .turns = {
		SERVER("250 ok\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250 mx\r\n"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "250,EHLO,250,unexpected,354,reset" },
};

KUNIT_ARRAY_PARAM(plain, plain_table, dialogue_name);
KUNIT_ARRAY_PARAM(monitor, monitor_table, dialogue_name);
KUNIT_ARRAY_PARAM(midstream, midstream_table, dialogue_name);

static struct kunit_case session_cases[] = {
	DIALOGUES(plain, sessions_go_through),
	DIALOGUES(monitor, monitor_changes_nothing),
	DIALOGUES(midstream, the_phase_is_found_by_replies),
	{}
};

static struct kunit_suite session_suite = {
	.name = "smtpguard_session",
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);
