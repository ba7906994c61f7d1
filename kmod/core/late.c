// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing but the server's replies tells where a session is that was picked up
 * after its start, and a reply may answer what was said long before: the 250
 * to a MAIL comes in the middle of the chunk that was sent behind it, and what
 * is taken for a command there is text of a message.  So a reply is believed
 * only if it finds the client silent, which is when the server has all that it
 * said, no line is under way, and none was since the reply began.  Then
 *
 *   354, 334	tell by themselves, for they answer one command each, and that
 *		waits for them;
 *   220	does if a TLS handshake of both sides is what comes next, or a whole
 *		line with a known verb.  For it greets, or answers STARTTLS or
 *		XCLIENT, and no server says it while a message comes;
 *   2yz	makes a place where a line of a command may begin.  What follows
 *		it is held to be commands as long as all of it is whole lines
 *		with known verbs.  When each of them has got a reply that fits
 *		it, and the last of these found the client silent, too, they
 *		were commands, and commands are what comes next;
 *   4yz, 5yz	do as well, but servers also say these to a message that they
 *		will not take before it has ended: behind such a place, and to
 *		what was said there, only a 2yz counts, for no server says that
 *		in the middle of a message;
 *   421	is said at any time, and tells nothing.
 */
#include "character.h"
#include "command.h"
#include "late.h"
#include "newline.h"
#include "reply.h"
#include "verb.h"

/*
 * What comes behind the line, or behind the reply to it, is not for certain a
 * line of a command of this client's.
 */
#define LATE_UNSUITED \
	(VERB_UNMASKABLE | VERB_UNTRACKED | VERB_FOREIGN | \
	 VERB_BIT(VERB_ATRN) | VERB_BIT(VERB_BURL) | VERB_BIT(VERB_TURN) | \
	 VERB_BIT(VERB_XCLIENT))

static void late_drift(struct late *late, struct pending *pending)
{
	late->place = LATE_ADRIFT;
	pending->used = 0;
}

/**
 * late_lose() - it is not known any more where the client's octets stand
 * @late: the search
 * @pending: as for late_client(); emptied
 */
void late_lose(struct late *late, struct pending *pending)
{
	late_drift(late, pending);
	late->ready = false;
}

static void late_begin_line(struct late *late)
{
	late->length = 0;
	memset(&late->word, 0, sizeof(late->word));
	late->over = false;
	late->cr = 0;
	late->odd = false;
}

/* The row of the verb of the line that ends, %VERB_COUNT for none. */
static u8 late_line_verb(const struct late *late)
{
	u8 verb = word_match(&verb_table, &late->word);

	if (late->odd || late->length + 2 > COMMAND_AUTH_MAX ||
	    verb == WORD_NONE)
		return VERB_COUNT;
	return verb;
}

/* Of a line of which only the end was seen there may be more CRs. */
static enum newline_kind late_newline(const struct late *late)
{
	if (late->begun || late->length)
		return newline_kind(late->cr);
	return late->cr ? NEWLINE_CRCRLF : NEWLINE_ANY;
}

/* Has what ends here been a line of a command for certain? */
static bool late_end_line(struct late *late, struct pending *pending)
{
	bool certain = late->place == LATE_AFTER_READY;
	u8 verb = late_line_verb(late);
	bool suits = late->cr && verb < VERB_COUNT &&
		     !word_in_set(LATE_UNSUITED, verb);
	bool whole = late->begun || verb < VERB_COUNT;

	late->verb = whole ? verb + 1 : LATE_UNSEEN;
	late->newline = late_newline(late);
	late->begun = true;
	late_begin_line(late);
	if (late->place == LATE_ADRIFT)
		return false;
	if (suits && pending_push(pending, verb_table.rows[verb].value))
		return certain;
	/* it may be part of a handshake all the same */
	late_drift(late, pending);
	return false;
}

static void late_octet(struct late *late, u8 octet)
{
	if (late->cr || !octet)
		late->odd = true;
	if (octet == '\r') {
		late->cr += late->cr < U8_MAX;
		return;
	}
	late->cr = 0;
	if (late->length < U16_MAX)
		late->length++;
	if (is_blank(octet))
		late->over = true;
	else if (!late->over)
		word_step(&verb_table, &late->word, octet);
}

