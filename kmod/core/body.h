/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The message: where does it end (RFC 5321 section 4.1.1.4)?
 */
#ifndef SMTPGUARD_CORE_BODY_H
#define SMTPGUARD_CORE_BODY_H

#include "dots.h"
#include "header.h"

/**
 * enum body_state - what the octets before were: a set of these bits
 * @BODY_TEXT: any, so these are always set; alone: nothing that could belong
 *	to an end of data
 * @BODY_CR: CR
 * @BODY_CRLF: CRLF
 * @BODY_DOT: CRLF and a dot
 * @BODY_DOT_CR: CRLF, a dot and CR
 * @BODY_LAST: CRLF, a dot, CR and one octet, whatever it is
 * @BODY_BREAK: CR or LF, and NULs behind it or not
 * @BODY_LAX_DOT: BODY_BREAK and a dot
 * @BODY_LAX_END: BODY_LAX_DOT and CR, LF or NUL
 *
 * A bit is above the one that stands for an octet less.
 */
enum body_state {
	/* before both patterns */
	BODY_TEXT	= 1 << 0 | 1 << 6,

	BODY_CR		= 1 << 1,
	BODY_CRLF	= 1 << 2,
	BODY_DOT	= 1 << 3,
	BODY_DOT_CR	= 1 << 4,
	BODY_LAST	= 1 << 5,

	BODY_BREAK	= 1 << 7,
	BODY_LAX_DOT	= 1 << 8,
	BODY_LAX_END	= 1 << 9,
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
 * @BODY_MARK_DOT: its last octet ends a line, or a string, and a dot is before it
 */
enum body_mark {
	BODY_MARK_NONE,
	BODY_MARK_END,
	BODY_MARK_AMBIGUOUS,
	BODY_MARK_AMBIGUOUS_CR,
	BODY_MARK_BARE_CR,
	BODY_MARK_BARE_LF,
	BODY_MARK_DOT,
};

/** BODY_SEGMENTS_MAX - where struct body stops counting segments */
#define BODY_SEGMENTS_MAX	15

/* What body_scan_careful() sees besides; several may hold at once. */
#define BODY_CARE_LINES		(1 << 0) /* every line break */
#define BODY_CARE_SEVEN		(1 << 1) /* octets by their low seven bits */
#define BODY_CARE_DOTS		(1 << 2) /* every dot that ends a line */

/**
 * struct body - the scanner's state from one segment to the next
 * @state: enum body_state
 * @low: the same, of the second pattern and by the octets' low seven bits; only
 *	with %BODY_CARE_SEVEN
 * @segments: segments that an end of data came in if its first octet was in
 *	one before this
 * @last: the octet before, as it was forwarded; NUL where that is not known
 * @scanned: octets of this segment
 * @line: octets of the line under way, as they were forwarded; stops at its
 *	maximum
 * @loose: octets behind the last LF that ended what was scanned at once: each LF
 *	before them may be another octet in a repeat, so to a receiver all may be one
 *	line; stops at its maximum
 */
struct body {
	u16 state;
	u16 low;
	u8 segments;
	u8 last;
	u32 scanned;
	u32 line;
	u32 loose;
};

/** BODY_STATES - states that differ in what may follow */
#define BODY_STATES		7

/**
 * struct body_map - what octets do to the scanner whatever came before them
 * @to: the state behind them by the state before them, in an order that
 *	body.c knows, or BODY_MAP_MARKED
 * @dots: dots in them that begin a line, in the same order
 * @header: the state of the message's header behind them by the one before
 * @line: octets behind the last LF in them, or all; stops at its
 *	maximum
 * @ends_line: there is an LF in them
 */
struct body_map {
	u16 to[BODY_STATES];
	u32 dots[BODY_STATES];
	u8 header[HEADER_OPEN_STATES];
	u32 line;
	bool ends_line;
};

/** BODY_MAP_MARKED - no state: there is a mark, or there was no such state */
#define BODY_MAP_MARKED		0

void body_begin(struct body *body);
void body_segment(struct body *body);
u8 body_segments(const struct body *body);
bool body_at_line(const struct body *body);
void body_map_begin(struct body_map *map);
size_t body_map_feed(struct body_map *map, const u8 *data, size_t length,
		     struct dots *dots);
u32 body_map_lines(struct body_map *map, const u8 *data, size_t length,
		   u16 max_line);
bool body_map_is_safe(const struct body_map *map);
bool body_apply(struct body *body, const struct body_map *map, u32 *dots);
size_t body_scan(struct body *body, const u8 *data, size_t length,
		 struct dots *dots, enum body_mark *mark);
size_t body_scan_careful(struct body *body, u8 care, const u8 *data,
			 size_t length, struct dots *dots, enum body_mark *mark);
void body_defang(struct body *body);
size_t body_last_line(const u8 *data, size_t length);
u32 body_read_lines(struct body *body, const u8 *data, size_t length,
		    u16 max_line);

/* Octets of a line, which stop at their maximum. */
static inline u32 line_longer(u32 line, size_t length)
{
	return length < U32_MAX - line ? line + length : U32_MAX;
}

/**
 * body_first_line() - find the end of a line
 * @data: octets
 * @length: how many
 *
 * Return: octets up to and with the first LF, 0 where there is none
 */
static inline size_t body_first_line(const u8 *data, size_t length)
{
	const u8 *end = memchr(data, '\n', length);

	return end ? end - data + 1 : 0;
}

#endif /* SMTPGUARD_CORE_BODY_H */
