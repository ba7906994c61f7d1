// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of verbs.  To teach smtpguard a verb, add its row here and its
 * name to enum verb, both in ASCII order.
 */
#include "verb.h"
#include "pending.h"

static const struct word verbs[] = {
	/* RFC 2645, RFC 821: accepted, they turn client and server round */
	[VERB_ATRN]	= { "ATRN",	REPLY_TO_OTHER, VERB_UNTRACKED },
	[VERB_AUTH]	= { "AUTH",	REPLY_TO_AUTH, 0 },
	[VERB_BDAT]	= { "BDAT",	REPLY_TO_OTHER,
			    VERB_UNMASKABLE | VERB_UNTRACKED },
	/* RFC 4468: carries an end of message as BDAT LAST does */
	[VERB_BURL]	= { "BURL",	REPLY_TO_OTHER, VERB_UNTRACKED },
	[VERB_DATA]	= { "DATA",	REPLY_TO_DATA, 0 },
	[VERB_EHLO]	= { "EHLO",	REPLY_TO_EHLO, 0 },
	[VERB_ETRN]	= { "ETRN",	REPLY_TO_OTHER, 0 },
	[VERB_EXPN]	= { "EXPN",	REPLY_TO_OTHER, 0 },
	[VERB_HELO]	= { "HELO",	REPLY_TO_HELO, 0 },
	[VERB_HELP]	= { "HELP",	REPLY_TO_OTHER, 0 },
	/* RFC 2033: one reply per recipient after the end of data */
	[VERB_LHLO]	= { "LHLO",	REPLY_TO_OTHER, VERB_UNTRACKED },
	[VERB_MAIL]	= { "MAIL",	REPLY_TO_OTHER, VERB_OPENS_MAIL },
	[VERB_NOOP]	= { "NOOP",	REPLY_TO_OTHER, 0 },
	[VERB_QUIT]	= { "QUIT",	REPLY_TO_OTHER, 0 },
	[VERB_RCPT]	= { "RCPT",	REPLY_TO_OTHER, 0 },
	[VERB_RSET]	= { "RSET",	REPLY_TO_OTHER, 0 },
	[VERB_SAML]	= { "SAML",	REPLY_TO_OTHER, VERB_OPENS_MAIL },
	[VERB_SEND]	= { "SEND",	REPLY_TO_OTHER, VERB_OPENS_MAIL },
	[VERB_SOML]	= { "SOML",	REPLY_TO_OTHER, VERB_OPENS_MAIL },
	[VERB_STARTTLS]	= { "STARTTLS",	REPLY_TO_STARTTLS, 0 },
	[VERB_TURN]	= { "TURN",	REPLY_TO_OTHER, VERB_UNTRACKED },
	[VERB_VRFY]	= { "VRFY",	REPLY_TO_OTHER, 0 },
	/* answered by a second greeting */
	[VERB_XCLIENT]	= { "XCLIENT",	REPLY_TO_OTHER, VERB_UNTRACKED },
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
 * @flag: VERB_UNMASKABLE, VERB_UNTRACKED or VERB_OPENS_MAIL
 *
 * Return: one bit a row of verb_table.
 */
u64 verb_flagged(u8 flag)
{
	u64 set = 0;
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++)
		if (verbs[verb].flags & flag)
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
