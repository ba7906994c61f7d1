/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the dots of a message are.  Every end of data holds one, so they are what
 * the scan looks for, and all that is kept of a message depends on them.
 */
#ifndef SMTPGUARD_CORE_DOTS_H
#define SMTPGUARD_CORE_DOTS_H

#include "types.h"

/** DOTS_MAX - the scan stops at so many */
#define DOTS_MAX	128

/** DOTS_BEHIND_BREAK - a break may be before the dot */
#define DOTS_BEHIND_BREAK	(1 << 15)

/** DOTS_PLACES - a dot has fewer octets before it */
#define DOTS_PLACES		DOTS_BEHIND_BREAK

/**
 * struct dots - the dots in octets that were scanned
 * @count: how many
 * @quoting: those of them that begin a line: behind CRLF
 * @at: how many octets are before each of them, in their order, and
 *	%DOTS_BEHIND_BREAK or not
 */
struct dots {
	u16 count;
	u16 quoting;
	u16 at[DOTS_MAX];
};

static inline void dots_clear(struct dots *dots)
{
	dots->count = 0;
	dots->quoting = 0;
}

/* There must be room. */
static inline void dots_add(struct dots *dots, size_t at)
{
	dots->at[dots->count++] = at;
}

/* How many octets are before it. */
static inline size_t dots_place(const struct dots *dots, unsigned int index)
{
	return dots->at[index] & (DOTS_PLACES - 1);
}

/* How many have fewer than @length octets before them. */
static inline unsigned int dots_before(const struct dots *dots, size_t length)
{
	unsigned int count = dots->count;

	while (count && dots_place(dots, count - 1) >= length)
		count--;
	return count;
}

/* Forgets those that have fewer than @length octets before them, and counts anew. */
static inline void dots_pass(struct dots *dots, size_t length)
{
	unsigned int passed = dots_before(dots, length);
	unsigned int i;

	dots->count -= passed;
	for (i = 0; i < dots->count; i++)
		dots->at[i] = dots->at[passed + i] - length;
}

/* Room for the dots of one word, and two more. */
static inline bool dots_have_room(const struct dots *dots)
{
	return dots->count <= DOTS_MAX - sizeof(u64) - 2;
}

#endif /* SMTPGUARD_CORE_DOTS_H */
