// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data.  Only CRLF.CRLF ends a message; every other sequence that
 * some server was ever seen to take for an end (any mix of CR, LF and NUL
 * around one dot) is ambiguous, and a way to smuggle a second message past
 * one of two parties (SEC Consult 2023).
 *
 * All of them hold a dot right behind a line break.  Mail has few dots and
 * base64 has none, so the scan looks for dots, eight octets at a time, and
 * steps octet by octet only where the neighbours of one say so:
 *
 *   BODY_TEXT --CR--> BODY_CR --LF--> BODY_LINE --dot--> BODY_DOT
 *                        |                                  |CR
 *      LF, NUL           |dot                               v
 *   BODY_LAX_LINE -dot-> BODY_LAX_DOT               BODY_DOT_CR --LF--> end
 *
 * The state is all that is kept between segments, so that it makes no
 * difference where they were cut.
 */
#include "body.h"
#include "octets.h"

/** struct body_rule - one step of the automaton */
struct body_rule {
	u8 next;
	u8 mark;
};

/* Octets the automaton tells apart. */
enum octet_class { CLASS_OTHER, CLASS_NUL, CLASS_LF, CLASS_CR, CLASS_DOT };

static const struct body_rule rules[][CLASS_DOT + 1] = {
	[BODY_TEXT] = {
		[CLASS_LF]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_NONE },
	},
	[BODY_CR] = {
		[CLASS_NUL]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_LF]	= { BODY_LINE, BODY_MARK_NONE },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_NONE },
		[CLASS_DOT]	= { BODY_LAX_DOT, BODY_MARK_NONE },
	},
	[BODY_LINE] = {
		[CLASS_NUL]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_LF]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_NONE },
		[CLASS_DOT]	= { BODY_DOT, BODY_MARK_NONE },
	},
	[BODY_LAX_LINE] = {
		[CLASS_NUL]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_LF]	= { BODY_LAX_LINE, BODY_MARK_NONE },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_NONE },
		[CLASS_DOT]	= { BODY_LAX_DOT, BODY_MARK_NONE },
	},
	[BODY_DOT] = {
		[CLASS_NUL]	= { BODY_LAX_DOT, BODY_MARK_NONE },
		[CLASS_LF]	= { BODY_LAX_LINE, BODY_MARK_AMBIGUOUS },
		[CLASS_CR]	= { BODY_DOT_CR, BODY_MARK_NONE },
	},
	[BODY_LAX_DOT] = {
		[CLASS_NUL]	= { BODY_LAX_DOT, BODY_MARK_NONE },
		[CLASS_LF]	= { BODY_LAX_LINE, BODY_MARK_AMBIGUOUS },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_AMBIGUOUS },
	},
	[BODY_DOT_CR] = {
		[CLASS_OTHER]	= { BODY_TEXT, BODY_MARK_AMBIGUOUS_CR },
		[CLASS_NUL]	= { BODY_LAX_LINE, BODY_MARK_AMBIGUOUS_CR },
		[CLASS_LF]	= { BODY_LINE, BODY_MARK_END },
		[CLASS_CR]	= { BODY_CR, BODY_MARK_AMBIGUOUS_CR },
		[CLASS_DOT]	= { BODY_LAX_DOT, BODY_MARK_AMBIGUOUS_CR },
	},
};

static enum octet_class classify(u8 octet)
{
	switch (octet) {
	case '\0':
		return CLASS_NUL;
	case '\n':
		return CLASS_LF;
	case '\r':
		return CLASS_CR;
	case '.':
		return CLASS_DOT;
	default:
		return CLASS_OTHER;
	}
}

static enum body_mark body_step(struct body *body, u8 octet)
{
	const struct body_rule *rule = &rules[body->state][classify(octet)];

	/* this CR may be the first octet of an end of data */
	if (rule->next == BODY_CR)
		body->segments = 1;
	body->state = rule->next;
	return rule->mark;
}

/* The first dot at or after @from, @length where there is none. */
static size_t find_dot(const u8 *data, size_t from, size_t length)
{
	while (length - from >= 4 * sizeof(u64)) {
		const u8 *at = data + from;

		if (octets_equal(octets_load(at), '.') |
		    octets_equal(octets_load(at + 8), '.') |
		    octets_equal(octets_load(at + 16), '.') |
		    octets_equal(octets_load(at + 24), '.'))
			break;
		from += 4 * sizeof(u64);
	}
	while (length - from >= sizeof(u64) &&
	       !octets_equal(octets_load(data + from), '.'))
		from += sizeof(u64);
	while (from < length && data[from] != '.')
		from++;
	return from;
}

/*
 * The state behind the dotless octets @from to @to, which begin in BODY_TEXT:
 * only their tail counts, a line break and the NULs behind it.
 */
static void body_skip(struct body *body, const u8 *data, size_t from, size_t to)
{
	size_t tail = to;

	while (tail > from && data[tail - 1] == '\0')
		tail--;
	if (tail > from)
		tail--;
	if (tail > from)
		tail--;
	for (; tail < to; tail++)
		body_step(body, data[tail]);
}

/**
 * body_begin() - a message begins
 * @body: the scanner
 *
 * Its first octet begins a line: a dot there ends an empty message.
 */
void body_begin(struct body *body)
{
	body->state = BODY_LINE;
	body->segments = 0;
}

/**
 * body_segment() - a new segment begins
 * @body: the scanner
 */
void body_segment(struct body *body)
{
	if (body->state == BODY_TEXT)
		body->segments = 1;
	else if (body->segments < BODY_SEGMENTS_MAX)
		body->segments++;
}

/**
 * body_scan() - look for an end of data
 * @body: the scanner
 * @data: octets of the message
 * @length: how many
 * @mark: why the scan stopped
 *
 * Time is linear in @length whatever the octets are: each run of NULs is
 * walked back over once.
 *
 * Return: octets scanned, the one that made the mark included.
 */
size_t body_scan(struct body *body, const u8 *data, size_t length,
		 enum body_mark *mark)
{
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	while (at < length) {
		if (body->state == BODY_TEXT) {
			size_t dot = find_dot(data, at, length);

			body_skip(body, data, at, dot);
			at = dot;
			if (at == length)
				break;
		}
		*mark = body_step(body, data[at++]);
		if (*mark)
			break;
	}
	return at;
}
