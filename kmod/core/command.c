// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines, octet by octet.  What a server reads must never hold a
 * refused verb, and nothing can be held back: so an octet passes as long as
 * the line can still become an allowed command, and from the first octet on
 * with which it cannot, all to the line end are overwritten.  What has passed
 * by then was a prefix of an allowed verb, which with the filler behind it is
 * no verb at all; the server itself answers 500.
 *
 *   COMMAND_VERB --allowed verb--> COMMAND_ARGUMENT, COMMAND_MECHANISM ...
 *        |                                      |
 *        | leaves the allowed set               | an octet that is refused
 *        v                                      v
 *   COMMAND_VERB_MASKED --blank--------> COMMAND_MASKED
 *
 * A line ends at LF: servers that take a bare LF for a line end exist, and to
 * the others a second line is only more argument.  The CR and LF of a line end
 * are never overwritten.
 */
#include "capability.h"
#include "character.h"
#include "command.h"
#include "extra.h"
#include "handshake.h"
#include "mechanism.h"
#include "newline.h"

/* The header of the PROXY protocol, version 1, with CRLF. */
#define COMMAND_PROXY_MAX	107

static bool in_verb(const struct command *command)
{
	return command->state == COMMAND_VERB ||
	       command->state == COMMAND_VERB_MASKED;
}

static bool is_masked(const struct command *command)
{
	return command->state == COMMAND_MASKED ||
	       command->state == COMMAND_RCPT_MASKED ||
	       command->state == COMMAND_VERB_MASKED;
}

static bool in_response(const struct command *command)
{
	return command->state >= COMMAND_BEFORE_RESPONSE &&
	       command->state <= COMMAND_AFTER_RESPONSE;
}

static bool in_path(const struct command *command)
{
	return command->state == COMMAND_ARGUMENT &&
	       command->path.part != PATH_NONE;
}

static void command_refuse(struct command *command, enum command_state state,
			   enum reason reason)
{
	command->state = state;
	if (!command->reason)
		command->reason = reason;
}

/* The session cannot go on, and the octet must not pass. */
static void command_reset(struct command *command, struct step *step,
			  enum reason reason)
{
	command->reason = reason;
	step->reason = reason;
	step->reset = true;
}

static void command_begin_argument(struct command *command)
{
	command->state = COMMAND_ARGUMENT;
	memset(&command->word, 0, sizeof(command->word));
	if (word_in_set(VERB_AUTHENTICATES, command->verb))
		command->state = COMMAND_MECHANISM;
	if (command->verb == VERB_RCPT && command->full)
		command->state = COMMAND_RCPT_OVER;
	else if (command->verb == VERB_RCPT ||
		 word_in_set(VERB_OPENS_MAIL, command->verb))
		command->path.part = PATH_PREFIX;
}

/* @octet is behind the verb. */
static void command_end_verb(struct command *command,
			     const struct policy *policy, u64 allowed,
			     u8 octet, struct step *step)
{
	command->verb = word_match(&verb_table, &command->word);
	if (word_in_set(VERB_FOREIGN, command->verb)) {
		command_reset(command, step, REASON_FOREIGN);
	} else if (command->state == COMMAND_VERB_MASKED) {
		command->state = COMMAND_MASKED;
	} else if (command->verb == VERB_BDAT && octet == '\n' &&
		   word_in_set(allowed, command->verb)) {
		/* behind any other octet the session reads its argument */
		command_reset(command, step, REASON_CHUNK);
	} else if (word_in_set(allowed, command->verb)) {
		command_begin_argument(command);
	} else if (extra_matches(policy->extra_verbs, &command->extra)) {
		command->vouched = true;
		command->state = COMMAND_ARGUMENT;
	} else if (word_in_set(VERB_UNMASKABLE, command->verb)) {
		command_reset(command, step, REASON_UNMASKABLE);
	} else {
		command->state = COMMAND_ARGUMENT;
		if (!is_line_end(octet))
			command_refuse(command, COMMAND_MASKED, REASON_VERB);
	}
}

