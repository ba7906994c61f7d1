// SPDX-License-Identifier: GPL-2.0
/*
 * Which copy of an octet a receiver reads, the first or a repeat, is its own
 * choice (Handley, Paxson, Kreibich 2001), so whatever it makes of copies that
 * pass must read the same.  Of a command line or a reply every octet counts.  Of a
 * message only its end does, and whatever any server takes for one is a dot between
 * two breaks: CRs, LFs or NULs (body.c).  So there is no dot in any copy where
 * there was none, and one where there was.  One with an octet before it that is no
 * break stands behind none in all copies, and makes no end.  Around any other one
 * every octet counts, back to before the break and on to the one behind it.  As
 * what follows may be noted later, or what is before it was sooner, those at the
 * end of a piece count as if a dot came next, and the first one where such a dot, or
 * a break, may be before it.
 *
 * The ring holds the octets that count and how many that do not are between them:
 *
 *	15..13	12..7	6..0
 *	EXACT		the octet, in 8 bits
 *	MASKED		the octet it was overwritten with, in 8 bits
 *	PAIR	two octets below 128 that count, in 7 bits each; bit 13 is one
 *		of them
 *	TEXT	octets of a message that are no dots
 *	WORD	such octets, the last of them no break
 *	DOT	the same, and a dot
 *	ANY	octets that no receiver reads as lines, those of a chunk
 *
 * A place is looked for with the help of marks, which lie behind a ring of more
 * than HISTORY_UNMARKED entries: for each entry in a slot that HISTORY_STRIDE
 * divides, the number of its first octet.  A slot is written before it is in use
 * and its first octet stays, so that a mark needs no care, but for that of the
 * oldest entry, which loses octets as they are acknowledged: @base says where
 * that begins.
 *
 * When the ring is full, nothing more is noted until the receiver has
 * acknowledged all; history_room() lets the caller slow the sender down before
 * that happens.
 */
#include "character.h"
#include "history.h"

/* What an entry begins with.  Where bit 13 is an octet's, 3 is KIND_PAIR too. */
enum {
	KIND_EXACT	= 0,
	KIND_MASKED	= 1,
	KIND_PAIR	= 2,
	KIND_TEXT	= 4,
	KIND_DOT	= 5,
	KIND_WORD	= 6,
	KIND_ANY	= 7,
};

#define KIND_SHIFT	13
#define GAP_MAX		0x1fff
/* Octets of a pair are below. */
#define PAIR_LIMIT	0x80
/* Fewer octets are pushed one pair by one: to set out for a row costs more. */
#define PAIRS_MIN	6

static u16 entry_kind(u16 entry)
{
	u16 kind = entry >> KIND_SHIFT;

	return kind == (KIND_PAIR | 1) ? KIND_PAIR : kind;
}

/* Octets of which only the number is noted. */
static u16 entry_gap(u16 entry)
{
	return entry_kind(entry) >= KIND_TEXT ? entry & GAP_MAX : 0;
}

/* Octets that count. */
static u16 kind_octets(u16 kind)
{
	static const u8 octets[] = {
		[KIND_EXACT]	= 1,
		[KIND_MASKED]	= 1,
		[KIND_PAIR]	= 2,
		[KIND_TEXT]	= 0,
		[KIND_DOT]	= 1,
		[KIND_WORD]	= 0,
		[KIND_ANY]	= 0,
	};

	return octets[kind];
}

static u16 entry_octets(u16 entry)
{
	return entry_gap(entry) + kind_octets(entry_kind(entry));
}

/* @low: the gap, or the octet. */
static u16 entry_make(u16 kind, u16 low)
{
	return kind << KIND_SHIFT | low;
}

static u16 entry_make_pair(u8 first, u8 second)
{
	return KIND_PAIR << KIND_SHIFT | first << 7 | second;
}

/* The octet that counts at @offset behind the entry's gap. */
static u8 entry_octet(u16 entry, u16 offset)
{
	switch (entry_kind(entry)) {
	case KIND_PAIR:
		return (offset ? entry : entry >> 7) & (PAIR_LIMIT - 1);
	case KIND_DOT:
		return '.';
	default:
		return entry & 0xff;
	}
}

/* Where in the ring an entry is; @index is not above the ring's size. */
static u16 history_slot(const struct history *history, u16 index)
{
	unsigned int slot = history->head + index;

	return slot < history->size ? slot : slot - history->size;
}

