// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data.  Only CRLF.CRLF ends a message; every other sequence that
 * some server was ever seen to take for an end (any mix of CR, LF and NUL
 * around one dot) is ambiguous, and a way to smuggle a second message past
 * one of two parties (SEC Consult 2023).
 *
 * All of them hold a dot right behind a line break.  Mail has few dots and
 * base64 has none, so the scan looks for dots, eight octets at a time, of these
 * for the ones behind a break, and steps octet by octet only from there:
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

/* Pieces up to this are stepped through: to set out for a dot costs more. */
#define STEPPED_MAX	24
/* Octets that are stepped through at a dot, and at most where dots are dense. */
#define RUN_MIN		4
#define RUN_GROWTH	4
#define RUN_MAX		4096
/* Line breaks and NUL are below this. */
#define BREAK_LIMIT	('\r' + 1)

/* Octets the automaton tells apart. */
enum octet_class {
	CLASS_OTHER,
	CLASS_NUL,
	CLASS_LF,
	CLASS_CR,
	CLASS_DOT,

	CLASS_COUNT = 8 /* a power of two, for the sake of indexing */
};

static const u8 classes[256] = {
	['\0'] = CLASS_NUL,
	['\n'] = CLASS_LF,
	['\r'] = CLASS_CR,
	['.'] = CLASS_DOT,
};

/* A step of the automaton: the next state, and above it enum body_mark. */
#define RULE(next, mark)	((next) | (mark) << 4)
#define RULE_STATE(rule)	((rule) & 0xf)
#define RULE_MARK(rule)		((rule) >> 4)

static const u8 rules[BODY_STATE_MAX + 1][CLASS_COUNT] = {
	[BODY_TEXT] = {
		[CLASS_LF]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_NONE),
	},
	[BODY_CR] = {
		[CLASS_NUL]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_LF]	= RULE(BODY_LINE, BODY_MARK_NONE),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_NONE),
		[CLASS_DOT]	= RULE(BODY_LAX_DOT, BODY_MARK_NONE),
	},
	[BODY_LINE] = {
		[CLASS_NUL]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_LF]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_NONE),
		[CLASS_DOT]	= RULE(BODY_DOT, BODY_MARK_NONE),
	},
	[BODY_LAX_LINE] = {
		[CLASS_NUL]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_LF]	= RULE(BODY_LAX_LINE, BODY_MARK_NONE),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_NONE),
		[CLASS_DOT]	= RULE(BODY_LAX_DOT, BODY_MARK_NONE),
	},
	[BODY_DOT] = {
		[CLASS_NUL]	= RULE(BODY_LAX_DOT, BODY_MARK_NONE),
		[CLASS_LF]	= RULE(BODY_LAX_LINE, BODY_MARK_AMBIGUOUS),
		[CLASS_CR]	= RULE(BODY_DOT_CR, BODY_MARK_NONE),
	},
	[BODY_LAX_DOT] = {
		[CLASS_NUL]	= RULE(BODY_LAX_DOT, BODY_MARK_NONE),
		[CLASS_LF]	= RULE(BODY_LAX_LINE, BODY_MARK_AMBIGUOUS),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_AMBIGUOUS),
	},
	[BODY_DOT_CR] = {
		[CLASS_OTHER]	= RULE(BODY_TEXT, BODY_MARK_AMBIGUOUS_CR),
		[CLASS_NUL]	= RULE(BODY_LAX_LINE, BODY_MARK_AMBIGUOUS_CR),
		[CLASS_LF]	= RULE(BODY_LINE, BODY_MARK_END),
		[CLASS_CR]	= RULE(BODY_CR, BODY_MARK_AMBIGUOUS_CR),
		[CLASS_DOT]	= RULE(BODY_LAX_DOT, BODY_MARK_AMBIGUOUS_CR),
	},
};

/*
 * Steps from @from to @to, or to the first mark. Returns octets up to there.
 * A rule without a mark is a state, so what the next step waits for is one
 * look into the table.
 */
static size_t body_step(struct body *body, const u8 *data, size_t from,
			size_t to, enum body_mark *mark)
{
	unsigned int rule = body->state;
	unsigned int entered = 0;

	while (from < to) {
		rule = rules[rule][classes[data[from++]]];
		entered |= rule;
		if (rule > BODY_STATE_MAX)
			break;
	}
	*mark = RULE_MARK(rule);
	body->state = RULE_STATE(rule);
	/* a CR of this segment may be the first octet of an end of data */
	if (entered & BODY_CR)
		body->segments = 1;
	return from;
}

