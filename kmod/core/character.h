/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets that end words and lines.
 */
#ifndef SMTPGUARD_CORE_CHARACTER_H
#define SMTPGUARD_CORE_CHARACTER_H

#include "types.h"

/* Of RFC 4648 section 4, padding included. */
static inline bool is_base64(u8 octet)
{
	u8 letter = octet | 0x20;

	return (letter >= 'a' && letter <= 'z') ||
	       (octet >= '0' && octet <= '9') ||
	       octet == '+' || octet == '/' || octet == '=';
}

static inline bool is_blank(u8 octet)
{
	return octet == ' ' || octet == '\t';
}

static inline bool is_line_end(u8 octet)
{
	return octet == '\r' || octet == '\n';
}

/*
 * Who looks for the end of a message may take it for the end of a line, or of a
 * string, or overlook it behind one.
 */
static inline bool is_break(u8 octet)
{
	return octet <= '\r' && (is_line_end(octet) || !octet);
}

#endif /* SMTPGUARD_CORE_CHARACTER_H */