static u16 *history_at(const struct history *history, u16 index)
{
	return &history->ring[history_slot(history, index)];
}

static u16 *mark_at(u16 *ring, u16 size, unsigned int slot)
{
	return ring + size + slot / HISTORY_STRIDE * HISTORY_MARK_WORDS;
}

static void mark_set(u16 *ring, u16 size, unsigned int slot, u32 sequence)
{
	if (size > HISTORY_UNMARKED && slot % HISTORY_STRIDE == 0)
		memcpy(mark_at(ring, size, slot), &sequence, sizeof(sequence));
}

static u32 mark_get(const struct history *history, unsigned int slot)
{
	u32 sequence;

	memcpy(&sequence, mark_at(history->ring, history->size, slot),
	       sizeof(sequence));
	return sequence;
}

/* A sequence number is before another in the half circle behind it. */
static bool is_before(u32 a, u32 b)
{
	return (u32)(b - a - 1) < 0x7fffffff;
}

/* @octets are those of the entry. */
static void history_push(struct history *history, u16 entry, u32 octets)
{
	u16 slot;

	if (history->count == history->size)
		history->broken = true;
	if (history->broken)
		return;
	slot = history_slot(history, history->count++);
	mark_set(history->ring, history->size, slot, history->next);
	history->ring[slot] = entry;
	history->next += octets;
}

/* With nothing noted, what is in the ring is not this history's. */
static bool history_has_last(const struct history *history)
{
	return !history->broken && history->next != history->base;
}

/* Octets of which only the number is noted, as many entries as that takes. */
static void history_push_gap(struct history *history, u16 kind, size_t gap)
{
	while (gap) {
		u16 part = gap < GAP_MAX ? gap : GAP_MAX;

		history_push(history, entry_make(kind, part), part);
		gap -= part;
	}
}

/* @gap octets of text, the last of them no break, and what @kind has behind them. */
static void history_push_text(struct history *history, u16 kind, size_t gap)
{
	if (gap > GAP_MAX) {
		history_push_gap(history, KIND_TEXT, gap - 1);
		gap = 1;
	}
	history_push(history, entry_make(kind, gap), gap + kind_octets(kind));
}

/* The last entry becomes a pair with one more octet, if it can. */
static bool history_push_second(struct history *history, u8 octet)
{
	u16 *last;

	if (octet >= PAIR_LIMIT || !history_has_last(history))
		return false;
	last = history_at(history, history->count - 1);
	if (entry_kind(*last) != KIND_EXACT || *last >= PAIR_LIMIT)
		return false;
	*last = entry_make_pair(*last, octet);
	history->next++;
	return true;
}

/* Entries that can be written from @slot on: up to a mark, or the ring's end. */
static unsigned int history_row(const struct history *history,
				unsigned int slot)
{
	unsigned int row = -slot % HISTORY_STRIDE;
	unsigned int room = history_room(history);

	if (row > (unsigned int)history->size - slot)
		row = history->size - slot;
	return row < room ? row : room;
}

/* Pairs that need no mark.  Returns octets. */
static size_t history_push_pairs(struct history *history, const u8 *data,
				 size_t length)
{
	unsigned int slot = history_slot(history, history->count);
	unsigned int row = history_row(history, slot);
	u16 *entry = &history->ring[slot];
	unsigned int pairs = 0;

	if (row > length / 2)
		row = length / 2;
	while (pairs < row && (data[0] | data[1]) < PAIR_LIMIT) {
		entry[pairs++] = entry_make_pair(data[0], data[1]);
		data += 2;
	}
	history->count += pairs;
	history->next += 2 * pairs;
	return 2 * pairs;
}

static void history_push_octets(struct history *history, const u8 *data,
				size_t length)
{
	size_t at = 0;

	if (length && history_push_second(history, data[0]))
		at++;
	while (at < length) {
		u8 first;

		if (length - at >= PAIRS_MIN)
			at += history_push_pairs(history, data + at,
						 length - at);
		if (at == length)
			break;
		first = data[at++];
		if (at == length || (first | data[at]) >= PAIR_LIMIT)
			history_push(history, entry_make(KIND_EXACT, first), 1);
		else
			history_push(history,
				     entry_make_pair(first, data[at++]), 2);
	}
}

