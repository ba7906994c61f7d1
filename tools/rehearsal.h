/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dialogue as the module would see it cross, a turn a segment, and what
 * becomes of it: the protocol core that the module is made of, in user space.
 */
#ifndef REHEARSAL_H
#define REHEARSAL_H

#include "core/settings.h"
#include "dialogue.h"
#include "reason.h"

/**
 * enum effect - what is found
 * @EFFECT_TOLD: something happened
 * @EFFECT_HOLD: octets do not pass before a reply has; the client repeats them
 * @EFFECT_MASK: octets are overwritten
 * @EFFECT_RESET: the session is reset
 * @EFFECT_RESET_NEXT: the segment behind this one resets it, or the one behind
 *	the final reply to an end of data where that is owed
 */
enum effect {
	EFFECT_TOLD,
	EFFECT_HOLD,
	EFFECT_MASK,
	EFFECT_RESET,
	EFFECT_RESET_NEXT,
};

/**
 * struct finding - what becomes of some octets
 * @turn: number of the turn that they are of
 * @from: the first of them in the turn
 * @to: the octet behind the last one
 * @effect: enum effect
 * @filler: EFFECT_MASK: what they are overwritten with
 * @why: the reason
 * @parameter: the parameter that decided; empty where that cannot be told
 */
struct finding {
	size_t turn;
	size_t from;
	size_t to;
	u8 effect;
	u8 filler;
	const struct reason_row *why;
	const char *parameter;
};

/**
 * struct rehearsal - a dialogue, and what becomes of it
 * @settings: the parameters
 * @dialogue: the dialogue
 * @session: see core/session.h
 * @turn: number of the turn under way; when all is done, how many have crossed
 * @at: octets of it that were read
 * @line: by enum direction: findings before the line under way
 * @findings: in the order of the turns
 * @count: how many
 * @commands: command lines that passed
 * @refused: command lines that were refused
 * @hidden: capabilities that were hidden
 * @reset: the turn under way was not forwarded, and the session is over
 * @no_memory: there was not enough for all findings
 */
struct rehearsal {
	const struct settings *settings;
	const struct dialogue *dialogue;
	struct session session;
	size_t turn;
	size_t at;
	size_t line[2];
	struct finding *findings;
	size_t count;
	unsigned int commands;
	unsigned int refused;
	unsigned int hidden;
	bool reset;
	bool no_memory;
};

bool rehearsal_run(struct rehearsal *rehearsal, const struct settings *settings,
		   const struct dialogue *dialogue);
size_t rehearsal_first(const struct rehearsal *rehearsal, size_t number);
bool rehearsal_forwards(const struct rehearsal *rehearsal, size_t number);
size_t rehearsal_forward(const struct rehearsal *rehearsal, size_t number,
			 u8 *octets);
bool rehearsal_is_guarded(const struct rehearsal *rehearsal);
void rehearsal_free(struct rehearsal *rehearsal);
bool rehearsal_is_refusal(const struct finding *finding);
bool rehearsal_refuses(const struct rehearsal *rehearsal);

#endif /* REHEARSAL_H */
