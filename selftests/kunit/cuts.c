// SPDX-License-Identifier: GPL-2.0
/*
 * Few octets are cut in every way there is: bit n of the way's number is a
 * cut behind octet n.  Many octets are cut as follows:
 *
 *	way		pieces
 *	0		all is one
 *	1		every octet is one
 *	2 and on	two, by one cut; of very many octets only near the end
 *	the rest	at random, by a seed of their own
 */
#include <linux/minmax.h>

#include "cuts.h"

/* The way of many octets that makes a piece of every one. */
#define OCTETS_WAY		1
/* Octets of which every way is tried: 4096 of them. */
#define ALL_WAYS_OCTETS		13
/* Octets that are cut in two at every place, and how many from the end. */
#define SINGLE_OCTETS_WAY	1024
#define SINGLE_CUTS_AT_END	64
#define RANDOM_WAYS		64
/* Of pieces cut at random; small, to have many. */
#define RANDOM_PIECE_MAX	23

static unsigned int single_cuts(size_t length)
{
	return length <= SINGLE_OCTETS_WAY ? length - 1 : SINGLE_CUTS_AT_END;
}

/**
 * cuts_ways() - how many ways there are
 * @length: octets, at least one
 *
 * Return: the number of ways; way 0 has no cut at all.
 */
unsigned int cuts_ways(size_t length)
{
	if (length <= ALL_WAYS_OCTETS)
		return 1U << (length - 1);
	return OCTETS_WAY + 1 + single_cuts(length) + RANDOM_WAYS;
}

/**
 * cuts_begin() - begin to cut
 * @cuts: the way
 * @way: its number
 * @length: octets
 */
void cuts_begin(struct cuts *cuts, unsigned int way, size_t length)
{
	cuts->way = way;
	cuts->length = length;
	prandom_seed_state(&cuts->random, way);
}

static size_t end_of_any(const struct cuts *cuts, size_t at)
{
	size_t end = at + 1;

	while (end < cuts->length && !(cuts->way >> (end - 1) & 1))
		end++;
	return end;
}

/**
 * cuts_end() - where a piece ends
 * @cuts: the way
 * @at: where it begins
 *
 * Return: the octet behind it.
 */
size_t cuts_end(struct cuts *cuts, size_t at)
{
	unsigned int singles = single_cuts(cuts->length);
	size_t end;

	if (cuts->length <= ALL_WAYS_OCTETS)
		return end_of_any(cuts, at);
	if (cuts->way == 0)
		return cuts->length;
	if (cuts->way == OCTETS_WAY)
		return at + 1;
	if (cuts->way <= OCTETS_WAY + singles) {
		end = cuts->length - (cuts->way - OCTETS_WAY);
		return at < end ? end : cuts->length;
	}
	end = at + 1 + prandom_u32_state(&cuts->random) % RANDOM_PIECE_MAX;
	return min(end, cuts->length);
}