/**
 * history_init() - give a history its memory
 * @history: the history
 * @ring: HISTORY_WORDS() of @size, the caller's for as long as the history is
 *	used
 * @size: entries
 */
void history_init(struct history *history, u16 *ring, u16 size)
{
	memset(history, 0, sizeof(*history));
	history->ring = ring;
	history->size = size;
}

/**
 * history_resize() - give a history other memory
 * @history: the history
 * @ring: HISTORY_WORDS() of @size; entries in use are moved there
 * @size: entries, at least those in use
 */
void history_resize(struct history *history, u16 *ring, u16 size)
{
	u32 sequence = history->base;
	u16 i;

	for (i = 0; i < history->count; i++) {
		ring[i] = *history_at(history, i);
		mark_set(ring, size, i, sequence);
		sequence += entry_octets(ring[i]);
	}
	history->ring = ring;
	history->size = size;
	history->head = 0;
}

/**
 * history_copy() - copy entries to the same places of other memory
 * @history: the history, none of whose entries lies before its oldest
 * @ring: HISTORY_WORDS() of @size
 * @size: entries, not fewer than in @history's ring
 */
void history_copy(const struct history *history, u16 *ring, u16 size)
{
	u32 sequence = history->base;
	u16 i;

	for (i = 0; i < history->count; i++) {
		u16 slot = history_slot(history, i);

		ring[slot] = history->ring[slot];
		mark_set(ring, size, slot, sequence);
		sequence += entry_octets(ring[slot]);
	}
}

/**
 * history_start() - forget everything
 * @history: the history
 * @sequence: number of the next octet
 */
void history_start(struct history *history, u32 sequence)
{
	history->base = sequence;
	history->next = sequence;
	history->head = 0;
	history->count = 0;
	history->edge = true;
	history->broken = false;
}

/*
 * Goes to the @number-th mark behind the oldest entry, where that is one and
 * @skip octets from the begin are not before it.
 */
static bool cursor_pass(struct history_cursor *cursor,
			const struct history *history, unsigned int number,
			u32 skip)
{
	unsigned int blocks = (history->size + HISTORY_STRIDE - 1) /
			      HISTORY_STRIDE;
	unsigned int slot = (history->head / HISTORY_STRIDE + number) *
			    HISTORY_STRIDE;
	unsigned int entry = slot - history->head;
	u32 sequence;

	if (slot >= history->size) {
		slot -= blocks * HISTORY_STRIDE;
		entry = slot + history->size - history->head;
	}
	if (entry >= history->count)
		return false;
	sequence = mark_get(history, slot);
	if (sequence - history->base > skip)
		return false;
	cursor->entry = entry;
	cursor->at = sequence;
	return true;
}

/*
 * The last mark that is not behind the place.  From the begin in steps that
 * double, then in steps that halve, so that what is near is found at once.
 */
static unsigned int cursor_pass_marks(struct history_cursor *cursor,
				      const struct history *history, u32 skip)
{
	unsigned int passed = 0;
	unsigned int stride = 1;
	unsigned int steps = 1;

	if (history->size <= HISTORY_UNMARKED)
		return 0;
	while (cursor_pass(cursor, history, passed + stride, skip)) {
		passed += stride;
		stride *= 2;
		steps++;
	}
	while (stride > 1) {
		stride /= 2;
		if (cursor_pass(cursor, history, passed + stride, skip))
			passed += stride;
		steps++;
	}
	return steps;
}

/*
 * The begin of the entry that the octet is in, or the end of all.  Returns
 * marks and entries that were looked at.
 */
static unsigned int cursor_find(struct history_cursor *cursor,
				const struct history *history, u32 sequence)
{
	unsigned int steps;

	cursor->at = history->base;
	cursor->entry = 0;
	steps = cursor_pass_marks(cursor, history, sequence - history->base);
	for (; cursor->entry < history->count; cursor->entry++) {
		u16 octets = entry_octets(*history_at(history, cursor->entry));

		steps++;
		if (sequence - cursor->at < octets)
			break;
		cursor->at += octets;
	}
	cursor->offset = 0;
	return steps;
}

