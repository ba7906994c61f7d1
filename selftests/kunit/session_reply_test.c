// SPDX-License-Identifier: GPL-2.0
/*
 * Replies in their sessions (RFC 5321 section 4.2): what is one and what it
 * answers, 421 at any time (section 3.8), capabilities (section 4.1.1.1), the
 * greeting (section 4.3.1).
 */
#include "dialogue.h"
#include "policies.h"

static const struct dialogue closing_table[] = {
	{ "421 instead of a greeting",
	  .turns = { SERVER("421 busy\r\n") },
	  .phase = PHASE_COMMAND, .trace = "greeting,421" },
	{ "421 that nothing asked for",
	  .opening = greeted,
	  .turns = { SERVER("421 bye\r\n"), CLIENT("QUIT\r\n") },
	  .phase = PHASE_COMMAND, .trace = "421,QUIT" },
	{ "421 of several lines that nothing asked for",
	  .opening = greeted,
	  .turns = { SERVER("421-bye\r\n421 bye\r\n"), CLIENT("QUIT\r\n") },
	  .phase = PHASE_COMMAND, .trace = "421-,421,QUIT" },
	{ "421 to a command, and those behind it",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("421 bye\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "MAIL,RCPT,DATA,421,!VRFY" },
	{ "421 to DATA",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("421 bye\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "DATA,421,!VRFY" },
	{ "421 inside a message",
	  .opening = in_message,
	  .turns = {
		CLIENT("x\r\n"),
		SERVER("421 bye\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "421,end" },
	{ "421 to the end of data",
	  .opening = message_sent,
	  .turns = { SERVER("421 bye\r\n"), CLIENT("QUIT\r\n") },
	  .phase = PHASE_COMMAND, .trace = "421,QUIT" },
	{ "421 inside an AUTH exchange",
	  .opening = in_auth,
	  .turns = { SERVER("421 bye\r\n"), CLIENT("MAIL\r\n") },
	  .phase = PHASE_COMMAND, .trace = "421,secret" },
	{ "421 inside a chunk",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 8\r\nVRFY"),
		SERVER("421 bye\r\n"),
		CLIENT_AS("VRFYVRFY\r\n", "VRFYXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,BDAT,421,!VRFY" },
};

static void replies_of_16(struct policy *policy)
{
	policy->max_reply_line = 16;
}

static const struct dialogue reply_table[] = {
	{ "LF alone ends a reply, and it answers as any other",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("NOOP\r\nDATA\r\n"),
		SERVER("250-a\n250 b\n354 go\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,DATA,250-,250,begin,354,end" },
	{ "only the last of several lines answers",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("NOOP\r\nDATA\r\n"),
		SERVER("354-not\r\n250 yet\r\n250-354\r\n503 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "NOOP,DATA,354-,250,250-,503,!VRFY" },
	{ "lines that are no replies answer nothing",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("\r\n35\r\n3546 go\r\n354go\r\n 354 go\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
		SERVER("503 no\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "DATA,unexpected,unexpected,unexpected,unexpected,unexpected,!VRFY,503,500" },
	{ "codes out of range answer nothing",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("054 go\r\n154 go\r\n654 go\r\n954 go\r\n354 go\r\n"),
		CLIENT(".\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "DATA,unexpected,unexpected,unexpected,unexpected,begin,354,end" },
	{ "a line that is no reply inside of one",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("NOOP\r\nDATA\r\n"),
		SERVER("250-a\r\nwhat\r\n250 b\r\n354 go\r\n"),
		CLIENT(".\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,DATA,250-,unexpected,250,begin,354,end" },
	{ "more replies than commands are told and passed",
	  .opening = greeted,
	  .turns = { SERVER("250 a\r\n"), CLIENT("NOOP\r\n") },
	  .phase = PHASE_COMMAND, .trace = "unexpected,250,NOOP" },
	{ "a reply that nothing asked for answers no later command",
	  .opening = in_transaction,
	  .turns = {
		SERVER("250 a\r\n334 b\r\n220 c\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("354 go\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "unexpected,250,unexpected,334,unexpected,220,DATA,begin,354,end" },
	{ "a line over its limit is told, and answers all the same",
	  .change = replies_of_16, .opening = in_transaction,
	  .turns = {
		CLIENT("NOOP\r\nDATA\r\n"),
		SERVER("250 0123456789\r\n354 0123456789a\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "NOOP,DATA,250,long,begin,354,end" },
};

static const struct dialogue keyword_table[] = {
	{ "capabilities are hidden in the reply to EHLO alone",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("HELP\r\nEHLO c\r\n"),
		SERVER_AS("214-a\r\n214 VRFY\r\n250-mx\r\n250 VRFY\r\n",
			  "214-a\r\n214 VRFY\r\n250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220,HELP,EHLO,214-,214,250-,hidden,250" },
	{ "between replies of several lines to other commands",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\nEHLO c\r\nRSET\r\n"),
		SERVER_AS("250-a\r\n250 VRFY\r\n250-b\r\n250 VRFY\r\n250-c\r\n250 VRFY\r\n",
			  "250-a\r\n250 VRFY\r\n250-b\r\n250 XXXX\r\n250-c\r\n250 VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "NOOP,EHLO,RSET,250-,250,250-,hidden,250,250-,250" },
	{ "what is left of a keyword is that of no other",
	  .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250-CHUNKING\r\n250-SIZ 1\r\n250-SIZE=1\r\n250 SIZES\r\n",
			  "250-mx\r\n250-XXXXXXXX\r\n250-SIZXX\r\n250-SIZE=1\r\n250 SIZEX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,250-,hidden,250-,hidden,250-,250-,hidden,250" },
	{ "in the reply to a second EHLO too",
	  .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 EXPN\r\n", "250-mx\r\n250 EXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,250-,hidden,250,EHLO,250-,hidden,250" },
	{ "not in a refusal of EHLO, nor in what HELO gets then",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("502-no\r\n502 VRFY\r\n"),
		CLIENT("HELO c\r\n"),
		SERVER("250-mx\r\n250 VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,EHLO,502-,502,HELO,250-,250" },
};

static void mask_greeting(struct policy *policy)
{
	policy->greeting = GREETING_MASK;
}

static const struct dialogue greeting_table[] = {
	{ "the greeting is masked once",
	  .change = policy_mailguard,
	  .turns = {
		SERVER_AS("220 mx\r\n", "220 **\r\n"),
		CLIENT_AS("EHLO c\r\n", "XXXXXX\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("HELO c\r\n"),
		SERVER("220 mx\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "greeting,masked,220,!EHLO,500,HELO,220" },
	{ "a greeting of several lines",
	  .change = mask_greeting,
	  .turns = {
		SERVER_AS("220-mx.x ESMTP a\r\n220 b\r\n",
			  "220-xxxx ESMTP x\r\n220 x\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 mx.x\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220-,greeting,masked,220,NOOP,250" },
	{ "a client that speaks before the greeting's last line",
	  .turns = {
		SERVER("220-mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("220 mx\r\n250-mx\r\n250 VRFY\r\n",
			  "220 mx\r\n250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220-,EHLO,greeting,220,250-,hidden,250" },
};

KUNIT_ARRAY_PARAM(closing, closing_table, dialogue_name);
KUNIT_ARRAY_PARAM(reply, reply_table, dialogue_name);
KUNIT_ARRAY_PARAM(keyword, keyword_table, dialogue_name);
KUNIT_ARRAY_PARAM(greeting, greeting_table, dialogue_name);

static struct kunit_case session_reply_cases[] = {
	DIALOGUES(closing, a_server_may_close_at_any_time),
	DIALOGUES(reply, each_reply_answers_one_command),
	DIALOGUES(keyword, capabilities_are_hidden_in_the_reply_to_ehlo),
	DIALOGUES(greeting, the_greeting_is_masked_and_nothing_else),
	{}
};

static struct kunit_suite session_reply_suite = {
	.name = "smtpguard_session_reply",
	.test_cases = session_reply_cases,
};

kunit_test_suite(session_reply_suite);
