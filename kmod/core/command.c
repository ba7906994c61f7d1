// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines, octet by octet.  What a server reads must never hold a
 * refused verb, and nothing can be held back: so an octet passes as long as
 * the line can still become an allowed command, and from the first octet on
 * with which it cannot, all to the line end are overwritten.  What has passed
 * by then was a prefix of an allowed verb, which with the filler behind it is
 * no verb at all; the server itself answers 500.
 *
 *   COMMAND_VERB --allowed verb, blank or line end--> COMMAND_ARGUMENT
 *        |                                                  |
 *        | leaves the allowed set             line too long, bare CR
 *        v                                                  v
 *   COMMAND_VERB_MASKED --blank or line end--------> COMMAND_MASKED
 *
 * A line ends at LF: servers that take a bare LF for a line end exist, and to
 * the others a second line is only more argument.  CR and LF are never
 * overwritten.
 */
#include "command.h"

static bool is_blank(u8 octet)
{
	return octet == ' ' || octet == '\t';
}

static bool is_line_end(u8 octet)
{
	return octet == '\r' || octet == '\n';
}

static void command_refuse(struct command *command, enum command_state state,
			   enum reason reason)
{
	command->state = state;
	if (!command->reason)
		command->reason = reason;
}

/* After this the walk's row is the verb, %WORD_NONE for an unknown one. */
static void command_end_verb(struct command *command, u64 allowed,
			     bool line_end)
{
	u8 verb = word_match(&verb_table, &command->verb);

	command->verb.row = verb;
	if (command->state == COMMAND_VERB_MASKED) {
		command->state = COMMAND_MASKED;
		return;
	}
	command->state = COMMAND_ARGUMENT;
	if (word_in_set(allowed, verb))
		return;
	if (word_in_set(verb_flagged(VERB_UNMASKABLE), verb))
		command_refuse(command, COMMAND_MASKED, REASON_UNMASKABLE);
	else if (!line_end)
		command_refuse(command, COMMAND_MASKED, REASON_VERB);
}

static void command_walk(struct command *command, u64 allowed, u8 octet)
{
	u64 passing = allowed | verb_flagged(VERB_UNMASKABLE);

	word_step(&verb_table, &command->verb, octet);
	if (command->state == COMMAND_VERB &&
	    !word_prefixes(&verb_table, passing, &command->verb))
		command_refuse(command, COMMAND_VERB_MASKED, REASON_VERB);
}

static u16 command_limit(const struct command *command,
			 const struct policy *policy)
{
	if (command->state == COMMAND_ARGUMENT &&
	    command->verb.row == VERB_AUTH &&
	    policy->max_command_line < COMMAND_AUTH_MAX)
		return COMMAND_AUTH_MAX;
	return policy->max_command_line;
}

/* Takes in any octet but LF; says whether it is to be overwritten. */
static bool command_octet(struct command *command, const struct policy *policy,
			  u64 allowed, u8 octet)
{
	bool in_verb = command->state == COMMAND_VERB ||
		       command->state == COMMAND_VERB_MASKED;

	if (command->cr && octet != '\r') {
		command->cr = 0;
		command_refuse(command, COMMAND_MASKED, REASON_BARE_CR);
		in_verb = false;
	}
	if (in_verb && (is_blank(octet) || is_line_end(octet)))
		command_end_verb(command, allowed, is_line_end(octet));
	else if (in_verb)
		command_walk(command, allowed, octet);
	if (octet == '\r') {
		command->cr = 1;
		return false;
	}
	if (command->length < U16_MAX)
		command->length++;
	if (command->state == COMMAND_ARGUMENT &&
	    command->length + 2 > command_limit(command, policy))
		command_refuse(command, COMMAND_MASKED, REASON_COMMAND_LINE);
	return command->state == COMMAND_MASKED ||
	       command->state == COMMAND_VERB_MASKED;
}

/* The line is whole: say what it was and be ready for the next. */
static void command_finish(struct command *command, u64 allowed,
			   struct step *step)
{
	u8 refused = command->refused;

	if (command->state == COMMAND_VERB ||
	    command->state == COMMAND_VERB_MASKED)
		command_end_verb(command, allowed, true);
	step->events |= STEP_COMMAND;
	step->verb = command->verb.row == WORD_NONE ?
		VERB_COUNT : command->verb.row;
	step->reason = command->reason;
	step->refused = command->reason != REASON_NONE;
	if (step->refused && refused < U8_MAX)
		refused++;
	memset(command, 0, sizeof(*command));
	command->refused = refused;
}

/**
 * command_feed() - take octets of a command line
 * @command: the line under way
 * @policy: limits
 * @allowed: verbs that may pass now, bits are rows of verb_table
 * @data: octets of the client
 * @length: how many, at least one
 * @step: what became of them; the step ends with the line, at the first octet
 *	behind a masked stretch, or with the octets.  STEP_COMMAND is set with
 *	the line end.  @step->reset is set where the line is one that must not
 *	be masked and cannot pass.
 */
void command_feed(struct command *command, const struct policy *policy,
		  u64 allowed, const u8 *data, size_t length,
		  struct step *step)
{
	step->span = SPAN_COMMAND;
	step->filler = COMMAND_FILLER;
	while (step->length < length) {
		u8 octet = data[step->length];
		bool mask = false;

		if (octet == '\n')
			command_finish(command, allowed, step);
		else
			mask = command_octet(command, policy, allowed, octet);
		if (step_take(step, mask) || octet == '\n')
			break;
		if (command->reason == REASON_UNMASKABLE)
			break;
	}
	if (command->reason)
		step->reason = command->reason;
	step->reset = step->reason == REASON_UNMASKABLE;
}
