// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of verbs.  To teach smtpguard a verb, add its row here and its
 * name to enum verb, both in ASCII order, and to the sets in verb.h that it
 * belongs to.
 */
#include "verb.h"
#include "pending.h"

static const struct word verbs[] = {
	[VERB_ATRN]	= { "ATRN",	REPLY_TO_TURN },
	[VERB_AUTH]	= { "AUTH",	REPLY_TO_AUTH },
	[VERB_BDAT]	= { "BDAT",	REPLY_TO_CHUNK },
	/* RFC 4468: may carry an end of message, so it counts as one */
	[VERB_BURL]	= { "BURL",	REPLY_TO_END_OF_DATA },
	[VERB_CONNECT]	= { "CONNECT",	REPLY_TO_OTHER },
	[VERB_DATA]	= { "DATA",	REPLY_TO_DATA },
	[VERB_DELETE]	= { "DELETE",	REPLY_TO_OTHER },
	[VERB_EHLO]	= { "EHLO",	REPLY_TO_EHLO },
	[VERB_ETRN]	= { "ETRN",	REPLY_TO_OTHER },
	[VERB_EXPN]	= { "EXPN",	REPLY_TO_LAST },
	[VERB_GET]	= { "GET",	REPLY_TO_OTHER },
	[VERB_HEAD]	= { "HEAD",	REPLY_TO_OTHER },
	[VERB_HELO]	= { "HELO",	REPLY_TO_HELO },
	[VERB_HELP]	= { "HELP",	REPLY_TO_OTHER },
	[VERB_LHLO]	= { "LHLO",	REPLY_TO_LHLO },
	[VERB_MAIL]	= { "MAIL",	REPLY_TO_MAIL },
	[VERB_NOOP]	= { "NOOP",	REPLY_TO_LAST },
	[VERB_OPTIONS]	= { "OPTIONS",	REPLY_TO_OTHER },
	[VERB_PATCH]	= { "PATCH",	REPLY_TO_OTHER },
	[VERB_POST]	= { "POST",	REPLY_TO_OTHER },
	[VERB_PRI]	= { "PRI",	REPLY_TO_OTHER },
	/* the header that a load balancer puts before a session */
	[VERB_PROXY]	= { "PROXY",	REPLY_TO_NOTHING },
	[VERB_PUT]	= { "PUT",	REPLY_TO_OTHER },
	[VERB_QUIT]	= { "QUIT",	REPLY_TO_LAST },
	[VERB_RCPT]	= { "RCPT",	REPLY_TO_RCPT },
	[VERB_RSET]	= { "RSET",	REPLY_TO_OTHER },
	[VERB_SAML]	= { "SAML",	REPLY_TO_MAIL },
	[VERB_SEND]	= { "SEND",	REPLY_TO_MAIL },
	[VERB_SOML]	= { "SOML",	REPLY_TO_MAIL },
	/* an SSH version string (RFC 4253 section 4.2) goes on without a blank */
	[VERB_SSH]	= { "SSH-",	REPLY_TO_OTHER },
	[VERB_STARTTLS]	= { "STARTTLS",	REPLY_TO_STARTTLS },
	[VERB_TRACE]	= { "TRACE",	REPLY_TO_OTHER },
	[VERB_TURN]	= { "TURN",	REPLY_TO_TURN },
	[VERB_VRFY]	= { "VRFY",	REPLY_TO_LAST },
	[VERB_X_ANONYMOUSTLS] = { "X-ANONYMOUSTLS", REPLY_TO_STARTTLS },
	[VERB_X_EXPS]	= { "X-EXPS",	REPLY_TO_AUTH },
	[VERB_XCLIENT]	= { "XCLIENT",	REPLY_TO_XCLIENT },
	[VERB_XEXCH50]	= { "XEXCH50",	REPLY_TO_OTHER },
	[VERB_XFORWARD]	= { "XFORWARD",	REPLY_TO_OTHER },
};

static_assert(sizeof(verbs) / sizeof(verbs[0]) == VERB_COUNT,
	      "every verb has a row");
static_assert(VERB_COUNT < WORD_TABLE_MAX, "a u64 holds a set of verbs");

const struct word_table verb_table = { verbs, VERB_COUNT };

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