/* Drop @octets of the oldest entry, which has more. */
static void history_trim(struct history *history, u16 octets)
{
	u16 *entry = history_at(history, 0);
	u16 gap = entry_gap(*entry);

	if (octets <= gap)
		*entry = entry_make(entry_kind(*entry), gap - octets);
	else
		/* the second of two octets that count is left */
		*entry = entry_make(KIND_EXACT, entry_octet(*entry, 1));
	history->base += octets;
}

/**
 * history_acknowledge_some() - forget what the receiver has acknowledged
 * @history: the history
 * @sequence: the receiver's acknowledgment number, before the last octet that was
 *	forwarded
 */
void history_acknowledge_some(struct history *history, u32 sequence)
{
	struct history_cursor cursor;

	if (!is_before(history->base, sequence))
		return;
	cursor_find(&cursor, history, sequence);
	history->head = history_slot(history, cursor.entry);
	history->count -= cursor.entry;
	history->base = cursor.at;
	if (history->count && sequence != cursor.at)
		history_trim(history, sequence - cursor.at);
}

/**
 * history_note_exact() - note octets of which every one counts
 * @history: the history
 * @data: octets as they are forwarded
 * @length: how many; none change nothing
 */
void history_note_exact(struct history *history, const u8 *data, size_t length)
{
	if (!length)
		return;
	history_push_octets(history, data, length);
	history->edge = true;
}

/**
 * history_note_masked() - note octets that are overwritten
 * @history: the history
 * @filler: what with
 * @length: how many; none change nothing
 */
void history_note_masked(struct history *history, u8 filler, size_t length)
{
	size_t i;

	if (!length)
		return;
	for (i = 0; i < length; i++)
		history_push(history, entry_make(KIND_MASKED, filler), 1);
	history->edge = false;
}

/**
 * history_note_any() - note octets of which none counts
 * @history: the history
 * @length: how many, which the receiver takes by their number; none change
 *	nothing
 */
void history_note_any(struct history *history, size_t length)
{
	if (!length)
		return;
	history_push_gap(history, KIND_ANY, length);
	history->edge = true;
}

/* It may belong to an end of data with a dot beside it. */
static bool is_special(u8 octet)
{
	return octet == '.' || is_break(octet);
}

/* The octet before the NULs before @at, and one more: LF, and CR before it. */
static size_t break_begin(const u8 *data, size_t from, size_t at)
{
	while (at > from && data[at - 1] == '\0')
		at--;
	return at - from > 2 ? at - 2 : from;
}

/*
 * Octets of a piece behind its last dot, as if a dot followed: the breaks count, and
 * one octet before them.
 */
static void history_note_tail(struct history *history, const u8 *data,
			      size_t from, size_t length)
{
	size_t at = length;

	if (!is_break(data[length - 1])) {
		history_push_text(history, KIND_WORD, length - from);
		return;
	}
	while (at > from && is_break(data[at - 1]))
		at--;
	if (at > from)
		at--;
	history_push_gap(history, KIND_TEXT, at - from);
	history_push_octets(history, data + at, length - at);
}

/* One dot, behind octets from @from on. Returns up to where all is noted. */
static size_t history_note_dot(struct history *history, const u8 *data,
			       size_t length, size_t from, size_t dot)
{
	size_t begin, end;

	/* before the first octet is no break, or it would count */
	if (!dot || !is_break(data[dot - 1])) {
		history_push_text(history, KIND_DOT, dot - from);
		return dot + 1;
	}
	begin = break_begin(data, from, dot);
	/* of a break behind it more counts, but then a message or a step ends */
	end = dot + 2 < length ? dot + 2 : length;
	history_push_gap(history, KIND_TEXT, begin - from);
	history_push_octets(history, data + begin, end - begin);
	return end;
}

static_assert(DOTS_BEHIND_BREAK > 2 * GAP_MAX,
	      "the mark of a dot behind a break makes its gap too long");

/*
 * Dots from @index to before @end that have no break before them, and need no mark.
 * As this is what most dots are, they are not pushed one by one.  Returns up to
 * which it came; @from is moved behind what is noted.
 */
