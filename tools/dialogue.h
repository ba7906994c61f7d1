/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dialogue of SMTP as an administrator writes it down, see smtpguard(8).
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <stdbool.h>

#include "core/session.h"

/* Room for two addresses with ports. */
#define DIALOGUE_NAME_MAX	128
/* Room for why nothing more is told. */
#define DIALOGUE_END_MAX	160

/**
 * struct turn - what one side sends at once
 * @line: number of the line where it is written, or of the packet that brought
 *	it, from 1 on
 * @from: enum direction
 * @unheard: a server's segment: it had not acknowledged all that the client had
 *	said
 * @octets: what is sent
 * @length: how many octets, at least one
 */
struct turn {
	unsigned int line;
	u8 from;
	bool unheard;
	u8 *octets;
	size_t length;
};

/**
 * struct dialogue - turns, in the order in which they cross the router
 * @turns: the turns
 * @count: how many
 * @name: whose it is, or what file it is from; empty where that is not asked for
 * @captured: it is of a capture
 * @port: the server's, in host order; 0 where it was written by hand
 * @late: it was under way before its first turn
 * @end: why nothing more is known of it; empty where it is over
 */
struct dialogue {
	struct turn *turns;
	size_t count;
	char name[DIALOGUE_NAME_MAX];
	bool captured;
	u16 port;
	bool late;
	char end[DIALOGUE_END_MAX];
};

bool dialogue_is_input(const char *path);
const char *dialogue_source(const char *path);
bool dialogue_read(struct dialogue *dialogue, const char *path);
struct turn *dialogue_add(struct dialogue *dialogue);
void dialogue_free(struct dialogue *dialogue);

#endif /* DIALOGUE_H */
