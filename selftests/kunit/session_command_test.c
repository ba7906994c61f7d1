// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines in their sessions (RFC 5321 section 4.1): line ends and
 * octets (sections 2.3.8 and 4.5.2, RFC 6531), the order of commands (section
 * 4.1.4), paths (section 4.1.2, appendix C).
 */
#include "core/capability.h"
#include "dialogue.h"
#include "policies.h"

static void defang_newlines(struct policy *policy)
{
	policy->bare_newline = BARE_NEWLINE_DEFANG;
}

static void reset_newlines(struct policy *policy)
{
	policy->bare_newline = BARE_NEWLINE_RESET;
}

static void hide_smtputf8(struct policy *policy)
{
	u8 row = word_find(&capability_table, "SMTPUTF8", 8);

	policy->capabilities &= ~(1ULL << row);
}

static void vouch_for_a_verb(struct policy *policy)
{
	static const struct word words[] = { { .name = "XLOOP" } };
	static const struct word_table table = { words, 1 };

	policy->extra_verbs = &table;
}

static const struct dialogue line_table[] = {
	{ "a bare LF ends a line",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("NOOP\nVRFY a\nRSET\r\n", "NOOP\nXXXXXX\nRSET\r\n"),
		SERVER("250 ok\r\n500 what\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "bare,NOOP,bare,!VRFY,RSET,250,500,250" },
	{ "bare_newline=defang makes a blank of it, and the line goes on",
	  .change = defang_newlines, .opening = greeted,
	  .turns = {
		CLIENT_AS("NOOP\nVRFY\n\na\r\n", "NOOP VRFY  a\r\n"),
		SERVER("250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_LF,
	  .trace = "bare,bare,bare,NOOP,250" },
	{ "a verb that goes on behind it is none",
	  .change = defang_newlines, .opening = greeted,
	  .turns = { CLIENT_AS("NO\nOP\r\n", "NO XX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "bare,!unknown" },
	{ "a verb behind one that begins the line is none",
	  .change = defang_newlines, .opening = greeted,
	  .turns = { CLIENT_AS("\nNOOP\r\n", " XXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "bare,!unknown" },
	{ "in a line that is masked it is masked too",
	  .change = defang_newlines, .opening = greeted,
	  .turns = { CLIENT_AS("VRFY\na\r\n", "XXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "bare,!VRFY" },
	{ "bare_newline=reset resets at it",
	  .change = reset_newlines, .opening = greeted,
	  .turns = { CLIENT_RESET("RSET\r\nNOOP\nRSET\r\n", "RSET\r\nNOOP") },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_LF,
	  .trace = "RSET,bare,reset" },
	{ "behind a refused verb too",
	  .change = reset_newlines, .opening = greeted,
	  .turns = { CLIENT_RESET("VRFY\n", "XXXX") },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_LF,
	  .trace = "bare,reset" },
	{ "a LF behind two CRs is not bare",
	  .change = reset_newlines, .opening = greeted,
	  .turns = { CLIENT("NOOP\r\r\n"), SERVER("250 ok\r\n") },
	  .phase = PHASE_COMMAND, .trace = "NOOP,250" },
	{ "a bare CR is refused whatever bare_newline is",
	  .change = reset_newlines, .opening = greeted,
	  .turns = { CLIENT_AS("NOOP\rVRFY\r\n", "NOOP\rXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_CR,
	  .trace = "!NOOP" },
	{ "refuse=reset resets at the octet behind a bare CR",
	  .change = policy_refuse_by_reset, .opening = greeted,
	  .turns = { CLIENT_RESET("NOOP\rVRFY\r\n", "NOOP\r") },
	  .phase = PHASE_CLOSED, .reason = REASON_BARE_CR,
	  .trace = "reset" },
	{ "a verb in no table that is allowed",
	  .change = vouch_for_a_verb, .opening = greeted,
	  .turns = {
		CLIENT_AS("XLOOP a\r\nxloop\r\nXLOOPS\r\nXLOO a\r\n",
			  "XLOOP a\r\nxloop\r\nXLOOPX\r\nXLOOXX\r\n"),
		SERVER("250 a\r\n500 b\r\n500 c\r\n500 d\r\n"),
		CLIENT("NOOP\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "unknown,unknown,!unknown,!unknown,250,500,500,500,NOOP" },
	{ "a verb in no table that asks for more",
	  .change = vouch_for_a_verb, .opening = greeted,
	  .turns = {
		CLIENT("XLOOP\r\n"), SERVER("334 go\r\n"),
		CLIENT_RESET("abc\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_EXTRA,
	  .trace = "unknown,334,reset" },
	{ "a NUL in an argument",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL FROM:<a\0b> X\r\n", "MAIL FROM:<aXXXXX\r\n"),
		SERVER("501 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_OCTET,
	  .trace = "!MAIL,501" },
	{ "8 bits where SMTPUTF8 may be seen",
	  .opening = greeted,
	  .turns = { CLIENT("MAIL FROM:<\xc3\xbc@x>\r\n") },
	  .phase = PHASE_COMMAND, .trace = "MAIL" },
	{ "8 bits where it may not",
	  .change = hide_smtputf8, .opening = greeted,
	  .turns = { CLIENT_AS("MAIL FROM:<\x7f\x80@x>\r\n",
			       "MAIL FROM:<\x7fXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_OCTET,
	  .trace = "!MAIL" },
	{ "Mailguard takes no 8 bits in an address",
	  .change = policy_mailguard,
	  .turns = { CLIENT_AS("HELO \xff\r\nMAIL \xff\r\n",
			       "HELO \xff\r\nMAIL X\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_OCTET,
	  .trace = "HELO,!MAIL" },
	{ "refused commands in a group are answered each",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL FROM:<>\r\nVRFY a\r\nRCPT TO:<b>\r\n",
			  "MAIL FROM:<>\r\nXXXXXX\r\nRCPT TO:<b>\r\n"),
		SERVER("250 ok\r\n500 what\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "MAIL,!VRFY,RCPT,250,500,250" },
};

static void keep_order_of_chunks(struct policy *policy)
{
	policy_chunking(policy);
	policy_keep_order(policy);
}

static void keep_order_of_questions(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_VRFY) | VERB_BIT(VERB_EXPN));
	policy_keep_order(policy);
}

static void keep_order_by_reset(struct policy *policy)
{
	policy_refuse_by_reset(policy);
	policy_keep_order(policy);
}

static const struct dialogue order_table[] = {
	{ "commands out of order are told, and left to the server",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("MAIL FROM:<>\r\n"),
		SERVER("503 hello\r\n"),
		CLIENT("RCPT TO:<b>\r\nDATA\r\n"),
		SERVER("503 no\r\n503 no\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,order,MAIL,503,order,RCPT,order,DATA,503,503" },
	{ "command_order=refuse passes two messages in order",
	  .change = policy_keep_order, .opening = in_message,
	  .turns = {
		CLIENT(".\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT(".\r\n"),
		SERVER("250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "end,MAIL,RCPT,DATA,250,250,250,begin,354,end,250" },
	{ "MAIL before HELO",
	  .change = policy_keep_order,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_AS("MAIL FROM:<>\r\n", "XXXXXXXXXXXX\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("HELO c\r\nMAIL FROM:<>\r\n"),
		SERVER("250 mx\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "greeting,220,!MAIL,500,HELO,MAIL,250,250" },
	{ "what needs no HELO",
	  .change = keep_order_of_questions,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("HELP\r\nNOOP\r\nRSET\r\nVRFY\r\nEXPN\r\nQUIT\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,HELP,NOOP,RSET,VRFY,EXPN,QUIT" },
	{ "MAIL inside a transaction",
	  .change = policy_keep_order, .opening = in_transaction,
	  .turns = {
		CLIENT_AS("MAIL\r\nDATA\r\n", "XXXX\r\nDATA\r\n"),
		SERVER("500 what\r\n354 go\r\n"),
		CLIENT(".\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "!MAIL,DATA,500,begin,354,end" },
	{ "RCPT and DATA outside of one",
	  .change = policy_keep_order, .opening = greeted,
	  .turns = { CLIENT_AS("RCPT TO:<b>\r\nDATA\r\n",
			       "RXXXXXXXXXX\r\nXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "!RCPT,!DATA" },
	{ "BDAT outside of one is only told, for it must not be masked",
	  .change = keep_order_of_chunks, .opening = in_chunking,
	  .turns = {
		CLIENT("RSET\r\nMAIL\r\nRCPT\r\n"),
		SERVER("250 a\r\n550 b\r\n"),
		CLIENT("BDAT 4\r\nVRFY"),
		SERVER("503 c\r\n503 d\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "RSET,MAIL,RCPT,250,550,begin,order,BDAT,503,503" },
	{ "RSET ends a transaction",
	  .change = policy_keep_order, .opening = in_transaction,
	  .turns = { CLIENT_AS("RSET\r\nRCPT\r\nMAIL\r\n",
			       "RSET\r\nRXXX\r\nMAIL\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "RSET,!RCPT,MAIL" },
	{ "so do EHLO and HELO",
	  .change = policy_keep_order, .opening = in_transaction,
	  .turns = { CLIENT_AS("EHLO c\r\nRCPT\r\nMAIL\r\nHELO c\r\nMAIL\r\n",
			       "EHLO c\r\nRXXX\r\nMAIL\r\nHELO c\r\nMAIL\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "EHLO,!RCPT,MAIL,HELO,MAIL" },
	{ "so does an end of data, before its reply",
	  .change = policy_keep_order, .opening = in_message,
	  .turns = { CLIENT_AS(".\r\nRCPT\r\nMAIL\r\n",
			       ".\r\nRXXX\r\nMAIL\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "end,!RCPT,MAIL" },
	{ "MAIL that the server refuses begins none",
	  .change = policy_keep_order, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\n"),
		SERVER("451 later\r\n"),
		CLIENT_AS("RCPT\r\nMAIL\r\n", "RXXX\r\nMAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_ORDER,
	  .trace = "MAIL,451,!RCPT,MAIL" },
	{ "its refusal does not end the next one's",
	  .change = policy_keep_order, .opening = greeted,
	  .turns = {
		CLIENT("MAIL\r\nRSET\r\nMAIL\r\n"),
		SERVER("550 no\r\n250 ok\r\n"),
		CLIENT("RCPT\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "MAIL,RSET,MAIL,550,250,RCPT" },
	{ "RCPT and DATA that the server refuses end none",
	  .change = policy_keep_order, .opening = in_transaction,
	  .turns = {
		CLIENT("RCPT\r\nDATA\r\n"),
		SERVER("550 no\r\n554 no\r\n"),
		CLIENT("RCPT\r\nDATA\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "RCPT,DATA,550,554,RCPT,DATA" },
	{ "refuse=reset resets at the first octet out of order",
	  .change = keep_order_by_reset, .opening = greeted,
	  .turns = { CLIENT_RESET("RSET\r\nRCPT\r\n", "RSET\r\nR") },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "RSET,reset" },
};

static void paths_of_16(struct policy *policy)
{
	policy->max_path = 16;
}

static void paths_of_16_or_reset(struct policy *policy)
{
	paths_of_16(policy);
	policy_refuse_by_reset(policy);
}

static void plain_paths(struct policy *policy)
{
	policy->special_characters = CHECK_REFUSE;
	policy->source_routes = CHECK_REFUSE;
	policy->percent_hack = CHECK_REFUSE;
}

static const struct word own_domains[] = {
	{ "EXAMPLE.ORG", 0 },
	{ "MAIL.EXAMPLE.COM", 0 },
};

static const struct word_table own_domain_table = {
	own_domains, ARRAY_SIZE(own_domains),
};

static void own_domains_only(struct policy *policy)
{
	policy->relay_domains = &own_domain_table;
}

static const struct dialogue path_table[] = {
	{ "a sender of max_path, and its parameters",
	  .change = paths_of_16, .opening = greeted,
	  .turns = { CLIENT("MAIL FROM:<abcd@x.example> SIZE=123456789\r\n") },
	  .phase = PHASE_COMMAND, .trace = "MAIL" },
	{ "a sender of one octet more",
	  .change = paths_of_16, .opening = greeted,
	  .turns = { CLIENT_AS("MAIL FROM:<abcde@x.example> SIZE=1\r\n",
			       "MAIL FROM:<abcde@x.exampleXXXXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_PATH, .trace = "!MAIL" },
	{ "a recipient of max_path",
	  .change = paths_of_16, .opening = in_transaction,
	  .turns = { CLIENT("RCPT TO: <abcd@x.example>\r\n") },
	  .phase = PHASE_COMMAND, .trace = "RCPT" },
	{ "a recipient of one octet more",
	  .change = paths_of_16, .opening = in_transaction,
	  .turns = { CLIENT_AS("RCPT TO:<abcde@x.example>\r\n",
			       "RCPT TO:<abcde@x.exampleX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_PATH, .trace = "!RCPT" },
	{ "refuse=reset resets at that octet",
	  .change = paths_of_16_or_reset, .opening = in_transaction,
	  .turns = { CLIENT_RESET("RCPT TO:<abcde@x.example>\r\n",
				  "RCPT TO:<abcde@x.example") },
	  .phase = PHASE_CLOSED, .reason = REASON_PATH, .trace = "reset" },
	{ "special characters",
	  .change = plain_paths, .opening = in_transaction,
	  .turns = {
		CLIENT_AS("RCPT TO:<|sh>\r\nRCPT TO:<\"|\"`a`>\r\n",
			  "RCPT TO:<XXXX\r\nRCPT TO:<\"|\"XXXX\r\n"),
		SERVER("501 a\r\n501 b\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_SPECIAL_CHARACTER,
	  .trace = "!RCPT,!RCPT,501,501" },
	{ "a source route",
	  .change = plain_paths, .opening = in_transaction,
	  .turns = { CLIENT_AS("RCPT TO:<@a,@b:c@d>\r\n",
			       "RCPT TO:<XXXXXXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_SOURCE_ROUTE,
	  .trace = "!RCPT" },
	{ "the percent hack and the bang path",
	  .change = plain_paths, .opening = in_transaction,
	  .turns = { CLIENT_AS("RCPT TO:<u%h@x>\r\nRCPT TO:<h!u@x>\r\n",
			       "RCPT TO:<uXXXXX\r\nRCPT TO:<hXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_PERCENT_HACK,
	  .trace = "!RCPT,!RCPT" },
	{ "quoted strings are never judged",
	  .change = plain_paths, .opening = in_transaction,
	  .turns = { CLIENT("RCPT TO:<\"|`;%!@:> \\\"|\"@x>\r\n") },
	  .phase = PHASE_COMMAND, .trace = "RCPT" },
	{ "only MAIL, its kin and RCPT have paths",
	  .change = plain_paths, .opening = greeted,
	  .turns = { CLIENT("NOOP <@a:b%c!d|e>\r\nHELP :|\r\n") },
	  .phase = PHASE_COMMAND, .trace = "NOOP,HELP" },
	{ "recipients in domains of relay_domains",
	  .change = own_domains_only, .opening = in_transaction,
	  .turns = { CLIENT("RCPT TO:<a@example.org>\r\n"
			    "RCPT TO: a@Mail.Example.COM\r\n"
			    "RCPT TO:<postmaster>\r\n") },
	  .phase = PHASE_COMMAND, .trace = "RCPT,RCPT,RCPT" },
	{ "recipients in others",
	  .change = own_domains_only, .opening = in_transaction,
	  .turns = {
		CLIENT_AS("RCPT TO:<a@example.com>\r\n"
			  "RCPT TO:<a@b.example.org>\r\n"
			  "RCPT TO:<a@example.org.uk>\r\n"
			  "RCPT TO:<@example.org:a@evil>\r\n",
			  "RCPT TO:<a@example.XXXX\r\n"
			  "RCPT TO:<a@XXXXXXXXXXXXXX\r\n"
			  "RCPT TO:<a@example.orgXXXX\r\n"
			  "RCPT TO:<@example.org:a@eXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RELAY,
	  .trace = "!RCPT,!RCPT,!RCPT,!RCPT" },
	{ "a domain that only begins as one of them",
	  .change = own_domains_only, .opening = in_transaction,
	  .turns = { CLIENT_AS("RCPT TO:<a@example.or>\r\n",
			       "RCPT TO:<a@example.orX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_RELAY,
	  .trace = "!RCPT" },
	{ "one that has passed before the line end shows it",
	  .change = own_domains_only, .opening = in_transaction,
	  .turns = { CLIENT_RESET("RCPT TO:a@example.or\r\n",
				  "RCPT TO:a@example.or") },
	  .phase = PHASE_CLOSED, .reason = REASON_RELAY,
	  .trace = "reset" },
	{ "senders may be in any domain",
	  .change = own_domains_only, .opening = greeted,
	  .turns = { CLIENT("MAIL FROM:<a@evil>\r\n") },
	  .phase = PHASE_COMMAND, .trace = "MAIL" },
	{ "a refused recipient between two others",
	  .change = own_domains_only, .opening = in_transaction,
	  .turns = {
		CLIENT_AS("RCPT TO:<a@evil>\r\nRCPT TO:<b>\r\nDATA\r\n",
			  "RCPT TO:<a@eXXXX\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("501 what\r\n250 ok\r\n354 go\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RELAY,
	  .trace = "!RCPT,RCPT,DATA,501,250,begin,354,end" },
};

KUNIT_ARRAY_PARAM(line, line_table, dialogue_name);
KUNIT_ARRAY_PARAM(order, order_table, dialogue_name);
KUNIT_ARRAY_PARAM(path, path_table, dialogue_name);

static struct kunit_case session_command_cases[] = {
	DIALOGUES(line, line_ends_and_octets_are_judged),
	DIALOGUES(order, commands_come_in_order),
	DIALOGUES(path, paths_are_judged),
	{}
};

static struct kunit_suite session_command_suite = {
	.name = "smtpguard_session_command",
	.test_cases = session_command_cases,
};

kunit_test_suite(session_command_suite);
