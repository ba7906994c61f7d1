// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data.  Only CRLF.CRLF ends a message; every other sequence that
 * some server was ever seen to take for an end (any mix of CR, LF and NUL
 * around one dot) is ambiguous, and a way to smuggle a second message past
 * one of two parties (SEC Consult 2023).  A NUL behind the dot is the end of a
 * string to a server that compares the line with one.
 *
 * All of them hold a dot between two line breaks.  Mail has few of these, and
 * base64 has no dot at all, so the scan looks for them eight octets at a time,
 * and steps octet by octet only where one is.
 *
 * The steps are bit-parallel (Shift-And; Baeza-Yates and Gonnet 1992).  Each
 * bit of the state is a place in one of two patterns, and is set where the
 * octets before match up to there.  An octet moves all matches on at once:
 *
 *	CR		LF		dot		CR		any
 *	BODY_CR		BODY_CRLF	BODY_DOT	BODY_DOT_CR	BODY_LAST
 *
 *	CR or LF, NULs	dot		CR, LF or NUL
 *	BODY_BREAK	BODY_LAX_DOT	BODY_LAX_END
 *
 * What a step needs of the one before goes through three instructions and no
 * memory, unlike the state of an automaton, which is looked up in a table.
 *
 * The state is all that is kept between segments, so that it makes no
 * difference where they were cut.
 */
#include "body.h"
#include "octets.h"

/* Pieces up to this are stepped through: to set out for a dot costs more. */
#define STEPPED_MAX	24
/* Octets that are stepped through at a dot, and at most where dots are dense. */
#define RUN_MIN		16
#define RUN_GROWTH	4
#define RUN_MAX		4096
/* Line breaks and NUL are below this. */
#define BREAK_LIMIT	('\r' + 1)
/* What is left of an octet without its highest bit. */
#define LOW_BITS	0x7f
/* Octets of CRLF.CRLF. */
#define END_LENGTH	5

/* The first pattern. */
#define BODY_STRICT	(BODY_CR | BODY_CRLF | BODY_DOT | BODY_DOT_CR | \
			 BODY_LAST)
/* Where a pattern is complete. */
#define BODY_COMPLETE	(BODY_LAST | BODY_LAX_END)

/**
 * struct octet_places - what an octet does to the state
 * @moved: places that a match comes to with it
 * @kept: places that a match stays at with it
 */
struct octet_places {
	u32 moved;
	u32 kept;
};

#define OTHER_OCTET	{ BODY_LAST, BODY_TEXT }

static const struct octet_places places[256] = {
	['\0']			= { BODY_LAST | BODY_LAX_END,
				    BODY_TEXT | BODY_BREAK },
	['\0' + 1 ... '\n' - 1]	= OTHER_OCTET,
	['\n']			= { BODY_LAST | BODY_CRLF | BODY_BREAK |
				    BODY_LAX_END, BODY_TEXT },
	['\n' + 1 ... '\r' - 1]	= OTHER_OCTET,
	['\r']			= { BODY_LAST | BODY_CR | BODY_DOT_CR |
				    BODY_BREAK | BODY_LAX_END, BODY_TEXT },
	['\r' + 1 ... '.' - 1]	= OTHER_OCTET,
	['.']			= { BODY_LAST | BODY_DOT | BODY_LAX_DOT,
				    BODY_TEXT },
	['.' + 1 ... 255]	= OTHER_OCTET,
};

static unsigned int next_state(unsigned int state, u8 octet)
{
	const struct octet_places *place = &places[octet];

	return (state << 1 & place->moved) | (state & place->kept);
}

/* Of CRLF, dot and CR the next octet tells what they are. */
static bool is_marked(unsigned int state)
{
	return state & BODY_COMPLETE && !(state & BODY_DOT_CR);
}

static enum body_mark mark_of(unsigned int state, u8 octet)
{
	if (!(state & BODY_LAST))
		return BODY_MARK_AMBIGUOUS;
	return octet == '\n' ? BODY_MARK_END : BODY_MARK_AMBIGUOUS_CR;
}

/*
 * Steps from @from to @to, at least once, or to the first mark.  Returns octets
 * up to there.  Inlined, for the sake of short pieces.
 */
