/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets that were forwarded although some before them are still missing.
 */
#ifndef SMTPGUARD_CORE_AHEAD_H
#define SMTPGUARD_CORE_AHEAD_H

#include "body.h"
#include "history.h"

/* Islands that a flow may have at a time. */
#define ISLANDS_MAX	16

/**
 * struct island - octets @first to @next of the client's sequence space
 * @first: sequence number of the first octet
 * @next: sequence number behind the last
 * @entry: its notes begin at this entry of the ring
 * @count: entries of notes
 * @edge: see struct history
 * @map: octets of a message: what they do to its scanner
 */
struct island {
	u32 first;
	u32 next;
	u16 entry;
	u16 count;
	bool edge;
	struct body_map map;
};

/**
 * struct ahead - the islands of a flow, in the order in which they came
 * @ring: notes of all islands, as in a history
 * @size: entries that @ring can hold
 * @used: entries in use; none of a former island is used again before the
 *	last island is gone
 * @count: islands
 * @islands: the islands
 */
struct ahead {
	u16 *ring;
	u16 size;
	u16 used;
	u8 count;
	struct island islands[ISLANDS_MAX];
};

/**
 * struct landing - octets that may become an island, or the end of one
 * @island: as it would be
 * @notes: notes of the octets; those of others are before them in the ring
 * @extends: there is an island that they lie right behind
 * @index: which
 */
struct landing {
	struct island island;
	struct history notes;
	bool extends;
	u8 index;
};

void ahead_init(struct ahead *ahead, u16 *ring, u16 size);
void ahead_resize(struct ahead *ahead, u16 *ring, u16 size);
void ahead_clear(struct ahead *ahead);
const struct island *ahead_overlapping(const struct ahead *ahead, u32 first,
				       u32 next);
const struct island *ahead_nearest(const struct ahead *ahead, u32 sequence);
void ahead_history(const struct ahead *ahead, const struct island *island,
		   struct history *history);
void ahead_remove(struct ahead *ahead, const struct island *island);
bool landing_begin(struct landing *landing, const struct ahead *ahead,
		   u32 first);
unsigned int landing_add_body(struct landing *landing, const u8 *data,
			      size_t length, bool exact, u16 max_line);
void landing_add_chunk(struct landing *landing, size_t length);
bool landing_is_noted(const struct landing *landing);
bool landing_is_harmless(const struct landing *landing);
u32 landing_line(const struct landing *landing, const struct ahead *ahead,
		 u32 next, u32 line);
void landing_end(const struct landing *landing, struct ahead *ahead);

#endif /* SMTPGUARD_CORE_AHEAD_H */
