/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core says of the octets it was fed.  A caller feeds what it has;
 * the core takes a part of it, says in a step what becomes of that part, and
 * is fed the rest.  So neither side keeps a list, and it makes no difference
 * where the octets were cut.
 */
#ifndef SMTPGUARD_CORE_STEP_H
#define SMTPGUARD_CORE_STEP_H

#include "types.h"

/**
 * enum step_span - what the octets of a step belong to
 * @SPAN_COMMAND: a command line
 * @SPAN_REPLY: a reply line
 * @SPAN_SECRET: a line of an AUTH exchange (RFC 4954); never to be shown
 * @SPAN_BODY: lines of a message
 * @SPAN_CHUNK: octets of a message whose number is known (RFC 3030)
 * @SPAN_HEADER: the begin of another protocol: PROXY, a TLS handshake
 * @SPAN_OPAQUE: octets that are not looked at
 */
enum step_span {
	SPAN_COMMAND,
	SPAN_REPLY,
	SPAN_SECRET,
	SPAN_BODY,
	SPAN_CHUNK,
	SPAN_HEADER,
	SPAN_OPAQUE,
};

/**
 * enum reason - why something was refused
 * @REASON_NONE: it was not
 * @REASON_VERB: the verb is not allowed
 * @REASON_COMMAND_LINE: the line is longer than max_command_line
 * @REASON_RECIPIENTS: more than max_recipients
 * @REASON_BARE_CR: a CR inside a command line; some servers end the line there
 * @REASON_UNMASKABLE: BDAT or XEXCH50 where it is not allowed
 * @REASON_REFUSED: more than max_refused refused commands
 * @REASON_PIPELINE: more commands under way than any client sends
 * @REASON_SYNC: octets after DATA, AUTH or STARTTLS that the server then took
 *	for message, response or handshake (RFC 2920 section 3.1)
 * @REASON_REPLY: a 354 that answers no DATA
 * @REASON_NOT_TLS: no handshake where STARTTLS promised one (RFC 3207)
 * @REASON_END_OF_DATA: an ambiguous end of data
 * @REASON_CAPABILITY: a capability the client may not see
 * @REASON_MIDSTREAM: a flow first seen after its start
 * @REASON_UNVERIFIABLE: a repeat of octets that are no longer known
 * @REASON_FOREIGN: another protocol
 * @REASON_BARE_LF: an LF without a CR before it
 * @REASON_OCTET: a NUL, or 8 bits without SMTPUTF8
 * @REASON_PATH: the path is longer than max_path
 * @REASON_SPECIAL_CHARACTER: special_characters
 * @REASON_SOURCE_ROUTE: source_routes
 * @REASON_PERCENT_HACK: percent_hack
 * @REASON_RELAY: the domain is not among relay_domains
 * @REASON_ORDER: command_order
 * @REASON_MECHANISM: the mechanism is not among auth_mechanisms
 * @REASON_CHUNK: a BDAT whose size cannot be told (RFC 3030)
 * @REASON_DESYNC: the server ended a message elsewhere
 * @REASON_ERRORS: more than max_errors replies 5yz
 * @REASON_MESSAGES: more than max_messages
 * @REASON_AHEAD: a message ended before octets that had passed as part of it
 * @REASON_ACKNOWLEDGMENT: the client acknowledges what was not said here
 * @REASON_ORIGIN: a side sends from where only the other one is
 */
enum reason {
	REASON_NONE,
	REASON_VERB,
	REASON_COMMAND_LINE,
	REASON_RECIPIENTS,
	REASON_BARE_CR,
	REASON_UNMASKABLE,
	REASON_REFUSED,
	REASON_PIPELINE,
	REASON_SYNC,
	REASON_REPLY,
	REASON_NOT_TLS,
	REASON_END_OF_DATA,
	REASON_CAPABILITY,
	REASON_MIDSTREAM,
	REASON_UNVERIFIABLE,
	REASON_FOREIGN,
	REASON_BARE_LF,
	REASON_OCTET,
	REASON_PATH,
	REASON_SPECIAL_CHARACTER,
	REASON_SOURCE_ROUTE,
	REASON_PERCENT_HACK,
	REASON_RELAY,
	REASON_ORDER,
	REASON_MECHANISM,
	REASON_CHUNK,
	REASON_DESYNC,
	REASON_ERRORS,
	REASON_MESSAGES,
	REASON_AHEAD,
	REASON_ACKNOWLEDGMENT,
	REASON_ORIGIN,

	REASON_COUNT
};

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
 * @verb: STEP_COMMAND: enum verb
 * @span: enum step_span
 * @reason: enum reason: why something was masked or must be reset
 * @segments: STEP_DATA_END: segments over which the end of data came
 * @code: STEP_REPLY: the three digits as a number
 * @events: the STEP_ bits
 */
struct step {
	size_t length;
	size_t mask_from;
	size_t mask_to;
	u8 filler;
	bool reset;
	bool last;
	bool refused;
	u8 verb;
	u8 span;
	u8 reason;
	u8 segments;
	u16 code;
	u32 events;
};

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
