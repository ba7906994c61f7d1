// SPDX-License-Identifier: GPL-2.0
/*
 * Counts that a policy acts on: recipients (RFC 5321 section 4.5.3.1.8),
 * refused commands, errors and messages of one session.
 */
#include "dialogue.h"
#include "policies.h"

static void two_recipients(struct policy *policy)
{
	policy->max_recipients = 2;
}

static void two_refused(struct policy *policy)
{
	policy->max_refused = 2;
}

static void any_refused(struct policy *policy)
{
	policy->max_refused = 0;
}

static void two_errors(struct policy *policy)
{
	policy->max_errors = 2;
}

static void two_errors_in_chunks(struct policy *policy)
{
	two_errors(policy);
	policy_chunking(policy);
}

static void two_of_all(struct policy *policy)
{
	two_recipients(policy);
	two_refused(policy);
	two_errors(policy);
}

static void two_messages(struct policy *policy)
{
	policy->max_messages = 2;
}

static void two_messages_in_chunks(struct policy *policy)
{
	two_messages(policy);
	policy_chunking(policy);
}

static const struct dialogue recipient_table[] = {
	{ "recipients over the limit are refused",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT A\r\nRCPT B\r\nRCPT C\r\nRSET\r\n",
			  "MAIL\r\nRCPT A\r\nRCPT B\r\nRCPT  \r\nRSET\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS,
	  .trace = "MAIL,RCPT,RCPT,!RCPT,RSET" },
	{ "whatever octets they have",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\nRCPT\r\nRCPT TO:\0\xff\r\n",
			  "MAIL\r\nRCPT\r\nRCPT\r\nRCPT TO:  \r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS },
	{ "MAIL begins to count them anew",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\nRSET\r\n"),
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\n"),
	  },
	  .phase = PHASE_COMMAND },
	{ "nothing else does",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\nRCPT\r\nRSET\r\nRCPT C\r\n",
			  "MAIL\r\nRCPT\r\nRCPT\r\nRSET\r\nRCPT  \r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS },
	{ "a refused MAIL does not",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("RCPT\r\nRCPT\r\nMAIL \ra\r\nRCPT C\r\n",
			  "RCPT\r\nRCPT\r\nMAIL \rX\r\nRCPT  \r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS },
	{ "RCPT that is refused for its CR is not one too many",
	  .opening = greeted,
	  .turns = { CLIENT_AS("RCPT \ra\r\n", "RCPT \rX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_CR,
	  .trace = "!RCPT" },
	{ "the reply to them is a 4yz, and counts for no limit of errors",
	  .change = two_of_all, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT\r\nRCPT\r\nRCPT C\r\nRCPT D\r\nRCPT E\r\n",
			  "MAIL\r\nRCPT\r\nRCPT\r\nRCPT  \r\nRCPT  \r\nRCPT  \r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n"),
		SERVER_AS("501 5.5.4 d\r\n501 5.5.4 e\r\n501 5.5.4 f\r\n",
			  "401 4.5.4 d\r\n401 4.5.4 e\r\n401 4.5.4 f\r\n"),
		CLIENT("DATA\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS,
	  .trace = "MAIL,RCPT,RCPT,!RCPT,!RCPT,!RCPT,250,250,250,501,501,501,DATA" },
	{ "those that the server refuses count",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\n"),
		SERVER("250 a\r\n550 b\r\n550 c\r\n"),
		CLIENT_AS("RCPT TO:C\r\n", "RCPT TO: \r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS,
	  .trace = "MAIL,RCPT,RCPT,250,550,550,!RCPT" },
	{ "those that are refused here do not",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT a\0\r\nRCPT\r\nRCPT\r\nRCPT b\r\n",
			  "MAIL\r\nRCPT aX\r\nRCPT\r\nRCPT\r\nRCPT  \r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS,
	  .trace = "MAIL,!RCPT,RCPT,RCPT,!RCPT" },
};

static const struct dialogue refused_table[] = {
	{ "a refused command over the limit resets",
	  .change = two_refused, .opening = greeted,
	  .turns = {
		CLIENT_AS("VRFY\r\nNOOP\r\nVRFY\r\n",
			  "XXXX\r\nNOOP\r\nXXXX\r\n"),
		SERVER("500 a\r\n250 b\r\n500 c\r\n"),
		CLIENT_RESET("VRFY\r\nNOOP\r\n", "XXXX\r"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REFUSED },
	{ "no limit is none",
	  .change = any_refused, .opening = greeted,
	  .turns = {
		CLIENT_AS("V\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\n",
			  "X\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\n"),
		CLIENT_AS("V\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\nV\n",
			  "X\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\nX\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "refuse=reset resets at the first octet that is refused",
	  .change = policy_refuse_by_reset, .opening = greeted,
	  .turns = { CLIENT_RESET("NOOP\r\nEXPN a\r\n", "NOOP\r\nE") },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "NOOP,reset" },
	{ "an unmaskable verb resets whatever refuse is",
	  .opening = greeted,
	  .turns = { CLIENT_RESET("BDAT 5 LAST\r\nhello", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "reset" },
};

static const struct dialogue error_table[] = {
	{ "as many replies 5yz as may be",
	  .change = two_errors, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("550 a\r\n450 b\r\n503-c\r\n503 c\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "MAIL,RCPT,DATA,550,450,503-,503,NOOP,250" },
	{ "one more resets behind it",
	  .change = two_errors, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("550 a\r\n503 b\r\n503 c\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_ERRORS,
	  .trace = "MAIL,RCPT,DATA,550,503,503,reset" },
	{ "those to commands that were refused here count too",
	  .change = two_errors, .opening = greeted,
	  .turns = {
		CLIENT_AS("VRFY\r\nVRFY\r\nVRFY\r\n",
			  "XXXX\r\nXXXX\r\nXXXX\r\n"),
		SERVER("500 a\r\n500 b\r\n500 c\r\n"),
		SERVER_RESET("250 ok\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_ERRORS,
	  .trace = "!VRFY,!VRFY,!VRFY,500,500,500,reset" },
	{ "one that is the final reply to a message is forwarded first",
	  .change = two_errors, .opening = in_transaction,
	  .turns = {
		CLIENT("RCPT\r\nRCPT\r\nDATA\r\n"),
		SERVER("550 a\r\n550 b\r\n354 c\r\n"),
		CLIENT(".\r\n"),
		SERVER("554 d\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_ERRORS,
	  .trace = "RCPT,RCPT,DATA,550,550,begin,354,end,554,reset" },
	{ "one before it waits for the final reply",
	  .change = two_errors_in_chunks, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 1\r\naBDAT 1\r\nbBDAT 1\r\ncBDAT 0 LAST\r\n"),
		SERVER("552 a\r\n552 b\r\n552 c\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
		SERVER("503 d\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_ERRORS,
	  .trace = "begin,BDAT,BDAT,BDAT,end,BDAT,552,552,552,503,reset" },
	{ "one amid the chunks of a message does not cut it",
	  .change = two_errors_in_chunks, .opening = in_chunking,
	  .turns = {
		CLIENT("RCPT\r\nRCPT\r\nRCPT\r\nBDAT 4\r\nab"),
		SERVER("550 a\r\n550 b\r\n550 c\r\n"),
		CLIENT("cdBDAT 4 LAST\r\nefgh"),
		SERVER("250 d\r\n554 e\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_ERRORS,
	  .trace = "RCPT,RCPT,RCPT,begin,BDAT,550,550,550,BDAT,end,250,554,reset" },
	{ "no limit is none",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\nRCPT\r\nRCPT\r\n"),
		SERVER("550 a\r\n503 b\r\n503 c\r\n503 d\r\n503 e\r\n"),
		CLIENT("NOOP\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,RCPT,RCPT,RCPT,RCPT,550,503,503,503,503,NOOP" },
};

static const struct dialogue messages_table[] = {
	{ "as many messages as may be, and one MAIL more",
	  .change = two_messages, .opening = message_taken,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250 b\r\n354 c\r\n"),
		CLIENT(".\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("NOOP\r\nMAIL\r\nRCPT\r\n", "NOOP\r\nMAIL\r"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_MESSAGES,
	  .trace = "MAIL,RCPT,DATA,250,250,begin,354,end,250,NOOP,MAIL,reset" },
	{ "messages in chunks count too",
	  .change = two_messages_in_chunks, .opening = chunking_message_taken,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nBDAT 1 LAST\r\na"),
		SERVER("250 a\r\n250 b\r\n250 queued\r\n"),
		CLIENT_RESET("MAIL\r\n", "MAIL\r"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_MESSAGES,
	  .trace = "MAIL,RCPT,begin,BDAT,end,250,250,250,MAIL,reset" },
	{ "messages that were given up do not",
	  .change = two_messages, .opening = message_taken,
	  .turns = {
		CLIENT("MAIL\r\nRSET\r\nMAIL\r\nRSET\r\nMAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "MAIL,RSET,MAIL,RSET,MAIL" },
	{ "all but MAIL may come behind the last",
	  .change = two_messages, .opening = message_taken,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250 b\r\n354 c\r\n"),
		CLIENT(".\r\nRSET\r\nNOOP\r\nQUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,RCPT,DATA,250,250,begin,354,end,RSET,NOOP,QUIT" },
};

KUNIT_ARRAY_PARAM(recipient, recipient_table, dialogue_name);
KUNIT_ARRAY_PARAM(refused, refused_table, dialogue_name);
KUNIT_ARRAY_PARAM(error, error_table, dialogue_name);
KUNIT_ARRAY_PARAM(messages, messages_table, dialogue_name);

static struct kunit_case session_limit_cases[] = {
	DIALOGUES(recipient, max_recipients_refuses_one_more),
	DIALOGUES(refused, max_refused_resets_at_one_more),
	DIALOGUES(error, max_errors_resets_behind_one_more),
	DIALOGUES(messages, max_messages_resets_at_one_mail_more),
	{}
};

static struct kunit_suite session_limit_suite = {
	.name = "smtpguard_session_limit",
	.test_cases = session_limit_cases,
};

kunit_test_suite(session_limit_suite);
