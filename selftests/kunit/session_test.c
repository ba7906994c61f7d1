// SPDX-License-Identifier: GPL-2.0
/*
 * Whole dialogues.  Each is a table of turns: who speaks, what is sent, and
 * what reaches the other end, which must be the same however the turns are
 * cut into segments.
 */
#include <kunit/test.h>

#include "core/session.h"
#include "cuts.h"
#include "outcome.h"
#include "policies.h"

#define TURNS_MAX	12

/**
 * struct turn - what one side says until the other speaks
 * @from: enum direction
 * @reset: the session is reset in this turn
 * @text: what is sent; none behind the last turn
 * @seen: what reaches the other end; before a reset, what does if every octet
 *	is a segment of its own
 */
struct turn {
	enum direction from;
	bool reset;
	struct text text;
	struct text seen;
};

#define TURN(direction, octets) \
	{ .from = (direction), .text = TEXT(octets) }
#define TURN_AS(direction, octets, others) \
	{ .from = (direction), .text = TEXT(octets), .seen = TEXT(others) }
#define TURN_RESET(direction, octets, others) \
	{ .from = (direction), .text = TEXT(octets), .seen = TEXT(others), \
	  .reset = true }
#define CLIENT(octets)			TURN(FROM_CLIENT, octets)
#define CLIENT_AS(octets, others)	TURN_AS(FROM_CLIENT, octets, others)
#define CLIENT_RESET(octets, others)	TURN_RESET(FROM_CLIENT, octets, others)
#define SERVER(octets)			TURN(FROM_SERVER, octets)
#define SERVER_AS(octets, others)	TURN_AS(FROM_SERVER, octets, others)
#define SERVER_RESET(octets, others)	TURN_RESET(FROM_SERVER, octets, others)

/* What the octet that would complete an ambiguous end of data becomes. */
#define DEFANGED			"\x20"

/**
 * struct dialogue - a session
 * @name: a sentence
 * @change: made to the default policy
 * @midstream: it is first seen after its start
 * @opening: turns before, which are not cut; NULL for none
 * @turns: its turns
 * @phase: enum phase in which it ends
 * @reason: the last that was given
 * @trace: the events, see outcome_take(); NULL to leave them to the cuts
 */
struct dialogue {
	const char *name;
	void (*change)(struct policy *policy);
	bool midstream;
	const struct turn *opening;
	struct turn turns[TURNS_MAX];
	enum phase phase;
	enum reason reason;
	const char *trace;
};

static const struct turn greeted[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	{ }
};

static const struct turn in_message[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
	SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
	{ }
};

static const struct turn message_sent[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
	SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
	CLIENT("x\r\n.\r\n"),
	{ }
};

static const struct turn in_auth[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("AUTH LOGIN\r\n"),
	SERVER("334 VXNl\r\n"),
	{ }
};

static const struct turn in_tls[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("STARTTLS\r\n"),
	SERVER("220 go\r\n"),
	{ }
};

static void refuse_by_reset(struct policy *policy)
{
	policy->refuse = REFUSE_RESET;
}

static void monitor(struct policy *policy)
{
	policy->monitor = true;
}

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

static void reset_ambiguous(struct policy *policy)
{
	policy->end_of_data = END_OF_DATA_RESET;
}

static void accept_ambiguous(struct policy *policy)
{
	policy->end_of_data = END_OF_DATA_ACCEPT;
}

static void deny_starttls(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_STARTTLS));
}

