// SPDX-License-Identifier: GPL-2.0
/*
 * The end of data.  Only CRLF.CRLF ends a message; every other sequence that
 * some server was ever seen to take for an end (any mix of CR, LF and NUL
 * around one dot) is ambiguous, and a way to smuggle a second message past
 * one of two parties (SEC Consult 2023).  A NUL behind the dot is the end of a
 * string to a server that compares the line with one.
 *
 * All of them hold a dot between two line breaks.  Mail has few dots, and base64
 * has none at all, so the scan looks for them eight octets at a time, and steps
 * octet by octet only where a break is before one.  Where all of them were is what
 * a repeat of the octets is held against (history.c).
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
#include "character.h"
#include "octets.h"

/* Pieces up to this are stepped through: to set out for a dot costs more. */
#define STEPPED_MAX	24
/* Octets that are stepped through at a dot, and at most where dots are dense. */
#define RUN_MIN		4
#define RUN_GROWTH	4
#define RUN_MAX		4096
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

static void body_note_dot(struct dots *dots, size_t at, unsigned int state)
{
	dots_add(dots, at | DOTS_BEHIND_BREAK);
	dots->quoting += !!(state & BODY_DOT);
}

/*
 * Steps from @from, at least once, until no end of data is under way at or behind
 * @to; or to the first mark, or to the end of the octets, or as long as there is
 * room for dots.  Returns octets up to there.  Inlined, for the sake of short
 * pieces.
 */
static inline size_t body_step(struct body *body, const u8 *data, size_t from,
			       size_t to, size_t length, struct dots *dots,
			       enum body_mark *mark)
{
	unsigned int state = body->state;

	do {
		u8 octet = data[from];

		state = next_state(state, octet);
		if (octet == '.')
			body_note_dot(dots, from, state);
		from++;
		if (is_marked(state)) {
			*mark = mark_of(state, octet);
			break;
		}
		if (octet == '.' && !dots_have_room(dots))
			break;
	} while (from < to || (from < length && state != BODY_TEXT));
	body->state = state;
	return from;
}

/* Errs towards it where there are octets of eight bits. */
static bool may_have_dot(const u8 *at)
{
	return octets_may_equal(octets_load(at), '.');
}

/*
 * The first word that may have a dot, or the octets that are too few for one.  Four
 * words a turn, as all of a message goes through here.
 */
static size_t pass_words(const u8 *data, size_t at, size_t length)
{
	enum { WORD = sizeof(u64) };

	for (; at + 4 * WORD <= length; at += 4 * WORD) {
		if (may_have_dot(data + at))
			return at;
		if (may_have_dot(data + at + WORD))
			return at + WORD;
		if (may_have_dot(data + at + 2 * WORD))
			return at + 2 * WORD;
		if (may_have_dot(data + at + 3 * WORD))
			return at + 3 * WORD;
	}
	while (at + WORD <= length && !may_have_dot(data + at))
		at += WORD;
	return at;
}

/* The same, of words that really have; @found tells where the dots are. */
static size_t pass_dotless(const u8 *data, size_t at, size_t length, u64 *found)
{
	at = pass_words(data, at, length);
	for (; at + sizeof(u64) <= length; at += sizeof(u64)) {
		*found = octets_each_equal(octets_load(data + at), '.');
		if (*found)
			break;
	}
	return at;
}

/* The first dot with a break before it; @length where there is none. */
static size_t pass_dot(const u8 *data, size_t at, size_t length,
		       struct dots *dots)
{
	for (; at < length; at++) {
		if (data[at] != '.')
			continue;
		if (is_break(data[at - 1]))
			return at;
		dots_add(dots, at);
	}
	return length;
}

/*
 * Goes on at @at, which is not 0, up to the first dot with a break before it, or as
 * long as there is room for the others.
 */
static size_t pass_dots(const u8 *data, size_t at, size_t length,
			struct dots *dots)
{
	while (dots_have_room(dots)) {
		u64 found;

		at = pass_dotless(data, at, length, &found);
		if (at + sizeof(u64) > length)
			return pass_dot(data, at, length, dots);
		for (; found; found = octets_behind_first(found)) {
			size_t dot = at + octets_first(found);

			if (is_break(data[dot - 1]))
				return dot;
			dots_add(dots, dot);
		}
		at += sizeof(u64);
	}
	return at;
}

/* Where nothing of an end of data is under way: behind the last dot, if not @at. */
static size_t behind_dots(const struct dots *dots, size_t at)
{
	size_t behind = dots->count ? dots_place(dots, dots->count - 1) + 1 : 0;

	return behind > at ? behind : at;
}