static void command_walk(struct command *command, const struct policy *policy,
			 u64 allowed, u8 octet, struct step *step)
{
	u64 passing = allowed | VERB_UNMASKABLE;

	if (!command->length && octet == HANDSHAKE_RECORD) {
		command_reset(command, step, REASON_FOREIGN);
		return;
	}
	word_step(&verb_table, &command->word, octet);
	extra_step(policy->extra_verbs, &command->extra, command->length, octet);
	if (word_match(&verb_table, &command->word) == VERB_SSH)
		command_reset(command, step, REASON_FOREIGN);
	else if (command->state == COMMAND_VERB &&
		 !word_prefixes(&verb_table, passing, &command->word) &&
		 !extra_prefixes(policy->extra_verbs, &command->extra))
		command_refuse(command, COMMAND_VERB_MASKED, REASON_VERB);
}

static bool is_mechanism_allowed(const struct command *command,
				 const struct policy *policy)
{
	return policy->mechanisms == MECHANISMS_ALL ||
	       word_in_set(policy->mechanisms,
			   word_match(&mechanism_table, &command->word));
}

static bool may_become_allowed(const struct command *command,
			       const struct policy *policy)
{
	return policy->mechanisms == MECHANISMS_ALL ||
	       word_prefixes(&mechanism_table, policy->mechanisms,
			     &command->word);
}

static enum reason command_mechanism(struct command *command,
				     const struct policy *policy, u8 octet)
{
	if (is_blank(octet)) {
		if (!word_begun(&command->word))
			return REASON_NONE;
		command->state = COMMAND_BEFORE_RESPONSE;
		return is_mechanism_allowed(command, policy) ?
			REASON_NONE : REASON_MECHANISM;
	}
	word_step(&mechanism_table, &command->word, octet);
	return may_become_allowed(command, policy) ? REASON_NONE :
						     REASON_MECHANISM;
}

/* Base64, or "=" for an empty one, which is of its octets. */
static enum reason command_response(struct command *command, u8 octet)
{
	if (is_blank(octet)) {
		if (command->state == COMMAND_RESPONSE)
			command->state = COMMAND_AFTER_RESPONSE;
		return REASON_NONE;
	}
	if (command->state == COMMAND_AFTER_RESPONSE || !is_base64(octet))
		return REASON_RESPONSE;
	command->state = COMMAND_RESPONSE;
	return REASON_NONE;
}

/*
 * What is left of "RCPT TO:<a@example.org>" is "RCPT TO:" with blanks behind it:
 * a syntax error to all, while many a server takes "RCPT TO:XXX" for a local
 * name, and some hang up when "RCPT XXX" has come a few times.
 */
static void command_rcpt_over(struct command *command, u8 octet)
{
	static const char kept[] = "TO:";
	u8 at = command->word.depth;

	if (!at && is_blank(octet))
		return;
	if (at < sizeof(kept) - 1 && word_upper(octet) == kept[at])
		command->word.depth++;
	else
		command_refuse(command, COMMAND_RCPT_MASKED, REASON_RECIPIENTS);
}

static struct path_rules command_path_rules(const struct command *command,
					    const struct policy *policy)
{
	return (struct path_rules){
		.policy = policy,
		.domains = command->verb == VERB_RCPT ?
			policy->relay_domains : NULL,
	};
}

/* Hosts are called in 8 bits by whoever sets them up, and HELO says it. */
static bool is_unasked_utf8(const struct command *command,
			    const struct policy *policy, u8 octet)
{
	return octet > 0x7f && word_in_set(VERB_NAMES, command->verb) &&
	       !capability_is_shown(policy, "SMTPUTF8");
}

static enum reason command_argument(struct command *command,
				    const struct policy *policy, u8 octet)
{
	struct path_rules rules;

	if (!octet || is_unasked_utf8(command, policy, octet))
		return REASON_OCTET;
	if (command->state == COMMAND_MECHANISM)
		return command_mechanism(command, policy, octet);
	if (in_response(command))
		return command_response(command, octet);
	if (command->path.part == PATH_NONE)
		return REASON_NONE;
	rules = command_path_rules(command, policy);
	return path_octet(&command->path, &command->word, &rules, octet);
}

