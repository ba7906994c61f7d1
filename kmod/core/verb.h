/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs that smtpguard knows.  The list stands once, in verb.c; this
 * header names its rows for those that must treat one of them specially.
 */
#ifndef SMTPGUARD_CORE_VERB_H
#define SMTPGUARD_CORE_VERB_H

#include "word.h"

/* Rows of verb_table, in ASCII order. */
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
	VERB_X_ANONYMOUSTLS,
	VERB_X_EXPS,
	VERB_XCLIENT,
	VERB_XEXCH50,
	VERB_XFORWARD,

	/* also stands for a verb that is in no row */
	VERB_COUNT
};

/** VERB_BIT() - the set that holds one verb */
#define VERB_BIT(verb)		(1ULL << (verb))

/**
 * VERB_UNMASKABLE - octets that are no lines follow the command: if its line
 * were overwritten, they would run as commands
 */
#define VERB_UNMASKABLE		(VERB_BIT(VERB_BDAT) | VERB_BIT(VERB_XEXCH50))

/**
 * VERB_UNTRACKED - what follows the verb is not understood by this core, so a
 * policy cannot allow it
 */
#define VERB_UNTRACKED		(VERB_BIT(VERB_PROXY) | VERB_BIT(VERB_XEXCH50))

/** VERB_STARTS_TLS - STARTTLS, and what Exchange servers say to each other */
#define VERB_STARTS_TLS		(VERB_BIT(VERB_STARTTLS) | \
				 VERB_BIT(VERB_X_ANONYMOUSTLS))

/** VERB_AUTHENTICATES - AUTH, and what Exchange servers say to each other */
#define VERB_AUTHENTICATES	(VERB_BIT(VERB_AUTH) | VERB_BIT(VERB_X_EXPS))

/** VERB_OPENS_MAIL - MAIL and its obsolete kin (RFC 5321 appendix F.6) */
#define VERB_OPENS_MAIL		(VERB_BIT(VERB_MAIL) | VERB_BIT(VERB_SAML) | \
				 VERB_BIT(VERB_SEND) | VERB_BIT(VERB_SOML))

/** VERB_NAMES - its argument is an address or a name (RFC 6531 section 3.3) */
#define VERB_NAMES		(VERB_OPENS_MAIL | VERB_BIT(VERB_RCPT) | \
				 VERB_BIT(VERB_VRFY) | VERB_BIT(VERB_EXPN))

/** VERB_NEEDS_MAIL - is part of a mail transaction */
#define VERB_NEEDS_MAIL		(VERB_BIT(VERB_BDAT) | VERB_BIT(VERB_BURL) | \
				 VERB_BIT(VERB_DATA) | VERB_BIT(VERB_RCPT))

/** VERB_SAYS_HELLO - opens a session */
#define VERB_SAYS_HELLO		(VERB_BIT(VERB_EHLO) | VERB_BIT(VERB_HELO) | \
				 VERB_BIT(VERB_LHLO))

/** VERB_ENDS_MAIL - a mail transaction ends with it */
#define VERB_ENDS_MAIL		(VERB_SAYS_HELLO | VERB_BIT(VERB_RSET))

/** VERB_FOREIGN - of another protocol, or of none */
#define VERB_FOREIGN		(VERB_BIT(VERB_CONNECT) | \
				 VERB_BIT(VERB_DELETE) | VERB_BIT(VERB_GET) | \
				 VERB_BIT(VERB_HEAD) | VERB_BIT(VERB_OPTIONS) | \
				 VERB_BIT(VERB_PATCH) | VERB_BIT(VERB_POST) | \
				 VERB_BIT(VERB_PRI) | VERB_BIT(VERB_PUT) | \
				 VERB_BIT(VERB_SSH) | VERB_BIT(VERB_TRACE))

extern const struct word_table verb_table;

const char *verb_name(u8 verb);

#endif /* SMTPGUARD_CORE_VERB_H */