/*
 * Where to step from for the state at @to.  There is text before @from, and no
 * dot up to @to, so what counts are the octets of one CRLF and the NULs behind it.
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
	body->loose = 0;
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
 * Goes on at @at, where nothing of an end of data is under way, from dot to dot,
 * and steps from those that have a break before them.
 */
static size_t body_search(struct body *body, const u8 *data, size_t at,
			  size_t length, struct dots *dots,
			  enum body_mark *mark)
{
	size_t run = RUN_MIN;

	while (at < length && !*mark && dots_have_room(dots)) {
		size_t to = pass_dots(data, at, length, dots);
		size_t passed = to - at;

		if (!is_break(data[to - 1])) {
			at = to;
			continue;
		}
		at = step_back(data, behind_dots(dots, at), to);
		/* one dot after the other: to search is slower than to step */
		if (passed > run)
			run = RUN_MIN;
		else if (run < RUN_MAX)
			run *= RUN_GROWTH;
		to = length - to > run ? to + run : length;
		at = body_step(body, data, at, to, length, dots, mark);
	}
	return at;
}

/* Steps where an end of data may be under way, and searches from there. */
static noinline size_t body_scan_long(struct body *body, const u8 *data,
				      size_t length, struct dots *dots,
				      enum body_mark *mark)
{
	size_t at = body_step(body, data, 0, 1, length, dots, mark);

	return *mark ? at : body_search(body, data, at, length, dots, mark);
}

/**
 * body_scan() - look for an end of data
 * @body: the scanner
 * @data: octets of the message
 * @length: how many, at least one
 * @dots: set to the dots among the octets scanned
 * @mark: why the scan stopped; %BODY_MARK_NONE, too, where there were many dots
 *
 * Time is linear in @length whatever the octets are: each run of NULs is
 * walked back over once.
 *
 * Return: octets scanned, the one that made the mark included.
 */
size_t body_scan(struct body *body, const u8 *data, size_t length,
		 struct dots *dots, enum body_mark *mark)
{
	size_t at;

	*mark = BODY_MARK_NONE;
	dots_clear(dots);
	if (length > STEPPED_MAX)
		at = body_scan_long(body, data, length < DOTS_PLACES ? length :
				    DOTS_PLACES, dots, mark);
	else
		at = body_step(body, data, 0, length, length, dots, mark);
	body->scanned += at;
	return at;
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
	if ((body->last & bits) != '.' || body->state & BODY_DOT_CR)
		return BODY_MARK_NONE;
	return is_break(octet & bits) ? BODY_MARK_DOT : BODY_MARK_NONE;
}

/**
 * body_scan_careful() - look for an end of data, and for more
 * @body: the scanner
 * @care: for what: %BODY_CARE_LINES and others; of a message %BODY_CARE_SEVEN
 *	from its begin on, or not at all
 * @data: octets of the message
 * @length: how many
 * @dots: set to the dots among the octets scanned
 * @mark: why the scan stopped, as body_scan() says it
 *
 * Slower than body_scan(), for messages and policies that need it.
 *
 * Return: octets scanned, the one that made the mark included.
 */
