/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words of the protocol (verbs, capabilities) and the trie walk that tells,
 * octet by octet, whether a word of a given set can still follow.
 *
 * The trie is a sorted table: all words that share a prefix stand together,
 * so a node of the trie is the first row with that prefix and the length of
 * the prefix.  Two octets carry it from one segment to the next.
 */
#ifndef SMTPGUARD_CORE_WORD_H
#define SMTPGUARD_CORE_WORD_H

#include "types.h"

/** WORD_TABLE_MAX - rows a table may have, for sets of rows are u64 bit masks */
#define WORD_TABLE_MAX	64

/** WORD_NONE - the row of a walk that has left its table */
#define WORD_NONE	0xff

/**
 * struct word - one row of a table
 * @name: the word in capitals
 * @value: what the table's owner links to it
 */
struct word {
	const char *name;
	u8 value;
};

/**
 * struct word_table - words in ascending ASCII order, none twice
 * @rows: the words
 * @count: how many, at most %WORD_TABLE_MAX
 */
struct word_table {
	const struct word *rows;
	u8 count;
};

/**
 * struct word_cursor - a node of the trie; all zero is its root
 * @row: the first row that has the prefix, or %WORD_NONE
 * @depth: length of the prefix
 */
struct word_cursor {
	u8 row;
	u8 depth;
};

u8 word_upper(u8 octet);
void word_step(const struct word_table *table, struct word_cursor *cursor,
	       u8 octet);
bool word_prefixes(const struct word_table *table, u64 set,
		   const struct word_cursor *cursor);
u8 word_match(const struct word_table *table, const struct word_cursor *cursor);
bool word_fits(const struct word_table *table, const struct word_cursor *cursor);
u8 word_find(const struct word_table *table, const char *name, size_t length);

/* Has an octet of a word come, be it in the table or not? */
static inline bool word_begun(const struct word_cursor *cursor)
{
	return cursor->depth || cursor->row == WORD_NONE;
}

static inline bool word_in_set(u64 set, u8 row)
{
	return row < WORD_TABLE_MAX && (set >> row & 1);
}

#endif /* SMTPGUARD_CORE_WORD_H */
