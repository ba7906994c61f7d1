// SPDX-License-Identifier: GPL-2.0
/*
 * Which copy of an octet a receiver reads, the first or a repeat, is its own
 * choice (Handley, Paxson, Kreibich 2001), so all copies that pass must read
 * the same.  Of a command line or a reply every octet counts.  Of a message
 * only its line structure does: CR, LF, and a dot or NUL where a line may
 * begin.  So the ring holds the octets that count and how many that do not
 * are between them; a line of a message is one entry:
 *
 *	15..13	12..8		7..0
 *	EXACT	ordinary before	the octet
 *	MASKED	ordinary before	the octet it was overwritten with
 *	PAIR	two octets below 128 that count, in 7 bits each; bit 13 is one
 *		of them
 *	CRLF	ordinary before
 *	RUN	ordinary octets
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
#include "history.h"
#include "octets.h"

/* What an entry begins with.  Where bit 13 is an octet's, 3 is KIND_PAIR too. */
enum {
	KIND_EXACT	= 0,
	KIND_MASKED	= 1,
	KIND_PAIR	= 2,
	KIND_CRLF	= 4,
	KIND_RUN	= 6,
	KIND_ANY	= 7,
};

#define KIND_SHIFT	13
#define SHORT_GAP_MAX	0x1f
#define LONG_GAP_MAX	0x1fff
/* Octets of a pair are below. */
#define PAIR_LIMIT	0x80

static u16 entry_kind(u16 entry)
{
	u16 kind = entry >> KIND_SHIFT;

	return kind == (KIND_PAIR | 1) ? KIND_PAIR : kind;
}

/* Ordinary octets before those that count. */
static u16 entry_gap(u16 entry)
{
	u16 kind = entry_kind(entry);

	if (kind >= KIND_CRLF)
		return entry & LONG_GAP_MAX;
	return kind == KIND_PAIR ? 0 : entry >> 8 & SHORT_GAP_MAX;
}

/* Octets that count. */
static u16 kind_octets(u16 kind)
{
	switch (kind) {
	case KIND_PAIR:
	case KIND_CRLF:
		return 2;
	case KIND_RUN:
	case KIND_ANY:
		return 0;
	default:
		return 1;
	}
}

static u16 entry_octets(u16 entry)
{
	return entry_gap(entry) + kind_octets(entry_kind(entry));
}

/* A line may begin behind the entry. */
static bool entry_is_edge(u16 entry)
{
	u16 kind = entry_kind(entry);

	return kind != KIND_MASKED && kind != KIND_RUN;
}

