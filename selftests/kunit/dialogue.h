/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole dialogues.  Each is a table of turns: who speaks, what is sent, and
 * what reaches the other end, which must be the same however the turns are
 * cut into segments.
 */
#ifndef SMTPGUARD_KUNIT_DIALOGUE_H
#define SMTPGUARD_KUNIT_DIALOGUE_H

#include <kunit/test.h>

#include "core/session.h"
#include "text.h"

#define TURNS_MAX	16

/**
 * struct turn - what one side says until the other speaks
 * @from: enum direction
 * @reset: the session is reset in this turn
 * @text: what is sent; none behind the last turn
 * @seen: what reaches the other end; before a reset, what does if every octet
 *	is a segment of its own
 */
struct turn {
	enum direction from;
	bool reset;
	struct text text;
	struct text seen;
};

#define TURN(direction, octets) \
	{ .from = (direction), .text = TEXT(octets) }
#define TURN_AS(direction, octets, others) \
	{ .from = (direction), .text = TEXT(octets), .seen = TEXT(others) }
#define TURN_RESET(direction, octets, others) \
	{ .from = (direction), .text = TEXT(octets), .seen = TEXT(others), \
	  .reset = true }
#define CLIENT(octets)			TURN(FROM_CLIENT, octets)
#define CLIENT_AS(octets, others)	TURN_AS(FROM_CLIENT, octets, others)
#define CLIENT_RESET(octets, others)	TURN_RESET(FROM_CLIENT, octets, others)
#define SERVER(octets)			TURN(FROM_SERVER, octets)
#define SERVER_AS(octets, others)	TURN_AS(FROM_SERVER, octets, others)
#define SERVER_RESET(octets, others)	TURN_RESET(FROM_SERVER, octets, others)

/**
 * enum dialogue_start - how a session is first seen
 * @START_GREETING: from its greeting on
 * @START_TLS: from its first octet on, which is one of TLS
 * @START_MIDSTREAM: after its start
 */
enum dialogue_start {
	START_GREETING,
	START_TLS,
	START_MIDSTREAM,
};

/**
 * struct dialogue - a session
 * @name: a sentence
 * @change: made to the default policy
 * @start: how it is first seen
 * @opening: turns before, which are not cut; NULL for none
 * @turns: its turns
 * @phase: enum phase in which it ends
 * @reason: the last that was given
 * @trace: the events, see outcome_take(); NULL to leave them to the cuts
 */
struct dialogue {
	const char *name;
	void (*change)(struct policy *policy);
	enum dialogue_start start;
	const struct turn *opening;
	struct turn turns[TURNS_MAX];
	enum phase phase;
	enum reason reason;
	const char *trace;
};

/* Openings, which end with an empty turn. */
extern const struct turn greeted[];
extern const struct turn in_transaction[];
extern const struct turn in_chunking[];
extern const struct turn in_message[];
extern const struct turn message_sent[];
extern const struct turn message_taken[];
extern const struct turn chunking_message_sent[];
extern const struct turn chunking_message_taken[];
extern const struct turn in_auth[];
extern const struct turn in_tls[];
extern const struct turn crowded[];
extern const struct turn crowded_chunking[];

void dialogue_name(const struct dialogue *dialogue, char *name);
void dialogue_at_every_cut(struct kunit *test);

/**
 * DIALOGUES() - a test that runs all dialogues of a table
 * @table: what KUNIT_ARRAY_PARAM() was given for it
 * @sentence: the test's name
 */
#define DIALOGUES(table, sentence) {					\
	.run_case = dialogue_at_every_cut,				\
	.name = #sentence,						\
	.generate_params = table##_gen_params }

#endif /* SMTPGUARD_KUNIT_DIALOGUE_H */
