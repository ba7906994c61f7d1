/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dialogue of SMTP as an administrator writes it down, see smtpguard(8).
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <stdbool.h>

#include "core/session.h"

/**
 * struct turn - what one side sends at once
 * @line: where it is written, from 1 on
 * @from: enum direction
 * @octets: what is sent
 * @length: how many octets, at least one
 */
struct turn {
	unsigned int line;
	u8 from;
	u8 *octets;
	size_t length;
};

/**
 * struct dialogue - turns, in the order in which they cross the router
 * @turns: the turns
 * @count: how many
 */
struct dialogue {
	struct turn *turns;
	size_t count;
};

bool dialogue_read(struct dialogue *dialogue, const char *path);
void dialogue_free(struct dialogue *dialogue);

#endif /* DIALOGUE_H */