static unsigned int history_note_dots(struct history *history,
				      const struct dots *dots,
				      unsigned int index, unsigned int end,
				      size_t *from)
{
	unsigned int slot = history_slot(history, history->count);
	unsigned int row = history_row(history, slot);
	u16 *entry = &history->ring[slot];
	unsigned int first = index;
	size_t at = *from;

	if (end - index > row)
		end = index + row;
	for (; index < end; index++) {
		size_t gap = dots->at[index] - at;

		/* that of one behind a break is, by its mark; or it is noted already */
		if (gap > GAP_MAX)
			break;
		*entry++ = entry_make(KIND_DOT, gap);
		at += gap + 1;
	}
	history->count += index - first;
	history->next += at - *from;
	*from = at;
	return index;
}

/* All dots before @length.  Returns up to where all is noted. */
static size_t history_note_all_dots(struct history *history, const u8 *data,
				    size_t length, const struct dots *dots,
				    size_t from)
{
	unsigned int end = dots_before(dots, length);
	unsigned int index = 0;

	while (index < end) {
		size_t dot;

		index = history_note_dots(history, dots, index, end, &from);
		if (index == end)
			break;
		dot = dots_place(dots, index++);
		if (dot >= from)
			from = history_note_dot(history, data, length, from,
						dot);
	}
	return from;
}

/**
 * history_note_body() - note octets of a message
 * @history: the history
 * @data: octets as they are forwarded
 * @length: how many; none change nothing
 * @dots: all dots among them; it may have more
 */
void history_note_body(struct history *history, const u8 *data, size_t length,
		       const struct dots *dots)
{
	size_t from = 0;

	if (!length)
		return;
	if (history->edge) {
		from = data[0] == '.' && length > 1 ? 2 : 1;
		history_push_octets(history, data, from);
	}
	from = history_note_all_dots(history, data, length, dots, from);
	if (from < length)
		history_note_tail(history, data, from, length);
	history->edge = is_special(data[length - 1]);
}

/**
 * history_append() - note what another history holds
 * @history: the history
 * @other: the other, which begins where @history ends
 */
void history_append(struct history *history, const struct history *other)
{
	u16 i;

	for (i = 0; i < other->count; i++) {
		u16 entry = *history_at(other, i);

		history_push(history, entry, entry_octets(entry));
	}
	history->edge = other->edge;
}

/**
 * history_seek() - find a place
 * @history: the history
 * @cursor: set to the place
 * @sequence: an octet not before @history->base
 *
 * Return: marks and entries that were looked at, not more than
 * %HISTORY_STEPS_MAX.
 */
unsigned int history_seek(const struct history *history,
			  struct history_cursor *cursor, u32 sequence)
{
	unsigned int steps = cursor_find(cursor, history, sequence);

	if (cursor->entry < history->count)
		cursor->offset = sequence - cursor->at;
	cursor->at = sequence;
	return steps;
}

static void cursor_advance(struct history_cursor *cursor, u16 entry)
{
	cursor->at++;
	if (++cursor->offset < entry_octets(entry))
		return;
	cursor->offset = 0;
	cursor->entry++;
}

/* An octet of which only the number was noted, @left before the entry's last. */
static enum history_verdict compare_gap(u16 kind, u8 octet, u16 left)
{
	if (kind == KIND_ANY)
		return HISTORY_EQUAL;
	if (octet == '.')
		return HISTORY_DIFFERENT;
	if (left > 1 || kind == KIND_TEXT)
		return HISTORY_ALIKE;
	return is_break(octet) ? HISTORY_DIFFERENT : HISTORY_ALIKE;
}

/**
 * history_compare() - hold one octet of a repeat against what was forwarded
 * @history: the history
 * @cursor: its place; moved to the next
 * @octet: the octet
 * @forwarded: HISTORY_REWRITE: what to overwrite it with
 *
 * Return: enum history_verdict
 */
enum history_verdict history_compare(const struct history *history,
				     struct history_cursor *cursor, u8 octet,
				     u8 *forwarded)
{
	u16 offset = cursor->offset;
	u16 entry, gap;
	u8 noted;

	if (cursor->entry >= history->count)
		return HISTORY_UNKNOWN;
	entry = *history_at(history, cursor->entry);
	gap = entry_gap(entry);
	cursor_advance(cursor, entry);
	if (offset < gap)
		return compare_gap(entry_kind(entry), octet, gap - offset);
	noted = entry_octet(entry, offset - gap);
	if (octet == noted)
		return HISTORY_EQUAL;
	if (entry_kind(entry) != KIND_MASKED)
		return HISTORY_DIFFERENT;
	*forwarded = noted;
	return HISTORY_REWRITE;
}
