// SPDX-License-Identifier: GPL-2.0
/*
 * Events are numbered, then sent, and two processors may do that at once: an
 * event can come shortly behind one with a higher number.  So a missing number
 * counts as lost only when it is 64 behind, or when the caller settles because
 * nothing more came for a while.
 */
#include "gap.h"

#define WINDOW	64

static uint32_t count_missing(uint64_t seen)
{
	return __builtin_popcountll(~seen);
}

/**
 * gap_add() - an event came
 * @gap: what came before
 * @number: its number
 *
 * Return: how many events are now known to be lost.
 */
uint32_t gap_add(struct gap *gap, uint32_t number)
{
	int32_t distance = number - gap->highest;
	uint32_t lost;

	if (!gap->started) {
		*gap = (struct gap){ true, number, UINT64_MAX };
		return 0;
	}
	if (distance <= 0) {
		if (distance > -WINDOW)
			gap->seen |= 1ULL << -distance;
		return 0;
	}
	gap->highest = number;
	/* so many do not overtake an event */
	if (distance >= WINDOW) {
		lost = gap_settle(gap) + distance - 1;
	} else {
		lost = count_missing(gap->seen |
				     UINT64_MAX >> distance);
		gap->seen = gap->seen << distance | 1;
	}
	return lost;
}

/**
 * gap_settle() - what is missing will not come
 * @gap: what came
 *
 * Return: how many events are lost.
 */
uint32_t gap_settle(struct gap *gap)
{
	uint32_t lost = gap_open(gap) ? count_missing(gap->seen) : 0;

	gap->seen = UINT64_MAX;
	return lost;
}

/**
 * gap_open() - is any event missing
 * @gap: what came
 *
 * Return: true if so.
 */
bool gap_open(const struct gap *gap)
{
	return gap->started && gap->seen != UINT64_MAX;
}
