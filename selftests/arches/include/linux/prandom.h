/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers that look random, the same ones on every machine; others than in the
 * kernel.
 */
#ifndef ARCHES_LINUX_PRANDOM_H
#define ARCHES_LINUX_PRANDOM_H

#include "core/types.h"

struct rnd_state {
	u64 state;
};

static inline void prandom_seed_state(struct rnd_state *random, u64 seed)
{
	random->state = seed;
}

/* The generator splitmix64, by Steele, Lea and Flood. */
static inline u32 prandom_u32_state(struct rnd_state *random)
{
	u64 value = random->state += 0x9e3779b97f4a7c15ull;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
	return (value ^ (value >> 31)) >> 32;
}

#endif /* ARCHES_LINUX_PRANDOM_H */
