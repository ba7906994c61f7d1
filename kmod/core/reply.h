/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The server's side: octets to replies (RFC 5321 section 4.2).
 */
#ifndef SMTPGUARD_CORE_REPLY_H
#define SMTPGUARD_CORE_REPLY_H

#include "pending.h"
#include "policy.h"
#include "step.h"
#include "word.h"

/* Codes that change what comes next, or say something of it. */
#define REPLY_READY		220
#define REPLY_AUTH_CONTINUE	334
#define REPLY_PRDR		353
#define REPLY_START_DATA	354
#define REPLY_CLOSING		421
#define REPLY_UNKNOWN		500
#define REPLY_ARGUMENT		501
#define REPLY_NOT_IMPLEMENTED	502
#define REPLY_SEQUENCE		503
#define REPLY_NO_MAIL		521

/**
 * enum reply_state - where in its line a reply is
 * @REPLY_CODE: in the three digits
 * @REPLY_SEPARATOR: behind them; '-' here says that more lines follow
 * @REPLY_TEXT: in the text
 * @REPLY_JUNK: the line does not begin with three digits
 */
enum reply_state {
	REPLY_CODE,
	REPLY_SEPARATOR,
	REPLY_TEXT,
	REPLY_JUNK,
};

/**
 * enum reply_word - what becomes of the word that the text is in
 * @REPLY_WORD_WALK: it is still being recognised, and passes so far
 * @REPLY_WORD_KEEP: it passes, and so does the rest of the line
 * @REPLY_WORD_MASK: it is overwritten
 * @REPLY_WORD_MECHANISMS: the words to come are AUTH mechanisms
 */
enum reply_word {
	REPLY_WORD_WALK,
	REPLY_WORD_KEEP,
	REPLY_WORD_MASK,
	REPLY_WORD_MECHANISMS,
};

/**
 * struct reply - a reply under way; all zero before its first octet
 * @length: octets of the line, line end not counted; stops at its maximum
 * @code: the digits so far
 * @word: the walk of a capability or mechanism, or of the greeting's text
 * @extra: the walk of a capability among those that are in no table
 * @state: enum reply_state
 * @treat: enum reply_word
 * @hidden: something of the line was overwritten that the client may not see
 * @masked: REPLY_WORD_MECHANISMS: the mechanism under way is overwritten
 * @last: the line's separator was not '-'
 * @more: the line is not the first of its reply
 * @row: REPLY_WORD_KEEP, REPLY_WORD_MECHANISMS: the capability that the line
 *	names, a row of capability_table
 */
struct reply {
	u16 length;
	u16 code;
	struct word_cursor word;
	struct word_cursor extra;
	u8 state;
	u8 treat;
	bool hidden;
	bool masked;
	bool last;
	bool more;
	u8 row;
};

/* Is there anything of a reply that has not ended? */
static inline bool reply_open(const struct reply *reply)
{
	return reply->length || reply->more;
}

/* Positive completion, 2yz (RFC 5321 section 4.2.1). */
static inline bool reply_is_positive(u16 code)
{
	return code / 100 == 2;
}

bool reply_in_capability(const struct reply *reply, enum reply_to kind);
void reply_feed(struct reply *reply, const struct policy *policy,
		enum reply_to kind, const u8 *data, size_t length,
		struct step *step);

#endif /* SMTPGUARD_CORE_REPLY_H */
