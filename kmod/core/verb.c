// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of verbs.  To teach smtpguard a verb, add its row here and its
 * name to enum verb, both in ASCII order.
 */
#include "verb.h"
#include "pending.h"

static const struct word verbs[] = {
	[VERB_ATRN]	= { "ATRN",	REPLY_TO_TURN, 0 },
	[VERB_AUTH]	= { "AUTH",	REPLY_TO_AUTH, 0 },
	[VERB_BDAT]	= { "BDAT",	REPLY_TO_OTHER,
			    VERB_UNMASKABLE | VERB_NEEDS_MAIL },
	/* RFC 4468: may carry an end of message, so it counts as one */
	[VERB_BURL]	= { "BURL",	REPLY_TO_END_OF_DATA, VERB_NEEDS_MAIL },
	[VERB_CONNECT]	= { "CONNECT",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_DATA]	= { "DATA",	REPLY_TO_DATA, VERB_NEEDS_MAIL },
	[VERB_DELETE]	= { "DELETE",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_EHLO]	= { "EHLO",	REPLY_TO_EHLO,
			    VERB_SAYS_HELLO | VERB_ENDS_MAIL },
	[VERB_ETRN]	= { "ETRN",	REPLY_TO_OTHER, 0 },
	[VERB_EXPN]	= { "EXPN",	REPLY_TO_LAST, 0 },
	[VERB_GET]	= { "GET",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_HEAD]	= { "HEAD",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_HELO]	= { "HELO",	REPLY_TO_HELO,
			    VERB_SAYS_HELLO | VERB_ENDS_MAIL },
	[VERB_HELP]	= { "HELP",	REPLY_TO_OTHER, 0 },
	[VERB_LHLO]	= { "LHLO",	REPLY_TO_LHLO,
			    VERB_SAYS_HELLO | VERB_ENDS_MAIL },
	[VERB_MAIL]	= { "MAIL",	REPLY_TO_MAIL, VERB_OPENS_MAIL },
	[VERB_NOOP]	= { "NOOP",	REPLY_TO_LAST, 0 },
	[VERB_OPTIONS]	= { "OPTIONS",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_PATCH]	= { "PATCH",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_POST]	= { "POST",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_PRI]	= { "PRI",	REPLY_TO_OTHER, VERB_FOREIGN },
	/* the header that a load balancer puts before a session */
	[VERB_PROXY]	= { "PROXY",	REPLY_TO_NOTHING, VERB_UNTRACKED },
	[VERB_PUT]	= { "PUT",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_QUIT]	= { "QUIT",	REPLY_TO_LAST, 0 },
	[VERB_RCPT]	= { "RCPT",	REPLY_TO_RCPT, VERB_NEEDS_MAIL },
	[VERB_RSET]	= { "RSET",	REPLY_TO_OTHER, VERB_ENDS_MAIL },
	[VERB_SAML]	= { "SAML",	REPLY_TO_MAIL, VERB_OPENS_MAIL },
	[VERB_SEND]	= { "SEND",	REPLY_TO_MAIL, VERB_OPENS_MAIL },
	[VERB_SOML]	= { "SOML",	REPLY_TO_MAIL, VERB_OPENS_MAIL },
	/* an SSH version string (RFC 4253 section 4.2) goes on without a blank */
	[VERB_SSH]	= { "SSH-",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_STARTTLS]	= { "STARTTLS",	REPLY_TO_STARTTLS, 0 },
	[VERB_TRACE]	= { "TRACE",	REPLY_TO_OTHER, VERB_FOREIGN },
	[VERB_TURN]	= { "TURN",	REPLY_TO_TURN, 0 },
	[VERB_VRFY]	= { "VRFY",	REPLY_TO_LAST, 0 },
	[VERB_XCLIENT]	= { "XCLIENT",	REPLY_TO_XCLIENT, 0 },
	[VERB_XEXCH50]	= { "XEXCH50",	REPLY_TO_OTHER,
			    VERB_UNMASKABLE | VERB_UNTRACKED },
	[VERB_XFORWARD]	= { "XFORWARD",	REPLY_TO_OTHER, 0 },
};

static_assert(sizeof(verbs) / sizeof(verbs[0]) == VERB_COUNT,
	      "every verb has a row");
static_assert(VERB_COUNT < WORD_TABLE_MAX, "a u64 holds a set of verbs");

const struct word_table verb_table = { verbs, VERB_COUNT };

/**
 * verb_flagged() - the set of verbs with a flag
 * @flag: one of the VERB_ flags
 *
 * Return: one bit a row of verb_table.
 */
u64 verb_flagged(u8 flag)
{
	u64 set = 0;
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++)
		if (verb_has(verb, flag))
			set |= VERB_BIT(verb);
	return set;
}

/**
 * verb_name() - a verb for people to read
 * @verb: enum verb
 *
 * Return: the verb in capitals, "unknown" for %VERB_COUNT.
 */
const char *verb_name(u8 verb)
{
	return verb < VERB_COUNT ? verbs[verb].name : "unknown";
}