static u16 command_limit(const struct command *command,
			 const struct policy *policy)
{
	if (in_verb(command))
		return policy->max_command_line;
	if (command->verb == VERB_PROXY)
		return COMMAND_PROXY_MAX;
	if (word_in_set(VERB_AUTHENTICATES, command->verb) &&
	    policy->max_command_line < COMMAND_AUTH_MAX)
		return COMMAND_AUTH_MAX;
	return policy->max_command_line;
}

/* Takes in any octet but CR and LF. */
static void command_octet(struct command *command, const struct policy *policy,
			  u64 allowed, u8 octet, struct step *step)
{
	enum reason reason = REASON_NONE;

	if (command->cr) {
		command->cr = 0;
		command_refuse(command, COMMAND_MASKED, REASON_BARE_CR);
	}
	if (in_verb(command) && is_blank(octet))
		command_end_verb(command, policy, allowed, octet, step);
	else if (in_verb(command))
		command_walk(command, policy, allowed, octet, step);
	else if (command->state == COMMAND_RCPT_OVER)
		command_rcpt_over(command, octet);
	else if (!is_masked(command))
		reason = command_argument(command, policy, octet);
	if (command->length < U16_MAX)
		command->length++;
	if (!reason && !is_masked(command) &&
	    command->length + 2 > command_limit(command, policy))
		reason = REASON_COMMAND_LINE;
	if (reason)
		command_refuse(command, COMMAND_MASKED, reason);
}

/*
 * The argument ends.  A domain or a mechanism that only begins as an allowed
 * one may be one itself, and has passed already.
 */
static void command_end_argument(struct command *command,
				 const struct policy *policy,
				 struct step *step)
{
	struct path_rules rules = command_path_rules(command, policy);
	enum reason reason = REASON_NONE;

	if (command->state == COMMAND_ARGUMENT)
		reason = path_end(&command->path, &command->word, &rules);
	else if (command->state == COMMAND_MECHANISM &&
		 word_match(&mechanism_table, &command->word) != WORD_NONE &&
		 !is_mechanism_allowed(command, policy))
		reason = REASON_MECHANISM;
	if (reason)
		command_reset(command, step, reason);
}

/* The first CR or LF behind the line's last octet. */
static void command_end_text(struct command *command,
			     const struct policy *policy, u64 allowed,
			     u8 octet, struct step *step)
{
	if (in_verb(command))
		command_end_verb(command, policy, allowed, octet, step);
	else
		command_end_argument(command, policy, step);
}

/* The line is whole: say what it was and be ready for the next. */
static void command_finish(struct command *command, struct step *step)
{
	step->events |= STEP_COMMAND;
	if (!command->length)
		step->events |= STEP_EMPTY;
	step->verb = command->verb == WORD_NONE ? VERB_COUNT : command->verb;
	step->vouched = command->vouched;
	step->reason = command->reason;
	step->refused = command->reason != REASON_NONE;
	/* of a verb that did not pass the word is that of the verb */
	step->layered = word_in_set(VERB_AUTHENTICATES, command->verb) &&
		command->reason != REASON_VERB &&
		mechanism_is_layered(word_match(&mechanism_table,
						&command->word));
	memset(command, 0, sizeof(*command));
}

/* An LF that no CR stands before; says whether it is to be overwritten. */
static bool command_bare_lf(struct command *command,
			    const struct policy *policy, struct step *step)
{
	step->events |= STEP_BARE_NEWLINE;
	if (policy->bare_newline == BARE_NEWLINE_RESET) {
		command_reset(command, step, REASON_BARE_LF);
		return false;
	}
	if (policy->bare_newline != BARE_NEWLINE_DEFANG)
		return false;
	if (!is_masked(command) || command->state == COMMAND_RCPT_MASKED)
		step->filler = ' ';
	step->reason = REASON_BARE_LF;
	return true;
}