/**
 * late_client() - the client goes on
 * @late: the search
 * @pending: replies that it is owed if these are lines of commands
 * @replying: a reply is under way, which answers none of them
 * @data: octets
 * @length: how many; set to how many have been taken
 *
 * Return: true where the last that was taken ends a line of a command for
 * certain; @late->verb is its verb.  Else all are taken.
 */
bool late_client(struct late *late, struct pending *pending, bool replying,
		 const u8 *data, size_t *length)
{
	size_t at;

	if (replying) {
		late->spoken = true;
		late_drift(late, pending);
	}
	for (at = 0; at < *length; at++) {
		if (data[at] != '\n') {
			late_octet(late, data[at]);
		} else if (late_end_line(late, pending)) {
			*length = at + 1;
			return true;
		}
	}
	return false;
}

/* Was the client's line before, if it was seen, one with a verb of @verbs? */
static bool late_last_in(const struct late *late, u64 verbs)
{
	return late->verb != LATE_UNSEEN &&
	       word_in_set(verbs, late->verb - 1);
}

static bool late_line_open(const struct late *late)
{
	return late->length || late->cr;
}

/* What a reply asks for by its code alone. */
static enum late_found late_asks_for(const struct late *late, u16 code)
{
	bool unseen = late->verb == LATE_UNSEEN;

	if (code == REPLY_START_DATA &&
	    (unseen || late->verb == VERB_DATA + 1))
		return LATE_FOUND_MESSAGE;
	/* what came before may be a line of the exchange */
	if (code == REPLY_AUTH_CONTINUE &&
	    (unseen || late_last_in(late, VERB_AUTHENTICATES) ||
	     late->verb == VERB_COUNT + 1))
		return LATE_FOUND_EXCHANGE;
	return LATE_FOUND_NOTHING;
}

static bool is_error(u16 code)
{
	return (code / 100 == 4 || code / 100 == 5) && code != REPLY_CLOSING;
}

/* May a reply with this code answer a command of this kind? */
static bool late_fits(const struct late *late, enum reply_to kind, u16 code)
{
	if (kind == REPLY_TO_NOTHING)
		return false;
	if (is_error(code))
		return late->place == LATE_AFTER_SUCCESS;
	return reply_is_positive(code) && kind != REPLY_TO_DATA &&
	       kind != REPLY_TO_STARTTLS;
}

/*
 * Is it a greeting, or the reply to STARTTLS or XCLIENT?  A client that pipelines
 * before it is greeted may be in a chunk when the greeting comes.
 */
static bool late_is_ready(const struct late *late, u16 code)
{
	return code == REPLY_READY &&
	       (late->verb == LATE_UNSEEN ||
		late_last_in(late, VERB_STARTS_TLS | VERB_BIT(VERB_XCLIENT)));
}

/* Where a line of a command may begin now, if one may. */
static enum late_place late_place_behind(const struct late *late, u16 code)
{
	if (late_is_ready(late, code))
		return LATE_AFTER_READY;
	if (reply_is_positive(code))
		return LATE_AFTER_SUCCESS;
	return is_error(code) ? LATE_AFTER_ERROR : LATE_ADRIFT;
}

/**
 * late_reply() - a reply of the server is whole
 * @late: the search
 * @pending: replies that are owed if the client's lines were commands; the one
 *	that this answers is taken out
 * @code: its three digits
 * @unheard: the server has not acknowledged all that the client has said
 *
 * Return: what it has shown.
 */
enum late_found late_reply(struct late *late, struct pending *pending, u16 code,
			   bool unheard)
{
	bool silent = !unheard && !late->spoken && !late_line_open(late);
	enum late_found found = LATE_FOUND_NOTHING;

	late->spoken = false;
	if (silent)
		found = late_asks_for(late, code);
	if (found)
		return found;
	/* one that comes before its command has does not answer it */
	if (!unheard && late_fits(late, pending_front(pending), code)) {
		pending_pop(pending);
		if (reply_is_positive(code))
			late->place = LATE_AFTER_SUCCESS;
		return pending->used || !silent ? LATE_FOUND_ANSWER :
						  LATE_FOUND_COMMAND;
	}
	late_drift(late, pending);
	if (silent)
		late->place = late_place_behind(late, code);
	late->ready = silent && code == REPLY_READY;
	return LATE_FOUND_NOTHING;
}
