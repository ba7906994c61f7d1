/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets that end words and lines.
 */
#ifndef SMTPGUARD_CORE_CHARACTER_H
#define SMTPGUARD_CORE_CHARACTER_H

#include "types.h"

static inline bool is_blank(u8 octet)
{
	return octet == ' ' || octet == '\t';
}

static inline bool is_line_end(u8 octet)
{
	return octet == '\r' || octet == '\n';
}

#endif /* SMTPGUARD_CORE_CHARACTER_H */
