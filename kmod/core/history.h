/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was forwarded and not acknowledged yet, in all that the receiver's
 * parser could tell apart, so that a repeat can be held against it.
 */
#ifndef SMTPGUARD_CORE_HISTORY_H
#define SMTPGUARD_CORE_HISTORY_H

#include "dots.h"

/** HISTORY_STRIDE - entries from one mark to the next, see history.c */
#define HISTORY_STRIDE		64

/** HISTORY_UNMARKED - a ring of so many entries or fewer has no marks */
#define HISTORY_UNMARKED	320

/** HISTORY_MARK_WORDS - words of a mark */
#define HISTORY_MARK_WORDS	2

/** HISTORY_WORDS() - words of memory for a ring of @size entries and its marks */
#define HISTORY_WORDS(size) \
	((size) <= HISTORY_UNMARKED ? (size) : \
	 (size) + ((size) + HISTORY_STRIDE - 1) / HISTORY_STRIDE * \
	 HISTORY_MARK_WORDS)

/**
 * HISTORY_STEPS_MAX - the most that history_seek() looks at: all entries of a
 * ring without marks, which is more than marks, twice as many as their number
 * has bits, and the entries behind one of them
 */
#define HISTORY_STEPS_MAX	HISTORY_UNMARKED

static_assert(HISTORY_STEPS_MAX >= 2 * 11 + HISTORY_STRIDE,
	      "marks do not take more steps");

/**
 * struct history - octets @base to @next of one direction's sequence space
 * @base: sequence number of the first octet that is not acknowledged
 * @next: sequence number behind the last octet that is noted
 * @ring: entries and marks, see history.c
 * @size: entries that @ring can hold
 * @head: index of the oldest entry
 * @count: entries in use
 * @edge: a break or a dot is before @next, or may be
 * @broken: not everything up to the stream's end could be noted
 */
struct history {
	u32 base;
	u32 next;
	u16 *ring;
	u16 size;
	u16 head;
	u16 count;
	bool edge;
	bool broken;
};

/**
 * enum history_verdict - what a repeat is
 * @HISTORY_EQUAL: what was forwarded, or an octet of a chunk
 * @HISTORY_ALIKE: an octet of a message that ends it as little as the one that
 *	was forwarded
 * @HISTORY_REWRITE: it can pass with its octet overwritten as it was before
 * @HISTORY_DIFFERENT: something else
 * @HISTORY_UNKNOWN: not noted
 */
enum history_verdict {
	HISTORY_EQUAL,
	HISTORY_ALIKE,
	HISTORY_REWRITE,
	HISTORY_DIFFERENT,
	HISTORY_UNKNOWN,
};

/**
 * struct history_cursor - a place in a history
 * @at: sequence number of the octet
 * @entry: entries before the one it belongs to
 * @offset: octets of that entry before it
 */
struct history_cursor {
	u32 at;
	u16 entry;
	u16 offset;
};

void history_init(struct history *history, u16 *ring, u16 size);
void history_resize(struct history *history, u16 *ring, u16 size);
void history_copy(const struct history *history, u16 *ring, u16 size);
void history_start(struct history *history, u32 sequence);
void history_acknowledge_some(struct history *history, u32 sequence);
void history_note_exact(struct history *history, const u8 *data, size_t length);
void history_note_masked(struct history *history, u8 filler, size_t length);
void history_note_any(struct history *history, size_t length);
void history_note_body(struct history *history, const u8 *data, size_t length,
		       const struct dots *dots);
void history_append(struct history *history, const struct history *other);
unsigned int history_seek(const struct history *history,
			  struct history_cursor *cursor, u32 sequence);
enum history_verdict history_compare(const struct history *history,
				     struct history_cursor *cursor, u8 octet,
				     u8 *forwarded);

/**
 * history_fit() - entries of the largest ring that memory is enough for
 * @words: words of memory
 *
 * Return: how many, so that HISTORY_WORDS() of them is not more than @words.
 */
static inline unsigned int history_fit(unsigned int words)
{
	unsigned int block = HISTORY_STRIDE + HISTORY_MARK_WORDS;
	unsigned int rest = words % block;
	unsigned int marked = words / block * HISTORY_STRIDE;

	if (rest > HISTORY_MARK_WORDS)
		marked += rest - HISTORY_MARK_WORDS;
	if (words <= HISTORY_UNMARKED)
		return words;
	return marked > HISTORY_UNMARKED ? marked : HISTORY_UNMARKED;
}

/**
 * history_acknowledge() - forget what the receiver has acknowledged
 * @history: the history
 * @sequence: the receiver's acknowledgment number, not behind @end
 * @end: number behind the last octet that was forwarded
 */
static inline void history_acknowledge(struct history *history, u32 sequence,
				       u32 end)
{
	if (sequence != end) {
		history_acknowledge_some(history, sequence);
		return;
	}
	history->base = end;
	history->next = end;
	history->count = 0;
	history->broken = false;
}

/* Entries that can still be noted. */
static inline u16 history_room(const struct history *history)
{
	return history->broken ? 0 : history->size - history->count;
}

#endif /* SMTPGUARD_CORE_HISTORY_H */