/* Takes in any octet; says whether it is to be overwritten. */
static bool command_take(struct command *command, const struct policy *policy,
			 u64 allowed, u8 octet, struct step *step)
{
	if (octet == '\n' && !command->cr &&
	    command_bare_lf(command, policy, step)) {
		command_octet(command, policy, allowed, ' ', step);
		return true;
	}
	if (!is_line_end(octet)) {
		command_octet(command, policy, allowed, octet, step);
		if (command->state == COMMAND_RCPT_MASKED)
			step->filler = COMMAND_RCPT_FILLER;
		return is_masked(command);
	}
	if (!command->cr && !step->reset)
		command_end_text(command, policy, allowed, octet, step);
	if (octet == '\r')
		command->cr += command->cr < U8_MAX;
	else
		step->newline = newline_kind(command->cr);
	if (octet == '\n' && !step->reset)
		command_finish(command, step);
	return false;
}

/* Octets that change nothing in a path or behind it but how long that is. */
static bool is_plain(u8 octet)
{
	return is_base64(octet) || octet == '.' || octet == '-' || octet == '_';
}

/* Of so many octets, those that may yet be taken up to a limit. */
static size_t up_to(size_t octets, size_t taken, size_t limit)
{
	size_t room = taken < limit ? limit - taken : 0;

	return octets < room ? octets : room;
}

/* Octets of so many that the line and its path have room for, and are plain. */
static size_t command_skim(struct command *command, const struct policy *policy,
			   const u8 *data, size_t length)
{
	struct smtp_path *path = &command->path;
	size_t at = 0;

	length = up_to(length, command->length,
		       command_limit(command, policy) - 2);
	if (path->part != PATH_NONE)
		length = up_to(length, path->length, policy->max_path);
	while (at < length && is_plain(data[at]))
		at++;
	command->length += at;
	if (path->part != PATH_NONE)
		path->length += at;
	return at;
}

/* Does a plain octet mean nothing where the line is? */
static bool command_may_skim(const struct command *command,
			     const struct policy *policy)
{
	if (command->state != COMMAND_ARGUMENT || command->cr)
		return false;
	switch (command->path.part) {
	case PATH_NONE:
		return true;
	case PATH_LOCAL:
		return !command->path.quoted;
	case PATH_DOMAIN:
		return !command->path.quoted &&
		       !command_path_rules(command, policy).domains;
	default:
		return false;
	}
}

/**
 * command_feed() - take octets of a command line
 * @command: the line under way
 * @policy: limits
 * @allowed: verbs that may pass now, bits are rows of verb_table
 * @data: octets of the client
 * @length: how many, at least one
 * @step: what became of them; the step ends with the line, behind the verb and
 *	the path, at the first octet behind a masked stretch, with the first
 *	that is refused where that resets, or with the octets.
 *	STEP_COMMAND is set with the line end.  @step->reset is set where the
 *	line is one that must not be masked and cannot pass.
 */
void command_feed(struct command *command, const struct policy *policy,
		  u64 allowed, const u8 *data, size_t length,
		  struct step *step)
{
	step->span = SPAN_COMMAND;
	step->filler = COMMAND_FILLER;
	while (step->length < length) {
		bool verb = in_verb(command);
		bool path = in_path(command);
		bool mask;

		if (command_may_skim(command, policy))
			step->length += command_skim(command, policy,
						     data + step->length,
						     length - step->length);
		if (step->length == length)
			break;
		mask = command_take(command, policy, allowed,
				    data[step->length], step);
		if (step_take(step, mask) || step->reset ||
		    step->events & (STEP_COMMAND | STEP_BARE_NEWLINE) ||
		    verb != in_verb(command) || path != in_path(command))
			break;
		/* what is to be reset is reset here, wherever the cuts are */
		if (mask && policy->refuse == REFUSE_RESET)
			break;
	}
	if (command->reason)
		step->reason = command->reason;
}
