// SPDX-License-Identifier: GPL-2.0
/*
 * Other ways to look for the end of data, each as good as it is in its plain
 * form:
 *
 *	automaton	an octet at a time through a table of states; finds all
 *			that body_scan() finds, and keeps its state as well
 *	Boyer-Moore, Knuth-Morris-Pratt
 *			for CRLF.CRLF in one piece, as lib/ts_bm.c and
 *			lib/ts_kmp.c do it
 *	memmem		the C library's, for the same
 *
 * The last three keep no state: an end of data in two pieces escapes them, and
 * so do all ambiguous ones. It is not held against them.
 */
#define _GNU_SOURCE
#include "rivals.h"

/* What the octets before were. */
enum automaton_state {
	LINE, /* CRLF, or nothing at all: first, for it is where one begins */
	TEXT,
	CR,
	LAX_LINE, /* another break, or NUL behind one */
	DOT, /* behind CRLF */
	LAX_DOT, /* behind another break, or NUL behind a dot */
	DOT_CR,

	STATES
};

enum octet_class { OTHER, NUL, LF, CARRIAGE_RETURN, FULL_STOP, CLASSES = 8 };

static const u8 classes[256] = {
	['\0'] = NUL,
	['\n'] = LF,
	['\r'] = CARRIAGE_RETURN,
	['.'] = FULL_STOP,
};

/* What stands above the state where it is entered with a mark. */
#define MARKED		8
#define END		(BODY_MARK_END * MARKED)
#define AMBIGUOUS	(BODY_MARK_AMBIGUOUS * MARKED)
#define AMBIGUOUS_CR	(BODY_MARK_AMBIGUOUS_CR * MARKED)

static const u8 next[STATES][CLASSES] = {
	[LINE]		= { TEXT, LAX_LINE, LAX_LINE, CR, DOT },
	[TEXT]		= { TEXT, TEXT, LAX_LINE, CR, TEXT },
	[CR]		= { TEXT, LAX_LINE, LINE, CR, LAX_DOT },
	[LAX_LINE]	= { TEXT, LAX_LINE, LAX_LINE, CR, LAX_DOT },
	[DOT]		= { TEXT, TEXT + AMBIGUOUS, LAX_LINE + AMBIGUOUS,
			    DOT_CR, TEXT },
	[LAX_DOT]	= { TEXT, TEXT + AMBIGUOUS, LAX_LINE + AMBIGUOUS,
			    CR + AMBIGUOUS, TEXT },
	[DOT_CR]	= { TEXT + AMBIGUOUS_CR, LAX_LINE + AMBIGUOUS_CR,
			    LINE + END, CR + AMBIGUOUS_CR,
			    LAX_DOT + AMBIGUOUS_CR },
};

size_t automaton_scan(struct body *body, const u8 *data, size_t length,
		      enum body_mark *mark)
{
	size_t state = body->state; /* an index: no widening */
	size_t at = 0;

	while (at < length) {
		state = next[state][classes[data[at++]]];
		if (state >= MARKED)
			break;
	}
	body->state = state % MARKED;
	*mark = state / MARKED;
	return at;
}

static const u8 pattern[] = { '\r', '\n', '.', '\r', '\n' };

#define PATTERN_SIZE	sizeof(pattern)
/* The next may begin with the last CRLF, so the scan goes on from there. */
#define BORDER		2

/* How far the window moves where its last octet is not the pattern's. */
static const u8 bad_shift[256] = {
	['\0' ... '\t']		= PATTERN_SIZE,
	['\n']			= 3,
	['\v' ... '\f']		= PATTERN_SIZE,
	['\r']			= 1,
	['\r' + 1 ... '.' - 1]	= PATTERN_SIZE,
	['.']			= 2,
	['.' + 1 ... 255]	= PATTERN_SIZE,
};

/* How far where so many of its last octets are the pattern's. */
static const u8 good_shift[PATTERN_SIZE] = { 1, 5, 3, 3, 3 };

size_t boyer_moore_scan(struct body *body, const u8 *data, size_t length,
			enum body_mark *mark)
{
	size_t at = PATTERN_SIZE - 1;

	(void)body;
	*mark = BODY_MARK_NONE;
	while (at < length) {
		size_t same = 0;
		size_t bad, good;

		while (data[at - same] == pattern[PATTERN_SIZE - 1 - same])
			if (++same == PATTERN_SIZE)
				goto found;
		bad = bad_shift[data[at - same]];
		bad = bad > same ? bad - same : 1;
		good = good_shift[same];
		at += bad > good ? bad : good;
	}
	return length;

found:
	*mark = BODY_MARK_END;
	return at + 1 - BORDER;
}

/* The longest begin of the pattern that so many of its octets end with. */
static const u8 borders[PATTERN_SIZE] = { 0, 0, 0, 0, 1 };

size_t knuth_scan(struct body *body, const u8 *data, size_t length,
		  enum body_mark *mark)
{
	size_t same = 0;
	size_t at;

	(void)body;
	*mark = BODY_MARK_NONE;
	for (at = 0; at < length; at++) {
		while (same && pattern[same] != data[at])
			same = borders[same];
		if (pattern[same] == data[at])
			same++;
		if (same == PATTERN_SIZE)
			goto found;
	}
	return length;

found:
	*mark = BODY_MARK_END;
	return at + 1 - BORDER;
}

size_t memmem_scan(struct body *body, const u8 *data, size_t length,
		   enum body_mark *mark)
{
	const u8 *found = memmem(data, length, pattern, PATTERN_SIZE);

	(void)body;
	*mark = found ? BODY_MARK_END : BODY_MARK_NONE;
	return found ? found - data + PATTERN_SIZE - BORDER : length;
}
