/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clients that end lines in a way of their own.
 */
#ifndef SMTPGUARD_CORE_NEWLINE_H
#define SMTPGUARD_CORE_NEWLINE_H

#include "types.h"

/**
 * enum newline_kind - how a client ends all its lines
 * @NEWLINE_CRLF: as it should
 * @NEWLINE_LF: with LF alone
 * @NEWLINE_CRCRLF: with CR CR LF
 * @NEWLINE_ANY: as it ends the first one, if that is one of these two
 */
enum newline_kind { NEWLINE_CRLF, NEWLINE_LF, NEWLINE_CRCRLF, NEWLINE_ANY };

/**
 * struct newline - the walk through a message of such a client
 * @kind: enum newline_kind; %NEWLINE_CRLF from the first octet on that does not
 *	fit the kind
 * @crs: CRs right before the octet to come
 * @inside: the octet to come is not the first of its line
 * @dot: what has come of the line is one dot
 */
struct newline {
	u8 kind;
	u8 crs;
	bool inside;
	bool dot;
};

/** NEWLINE_CRS_MAX - CRs that any kind has before its LF */
#define NEWLINE_CRS_MAX	2

enum newline_kind newline_kind(u8 crs);
void newline_begin(struct newline *newline, enum newline_kind kind);
bool newline_octet(struct newline *newline, u8 octet);
u8 newline_last_line(const struct newline *newline, bool first);

/**
 * newline_is_open() - may the octet to come end the message
 * @newline: the walk
 *
 * Return: true behind the CRs of a line that is one dot.
 */
static inline bool newline_is_open(const struct newline *newline)
{
	return newline->kind != NEWLINE_CRLF && newline->dot &&
	       newline->crs == NEWLINE_CRS_MAX;
}

#endif /* SMTPGUARD_CORE_NEWLINE_H */
