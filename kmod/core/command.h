/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client's side: octets to command lines.
 */
#ifndef SMTPGUARD_CORE_COMMAND_H
#define SMTPGUARD_CORE_COMMAND_H

#include "path.h"
#include "policy.h"
#include "step.h"
#include "verb.h"

/** COMMAND_FILLER - no verb begins with a prefix of a verb and this */
#define COMMAND_FILLER		'X'

/** COMMAND_RCPT_FILLER - no server takes a RCPT that names nobody */
#define COMMAND_RCPT_FILLER	' '

/** COMMAND_AUTH_MAX - octets of an AUTH line (RFC 4954 section 4) */
#define COMMAND_AUTH_MAX	12288

/**
 * enum command_state - where in its line a command is
 * @COMMAND_VERB: in the verb, all octets so far are a prefix of an allowed one
 * @COMMAND_VERB_MASKED: in a verb that is refused; it is read on only to name
 *	it
 * @COMMAND_ARGUMENT: after an allowed verb
 * @COMMAND_MECHANISM: in the mechanism of AUTH, or the blanks before it
 * @COMMAND_RCPT_OVER: in the argument of a RCPT over max_recipients, all octets
 *	so far are of "TO:"
 * @COMMAND_RCPT_MASKED: all to its line end is overwritten with
 *	%COMMAND_RCPT_FILLER
 * @COMMAND_BEFORE_RESPONSE: in the blanks behind the mechanism
 * @COMMAND_RESPONSE: in the initial response (RFC 4954 section 4)
 * @COMMAND_AFTER_RESPONSE: in the blanks behind it
 * @COMMAND_MASKED: all to the line end is overwritten
 */
enum command_state {
	COMMAND_VERB,
	COMMAND_VERB_MASKED,
	COMMAND_ARGUMENT,
	COMMAND_MECHANISM,
	COMMAND_RCPT_OVER,
	COMMAND_RCPT_MASKED,
	COMMAND_BEFORE_RESPONSE,
	COMMAND_RESPONSE,
	COMMAND_AFTER_RESPONSE,
	COMMAND_MASKED,
};

/**
 * struct command - a command line under way; all zero before its first octet
 * @length: octets of it, line end not counted; stops at its maximum
 * @word: the walk through the verb, then the mechanism or the domain; its depth
 *	in "TO:"
 * @extra: the walk through the verb among those that are in no table
 * @path: the walk through the path
 * @verb: after the verb's end: its row, or %WORD_NONE
 * @state: enum command_state
 * @reason: enum reason, why it is refused
 * @cr: CRs right before the octet to come; stops at its maximum
 * @vouched: after the verb's end: it is one that is in no table
 * @full: a RCPT is one too many; who feeds the line sets it before
 */
struct command {
	u16 length;
	struct word_cursor word;
	struct word_cursor extra;
	struct smtp_path path;
	u8 verb;
	u8 state;
	u8 reason;
	u8 cr;
	bool vouched;
	bool full;
};

void command_feed(struct command *command, const struct policy *policy,
		  u64 allowed, const u8 *data, size_t length,
		  struct step *step);

/* Are there octets of a line that has not ended? */
static inline bool command_open(const struct command *command)
{
	return command->length || command->cr;
}

/* Is the octet to come behind the verb MAIL, or one like it? */
static inline bool command_opens_mail(const struct command *command)
{
	return command->state > COMMAND_VERB_MASKED &&
	       word_in_set(VERB_OPENS_MAIL, command->verb);
}

/* Is the octet to come of a parameter of MAIL, or before one? */
static inline bool command_in_parameters(const struct command *command)
{
	return command->state == COMMAND_ARGUMENT &&
	       command->path.part == PATH_NONE &&
	       word_in_set(VERB_OPENS_MAIL, command->verb);
}

#endif /* SMTPGUARD_CORE_COMMAND_H */
