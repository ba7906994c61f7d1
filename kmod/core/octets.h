/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Searching octets a machine word at a time.  A word has a zero byte exactly
 * where (w - 0x01..01) & ~w & 0x80..80 is not zero (Mycroft 1987); XOR with a
 * repeated octet turns "holds this octet" into "holds a zero byte".
 *
 * In what octets_equal() and octets_below() return, bits above the first that is
 * set may be set for other octets, too; the octets_each_ functions are exact for
 * all eight.
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

/* As octets_equal(), for octets that are less than @limit, at most 128. */
static inline u64 octets_below(u64 word, u8 limit)
{
	return (word - OCTETS_ONES * limit) & ~word & OCTETS_HIGH;
}

/* The high bit of each octet that is less than @limit, which is at most 128. */
static inline u64 octets_each_below(u64 word, u8 limit)
{
	u64 low = word & ~OCTETS_HIGH;

	return ~((low + OCTETS_ONES * (0x80 - limit)) | word) & OCTETS_HIGH;
}

/* The high bit of each octet that is equal to @octet. */
static inline u64 octets_each_equal(u64 word, u8 octet)
{
	return octets_each_below(word ^ (OCTETS_ONES * octet), 1);
}

/* The index in memory of the first octet whose high bit is set in @bits. */
static inline unsigned int octets_first(u64 bits)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		return (unsigned int)__builtin_ctzll(bits) / 8;
	return (unsigned int)__builtin_clzll(bits) / 8;
}

/* The same of the last one. */
static inline unsigned int octets_last(u64 bits)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		return 7 - (unsigned int)__builtin_clzll(bits) / 8;
	return 7 - (unsigned int)__builtin_ctzll(bits) / 8;
}

/* Without the first one in memory. */
static inline u64 octets_behind_first(u64 bits)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		return bits & (bits - 1);
	return bits ^ 1ULL << (63 - __builtin_clzll(bits));
}

/*
 * Not zero if there is this octet, which is less than 128; errs towards it where
 * there are octets that are not.  Two instructions less than octets_equal().
 */
static inline u64 octets_may_equal(u64 word, u8 octet)
{
	return ((word ^ (OCTETS_ONES * octet)) - OCTETS_ONES) & OCTETS_HIGH;
}

#endif /* SMTPGUARD_CORE_OCTETS_H */