static void require_starttls(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_AUTH) | VERB_OPENS_MAIL);
}

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
	{ "a pipelined session (RFC 2920)",
	  .opening = greeted,
	  .turns = {
		CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
		SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
		CLIENT("x\r\n.\r\nQUIT\r\n"),
		SERVER("250 queued\r\n221 bye\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "MAIL,RCPT,DATA,250,250,begin,354,end,QUIT,250,221" },
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
	{ "an empty message",
	  .opening = in_message,
	  .turns = { CLIENT(".\r\n"), SERVER("250 queued\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
	{ "KB Q295725: an end of data in pieces gets to the server",
	  .opening = in_message,
	  .turns = { CLIENT("\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end,250" },
	{ "a client that speaks before the greeting",
	  .turns = {
		CLIENT_AS("HELO c\r\nVRFY a\r\n", "HELO c\r\nXXXXXX\r\n"),
		SERVER("220 mx\r\n250 mx\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "HELO,!VRFY,greeting,220,250,500" },
	{ "421 instead of a greeting",
	  .turns = { SERVER("421 busy\r\n") },
	  .phase = PHASE_COMMAND, .trace = "greeting,421" },
	{ "421 that nothing asked for",
	  .opening = greeted,
	  .turns = { SERVER("421 bye\r\n"), CLIENT("QUIT\r\n") },
	  .phase = PHASE_COMMAND, .trace = "421,QUIT" },
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
	  .trace = "MAIL,250,RSET,250,DATA,503,!unknown" },
	{ "capabilities are hidden in the reply to EHLO alone",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("HELP\r\nEHLO c\r\n"),
		SERVER_AS("214-a\r\n214 VRFY\r\n250-mx\r\n250 VRFY\r\n",
			  "214-a\r\n214 VRFY\r\n250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220,HELP,EHLO,214-,214,250-,hidden,250" },
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
	{ "more replies than commands are told and passed",
	  .opening = greeted,
	  .turns = { SERVER("250 a\r\n"), CLIENT("NOOP\r\n") },
	  .phase = PHASE_COMMAND, .trace = "unexpected,250,NOOP" },
	{ "more commands under way than any client sends",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\nDATA\r\nDATA\r\nDATA\r\n"),
		CLIENT("DATA\r\nDATA\r\nDATA\r\nDATA\r\n"),
		CLIENT("DATA\r\nDATA\r\nDATA\r\nDATA\r\n"),
		CLIENT("DATA\r\nDATA\r\nDATA\r\nDATA\r\n"),
		CLIENT_RESET("DATA\r\n", "DATA\r"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_PIPELINE },
};

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
	  .trace = "DATA,503,!VRFY,!EXPN,!unknown" },
	{ "CVE-2000-1022: nor does DATA that is not answered yet",
	  .opening = greeted,
	  .turns = { CLIENT_AS("DATA\r\nVRFY\r\n", "DATA\r\nXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "DATA,!VRFY" },
	{ "DATA that is put off opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("451 later\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
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
	  .trace = "DATA,RSET,sync,354,reset" },
	{ "so does half a command",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\nR"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("SET\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "DATA,sync,354,reset" },
	{ "and a lone CR",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n\r"),
		SERVER("354 go\r\n"),
		SERVER_RESET("250 a\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "DATA,sync,354,reset" },
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
	{ "354 over several lines opens a message at its last",
	  .opening = greeted,
	  .turns = {
		CLIENT("DATA\r\n"),
		SERVER("354-go\r\n354 on\r\n"),
		CLIENT(".\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "DATA,354-,begin,354,end" },
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
			       "\r\n.\0" DEFANGED "\nb\r\n.\r\n") },
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

static const struct dialogue starttls_table[] = {
	{ "STARTTLS ends the inspection",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("220 go\r\n"),
		CLIENT("\x16\x03\x01\x02\x00\x01VRFY\r\n"),
		SERVER("\x16\x03\x03\n250-\n250 VRFY\n"),
		CLIENT("\r\nVRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "STARTTLS,220,tls" },
	{ "STARTTLS that is put off does not",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("454 later\r\n"),
		CLIENT_AS("VRFY a\r\n", "XXXXXX\r\n"),
		SERVER("500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "STARTTLS,454,!VRFY,500" },
	{ "CVE-2011-0411: a command behind STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\nRSET\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_RESET("\x16\x03\x01", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "STARTTLS,RSET,sync,220,reset" },
	{ "CVE-2011-0411: half a command behind STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\nR"),
		SERVER("220 go\r\n"),
		SERVER_RESET("\x16", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "STARTTLS,sync,220,reset" },
	{ "a reply behind the one to STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER_RESET("220 go\r\n250 a\r\n", "220 go\r\n"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "STARTTLS,220,reset" },
	{ "a command where the handshake should be resets",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET("EHLO c\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "so does a handshake of another version",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET("\x16\x02\r\n", "\x16") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "a server that speaks first resets",
	  .opening = in_tls,
	  .turns = { SERVER_RESET("\x16\x03", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "220 that answers no STARTTLS opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "starttls=deny hides and refuses it",
	  .change = deny_starttls,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 STARTTLS\r\n",
			  "250-mx\r\n250 SXXXXXXX\r\n"),
		CLIENT_AS("STARTTLS\r\n", "XXXXXXXX\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("MAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "starttls=require has no MAIL and no AUTH in clear",
	  .change = require_starttls, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL FROM:<a>\r\nAUTH PLAIN AA==\r\n",
			  "XXXXXXXXXXXXX\r\nXXXXXXXXXXXXXXX\r\n"),
		SERVER("500 what\r\n500 what\r\n"),
		CLIENT("STARTTLS\r\n"),
		SERVER("220 go\r\n"),
		CLIENT("\x16\x03\x01\x02\x00\x01MAIL\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .reason = REASON_VERB },
};

static const struct dialogue auth_table[] = {
	{ "AUTH in several steps",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH LOGIN\r\n"),
		SERVER("334 VXNl\r\n"),
		CLIENT("dGVz\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT("c2Vj\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,334,secret,334,secret,235,!VRFY" },
	{ "AUTH in one step",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH PLAIN AGEAYg==\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,235,!VRFY" },
	{ "* gives the exchange up",
	  .opening = in_auth,
	  .turns = {
		CLIENT("*\r\n"),
		SERVER("501 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,501,!VRFY" },
	{ "a line of the exchange that looks like a verb passes",
	  .opening = in_auth,
	  .turns = {
		CLIENT("VRFY\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT("BDAT 5\n"),
		SERVER("535 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,334,secret,535,!VRFY" },
	{ "only one line of it does",
	  .opening = in_auth,
	  .turns = {
		CLIENT_AS("dGVz\r\nVRFY\r\n", "dGVz\r\nXXXX\r\n"),
		SERVER("535 no\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,!VRFY,535,500" },
	{ "what is sent ahead of the next 334 resets",
	  .opening = in_auth,
	  .turns = {
		CLIENT("dGVz\r\nNOOP\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT_RESET("c2Vj\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "secret,NOOP,sync,334,reset" },
	{ "AUTH that is refused asks for nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH LOGIN\r\n"),
		SERVER("504 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "334 that answers no AUTH asks for nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\n"),
		SERVER("334 VXNl\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
};

static const struct dialogue limit_table[] = {
	{ "recipients over the limit are refused",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL\r\nRCPT A\r\nRCPT B\r\nRCPT C\r\nRSET\r\n",
			  "MAIL\r\nRCPT A\r\nRCPT B\r\nRXXXXX\r\nRSET\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS,
	  .trace = "MAIL,RCPT,RCPT,!RCPT,RSET" },
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
		CLIENT_AS("MAIL\r\nRCPT\r\nRCPT\r\nRSET\r\nRCPT\r\n",
			  "MAIL\r\nRCPT\r\nRCPT\r\nRSET\r\nRXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS },
	{ "a refused MAIL does not",
	  .change = two_recipients, .opening = greeted,
	  .turns = {
		CLIENT_AS("RCPT\r\nRCPT\r\nMAIL \ra\r\nRCPT\r\n",
			  "RCPT\r\nRCPT\r\nMAIL \rX\r\nRXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RECIPIENTS },
	{ "RCPT that is refused for its CR is not one too many",
	  .opening = greeted,
	  .turns = { CLIENT_AS("RCPT \ra\r\n", "RCPT \rX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_CR,
	  .trace = "!RCPT" },
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
	  .change = refuse_by_reset, .opening = greeted,
	  .turns = { CLIENT_RESET("NOOP\r\nEXPN a\r\n", "NOOP\r\nE") },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "NOOP,reset" },
	{ "an unmaskable verb resets whatever refuse is",
	  .opening = greeted,
	  .turns = { CLIENT_RESET("BDAT 5 LAST\r\nhello", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "reset" },
};

/*
 * From the end of data to its final reply nothing may reset, or the client
 * would send the message again.
 */
static const struct dialogue committed_table[] = {
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
	  .change = refuse_by_reset, .opening = message_sent,
	  .turns = {
		CLIENT_AS("EXPN a\r\nNOOP\r\n", "EXXXXX\r\nXXXX\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_VERB,
	  .trace = "250,reset" },
	{ "from the first refused octet on, so that no command is told",
	  .change = refuse_by_reset, .opening = message_sent,
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
	  .trace = "!unknown,!unknown,!unknown,250,reset" },
	{ "a refused message is a final reply too",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		SERVER("554 spam\r\n"),
		CLIENT_RESET("QUIT\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "554,reset" },
	{ "until then it is condemned",
	  .opening = message_sent,
	  .turns = {
		CLIENT_AS("BDAT 0\r\n", "BDATXX\r\n"),
		CLIENT_AS("NOOP\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_CONDEMNED, .reason = REASON_UNMASKABLE,
	  .trace = "" },
};

static const struct dialogue monitor_table[] = {
	{ "monitor changes no refused command",
	  .change = monitor, .opening = greeted,
	  .turns = {
		CLIENT("VRFY a\r\nNOOP\rx\r\n"),
		SERVER("252 ok\r\n250 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_BARE_CR,
	  .trace = "!VRFY,!NOOP,252,250" },
	{ "monitor hides no capability",
	  .change = monitor,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250 VRFY\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "greeting,220,EHLO,250-,hidden,250" },
	{ "monitor changes no message",
	  .change = monitor, .opening = in_message,
	  .turns = { CLIENT("a\n.\nb\r\n.\r\n"), SERVER("250 q\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_END_OF_DATA,
	  .trace = "ambiguous,end,250" },
	{ "monitor looks for its way after what would reset",
	  .change = monitor, .opening = greeted,
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
	  .midstream = true,
	  .turns = { CLIENT("VRFY\r\nBDAT 5\r\n.\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "" },
	{ "a reply finds the commands",
	  .midstream = true,
	  .turns = {
		CLIENT("VRFY\r\n"),
		SERVER("252 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "252,!VRFY" },
	{ "only its last line does",
	  .midstream = true,
	  .turns = { SERVER("250-mx\r\n"), CLIENT("VRFY\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "250-" },
	{ "the rest of a line does not",
	  .midstream = true,
	  .turns = { SERVER("x 250 ok\r\n"), CLIENT("VRFY\r\n") },
	  .phase = PHASE_UNKNOWN, .trace = "unexpected" },
	{ "354 finds a message",
	  .midstream = true,
	  .turns = {
		SERVER("354 go\r\n"),
		CLIENT_AS("VRFY\r\n.\r\nVRFY\r\n", "VRFY\r\n.\r\nXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,354,end,!VRFY" },
	{ "334 finds an AUTH exchange",
	  .midstream = true,
	  .turns = {
		SERVER("334 VXNl\r\n"),
		CLIENT("VRFY\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "334,secret,235,!VRFY" },
	{ "354 to a DATA that was not seen opens a message",
	  .midstream = true,
	  .turns = {
		SERVER("250 ok\r\n"),
		SERVER("354 go\r\n"),
		CLIENT("VRFY\r\n.\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "250,begin,354,end" },
	{ "but no longer once EHLO was answered",
	  .midstream = true,
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

static void dialogue_name(const struct dialogue *dialogue, char *name)
{
	strscpy(name, dialogue->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(plain, plain_table, dialogue_name);
KUNIT_ARRAY_PARAM(data, data_table, dialogue_name);
KUNIT_ARRAY_PARAM(ambiguous, ambiguous_table, dialogue_name);
KUNIT_ARRAY_PARAM(starttls, starttls_table, dialogue_name);
KUNIT_ARRAY_PARAM(auth, auth_table, dialogue_name);
KUNIT_ARRAY_PARAM(limit, limit_table, dialogue_name);
KUNIT_ARRAY_PARAM(committed, committed_table, dialogue_name);
KUNIT_ARRAY_PARAM(monitor, monitor_table, dialogue_name);
KUNIT_ARRAY_PARAM(midstream, midstream_table, dialogue_name);

/**
 * struct talk - a dialogue under way
 * @session: its session
 * @tally: its counts
 * @policy: what is allowed
 * @outcome: what reached the other ends, of all turns
 */
struct talk {
	struct session session;
	struct tally tally;
	struct policy policy;
	struct outcome outcome;
};

/* A bit-field has no type that an assertion could name. */
static enum phase phase_of(const struct session *session)
{
	return session->phase;
}

static void talk_begin(struct talk *talk, const struct dialogue *dialogue)
{
	outcome_clear(&talk->outcome);
	memset(&talk->tally, 0, sizeof(talk->tally));
	if (dialogue->midstream)
		session_resync(&talk->session);
	else
		session_open(&talk->session, &talk->tally);
}

/* Nothing of a segment that resets passes, unless nothing may be changed. */
static bool talk_segment(struct kunit *test, struct talk *talk,
			 enum direction from, const u8 *segment, size_t length)
{
	bool monitored = talk->policy.monitor;
	struct outcome *outcome = &talk->outcome;
	size_t before = outcome->length;
	size_t at = 0;
	struct step step;

	if (session_segment(&talk->session, from, &step)) {
		KUNIT_ASSERT_TRUE(test, step.reset);
		outcome_take(outcome, &step, segment, monitored);
		return true;
	}
	while (at < length) {
		session_feed(&talk->session, &talk->tally, &talk->policy, from,
			     segment + at, length - at, &step);
		step_check(test, &step, length - at);
		outcome_take(outcome, &step, segment + at, monitored);
		at += step.length;
		if (!step.reset || monitored)
			continue;
		outcome->length = before;
		return true;
	}
	return false;
}

/* Says a turn, whose first octet is number @at of those that are cut. */
static bool talk_turn(struct kunit *test, struct talk *talk,
		      const struct turn *turn, struct cuts *cuts, size_t at)
{
	size_t end, from = at;
	bool reset = false;

	for (; at < from + turn->text.length && !reset; at = end) {
		u8 *piece;

		end = min(cuts_end(cuts, at), from + turn->text.length);
		/* of its own size, for KASAN to see a read beyond it */
		piece = kmemdup(turn->text.octets + at - from, end - at,
				GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, piece);
		reset = talk_segment(test, talk, turn->from, piece, end - at);
		kfree(piece);
	}
	return reset;
}

static void expect_seen(struct kunit *test, const struct outcome *outcome,
			const struct turn *turn, size_t before,
			unsigned int way)
{
	const struct text *expected = text_seen(&turn->text, &turn->seen);
	const u8 *seen = outcome->octets + before;
	size_t length = outcome->length - before;

	if (!turn->reset)
		KUNIT_ASSERT_EQ_MSG(test, length, expected->length,
				    "way %u of \"%s\"", way,
				    turn->text.octets);
	/* the fewer segments, the less has passed before the reset */
	KUNIT_ASSERT_LE_MSG(test, length, expected->length,
			    "way %u of \"%s\"", way, turn->text.octets);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(seen, expected->octets, length), 0,
			    "way %u of \"%s\": seen \"%*pE\"", way,
			    turn->text.octets, (int)length, seen);
}

static void talk_opening(struct kunit *test, struct talk *talk,
			 const struct turn *turn)
{
	for (; turn && turn->text.octets; turn++) {
		size_t before = talk->outcome.length;
		struct cuts whole;

		cuts_begin(&whole, 0, turn->text.length);
		KUNIT_ASSERT_FALSE(test, talk_turn(test, talk, turn, &whole,
						   0));
		expect_seen(test, &talk->outcome, turn, before, 0);
	}
	outcome_clear(&talk->outcome);
}

static size_t dialogue_length(const struct dialogue *dialogue)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < TURNS_MAX; i++)
		length += dialogue->turns[i].text.length;
	return length;
}

/* Returns how many octets passed in its last turn. */
static size_t talk_turns(struct kunit *test, struct talk *talk,
			 const struct dialogue *dialogue, unsigned int way)
{
	const struct turn *end = dialogue->turns + TURNS_MAX;
	const struct turn *turn = dialogue->turns;
	size_t before = 0, at = 0;
	struct cuts cuts;

	cuts_begin(&cuts, way, dialogue_length(dialogue));
	for (; turn < end && turn->text.octets; turn++) {
		bool reset;

		before = talk->outcome.length;
		reset = talk_turn(test, talk, turn, &cuts, at);
		KUNIT_ASSERT_EQ_MSG(test, reset, turn->reset,
				    "way %u of \"%s\"", way, turn->text.octets);
		expect_seen(test, &talk->outcome, turn, before, way);
		at += turn->text.length;
	}
	return talk->outcome.length - before;
}

/* Octets that pass in the last turn, if each is a segment of its own. */
static size_t last_seen(const struct dialogue *dialogue)
{
	const struct turn *turn = dialogue->turns;

	while (turn + 1 < dialogue->turns + TURNS_MAX && turn[1].text.octets)
		turn++;
	return text_seen(&turn->text, &turn->seen)->length;
}

static void every_cut_says_the_same(struct kunit *test)
{
	const struct dialogue *dialogue = test->param_value;
	struct talk *talk = kunit_kzalloc(test, sizeof(*talk), GFP_KERNEL);
	char *trace = kunit_kzalloc(test, OUTCOME_TRACE, GFP_KERNEL);
	unsigned int ways = cuts_ways(dialogue_length(dialogue));
	size_t passed = 0;
	unsigned int way;

	KUNIT_ASSERT_NOT_NULL(test, talk);
	KUNIT_ASSERT_NOT_NULL(test, trace);
	policy_default(&talk->policy);
	if (dialogue->change)
		dialogue->change(&talk->policy);
	for (way = 0; way < ways; way++) {
		talk_begin(talk, dialogue);
		talk_opening(test, talk, dialogue->opening);
		passed = max(passed, talk_turns(test, talk, dialogue, way));
		if (!way)
			strscpy(trace, dialogue->trace ?: talk->outcome.trace,
				OUTCOME_TRACE);
		KUNIT_ASSERT_STREQ(test, talk->outcome.trace, trace);
		KUNIT_ASSERT_EQ(test, talk->outcome.reason, dialogue->reason);
		KUNIT_ASSERT_EQ(test, phase_of(&talk->session),
				dialogue->phase);
	}
	/* each octet a segment of its own is among the ways */
	KUNIT_EXPECT_EQ(test, passed, last_seen(dialogue));
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
		struct session session;
		struct tally tally = { };
		struct cuts cuts;
		size_t at, end;

		session_resync(&session);
		session_feed(&session, &tally, &policy, FROM_SERVER,
			     "354\n", 4, &step);
		KUNIT_ASSERT_EQ(test, phase_of(&session), PHASE_BODY);
		cuts_begin(&cuts, way, 7);
		for (at = 0; at < 7; at = end) {
			end = cuts_end(&cuts, at);
			session_segment(&session, FROM_CLIENT, &step);
			session_feed(&session, &tally, &policy, FROM_CLIENT,
				     text + at, end - at, &step);
		}
		KUNIT_ASSERT_TRUE(test, step.events & STEP_DATA_END);
		KUNIT_ASSERT_EQ_MSG(test, step.segments,
				    1 + hweight8(way >> 2), "way %u", way);
	}
}

/* The server's segments are none of the message's. */
static void segments_of_the_server_are_not_counted(struct kunit *test)
{
	struct session session;
	struct tally tally = { };
	struct policy policy;
	struct step step;

	policy_default(&policy);
	session_resync(&session);
	session_feed(&session, &tally, &policy, FROM_SERVER,
		     "354\n", 4, &step);
	session_segment(&session, FROM_CLIENT, &step);
	session_feed(&session, &tally, &policy, FROM_CLIENT,
		     "a\r\n.", 4, &step);
	session_segment(&session, FROM_SERVER, &step);
	session_segment(&session, FROM_CLIENT, &step);
	session_feed(&session, &tally, &policy, FROM_CLIENT,
		     "\r\n", 2, &step);
	KUNIT_EXPECT_TRUE(test, step.events & STEP_DATA_END);
	KUNIT_EXPECT_EQ(test, step.segments, 2);
}

static void a_session_is_committed_until_the_final_reply(struct kunit *test)
{
	struct session session;
	struct tally tally = { };
	struct policy policy;
	struct step step;

	policy_default(&policy);
	session_resync(&session);
	session_feed(&session, &tally, &policy, FROM_SERVER,
		     "354\n", 4, &step);
	KUNIT_EXPECT_FALSE(test, session_committed(&session));
	session_feed(&session, &tally, &policy, FROM_CLIENT,
		     ".\r\n", 3, &step);
	KUNIT_EXPECT_TRUE(test, session_committed(&session));
	session_feed(&session, &tally, &policy, FROM_SERVER,
		     "250-a\n", 6, &step);
	KUNIT_EXPECT_TRUE(test, session_committed(&session));
	session_feed(&session, &tally, &policy, FROM_SERVER,
		     "250 b\n", 6, &step);
	KUNIT_EXPECT_FALSE(test, session_committed(&session));
}

/* One test of many tables needs a name for each. */
#define DIALOGUES(table, sentence) {					\
	.run_case = every_cut_says_the_same,				\
	.name = #sentence,						\
	.generate_params = table##_gen_params }

static struct kunit_case session_cases[] = {
	DIALOGUES(plain, sessions_go_through),
	DIALOGUES(data, only_a_354_to_data_opens_a_message),
	DIALOGUES(ambiguous, ambiguous_ends_of_data_end_nothing),
	DIALOGUES(starttls, starttls_starts_tls_or_nothing),
	DIALOGUES(auth, auth_exchanges_are_not_read),
	DIALOGUES(limit, limits_are_kept),
	DIALOGUES(committed, nothing_resets_before_a_final_reply),
	DIALOGUES(monitor, monitor_changes_nothing),
	DIALOGUES(midstream, the_phase_is_found_by_replies),
	KUNIT_CASE(segments_of_an_end_of_data_are_counted),
	KUNIT_CASE(segments_of_the_server_are_not_counted),
	KUNIT_CASE(a_session_is_committed_until_the_final_reply),
	{}
};

static struct kunit_suite session_suite = {
	.name = "smtpguard_session",
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);
