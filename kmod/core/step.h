/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core says of the octets it was fed.  A caller feeds what it has;
 * the core takes a part of it, says in a step what becomes of that part, and
 * is fed the rest.  So neither side keeps a list, and it makes no difference
 * where the octets were cut.
 */
#ifndef SMTPGUARD_CORE_STEP_H
#define SMTPGUARD_CORE_STEP_H

#include "dots.h"

/**
 * enum step_span - what the octets of a step belong to
 * @SPAN_COMMAND: a command line
 * @SPAN_REPLY: a reply line
 * @SPAN_SECRET: a line of an AUTH exchange (RFC 4954); never to be shown
 * @SPAN_BODY: octets of a message
 * @SPAN_BODY_EXACT: the same, and every one of them counts
 * @SPAN_CHUNK: octets of a message whose number is known (RFC 3030)
 * @SPAN_HEADER: the begin of another protocol: PROXY, a TLS handshake
 * @SPAN_OPAQUE: octets that are not looked at
 */
enum step_span {
	SPAN_COMMAND,
	SPAN_REPLY,
	SPAN_SECRET,
	SPAN_BODY,
	SPAN_BODY_EXACT,
	SPAN_CHUNK,
	SPAN_HEADER,
	SPAN_OPAQUE,
};

/** enum reason - why something was refused: rows of reason_list.h */
enum reason {
#define REASON(id, slug, sentence, parameter)	REASON_##id,
#include "reason_list.h"

	REASON_COUNT
};

static_assert(REASON_COUNT - 1 <= U8_MAX, "a u8 holds a reason");

/* What happened in a step; several may hold at once. */
#define STEP_COMMAND		(1 << 0) /* a command line ended: verb, refused */
#define STEP_SECRET		(1 << 1) /* a line of an AUTH exchange ended */
#define STEP_REPLY		(1 << 2) /* a reply line ended: code, last */
#define STEP_GREETING		(1 << 3) /* ... and it is of the greeting */
#define STEP_DATA_BEGIN		(1 << 4) /* the 354 to DATA, or a first BDAT */
#define STEP_DATA_END		(1 << 5) /* CRLF.CRLF or BDAT LAST: segments */
#define STEP_TLS_START		(1 << 6) /* the session went into TLS */
#define STEP_AMBIGUOUS		(1 << 7) /* an ambiguous end of data */
#define STEP_CAPABILITY_HIDDEN	(1 << 8) /* ... in a line that ended */
#define STEP_GREETING_MASKED	(1 << 9) /* the greeting was */
#define STEP_LONG_LINE		(1 << 10) /* a line went over its limit */
#define STEP_UNEXPECTED		(1 << 11) /* a reply that answers nothing */
#define STEP_SYNC		(1 << 12) /* a sync point was not kept */
#define STEP_ORDER		(1 << 13) /* a command out of order passed */
#define STEP_DESYNC		(1 << 14) /* the server's end of data is another */
#define STEP_TURN		(1 << 15) /* client and server changed places */
#define STEP_BARE_NEWLINE	(1 << 16) /* a CR or LF that stands alone */
#define STEP_OVER_DECLARED	(1 << 17) /* more octets than MAIL declared */
#define STEP_OVER_LIMIT		(1 << 18) /* more than the server announced */
#define STEP_CHUNKING		(1 << 19) /* the client was shown CHUNKING */
#define STEP_EMPTY		(1 << 20) /* the command line was empty */
#define STEP_LONG_HEADER	(1 << 21) /* a header went over its limit */
#define STEP_OFFERS		(1 << 22) /* it is told what the server offers */

/**
 * enum parse - what an octet did to a header that is being read
 * @PARSE_MORE: it is part of it
 * @PARSE_DONE: it is its last
 * @PARSE_WRONG: it cannot be part of one
 */
enum parse {
	PARSE_MORE,
	PARSE_DONE,
	PARSE_WRONG,
};

/**
 * struct step - the core's word on the first @length octets it was fed
 * @length: octets taken, at least one
 * @mask_from: the octets from here ...
 * @mask_to: ... to before here are to be overwritten with @filler; empty
 *	where the two are equal
 * @filler: see @mask_from
 * @reset: the session must be reset and none of the octets may pass
 * @last: STEP_REPLY: it was the last line of the reply
 * @refused: STEP_COMMAND: the command was refused
 * @vouched: STEP_COMMAND: the verb is of those that a policy allows and that are
 *	in no table
 * @layered: STEP_COMMAND: AUTH, with a mechanism that may have a security layer
 * @verb: STEP_COMMAND: enum verb
 * @answers: enum reply_to: STEP_COMMAND: what its reply is known by; STEP_REPLY:
 *	what the reply answers, if that was its last line
 * @newline: STEP_COMMAND: enum newline_kind, how the line ended
 * @span: enum step_span
 * @phase: enum phase, in which the octets were read
 * @reason: enum reason: why something was masked or must be reset;
 *	STEP_SECRET: why the line was
 * @segments: STEP_DATA_END: segments over which the end of data came
 * @code: STEP_REPLY: the three digits as a number
 * @offers: STEP_OFFERS: what the server offers, one bit for each enum offer, whatever
 *	the client is shown
 * @events: which of %STEP_COMMAND and the others
 * @long_lines: lines of a message that ended and were longer than one should be
 * @dots: SPAN_BODY: the dots among the octets
 */
struct step {
	size_t length;
	size_t mask_from;
	size_t mask_to;
	u8 filler;
	bool reset;
	bool last;
	bool refused;
	bool vouched;
	bool layered;
	u8 verb;
	u8 answers;
	u8 newline;
	u8 span;
	u8 phase;
	u8 reason;
	u8 segments;
	u8 offers;
	u16 code;
	u32 events;
	u32 long_lines;
	struct dots dots;
};

/* Where the dots are is left as it is: there are none. */
static inline void step_clear(struct step *step)
{
	memset(step, 0, sizeof(*step) - sizeof(step->dots.at));
}

/* Is it of octets of a message? */
static inline bool step_is_of_body(const struct step *step)
{
	return step->span == SPAN_BODY || step->span == SPAN_BODY_EXACT;
}

/**
 * step_take() - take one octet into a step
 * @step: the step
 * @mask: it is to be overwritten
 *
 * A step has one masked stretch, so it must end at the first octet behind it.
 *
 * Return: true where the step must end.
 */
static inline bool step_take(struct step *step, bool mask)
{
	if (!mask) {
		step->length++;
		return step->mask_to > step->mask_from;
	}
	if (step->mask_to == step->mask_from)
		step->mask_from = step->length;
	step->mask_to = ++step->length;
	return false;
}

#endif /* SMTPGUARD_CORE_STEP_H */
