// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions that are not one client's and one server's, with one reply to a
 * message: LMTP (RFC 2033), PRDR (draft-hall-prdr), TURN (RFC 821 section
 * 3.8) and ATRN (RFC 2645), XCLIENT (Postfix XCLIENT_README).
 */
#include "core/verb.h"
#include "dialogue.h"
#include "policies.h"

static void allow_lhlo(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_LHLO));
}

static void allow_lhlo_and_chunks(struct policy *policy)
{
	allow_lhlo(policy);
	policy_chunking(policy);
}

static const struct turn in_lmtp[] = {
	SERVER("220 mx LMTP\r\n"),
	CLIENT("LHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	{ }
};

static const struct turn in_lmtp_with_chunking[] = {
	SERVER("220 mx LMTP\r\n"),
	CLIENT("LHLO c\r\n"),
	SERVER("250-mx\r\n250 CHUNKING\r\n"),
	{ }
};

/* To three recipients, of whom two are taken. */
static const struct turn in_lmtp_message[] = {
	SERVER("220 mx LMTP\r\n"),
	CLIENT("LHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL\r\nRCPT b\r\nRCPT c\r\nRCPT d\r\nDATA\r\n"),
	SERVER("250 a\r\n250 b\r\n550 c\r\n250 d\r\n354 e\r\n"),
	{ }
};

static const struct dialogue lmtp_table[] = {
	{ "a reply for each recipient that was taken",
	  .change = allow_lhlo, .opening = in_lmtp_message,
	  .turns = {
		CLIENT("x\r\n.\r\n"),
		SERVER("250 b\r\n452 d\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "end,250,452,NOOP,250,unexpected,250" },
	{ "replies of several lines",
	  .change = allow_lhlo, .opening = in_lmtp_message,
	  .turns = {
		CLIENT(".\r\nDATA\r\n"),
		SERVER("250-b\r\n250 b\r\n250-d\r\n250 d\r\n503 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "end,order,DATA,250-,250,250-,250,503,!VRFY" },
	{ "the next message behind the dot",
	  .change = allow_lhlo, .opening = in_lmtp_message,
	  .turns = {
		CLIENT(".\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 b\r\n250 d\r\n250 a\r\n250 b\r\n354 c\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
		SERVER("250 b\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "end,MAIL,RCPT,DATA,250,250,250,250,begin,354,end,250,unexpected,250" },
	{ "RCPTs of a message that was given up do not count",
	  .change = allow_lhlo, .opening = in_lmtp,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRSET\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n250 d\r\n250 e\r\n354 f\r\n"),
		CLIENT(".\r\n"),
		SERVER("250 e\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace =
	  "MAIL,RCPT,RSET,MAIL,RCPT,DATA,250,250,250,250,250,begin,354,end,250,unexpected,250" },
	{ "chunks whose recipients are not answered yet",
	  .change = allow_lhlo_and_chunks, .opening = in_lmtp_with_chunking,
	  .turns = {
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\nBDAT 1 LAST\r\naNOOP\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n"),
		SERVER("250 b\r\n250 c\r\n250 d\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,RCPT,RCPT,begin,BDAT,end,NOOP,250,250,250,250,250,250,unexpected,250" },
	{ "a reset waits for the last of the replies",
	  .change = allow_lhlo, .opening = in_lmtp_message,
	  .turns = {
		CLIENT_AS(".\r\nBDAT 5\r\n", ".\r\nBDATXX\r\n"),
		SERVER("250 b\r\n"),
		CLIENT_AS("hello\r\n", "XXXXX\r\n"),
		SERVER("250 d\r\n"),
		SERVER_RESET("500 what\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "end,250,250,reset" },
	{ "capabilities are hidden as in the reply to EHLO",
	  .change = allow_lhlo,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("LHLO c\r\n"),
		SERVER_AS("250-VRFY\r\n250-VRFY\r\n250 SIZE\r\n",
			  "250-VRFY\r\n250-XXXX\r\n250 SIZE\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220,LHLO,250-,hidden,250-,250" },
	{ "LHLO that the server refuses makes no LMTP",
	  .change = allow_lhlo, .opening = greeted,
	  .turns = {
		CLIENT("LHLO c\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("MAIL\r\nRCPT\r\nRCPT\r\nDATA\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"),
		CLIENT(".\r\n"),
		SERVER("250 ok\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "LHLO,500,MAIL,RCPT,RCPT,DATA,250,250,250,begin,354,end,250,unexpected,250" },
	{ "LHLO is refused where it is not allowed",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_AS("LHLO c\r\n", "XXXXXX\r\n"),
		SERVER("500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "greeting,220,!LHLO,500" },
};

static const struct dialogue prdr_table[] = {
	{ "353 announces a reply for each recipient and one more",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("RCPT\r\nRCPT\r\nDATA\r\n"),
		SERVER("550 c\r\n250 d\r\n354 e\r\n"),
		CLIENT("x\r\n.\r\n"),
		SERVER("353 here\r\n250 b\r\n550 d\r\n250 all\r\n"),
		CLIENT("NOOP\r\n"),
		SERVER("250 ok\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "RCPT,RCPT,DATA,550,250,begin,354,end,353,250,550,250,NOOP,250,unexpected,250" },
	{ "without it there is one reply for all",
	  .opening = message_sent,
	  .turns = { SERVER("250 queued\r\n250 more\r\n") },
	  .phase = PHASE_COMMAND, .trace = "250,unexpected,250" },
	{ "a reset waits for the last of them",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 5\r\n", "BDATXX\r\n"),
		SERVER("353 here\r\n250 b\r\n"),
		CLIENT_AS("hello\r\n", "XXXXX\r\n"),
		SERVER("250 all\r\n"),
		CLIENT_RESET("NOOP\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "353,250,250,reset" },
	{ "353 to anything else announces nothing",
	  .opening = in_transaction,
	  .turns = {
		CLIENT("RSET\r\nDATA\r\n"),
		SERVER("353 here\r\n503 no\r\n250 more\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "RSET,order,DATA,353,503,unexpected,250" },
};

static void allow_turn(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_TURN) | VERB_BIT(VERB_ATRN));
}

static void allow_turn_and_mask(struct policy *policy)
{
	allow_turn(policy);
	policy->greeting = GREETING_MASK;
}

static const struct dialogue turn_table[] = {
	{ "who was the server gives the commands",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("TURN\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("220 c\r\n"),
		SERVER("EHLO mx\r\n"),
		CLIENT_AS("250-c\r\n250 VRFY\r\n", "250-c\r\n250 XXXX\r\n"),
		SERVER_AS("VRFY a\r\n", "XXXXXX\r\n"),
		CLIENT("500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "TURN,turn,250,greeting,220,EHLO,250-,hidden,250,!VRFY,500" },
	{ "and sends its mail",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("TURN\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("220 c\r\n"),
		SERVER("HELO mx\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		CLIENT("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"),
		SERVER("VRFY\r\n.\r\n"),
		CLIENT("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "TURN,turn,250,greeting,220,HELO,MAIL,RCPT,DATA,250,250,250,begin,354,end,250" },
	{ "ATRN turns too",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("ATRN c.example\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("220 c\r\n"),
		SERVER_RESET("HELO mx\r\nBDAT 5\r\n", "HELO mx\r\nBDAT"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "ATRN,turn,250,greeting,220,HELO,reset" },
	{ "a turn that the server refuses is none",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("TURN\r\nATRN\r\n"),
		SERVER("502 no\r\n450 later\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "TURN,ATRN,502,450,!VRFY" },
	{ "two turns are none",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("TURN\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("220 c\r\n"),
		SERVER("TURN\r\n"),
		CLIENT("250 ok\r\n"),
		SERVER("220 mx\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "TURN,turn,250,greeting,220,TURN,turn,250,greeting,220,!VRFY" },
	{ "the greeting behind a turn is masked too",
	  .change = allow_turn_and_mask,
	  .turns = {
		SERVER_AS("220 mx\r\n", "220 xx\r\n"),
		CLIENT("TURN\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT_AS("220 c ESMTP\r\n", "220 x ESMTP\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,masked,220,TURN,turn,250,greeting,masked,220" },
	{ "what is sent behind a turn resets",
	  .change = allow_turn, .opening = greeted,
	  .turns = {
		CLIENT("TURN\r\nNOOP\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT_RESET("220 c\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "TURN,NOOP,sync,250,reset" },
};

static void allow_xclient(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_XCLIENT));
	policy_keep_order(policy);
}

static void allow_xclient_and_mask(struct policy *policy)
{
	allow_xclient(policy);
	policy->greeting = GREETING_MASK;
}

static const struct dialogue xclient_table[] = {
	{ "220 to XCLIENT is a second greeting, and is masked as one",
	  .change = allow_xclient_and_mask,
	  .turns = {
		SERVER_AS("220 mx ESMTP\r\n", "220 xx ESMTP\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 XCLIENT NAME\r\n"),
		CLIENT("XCLIENT NAME=a\r\n"),
		SERVER_AS("220 mx ESMTP\r\n", "220 xx ESMTP\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,masked,220,EHLO,250-,250,XCLIENT,220" },
	{ "all begins anew behind it",
	  .change = allow_xclient, .opening = in_transaction,
	  .turns = {
		CLIENT("XCLIENT NAME=a\r\n"),
		SERVER("220 mx\r\n"),
		CLIENT_AS("MAIL\r\nEHLO c\r\nMAIL\r\n",
			  "XXXX\r\nEHLO c\r\nMAIL\r\n"),
		SERVER_AS("500 what\r\n250-mx\r\n250 VRFY\r\n250 ok\r\n",
			  "500 what\r\n250-mx\r\n250 XXXX\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "XCLIENT,220,!MAIL,EHLO,MAIL,500,250-,hidden,250,250" },
	{ "XCLIENT that the server refuses begins nothing",
	  .change = allow_xclient, .opening = greeted,
	  .turns = {
		CLIENT("XCLIENT NAME=a\r\n"),
		SERVER("550 not you\r\n"),
		CLIENT("MAIL\r\n"),
		SERVER("250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "XCLIENT,550,MAIL,250" },
	{ "XCLIENT is hidden and refused where it is not allowed",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("EHLO c\r\nXCLIENT NAME=a\r\n",
			  "EHLO c\r\nXXXXXXXXXXXXXX\r\n"),
		SERVER_AS("250-mx\r\n250 XCLIENT NAME\r\n500 what\r\n",
			  "250-mx\r\n250 XXXXXXXXXXXX\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,!XCLIENT,250-,hidden,250,500" },
};

static const struct dialogue bare_code_table[] = {
	{ "replies without text answer as any other",
	  .turns = {
		SERVER("220\r\n"),
		CLIENT("EHLO c\r\nMAIL\r\nRCPT\r\nDATA\r\n"),
		SERVER("250-\r\n250\r\n250\r\n250 \r\n354\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
		SERVER("250\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "greeting,220,EHLO,MAIL,RCPT,DATA,250-,250,250,250,begin,354,end,250" },
	{ "that to STARTTLS too",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("220\r\n"),
	  },
	  .phase = PHASE_TLS, .trace = "STARTTLS,220" },
};

KUNIT_ARRAY_PARAM(lmtp, lmtp_table, dialogue_name);
KUNIT_ARRAY_PARAM(prdr, prdr_table, dialogue_name);
KUNIT_ARRAY_PARAM(turn, turn_table, dialogue_name);
KUNIT_ARRAY_PARAM(xclient, xclient_table, dialogue_name);
KUNIT_ARRAY_PARAM(bare_code, bare_code_table, dialogue_name);

static struct kunit_case session_role_cases[] = {
	DIALOGUES(lmtp, lmtp_has_a_reply_for_each_recipient),
	DIALOGUES(prdr, prdr_has_more_replies_behind_a_353),
	DIALOGUES(turn, client_and_server_may_change_places),
	DIALOGUES(xclient, xclient_begins_a_new_session),
	DIALOGUES(bare_code, a_reply_needs_no_text),
	{}
};

static struct kunit_suite session_role_suite = {
	.name = "smtpguard_session_role",
	.test_cases = session_role_cases,
};

kunit_test_suite(session_role_suite);
