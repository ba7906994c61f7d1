// SPDX-License-Identifier: GPL-2.0
/*
 * Which events count as lost, by the numbers of those that came.  Each case is
 * a series of numbers, and how many are lost when all of them have come, and
 * how many more when nothing else comes.
 */
#include <stdio.h>

#include "gap.h"

#define NUMBERS_MAX	80
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct gap_case {
	const char *name;
	unsigned int count;
	unsigned int number[NUMBERS_MAX];
	unsigned int lost;
	unsigned int settled;
};

static const struct gap_case cases[] = {
	{ "in order", 4, { 7, 8, 9, 10 }, 0, 0 },
	{ "the first may be any", 1, { 4000000000u }, 0, 0 },
	{ "one that came late", 4, { 7, 9, 8, 10 }, 0, 0 },
	{ "one that overtook the first", 3, { 8, 7, 9 }, 0, 0 },
	{ "one that never came", 3, { 7, 9, 10 }, 0, 1 },
	{ "the last but one and another", 4, { 7, 9, 10, 12 }, 0, 2 },
	{ "63 missing may still come", 2, { 7, 71 }, 63, 0 },
	{ "62 missing may still come", 2, { 7, 70 }, 0, 62 },
	{ "a missing one is 64 behind", 4, { 7, 9, 71, 72 }, 1, 61 },
	{ "a missing one is 63 behind", 3, { 7, 9, 71 }, 0, 62 },
	{ "many at once", 2, { 7, 100007 }, 99999, 0 },
	{ "some, then many", 3, { 7, 9, 1009 }, 1000, 0 },
	{ "too late counts no second time", 3, { 7, 1007, 8 }, 999, 0 },
	{ "numbers begin again at 0", 3, { 4294967295u, 1, 0 }, 0, 0 },
	{ "lost where numbers begin again", 2, { 4294967295u, 1 }, 0, 1 },
};

static int run(const struct gap_case *gap_case)
{
	struct gap gap = { 0 };
	unsigned int settled;
	unsigned int lost = 0;
	unsigned int i;

	for (i = 0; i < gap_case->count; i++)
		lost += gap_add(&gap, gap_case->number[i]);
	settled = gap_settle(&gap);
	if (lost == gap_case->lost && settled == gap_case->settled &&
	    !gap_open(&gap))
		return 0;
	printf("%s: %u lost, then %u\n", gap_case->name, lost, settled);
	return 1;
}

int main(void)
{
	int wrong = 0;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		wrong += run(&cases[i]);
	return wrong != 0;
}
