/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the header of a message ends (RFC 5322 section 2.1).
 */
#ifndef SMTPGUARD_CORE_HEADER_H
#define SMTPGUARD_CORE_HEADER_H

#include "types.h"

/**
 * enum header_state - what the octets of a message were so far
 * @HEADER_BEGIN: none came
 * @HEADER_LF_TEXT: a line under way, no CR so far
 * @HEADER_LF: a line that ended with LF, no CR so far
 * @HEADER_TEXT: a line under way
 * @HEADER_CR: CR
 * @HEADER_CRLF: CRLF
 * @HEADER_CRLF_CR: CRLF and CR
 * @HEADER_END: an empty line has ended it
 * @HEADER_OVER: it is longer than one may be, and has no end
 */
enum header_state {
	HEADER_BEGIN,
	HEADER_LF_TEXT,
	HEADER_LF,
	HEADER_TEXT,
	HEADER_CR,
	HEADER_CRLF,
	HEADER_CRLF_CR,
	HEADER_END,
	HEADER_OVER,
};

/** HEADER_OPEN_STATES - those in which it goes on */
#define HEADER_OPEN_STATES	HEADER_END

u8 header_octet(u8 state, u8 octet);
size_t header_read(u8 *state, const u8 *data, size_t length);

static inline bool header_is_open(u8 state)
{
	return state < HEADER_OPEN_STATES;
}

/* Before the first CR, one that is put in would change where the header ends. */
static inline bool header_has_cr(u8 state)
{
	return state >= HEADER_TEXT;
}

#endif /* SMTPGUARD_CORE_HEADER_H */
