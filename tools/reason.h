/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why something is refused, in words: the list that the module is made of.
 */
#ifndef REASON_H
#define REASON_H

#include "core/step.h"

/**
 * struct reason_row - what is known of a reason
 * @slug: for programs
 * @sentence: for people
 * @parameter: the one that decides; empty where that cannot be told
 */
struct reason_row {
	const char *slug;
	const char *sentence;
	const char *parameter;
};

extern const struct reason_row reason_rows[REASON_COUNT];

int reason_find(const char *slug);
const char *reason_sentence(const char *slug);

#endif /* REASON_H */
