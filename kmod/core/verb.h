/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs that smtpguard knows.  The list stands once, in verb.c; this
 * header names its rows for those that must treat one of them specially.
 */
#ifndef SMTPGUARD_CORE_VERB_H
#define SMTPGUARD_CORE_VERB_H

#include "word.h"

/**
 * enum verb - rows of verb_table, in ASCII order
 * @VERB_COUNT: also stands for a verb that is in no row
 */
enum verb {
	VERB_ATRN,
	VERB_AUTH,
	VERB_BDAT,
	VERB_BURL,
	VERB_CONNECT,
	VERB_DATA,
	VERB_DELETE,
	VERB_EHLO,
	VERB_ETRN,
	VERB_EXPN,
	VERB_GET,
	VERB_HEAD,
	VERB_HELO,
	VERB_HELP,
	VERB_LHLO,
	VERB_MAIL,
	VERB_NOOP,
	VERB_OPTIONS,
	VERB_PATCH,
	VERB_POST,
	VERB_PRI,
	VERB_PROXY,
	VERB_PUT,
	VERB_QUIT,
	VERB_RCPT,
	VERB_RSET,
	VERB_SAML,
	VERB_SEND,
	VERB_SOML,
	VERB_SSH,
	VERB_STARTTLS,
	VERB_TRACE,
	VERB_TURN,
	VERB_VRFY,
	VERB_XCLIENT,
	VERB_XEXCH50,
	VERB_XFORWARD,

	VERB_COUNT
};

/** VERB_BIT() - the set that holds one verb */
#define VERB_BIT(verb)		(1ULL << (verb))

/**
 * VERB_UNMASKABLE - octets that are no lines follow the command: if its line
 * were overwritten, they would run as commands
 */
#define VERB_UNMASKABLE		(1 << 0)

/**
 * VERB_UNTRACKED - what follows the verb is not understood by this core, so a
 * policy cannot allow it
 */
#define VERB_UNTRACKED		(1 << 1)

/** VERB_OPENS_MAIL - MAIL and its obsolete kin (RFC 5321 appendix F.6) */
#define VERB_OPENS_MAIL		(1 << 2)

/** VERB_NEEDS_MAIL - is part of a mail transaction */
#define VERB_NEEDS_MAIL		(1 << 3)

/** VERB_ENDS_MAIL - a mail transaction ends with it */
#define VERB_ENDS_MAIL		(1 << 4)

/** VERB_SAYS_HELLO - opens a session */
#define VERB_SAYS_HELLO		(1 << 5)

/** VERB_FOREIGN - of another protocol, or of none */
#define VERB_FOREIGN		(1 << 6)

extern const struct word_table verb_table;

u64 verb_flagged(u8 flag);
const char *verb_name(u8 verb);

static inline bool verb_has(u8 verb, u8 flag)
{
	return verb < VERB_COUNT && verb_table.rows[verb].flags & flag;
}

#endif /* SMTPGUARD_CORE_VERB_H */
