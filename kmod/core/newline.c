// SPDX-License-Identifier: GPL-2.0
/*
 * Scanners, power supplies and controllers that end lines with LF alone, or with
 * CR CR LF, end a message so, too, and many servers take it.  To all others that
 * is an ambiguous end of data.  Such a client shows itself by how it ends DATA and
 * every line of the message; no relay does so, so nothing can be smuggled through
 * one.
 */
#include "newline.h"

/**
 * newline_kind() - how a line is ended
 * @crs: CRs right before its LF
 *
 * Return: %NEWLINE_CRLF, too, for more of them than any kind has.
 */
enum newline_kind newline_kind(u8 crs)
{
	static const u8 kinds[] = {
		[0]			= NEWLINE_LF,
		[1]			= NEWLINE_CRLF,
		[NEWLINE_CRS_MAX]	= NEWLINE_CRCRLF,
	};

	return crs > NEWLINE_CRS_MAX ? NEWLINE_CRLF : kinds[crs];
}

/**
 * newline_begin() - a message begins
 * @newline: the walk
 * @kind: how its client has ended DATA
 */
void newline_begin(struct newline *newline, enum newline_kind kind)
{
	memset(newline, 0, sizeof(*newline));
	newline->kind = kind;
}

static bool newline_give_up(struct newline *newline)
{
	newline->kind = NEWLINE_CRLF;
	return false;
}

/**
 * newline_octet() - walk on by one octet of the message
 * @newline: the walk; nothing happens once it is given up
 * @octet: the octet
 *
 * Return: true where the octet ends a line of one dot, which ends the message if
 * the server says so.
 */
bool newline_octet(struct newline *newline, u8 octet)
{
	bool dot = newline->dot;

	if (newline->kind == NEWLINE_CRLF)
		return false;
	if (octet == '\r') {
		if (newline->kind == NEWLINE_LF ||
		    newline->crs++ == NEWLINE_CRS_MAX)
			newline_give_up(newline);
		return false;
	}
	if (octet == '\n') {
		enum newline_kind kind = newline_kind(newline->crs);

		if (newline->kind != kind && newline->kind != NEWLINE_ANY)
			kind = NEWLINE_CRLF;
		newline_begin(newline, kind);
		return kind != NEWLINE_CRLF && dot;
	}
	if (newline->crs || !octet)
		return newline_give_up(newline);
	newline->dot = octet == '.' && !newline->inside;
	newline->inside = true;
	return false;
}

/**
 * newline_last_line() - octets of a message's last line that are none of its text
 * @newline: the walk
 * @first: the line is also the first
 *
 * Return: how many, but for a dot that was counted as one behind CRLF.
 */
u8 newline_last_line(const struct newline *newline, bool first)
{
	if (newline->kind == NEWLINE_CRCRLF)
		return NEWLINE_CRS_MAX + 1;
	return first ? 1 : 2;
}
