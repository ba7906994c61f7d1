/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Searching octets a machine word at a time.  A word has a zero byte exactly
 * where (w - 0x01..01) & ~w & 0x80..80 is not zero (Mycroft 1987); XOR with a
 * repeated octet turns "holds this octet" into "holds a zero byte".
 */
#ifndef SMTPGUARD_CORE_OCTETS_H
#define SMTPGUARD_CORE_OCTETS_H

#include "types.h"

#define OCTETS_ONES	0x0101010101010101ULL
#define OCTETS_HIGH	0x8080808080808080ULL

static inline u64 octets_load(const u8 *data)
{
	u64 word;

	memcpy(&word, data, sizeof(word));
	return word;
}

static inline u64 octets_zero(u64 word)
{
	return (word - OCTETS_ONES) & ~word & OCTETS_HIGH;
}

static inline u64 octets_equal(u64 word, u8 octet)
{
	return octets_zero(word ^ (OCTETS_ONES * octet));
}

#endif /* SMTPGUARD_CORE_OCTETS_H */
