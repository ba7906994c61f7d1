// SPDX-License-Identifier: GPL-2.0
/*
 * Octets of a message or a chunk that may pass before those that precede them:
 *
 *	   next      island                island
 *	----|.......|======|..............|=========|------> sequence numbers
 *	     a hole         another one
 *
 * Without this each lost segment would cost all those behind it, too.  What an
 * island does to the scanner is kept as a map from the state before it to the
 * one behind, and what a repeat of it is held against as notes like those of a
 * history; both are put to use when the hole before it is filled.
 */
#include "ahead.h"

/* A sequence number is at or before another. */
static bool is_not_after(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

/**
 * ahead_init() - give the islands of a flow their memory
 * @ahead: the islands
 * @ring: HISTORY_WORDS() of @size, the caller's for as long as @ahead is used
 * @size: entries
 */
void ahead_init(struct ahead *ahead, u16 *ring, u16 size)
{
	ahead->ring = ring;
	ahead->size = size;
	ahead_clear(ahead);
}

/**
 * ahead_clear() - forget all islands
 * @ahead: the islands
 */
void ahead_clear(struct ahead *ahead)
{
	ahead->used = 0;
	ahead->count = 0;
}

/**
 * ahead_overlapping() - find an island that holds one of some octets
 * @ahead: the islands
 * @first: sequence number of the first octet
 * @next: sequence number behind the last
 *
 * Return: any such island, or NULL.
 */
const struct island *ahead_overlapping(const struct ahead *ahead, u32 first,
				       u32 next)
{
	unsigned int i;

	for (i = 0; i < ahead->count; i++) {
		const struct island *island = &ahead->islands[i];

		if (!is_not_after(next, island->first) &&
		    !is_not_after(island->next, first))
			return island;
	}
	return NULL;
}

/**
 * ahead_nearest() - find the first island behind a place
 * @ahead: the islands
 * @sequence: the place; no island begins before it
 *
 * Return: the island, or NULL if there is none.
 */
const struct island *ahead_nearest(const struct ahead *ahead, u32 sequence)
{
	const struct island *nearest = NULL;
	unsigned int i;

	for (i = 0; i < ahead->count; i++) {
		const struct island *island = &ahead->islands[i];

		if (!nearest ||
		    island->first - sequence < nearest->first - sequence)
			nearest = island;
	}
	return nearest;
}

/**
 * ahead_history() - what a repeat of an island's octets is held against
 * @ahead: the islands
 * @island: the island
 * @history: set to its notes; good until @ahead changes
 */
void ahead_history(const struct ahead *ahead, const struct island *island,
		   struct history *history)
{
	history_init(history, ahead->ring, ahead->size);
	history_start(history, island->first);
	history->head = island->entry;
	history->count = island->count;
	history->next = island->next;
	history->edge = island->edge;
}

/**
 * ahead_resize() - give the islands of a flow other memory
 * @ahead: the islands
 * @ring: HISTORY_WORDS() of @size; entries in use are moved there
 * @size: entries, not fewer than before unless there is no island
 */
void ahead_resize(struct ahead *ahead, u16 *ring, u16 size)
{
	struct history history;
	unsigned int i;

	for (i = 0; i < ahead->count; i++) {
		ahead_history(ahead, &ahead->islands[i], &history);
		history_copy(&history, ring, size);
	}
	ahead->ring = ring;
	ahead->size = size;
}

/**
 * ahead_remove() - the hole before an island is filled
 * @ahead: the islands
 * @island: one of them
 */
void ahead_remove(struct ahead *ahead, const struct island *island)
{
	unsigned int index = island - ahead->islands;

	ahead->count--;
	memmove(ahead->islands + index, ahead->islands + index + 1,
		(ahead->count - index) * sizeof(*island));
	if (!ahead->count)
		ahead->used = 0;
}

static bool is_last_noted(const struct ahead *ahead,
			  const struct island *island)
{
	return island->entry + island->count == ahead->used;
}

/* The island that ends at @first and whose notes can be added to. */
static bool landing_find(struct landing *landing, const struct ahead *ahead,
			 u32 first)
{
	unsigned int i;

	for (i = 0; i < ahead->count; i++) {
		const struct island *island = &ahead->islands[i];

		if (island->next != first || !is_last_noted(ahead, island))
			continue;
		landing->island = *island;
		landing->index = i;
		return true;
	}
	return false;
}

/**
 * landing_begin() - octets have come that do not follow the last ones
 * @landing: set to no octets
 * @ahead: the islands; must not change until landing_end()
 * @first: sequence number of the first octet, which is in no island
 *
 * Return: false if there is no room for one more island.
 */
bool landing_begin(struct landing *landing, const struct ahead *ahead,
		   u32 first)
{
	landing->extends = landing_find(landing, ahead, first);
	if (!landing->extends && ahead->count == ISLANDS_MAX)
		return false;
	history_init(&landing->notes, ahead->ring, ahead->size);
	history_start(&landing->notes, first);
	landing->notes.count = ahead->used;
	if (landing->extends) {
		landing->notes.edge = landing->island.edge;
		return true;
	}
	landing->index = ahead->count;
	landing->island.first = first;
	landing->island.entry = ahead->used;
	landing->island.count = 0;
	body_map_begin(&landing->island.map);
	return true;
}

static void landing_note(struct landing *landing, const u8 *data,
			 size_t length, bool exact)
{
	struct body_map *map = &landing->island.map;
	struct dots dots;
	size_t taken;

	for (; length; data += taken, length -= taken) {
		taken = body_map_feed(map, data, length, &dots);
		if (exact)
			history_note_exact(&landing->notes, data, taken);
		else
			history_note_body(&landing->notes, data, taken, &dots);
	}
}

/**
 * landing_add_body() - the next octets are of a message
 * @landing: the octets before
 * @data: the octets
 * @length: how many
 * @exact: each of them counts
 * @max_line: octets of a line with its CRLF that are not too many
 *
 * Whether a break is before the first octet of an island is not known: it is noted
 * as if, which tells more octets apart than need be.
 *
 * Return: lines that ended here and were longer than @max_line; the first
 * line of an island may have been, without being counted.
 */
unsigned int landing_add_body(struct landing *landing, const u8 *data,
			      size_t length, bool exact, u16 max_line)
{
	struct body_map *map = &landing->island.map;
	/* the last LF counts, see struct body */
	size_t lines = body_last_line(data, length);

	landing_note(landing, data, lines, exact);
	landing_note(landing, data + lines, length - lines, exact);
	return body_map_lines(map, data, length, max_line);
}

/**
 * landing_add_chunk() - the next octets are of a chunk
 * @landing: the octets before
 * @length: how many
 */
void landing_add_chunk(struct landing *landing, size_t length)
{
	history_note_any(&landing->notes, length);
}

/**
 * landing_is_noted() - is there room for what a repeat is held against
 * @landing: the octets
 *
 * Return: true if so.
 */
bool landing_is_noted(const struct landing *landing)
{
	return !landing->notes.broken;
}

/**
 * landing_is_harmless() - can octets of a message make no end of data
 * @landing: the octets
 *
 * Return: true if so.
 */
bool landing_is_harmless(const struct landing *landing)
{
	return body_map_is_safe(&landing->island.map);
}

/**
 * landing_line() - how long may the longest line of some octets be
 * @landing: the octets
 * @ahead: the islands, as they were at landing_begin()
 * @next: sequence number of the first octet that has not come
 * @line: octets of the line before it
 *
 * What is in a hole may be of one line, and so may the octets themselves.
 *
 * Return: its octets up to the end of @landing.
 */
u32 landing_line(const struct landing *landing, const struct ahead *ahead,
		 u32 next, u32 line)
{
	unsigned int i;

	for (i = 0; i < ahead->count; i++) {
		const struct island *island = &ahead->islands[i];

		if (!island->map.ends_line ||
		    !is_not_after(island->next, landing->notes.base) ||
		    is_not_after(island->next, next))
			continue;
		next = island->next;
		line = island->map.line;
	}
	return line + (landing->notes.next - next);
}

/**
 * landing_end() - the octets are going to be forwarded
 * @landing: the octets
 * @ahead: the islands, as they were at landing_begin()
 */
void landing_end(const struct landing *landing, struct ahead *ahead)
{
	struct island *island = &ahead->islands[landing->index];

	*island = landing->island;
	island->next = landing->notes.next;
	island->count += landing->notes.count - ahead->used;
	island->edge = landing->notes.edge;
	ahead->used = landing->notes.count;
	if (!landing->extends)
		ahead->count++;
}