static inline size_t body_step(struct body *body, const u8 *data, size_t from,
			       size_t to, enum body_mark *mark)
{
	unsigned int state = body->state;

	*mark = BODY_MARK_NONE;
	do {
		state = next_state(state, data[from++]);
		if (is_marked(state)) {
			*mark = mark_of(state, data[from - 1]);
			break;
		}
	} while (from < to);
	body->state = state;
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

/* The same for four words: no branch to foresee where dots are. */
static u64 find_break_dots(const u8 *at)
{
	return find_break_dot(at) | find_break_dot(at + 8) |
	       find_break_dot(at + 16) | find_break_dot(at + 24);
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

	/* where one dot is, more will be: then this is not asked any more */
	while (at + STRIDE <= length && !find_dots(data + at))
		at += STRIDE;
	while (at + sizeof(u64) < length) {
		u64 found;

		if (at + STRIDE <= length && !find_break_dots(data + at)) {
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

/*
 * Where to step from for the state at @to.  There is text before @from, and no
 * dot between two breaks up to @to, so what counts are the octets of one CRLF
 * and the NULs behind it.
 */
static size_t step_back(const u8 *data, size_t from, size_t to)
{
	while (to > from && data[to - 1] == '\0')
		to--;
	return to - from > 2 ? to - 2 : from;
}

/**
 * body_begin() - a message begins
 * @body: the scanner
 *
 * Its first octet begins a line: a dot there ends an empty message.
 */
void body_begin(struct body *body)
{
	body->state = BODY_TEXT | BODY_CRLF | BODY_BREAK;
	body->low = body->state;
	body->segments = 0;
	body->last = '\0';
	body->scanned = 0;
	body->line = 0;
}

/* Is the CR of a possible end of data in what was scanned of this segment? */
static bool is_begun_here(const struct body *body)
{
	return body->scanned >= END_LENGTH ||
	       (body->state & BODY_STRICT) < 2 << body->scanned;
}

/**
 * body_segment() - a new segment begins
 * @body: the scanner
 */
void body_segment(struct body *body)
{
	/* what it stands for is complete, not under way */
	body->state &= ~BODY_LAST;
	body->segments = body_segments(body);
	if (!(body->state & BODY_STRICT))
		body->segments = 1;
	else if (body->segments < BODY_SEGMENTS_MAX)
		body->segments++;
	body->scanned = 0;
}

/**
 * body_segments() - segments that the possible end of data under way came in
 * @body: the scanner
 *
 * Return: how many, up to %BODY_SEGMENTS_MAX.
 */
u8 body_segments(const struct body *body)
{
	return is_begun_here(body) ? 1 : body->segments;
}

/**
 * body_at_line() - is nothing of a line under way
 * @body: the scanner
 *
 * Return: true behind a CR or LF, and NULs behind it.
 */
bool body_at_line(const struct body *body)
{
	return body->state & BODY_BREAK;
}

/*
 * Goes on at @at from dot to dot, and steps from each.  Not inlined, or the
 * registers it needs would have to be saved for short pieces too.
 */
static noinline size_t body_search(struct body *body, const u8 *data,
				   size_t at, size_t length,
				   enum body_mark *mark)
{
	size_t run = RUN_MIN;

	do {
		size_t from = at;
		size_t dot = at;

		if (body->state == BODY_TEXT) {
			dot = find_dot(data, at, length);
			from = step_back(data, at, dot);
		}
		/* one dot after the other: to search is slower than to step */
		if (dot - at > run)
			run = RUN_MIN;
		else if (run < RUN_MAX)
			run *= RUN_GROWTH;
		at = length - dot > run ? dot + run : length;
		at = body_step(body, data, from, at, mark);
	} while (at < length && !*mark);
	return at;
}

/* Steps where an end of data may be under way, and searches from there. */
static noinline size_t body_scan_long(struct body *body, const u8 *data,
				      size_t length, enum body_mark *mark)
{
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	if (body->state != BODY_TEXT)
		at = body_step(body, data, 0, STEPPED_MAX, mark);
	if (!*mark)
		at = body_search(body, data, at, length, mark);
	body->scanned += at;
	return at;
}

/**
 * body_scan() - look for an end of data
 * @body: the scanner
 * @data: octets of the message
 * @length: how many, at least one
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
	size_t scanned;

	if (length > STEPPED_MAX)
		return body_scan_long(body, data, length, mark);
	scanned = body_step(body, data, 0, length, mark);
	body->scanned += scanned;
	return scanned;
}

static enum body_mark bare_mark(bool behind_cr, u8 octet)
{
	if (behind_cr)
		return octet == '\n' ? BODY_MARK_NONE : BODY_MARK_BARE_CR;
	return octet == '\n' ? BODY_MARK_BARE_LF : BODY_MARK_NONE;
}

/*
 * An octet that completes nothing as it is may for who clears its highest bit,
 * or those of octets before it.
 */
static enum body_mark seven_mark(struct body *body, u8 octet)
{
	body->low = next_state(body->low, octet & LOW_BITS) & ~BODY_STRICT;
	/* of CRLF, dot and CR the next octet tells what they are */
	if (body->state & BODY_DOT_CR || !(body->low & BODY_LAX_END))
		return BODY_MARK_NONE;
	return BODY_MARK_AMBIGUOUS;
}

/*
 * To a server that begins to scan anew in the middle of a line, at an octet of its
 * own choice, each dot may be the first octet of one.
 */
static enum body_mark dot_mark(const struct body *body, u8 octet, u8 bits)
{
	if ((body->last & bits) != '.' || (octet & bits) >= BREAK_LIMIT ||
	    body->state & BODY_DOT_CR)
		return BODY_MARK_NONE;
	octet &= bits;
	return octet == '\r' || octet == '\n' || !octet ? BODY_MARK_DOT :
							  BODY_MARK_NONE;
}

/**
 * body_scan_careful() - look for an end of data, and for more
 * @body: the scanner
 * @care: for what: BODY_CARE_ bits; of a message %BODY_CARE_SEVEN from its begin
 *	on, or not at all
 * @data: octets of the message
 * @length: how many
 * @mark: why the scan stopped
 *
 * Slower than body_scan(), for messages and policies that need it.
 *
 * Return: octets scanned, the one that made the mark included.
 */
size_t body_scan_careful(struct body *body, u8 care, const u8 *data,
			 size_t length, enum body_mark *mark)
{
	u8 bits = care & BODY_CARE_SEVEN ? LOW_BITS : U8_MAX;
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	while (at < length && !*mark) {
		bool behind_cr = body->state & BODY_CR;
		enum body_mark low = BODY_MARK_NONE;
		u8 octet = data[at];

		body_step(body, data, at, at + 1, mark);
		if (care & BODY_CARE_SEVEN)
			low = seven_mark(body, octet);
		if (!*mark)
			*mark = low;
		if (care & BODY_CARE_LINES && !*mark)
			*mark = bare_mark(behind_cr, octet);
		if (care & BODY_CARE_DOTS && !*mark)
			*mark = dot_mark(body, octet, bits);
		body->last = octet;
		at++;
	}
	body->scanned += at;
	return at;
}

/**
 * body_defang() - the last octet that was scanned became a blank
 * @body: the scanner
 */
void body_defang(struct body *body)
{
	body->state = BODY_TEXT;
	body->low = BODY_TEXT;
	body->last = ' ';
}

static u32 line_longer(u32 line, size_t length)
{
	return length < U32_MAX - line ? line + length : U32_MAX;
}

/* Octets behind the last LF; all if there is none. */
static size_t octets_of_line(const u8 *data, size_t length)
{
	size_t at = length;

	while (at && data[at - 1] != '\n')
		at--;
	return length - at;
}

/**
 * body_read_line() - octets have been forwarded
 * @body: the scanner
 * @data: the octets
 * @length: how many
 */
void body_read_line(struct body *body, const u8 *data, size_t length)
{
	size_t last = octets_of_line(data, length);

	body->line = line_longer(last < length ? 0 : body->line, last);
}

/* The high bit of each octet that is a dot at the begin of a line. */
static u64 dots_behind_crlf(const u8 *at)
{
	return octets_each_equal(octets_load(at), '.') &
	       octets_each_equal(octets_load(at - 1), '\n') &
	       octets_each_equal(octets_load(at - 2), '\r');
}

static u32 count_bits(u64 bits)
{
	u32 count = 0;

	/* there are few, if any */
	for (; bits; bits &= bits - 1)
		count++;
	return count;
}

/**
 * body_line_dots() - count the dots that begin a line
 * @state: the scanner's state before the octets
 * @data: octets of the message
 * @length: how many
 *
 * Only CRLF ends a line.
 *
 * Return: how many.
 */
u32 body_line_dots(u16 state, const u8 *data, size_t length)
{
	u32 dots = 0;
	size_t at = 2;

	if (length > 0 && state & BODY_CRLF && data[0] == '.')
		dots++;
	if (length > 1 && state & BODY_CR && data[0] == '\n' && data[1] == '.')
		dots++;
	while (at + STRIDE <= length && !find_dots(data + at))
		at += STRIDE;
	while (at + sizeof(u64) <= length) {
		if (at + STRIDE <= length && !find_break_dots(data + at)) {
			at += STRIDE;
			continue;
		}
		dots += count_bits(dots_behind_crlf(data + at));
		at += sizeof(u64);
	}
	for (; at < length; at++)
		if (data[at] == '.' && data[at - 1] == '\n' &&
		    data[at - 2] == '\r')
			dots++;
	return dots;
}

/* Those that no dot was the last to lead to come first. */
static const u16 states[BODY_STATES] = {
	BODY_TEXT,
	BODY_TEXT | BODY_CR | BODY_BREAK,
	BODY_TEXT | BODY_CRLF | BODY_BREAK,
	BODY_TEXT | BODY_BREAK,
	BODY_TEXT | BODY_DOT | BODY_LAX_DOT,
	BODY_TEXT | BODY_LAX_DOT,
	BODY_TEXT | BODY_CR | BODY_DOT_CR | BODY_BREAK,
};

#define DOTLESS_STATES	4

/**
 * body_map_begin() - no octets, which change nothing
 * @map: the map
 */
void body_map_begin(struct body_map *map)
{
	unsigned int i;

	memcpy(map->to, states, sizeof(map->to));
	memset(map->dots, 0, sizeof(map->dots));
	map->line = 0;
	map->ends_line = false;
	for (i = 0; i < HEADER_OPEN_STATES; i++)
		map->header[i] = i;
}

/* All states in which the header goes on lead to one, or to its end. */
static bool header_is_one(const struct body_map *map)
{
	unsigned int i;

	for (i = 1; i < HEADER_OPEN_STATES; i++)
		if (map->header[i] != map->header[0] &&
		    map->header[i] != HEADER_END)
			return false;
	return true;
}

static void body_map_line(struct body_map *map, const u8 *data, size_t length)
{
	size_t last = octets_of_line(data, length);

	map->ends_line |= last < length;
	map->line = line_longer(last < length ? 0 : map->line, last);
}

static void body_map_header(struct body_map *map, const u8 *data,
			    size_t length)
{
	unsigned int i;
	size_t at = 0;
	u8 state;

	for (; at < length && !header_is_one(map); at++)
		for (i = 0; i < HEADER_OPEN_STATES; i++)
			map->header[i] = header_octet(map->header[i], data[at]);
	state = header_read(map->header[0], data + at, length - at);
	for (i = 0; i < HEADER_OPEN_STATES; i++)
		if (header_is_open(map->header[i]))
			map->header[i] = state;
}

/* The state that all lead to; BODY_MAP_MARKED if there are several, or none. */
static u16 body_map_state(const struct body_map *map)
{
	u16 state = BODY_MAP_MARKED;
	unsigned int i;

	for (i = 0; i < BODY_STATES; i++) {
		u16 to = map->to[i];

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

	for (i = 0; i < BODY_STATES; i++) {
		u16 state = map->to[i];

		if (state == BODY_MAP_MARKED)
			continue;
		state = next_state(state, octet);
		if (state & BODY_DOT)
			map->dots[i]++;
		map->to[i] = is_marked(state) ? BODY_MAP_MARKED :
						state & ~BODY_COMPLETE;
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
	u32 dots;

	body_map_header(map, data, length);
	body_map_line(map, data, length);
	while (at < length && body_map_state(map) == BODY_MAP_MARKED)
		body_map_step(map, data[at++]);
	if (at == length)
		return;
	body.state = body_map_state(map);
	dots = body_line_dots(body.state, data + at, length - at);
	body_scan(&body, data + at, length - at, &mark);
	for (i = 0; i < BODY_STATES; i++) {
		if (map->to[i] != BODY_MAP_MARKED)
			map->to[i] = mark ? BODY_MAP_MARKED :
					    body.state & ~BODY_COMPLETE;
		map->dots[i] += dots;
	}
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
	unsigned int i;

	for (i = 0; i < DOTLESS_STATES; i++)
		if (map->to[i] == BODY_MAP_MARKED)
			return false;
	return body_map_state(map) != BODY_MAP_MARKED;
}

/**
 * body_apply() - the octets of a map have come
 * @body: the scanner
 * @map: the map
 * @dots: set to how many dots of them begin a line
 *
 * Return: false if there is a mark in them.
 */
bool body_apply(struct body *body, const struct body_map *map, u32 *dots)
{
	unsigned int i = 0;

	/* what is complete makes no difference to what follows */
	while (i < BODY_STATES - 1 &&
	       states[i] != (body->state & ~BODY_COMPLETE))
		i++;
	if (map->to[i] == BODY_MAP_MARKED)
		return false;
	*dots = map->dots[i];
	body->state = map->to[i];
	body->segments = 1;
	body->last = '\0';
	body->scanned = END_LENGTH;
	body->line = line_longer(map->ends_line ? 0 : body->line, map->line);
	return true;
}
