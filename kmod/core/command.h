/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client's side: octets to command lines.
 */
#ifndef SMTPGUARD_CORE_COMMAND_H
#define SMTPGUARD_CORE_COMMAND_H

#include "policy.h"
#include "step.h"
#include "verb.h"

/** COMMAND_FILLER - no verb begins with a prefix of a verb and this */
#define COMMAND_FILLER		'X'

/** COMMAND_AUTH_MAX - octets of an AUTH line (RFC 4954 section 4) */
#define COMMAND_AUTH_MAX	12288

/**
 * enum command_state - where in its line a command is
 * @COMMAND_VERB: in the verb, all octets so far are a prefix of an allowed one
 * @COMMAND_VERB_MASKED: in a verb that is refused; it is read on only to name
 *	it
 * @COMMAND_ARGUMENT: after an allowed verb
 * @COMMAND_MASKED: all to the line end is overwritten
 */
enum command_state {
	COMMAND_VERB,
	COMMAND_VERB_MASKED,
	COMMAND_ARGUMENT,
	COMMAND_MASKED,
};

/**
 * struct command - a command line under way; all zero before its first octet
 * @length: octets of it, line end not counted; stops at its maximum
 * @verb: the trie walk; after the verb's end its row is the verb
 * @state: enum command_state
 * @cr: the octet before was a CR
 * @reason: enum reason, why it is refused
 * @refused: commands refused in the session; stops at its maximum
 */
struct command {
	u16 length;
	struct word_cursor verb;
	u8 state : 2;
	u8 cr : 1;
	u8 reason : 5;
	u8 refused;
};

void command_feed(struct command *command, const struct policy *policy,
		  u64 allowed, const u8 *data, size_t length,
		  struct step *step);

/* Are there octets of a line that has not ended? */
static inline bool command_open(const struct command *command)
{
	return command->length || command->cr;
}

#endif /* SMTPGUARD_CORE_COMMAND_H */
