/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The message: where does it end (RFC 5321 section 4.1.1.4)?
 */
#ifndef SMTPGUARD_CORE_BODY_H
#define SMTPGUARD_CORE_BODY_H

#include "types.h"

/**
 * enum body_state - what the octets before were
 * @BODY_TEXT: nothing that could belong to an end of data
 * @BODY_CR: a CR that is not behind a dot at the begin of a line
 * @BODY_LINE: CRLF, or nothing at all: a line begins
 * @BODY_LAX_LINE: a line break that is not CRLF, or a NUL behind any
 * @BODY_DOT: a dot behind BODY_LINE
 * @BODY_LAX_DOT: a dot behind BODY_LAX_LINE or BODY_CR, or NUL behind a dot
 * @BODY_DOT_CR: a CR behind BODY_DOT
 * @BODY_STATE_MAX: no state is above it
 */
enum body_state {
	BODY_TEXT,
	BODY_LINE,
	BODY_LAX_LINE,
	BODY_DOT,
	BODY_LAX_DOT,
	BODY_DOT_CR,
	/* a bit of its own, for the scan to tell that it was passed through */
	BODY_CR = 8,

	BODY_STATE_MAX = 15
};

/**
 * enum body_mark - why a scan stopped
 * @BODY_MARK_NONE: the octets are used up
 * @BODY_MARK_END: its last octet is the LF of CRLF.CRLF
 * @BODY_MARK_AMBIGUOUS: its last octet would complete what some server takes
 *	for an end of data
 * @BODY_MARK_AMBIGUOUS_CR: the octet before its last has completed such a one:
 *	a CR behind CRLF and dot that no LF follows
 * @BODY_MARK_BARE_CR: no LF is behind the CR before its last octet
 * @BODY_MARK_BARE_LF: no CR is before the LF that is its last octet
 */
enum body_mark {
	BODY_MARK_NONE,
	BODY_MARK_END,
	BODY_MARK_AMBIGUOUS,
	BODY_MARK_AMBIGUOUS_CR,
	BODY_MARK_BARE_CR,
	BODY_MARK_BARE_LF,
};

/** BODY_SEGMENTS_MAX - where struct body stops counting segments */
#define BODY_SEGMENTS_MAX	15

/**
 * struct body - the scanner's state from one segment to the next
 * @state: enum body_state
 * @segments: segments that the possible end of data under way came in
 */
struct body {
	u8 state : 4;
	u8 segments : 4;
};

/**
 * struct body_map - what octets do to the scanner whatever came before them
 * @to: the state behind them by the state before them, or BODY_MAP_MARKED
 */
struct body_map {
	u8 to[BODY_STATE_MAX + 1];
};

/** BODY_MAP_MARKED - no state: there is a mark, or there was no such state */
#define BODY_MAP_MARKED		0xff

void body_begin(struct body *body);
void body_map_begin(struct body_map *map);
void body_map_feed(struct body_map *map, const u8 *data, size_t length);
bool body_map_is_safe(const struct body_map *map);
bool body_apply(struct body *body, const struct body_map *map);
size_t body_scan(struct body *body, const u8 *data, size_t length,
		 enum body_mark *mark);
size_t body_scan_lines(struct body *body, const u8 *data, size_t length,
		       enum body_mark *mark);

/**
 * body_segment() - a new segment begins
 * @body: the scanner
 */
static inline void body_segment(struct body *body)
{
	if (body->state == BODY_TEXT)
		body->segments = 1;
	else if (body->segments < BODY_SEGMENTS_MAX)
		body->segments++;
}

#endif /* SMTPGUARD_CORE_BODY_H */