size_t body_scan_careful(struct body *body, u8 care, const u8 *data,
			 size_t length, struct dots *dots, enum body_mark *mark)
{
	u8 bits = care & BODY_CARE_SEVEN ? LOW_BITS : U8_MAX;
	size_t at = 0;

	*mark = BODY_MARK_NONE;
	dots_clear(dots);
	if (length > DOTS_PLACES)
		length = DOTS_PLACES;
	while (at < length && !*mark && dots_have_room(dots)) {
		bool behind_cr = body->state & BODY_CR;
		enum body_mark low = BODY_MARK_NONE;
		u8 octet = data[at];

		body->state = next_state(body->state, octet);
		if (octet == '.')
			body_note_dot(dots, at, body->state);
		if (is_marked(body->state))
			*mark = mark_of(body->state, octet);
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

/**
 * body_last_line() - octets up to the end of the last line that ends in them
 * @data: octets of a message
 * @length: how many
 *
 * Return: how many, its LF included; 0 where no line ends.
 */
size_t body_last_line(const u8 *data, size_t length)
{
	for (; length >= sizeof(u64); length -= sizeof(u64)) {
		size_t before = length - sizeof(u64);
		u64 word = octets_load(data + before);
		u64 found;

		if (!octets_may_equal(word, '\n'))
			continue;
		found = octets_each_equal(word, '\n');
		if (found)
			return before + octets_last(found) + 1;
	}
	while (length && data[length - 1] != '\n')
		length--;
	return length;
}

/*
 * Counts lines of more than @max octets.  From a line's begin it leaps as far as a
 * line may be long, and looks back from there: behind the last LF is the next
 * begin, or all was one line.
 */
static u32 count_long_lines(u32 *under_way, const u8 *data, size_t length,
			    u32 max)
{
	u32 long_lines = 0;

	while (length) {
		size_t room = *under_way < max ? max - *under_way : 0;
		size_t leap = room < length ? room : length;
		size_t line = body_last_line(data, leap);

		if (!line && leap < length) {
			line = body_first_line(data + leap, length - leap);
			if (line)
				line += leap;
			long_lines += !!line;
			leap = line ?: length;
		}
		if (line)
			*under_way = 0;
		if (leap == length) {
			*under_way = line_longer(*under_way, length - line);
			break;
		}
		data += line;
		length -= line;
	}
	return long_lines;
}

/**
 * body_read_lines() - octets are forwarded
 * @body: the scanner
 * @data: the octets
 * @length: how many
 * @max_line: octets of a line with its CRLF that are not too many
 *
 * Return: lines that ended here and were longer.
 */
u32 body_read_lines(struct body *body, const u8 *data, size_t length,
		    u16 max_line)
{
	if (!length)
		return 0;
	body->loose = data[length - 1] == '\n' ? 0 :
		      line_longer(body->loose, length);
	return count_long_lines(&body->line, data, length, max_line);
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

static void body_map_header(struct body_map *map, const u8 *data,
			    size_t length)
{
	unsigned int i;
	size_t at = 0;
	u8 state;

	for (; at < length && !header_is_one(map); at++)
		for (i = 0; i < HEADER_OPEN_STATES; i++)
			map->header[i] = header_octet(map->header[i], data[at]);
	if (at == length)
		return;
	state = map->header[0];
	while (at < length && header_is_open(state))
		at += header_read(&state, data + at, length - at);
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

/* Steps until all states have led to one. Returns octets up to there. */
static size_t body_map_meet(struct body_map *map, const u8 *data,
			    size_t length, struct dots *dots)
{
	size_t at;

	for (at = 0; at < length && dots_have_room(dots); at++) {
		if (body_map_state(map) != BODY_MAP_MARKED)
			break;
		body_map_step(map, data[at]);
		if (data[at] == '.')
			dots_add(dots, at | DOTS_BEHIND_BREAK);
	}
	return at;
}

/* From the one state that all have led to. Returns octets scanned. */
static size_t body_map_scan(struct body_map *map, const u8 *data,
			    size_t length, struct dots *dots)
{
	struct body body = { .state = body_map_state(map) };
	enum body_mark mark;
	unsigned int i;

	length = body_scan(&body, data, length, dots, &mark);
	for (i = 0; i < BODY_STATES; i++) {
		if (map->to[i] != BODY_MAP_MARKED)
			map->to[i] = mark ? BODY_MAP_MARKED :
					    body.state & ~BODY_COMPLETE;
		map->dots[i] += dots->quoting;
	}
	return length;
}

/**
 * body_map_feed() - the next octets
 * @map: what those before do
 * @data: the octets
 * @length: how many, at least one
 * @dots: set to the dots among the octets taken
 *
 * As a rule the first octet that is no line break, dot or NUL leads from all
 * states to one, and from there on the octets are scanned as any.
 *
 * Return: octets taken.
 */
size_t body_map_feed(struct body_map *map, const u8 *data, size_t length,
		     struct dots *dots)
{
	dots_clear(dots);
	if (body_map_state(map) == BODY_MAP_MARKED)
		length = body_map_meet(map, data, length, dots);
	else
		length = body_map_scan(map, data, length, dots);
	body_map_header(map, data, length);
	return length;
}

/**
 * body_map_lines() - the same octets: where do their lines end
 * @map: what those before do
 * @data: the octets
 * @length: how many
 * @max_line: octets of a line with its CRLF that are not too many
 *
 * Return: lines that ended here and were longer; the first of all may have been,
 * without being counted.
 */
u32 body_map_lines(struct body_map *map, const u8 *data, size_t length,
		   u16 max_line)
{
	map->ends_line |= !!body_last_line(data, length);
	return count_long_lines(&map->line, data, length, max_line);
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
	body->loose = line_longer(map->ends_line ? 0 : body->loose, map->line);
	return true;
}
