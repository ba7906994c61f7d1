/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session that was picked up after its start: where is it?
 */
#ifndef SMTPGUARD_CORE_LATE_H
#define SMTPGUARD_CORE_LATE_H

#include "pending.h"
#include "word.h"

/**
 * enum late_place - what is known of where the client's octets stand
 * @LATE_ADRIFT: nothing: they may be text of a message
 * @LATE_AFTER_ERROR: all since a reply 4yz or 5yz that found the client silent
 *	are lines of commands, or text of a message that was refused unasked
 * @LATE_AFTER_SUCCESS: all since a 2yz that found it silent are lines of
 *	commands
 * @LATE_AFTER_READY: no line has ended since a 220 that found it silent and
 *	asked for a line of a command, or for TLS
 */
enum late_place {
	LATE_ADRIFT,
	LATE_AFTER_ERROR,
	LATE_AFTER_SUCCESS,
	LATE_AFTER_READY,
};

/**
 * enum late_found - what a reply has shown to come next from the client
 * @LATE_FOUND_NOTHING: that is not known yet
 * @LATE_FOUND_ANSWER: neither, but it answers the oldest of the client's lines,
 *	if these are commands
 * @LATE_FOUND_COMMAND: command lines; it answers the last that came
 * @LATE_FOUND_MESSAGE: a message
 * @LATE_FOUND_EXCHANGE: a line of an AUTH exchange
 */
enum late_found {
	LATE_FOUND_NOTHING,
	LATE_FOUND_ANSWER,
	LATE_FOUND_COMMAND,
	LATE_FOUND_MESSAGE,
	LATE_FOUND_EXCHANGE,
};

/** LATE_UNSEEN - no line of the client's was seen from its begin to its end */
#define LATE_UNSEEN	0

/**
 * struct late - the search; all zero at its begin
 * @length: octets of the client's line under way, its end not counted; stops at
 *	its maximum
 * @word: the walk through its verb
 * @place: enum late_place
 * @verb: the verb of the line before: 1 more than its row, or than %VERB_COUNT
 *	if it is none; %LATE_UNSEEN
 * @newline: enum newline_kind, how that line ended
 * @begun: a line's end was seen
 * @over: the verb is over
 * @cr: CRs right before the octet to come; stops at its maximum
 * @odd: no command has such a line
 * @spoken: the client has spoken since the reply under way began
 * @ready: a 220 found the client silent, and what both sides have said since may
 *	be a TLS handshake
 */
struct late {
	u16 length;
	struct word_cursor word;
	u8 place;
	u8 verb;
	u8 newline;
	bool begun;
	bool over;
	u8 cr;
	bool odd;
	bool spoken;
	bool ready;
};

void late_lose(struct late *late, struct pending *pending);
bool late_client(struct late *late, struct pending *pending, bool replying,
		 const u8 *data, size_t *length);
enum late_found late_reply(struct late *late, struct pending *pending, u16 code,
			   bool unheard);

#endif /* SMTPGUARD_CORE_LATE_H */