/* Octets that are looked at together. */
#define STRIDE	(4 * sizeof(u64))

/* Not zero if there is a dot in these four words. */
static u64 find_dots(const u8 *at)
{
	return octets_equal(octets_load(at), '.') |
	       octets_equal(octets_load(at + 8), '.') |
	       octets_equal(octets_load(at + 16), '.') |
	       octets_equal(octets_load(at + 24), '.');
}

/* Not zero if there is one behind a break in this word; errs towards it. */
static u64 find_break_dot(const u8 *at)
{
	return octets_equal(octets_load(at), '.') &
	       octets_below(octets_load(at - 1), BREAK_LIMIT);
}

static bool is_passed(const u8 *at)
{
	if (!find_dots(at))
		return true;
	return !(find_break_dot(at) | find_break_dot(at + 8) |
		 find_break_dot(at + 16) | find_break_dot(at + 24));
}

/* The high bit of each octet that is a dot between two breaks. */
static u64 dots_between_breaks(const u8 *at)
{
	return octets_each_equal(octets_load(at), '.') &
	       octets_each_below(octets_load(at - 1), BREAK_LIMIT) &
	       octets_each_below(octets_load(at + 1), BREAK_LIMIT);
}

/*
 * The first dot between two breaks, the one before it not before @from, or a
 * dot behind a break that is the last octet; @length if there is none.
 */
static size_t find_dot(const u8 *data, size_t from, size_t length)
{
	size_t at = from + 1;

	while (at + sizeof(u64) < length) {
		u64 found;

		if (at + STRIDE <= length && is_passed(data + at)) {
			at += STRIDE;
			continue;
		}
		found = dots_between_breaks(data + at);
		if (found)
			return at + octets_first(found);
		at += sizeof(u64);
	}
	for (; at < length; at++)
		if (data[at] == '.' && data[at - 1] < BREAK_LIMIT)
			return at;
	return length;
}

/* The state before octet @to, all from @from on being known, and text before. */
static enum body_state body_state_before(const u8 *data, size_t from,
					 size_t to)
{
	size_t at = to;

	while (at > from && data[at - 1] == '\0')
		at--;
	if (at == from || (data[at - 1] != '\n' && data[at - 1] != '\r'))
		return BODY_TEXT;
	if (at < to)
		return BODY_LAX_LINE;
	if (data[at - 1] == '\r')
		return BODY_CR;
	return at - from > 1 && data[at - 2] == '\r' ? BODY_LINE :
						       BODY_LAX_LINE;
}

