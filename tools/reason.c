// SPDX-License-Identifier: GPL-2.0
/*
 * The reasons: slugs are for programs, sentences for people.
 */
#include <string.h>

#include "reason.h"

/* By enum reason. */
const struct reason_row reason_rows[REASON_COUNT] = {
#define REASON(id, slug, sentence, parameter)	{ slug, sentence, parameter },
#include "core/reason_list.h"
};

/**
 * reason_find() - the number of a reason
 * @slug: the reason, as the module tells it
 *
 * Return: enum reason; REASON_NONE where only a newer tool knows it.
 */
int reason_find(const char *slug)
{
	int i;

	for (i = 0; i < REASON_COUNT; i++)
		if (strcmp(reason_rows[i].slug, slug) == 0)
			return i;
	return REASON_NONE;
}

/**
 * reason_sentence() - what a reason says to people
 * @slug: the reason, as the module tells it
 *
 * Return: its sentence; the slug itself where only a newer tool knows it.
 */
const char *reason_sentence(const char *slug)
{
	size_t i;

	for (i = 0; i < REASON_COUNT; i++)
		if (strcmp(reason_rows[i].slug, slug) == 0)
			return reason_rows[i].sentence;
	return slug;
}