/* Not of a pair. */
static u16 entry_make(u16 kind, u16 gap, u8 octet)
{
	return kind << KIND_SHIFT | (kind >= KIND_CRLF ? gap : gap << 8 | octet);
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
	case KIND_CRLF:
		return offset ? '\n' : '\r';
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

/* Take back a run at the end, to make one entry of it and what follows. */
static u32 history_take_run(struct history *history)
{
	u16 last;

	if (!history_has_last(history))
		return 0;
	last = *history_at(history, history->count - 1);
	if (entry_kind(last) != KIND_RUN)
		return 0;
	history->count--;
	history->next -= entry_gap(last);
	return entry_gap(last);
}

/* Ordinary octets that are too many for the gap of one entry. */
static noinline u32 history_push_runs(struct history *history, u32 gap,
				      u16 most)
{
	while (gap > most) {
		u16 run = gap < LONG_GAP_MAX ? gap : LONG_GAP_MAX;

		history_push(history, entry_make(KIND_RUN, run, 0), run);
		gap -= run;
	}
	return gap;
}

/*
 * @gap ordinary octets and then those of @kind.  Inlined where the kind is
 * known, for that is half of the work.
 */
static inline void history_push_gap(struct history *history, u16 kind, u32 gap,
				    u8 octet)
{
	u16 most = kind >= KIND_CRLF ? LONG_GAP_MAX : SHORT_GAP_MAX;

	gap += history_take_run(history);
	if (gap > most)
		gap = history_push_runs(history, gap, most);
	if (kind != KIND_RUN || gap)
		history_push(history, entry_make(kind, gap, octet),
			     gap + kind_octets(kind));
}

static void history_push_exact(struct history *history, u32 gap, u8 octet)
{
	history_push_gap(history, KIND_EXACT, gap, octet);
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
	history->base_edge = true;
	history->broken = false;
	history->line = 0;
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
	cursor->edge = cursor->entry ?
		entry_is_edge(*history_at(history, cursor->entry - 1)) :
		history->base_edge;
	return steps;
}

/* Drop @octets of the oldest entry, which has more. */
static void history_trim(struct history *history, u16 octets)
{
	u16 *entry = history_at(history, 0);
	u16 gap = entry_gap(*entry);

	if (octets <= gap) {
		*entry = entry_make(entry_kind(*entry), gap - octets,
				    *entry & 0xff);
		history->base_edge = false;
	} else {
		/* the second of two octets that count is left */
		*entry = entry_make(KIND_EXACT, 0, entry_octet(*entry, 1));
		history->base_edge = true;
	}
	history->base += octets;
}

/**
 * history_acknowledge() - forget what the receiver has acknowledged
 * @history: the history
 * @sequence: the receiver's acknowledgment number, not behind @end
 * @end: number behind the last octet that was forwarded
 */
void history_acknowledge(struct history *history, u32 sequence, u32 end)
{
	struct history_cursor cursor;

	if (sequence == end) {
		history->base = end;
		history->next = end;
		history->count = 0;
		history->base_edge = history->edge;
		history->broken = false;
		return;
	}
	if (!is_before(history->base, sequence))
		return;
	cursor_find(&cursor, history, sequence);
	history->head = history_slot(history, cursor.entry);
	history->count -= cursor.entry;
	history->base = cursor.at;
	history->base_edge = cursor.edge;
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
	size_t i;

	if (!length)
		return;
	for (i = 0; i < length; i++) {
		if (!history_push_second(history, data[i]))
			history_push_exact(history, 0, data[i]);
	}
	history->edge = true;
	history->line = 0;
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

	/* a line that may begin here still may */
	if (!length)
		return;
	for (i = 0; i < length; i++)
		history_push_gap(history, KIND_MASKED, 0, filler);
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
	while (length) {
		u16 run = length < LONG_GAP_MAX ? length : LONG_GAP_MAX;

		history_push(history, entry_make(KIND_ANY, run, 0), run);
		length -= run;
	}
	history->edge = true;
	history->line = 0;
}

/* The high bit of each octet that is CR or LF. */
static u64 line_ends(u64 word)
{
	/* few other octets of a message are below these */
	if (!octets_below(word, '\r' + 1))
		return 0;
	return octets_each_equal(word, '\r') | octets_each_equal(word, '\n');
}

/* The first CR or LF at or after @from, @length where there is none. */
static size_t find_line_end(const u8 *data, size_t from, size_t length)
{
	for (; length - from >= sizeof(u64); from += sizeof(u64)) {
		u64 found = line_ends(octets_load(data + from));

		if (found)
			return from + octets_first(found);
	}
	while (from < length && data[from] != '\r' && data[from] != '\n')
		from++;
	return from;
}

static bool counts_at_edge(u8 octet)
{
	return octet == '.' || octet == '\0';
}

static void history_add_line(struct history *history, size_t octets)
{
	size_t line = history->line + octets;

	history->line = line < U16_MAX ? line : U16_MAX;
}

/**
 * history_note_body() - note octets of a message
 * @history: the history
 * @data: octets as they are forwarded
 * @length: how many
 * @max_line: octets of a line with its CRLF that are not too many
 *
 * Return: lines that ended here and were longer than @max_line.
 */
unsigned int history_note_body(struct history *history, const u8 *data,
			       size_t length, u16 max_line)
{
	unsigned int long_lines = 0;
	size_t at = 0;

	while (at < length) {
		size_t from = at;

		if (history->edge && counts_at_edge(data[at])) {
			history_push_exact(history, 0, data[at++]);
			history_add_line(history, 1);
			continue;
		}
		at = find_line_end(data, at, length);
		history_add_line(history, at - from);
		if (at == length) {
			history_push_gap(history, KIND_RUN, at - from, 0);
			history->edge = history->edge && at == from;
			break;
		}
		if (data[at] == '\r' && at + 1 < length &&
		    data[at + 1] == '\n') {
			history_push_gap(history, KIND_CRLF, at - from, 0);
			at++;
		} else {
			history_push_exact(history, at - from, data[at]);
		}
		if (data[at++] == '\n') {
			long_lines += history->line + 2 > max_line;
			history->line = 0;
		}
		history->edge = true;
	}
	return long_lines;
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
	history->line = other->line;
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

	if (cursor->entry < history->count && sequence != cursor->at) {
		u16 entry = *history_at(history, cursor->entry);

		cursor->offset = sequence - cursor->at;
		cursor->edge = cursor->offset > entry_gap(entry);
	}
	cursor->at = sequence;
	return steps;
}

static bool is_ordinary(u8 octet, bool edge)
{
	return octet != '\r' && octet != '\n' &&
	       !(edge && counts_at_edge(octet));
}

static void cursor_advance(struct history_cursor *cursor, u16 entry, bool edge)
{
	cursor->at++;
	cursor->edge = edge;
	if (++cursor->offset < entry_octets(entry))
		return;
	cursor->offset = 0;
	cursor->entry++;
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
	bool edge = cursor->edge;
	u16 entry, gap;
	u8 noted;
	bool any;

	if (cursor->entry >= history->count)
		return HISTORY_UNKNOWN;
	entry = *history_at(history, cursor->entry);
	gap = entry_gap(entry);
	if (cursor->offset < gap) {
		any = entry_kind(entry) == KIND_ANY;
		cursor_advance(cursor, entry, any);
		return any || is_ordinary(octet, edge) ? HISTORY_EQUAL :
							 HISTORY_DIFFERENT;
	}
	noted = entry_octet(entry, cursor->offset - gap);
	cursor_advance(cursor, entry, entry_is_edge(entry));
	if (octet == noted)
		return HISTORY_EQUAL;
	if (entry_kind(entry) != KIND_MASKED)
		return HISTORY_DIFFERENT;
	*forwarded = noted;
	return HISTORY_REWRITE;
}