/* Sets the state before octet @to. */
static void body_skip(struct body *body, const u8 *data, size_t from, size_t to)
{
	body->state = body_state_before(data, from, to);
	if (body->state != BODY_TEXT)
		body->segments = 1;
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

/*
 * Goes from dot to dot, and steps from each.  Not inlined, or the registers
 * it needs would have to be saved for short pieces too.
 */
static noinline size_t body_search(struct body *body, const u8 *data,
				   size_t length, enum body_mark *mark)
{
	size_t run = RUN_MIN / RUN_GROWTH;
	size_t at = 0;

	do {
		size_t dot = at;

		if (body->state == BODY_TEXT) {
			dot = find_dot(data, at, length);
			body_skip(body, data, at, dot);
		}
		/* one dot after the other: to search is slower than to step */
		if (dot - at > run)
			run = RUN_MIN;
		else if (run < RUN_MAX)
			run *= RUN_GROWTH;
		at = length - dot > run ? dot + run : length;
		at = body_step(body, data, dot, at, mark);
	} while (at < length && !*mark);
	return at;
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
	if (length <= STEPPED_MAX)
		return body_step(body, data, 0, length, mark);
	return body_search(body, data, length, mark);
}

static bool is_behind_cr(const struct body *body)
{
	return body->state == BODY_CR || body->state == BODY_DOT_CR;
}

static enum body_mark bare_mark(bool behind_cr, u8 octet)
{
	if (behind_cr)
		return octet == '\n' ? BODY_MARK_NONE : BODY_MARK_BARE_CR;
	return octet == '\n' ? BODY_MARK_BARE_LF : BODY_MARK_NONE;
}

/**
 * body_scan_lines() - look for an end of data, and at every line break
 * @body: the scanner
 * @data: octets of the message
 * @length: how many
 * @mark: why the scan stopped
 *
 * Slower than body_scan(), for policies that ask about CR and LF.
 *
 * Return: octets scanned, the one that made the mark included.
 */
size_t body_scan_lines(struct body *body, const u8 *data, size_t length,
		       enum body_mark *mark)
{
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	while (at < length && !*mark) {
		bool behind_cr = is_behind_cr(body);

		body_step(body, data, at, at + 1, mark);
		if (!*mark)
			*mark = bare_mark(behind_cr, data[at]);
		at++;
	}
	return at;
}

static const u8 states[] = {
	BODY_TEXT, BODY_CR, BODY_LINE, BODY_LAX_LINE,
	BODY_DOT, BODY_LAX_DOT, BODY_DOT_CR,
};

/**
 * body_map_begin() - no octets, which change nothing
 * @map: the map
 */
void body_map_begin(struct body_map *map)
{
	unsigned int i;

	memset(map->to, BODY_MAP_MARKED, sizeof(map->to));
	for (i = 0; i < sizeof(states); i++)
		map->to[states[i]] = states[i];
}

/* The state that all lead to; BODY_MAP_MARKED if there are several, or none. */
static u8 body_map_state(const struct body_map *map)
{
	u8 state = BODY_MAP_MARKED;
	unsigned int i;

	for (i = 0; i < sizeof(states); i++) {
		u8 to = map->to[states[i]];

		if (to == BODY_MAP_MARKED || to == state)
			continue;
		if (state != BODY_MAP_MARKED)
			return BODY_MAP_MARKED;
		state = to;
	}
	return state;
}

static void body_map_step(struct body_map *map, u8 octet)
{
	unsigned int i;

	for (i = 0; i < sizeof(states); i++) {
		u8 *to = &map->to[states[i]];
		u8 rule;

		if (*to == BODY_MAP_MARKED)
			continue;
		rule = rules[*to][classes[octet]];
		*to = RULE_MARK(rule) ? BODY_MAP_MARKED : RULE_STATE(rule);
	}
}

/**
 * body_map_feed() - the next octets
 * @map: what those before do
 * @data: the octets
 * @length: how many
 *
 * As a rule the first octet that is no line break, dot or NUL leads from all
 * states to one, and from there on the octets are scanned as any.
 */
void body_map_feed(struct body_map *map, const u8 *data, size_t length)
{
	struct body body = { .state = BODY_TEXT };
	enum body_mark mark;
	unsigned int i;
	size_t at = 0;

	while (at < length && body_map_state(map) == BODY_MAP_MARKED)
		body_map_step(map, data[at++]);
	if (at == length)
		return;
	body.state = body_map_state(map);
	body_scan(&body, data + at, length - at, &mark);
	for (i = 0; i < sizeof(states); i++)
		if (map->to[states[i]] != BODY_MAP_MARKED)
			map->to[states[i]] = mark ? BODY_MAP_MARKED :
						    body.state;
}

/**
 * body_map_is_safe() - may octets pass before those that precede them
 * @map: what the octets do
 *
 * Behind a dot that begins a line an octet may be the one that ends the
 * message.  These states are left out: such a dot is followed by one more, or
 * it is in the message's last line, and then little comes behind it.  If all
 * the same one of them leads to a mark, body_apply() tells.
 *
 * Return: true if no other state leads to a mark, and all lead to one state.
 */
bool body_map_is_safe(const struct body_map *map)
{
	return map->to[BODY_TEXT] != BODY_MAP_MARKED &&
	       map->to[BODY_CR] != BODY_MAP_MARKED &&
	       map->to[BODY_LINE] != BODY_MAP_MARKED &&
	       map->to[BODY_LAX_LINE] != BODY_MAP_MARKED &&
	       body_map_state(map) != BODY_MAP_MARKED;
}

/**
 * body_apply() - the octets of a map have come
 * @body: the scanner
 * @map: the map
 *
 * Return: false if there is a mark in them.
 */
bool body_apply(struct body *body, const struct body_map *map)
{
	u8 state = map->to[body->state];

	if (state == BODY_MAP_MARKED)
		return false;
	body->state = state;
	body->segments = 1;
	return true;
}
