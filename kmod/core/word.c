// SPDX-License-Identifier: GPL-2.0
/*
 * The trie walk over a sorted table of words, see word.h.
 */
#include "word.h"

/**
 * word_upper() - an octet in capitals, as tables have it
 * @octet: any
 *
 * Return: the capital of a small letter of ASCII, else @octet.
 */
u8 word_upper(u8 octet)
{
	return octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet;
}

static bool shares_prefix(const struct word_table *table, u8 row,
			  const struct word_cursor *cursor)
{
	/* the rows of the root are all, and every line begins there */
	return !cursor->depth || row == cursor->row ||
	       strncmp(table->rows[row].name, table->rows[cursor->row].name,
		       cursor->depth) == 0;
}

/**
 * word_step() - walk from a node of the trie along one octet
 * @table: the words
 * @cursor: the node; its row becomes %WORD_NONE where no word goes on so
 * @octet: the octet, in either case (RFC 5321 section 2.4)
 */
void word_step(const struct word_table *table, struct word_cursor *cursor,
	       u8 octet)
{
	u8 wanted = word_upper(octet);
	u8 row;

	if (cursor->row == WORD_NONE)
		return;
	for (row = cursor->row; row < table->count; row++) {
		u8 next;

		if (!shares_prefix(table, row, cursor))
			break;
		next = table->rows[row].name[cursor->depth];
		if (next < wanted)
			continue;
		/* the rows are in order, so there is no other */
		if (next > wanted || !wanted)
			break;
		cursor->row = row;
		cursor->depth++;
		return;
	}
	cursor->row = WORD_NONE;
}

/**
 * word_prefixes() - can a word of a set still follow
 * @table: the words
 * @set: rows, one bit each
 * @cursor: the node that the walk has come to
 *
 * Return: true where the node is a prefix of a word in @set, or that word.
 */
bool word_prefixes(const struct word_table *table, u64 set,
		   const struct word_cursor *cursor)
{
	u8 row;

	if (cursor->row == WORD_NONE)
		return false;
	for (row = cursor->row; row < table->count; row++) {
		if (!shares_prefix(table, row, cursor))
			return false;
		if (word_in_set(set, row))
			return true;
	}
	return false;
}

/**
 * word_match() - the word that ends at a node
 * @table: the words
 * @cursor: the node
 *
 * Return: its row, or %WORD_NONE where the node is a mere prefix.
 */
u8 word_match(const struct word_table *table, const struct word_cursor *cursor)
{
	if (cursor->row == WORD_NONE || !cursor->depth)
		return WORD_NONE;
	if (table->rows[cursor->row].name[cursor->depth])
		return WORD_NONE;
	return cursor->row;
}

/**
 * word_fits() - can a walk go on in a table that it may not have begun in
 * @table: the words
 * @cursor: the node that the walk has come to
 *
 * A list that an owner writes may become another one in the middle of a word.
 *
 * Return: true where the node's row is there and is long enough.
 */
bool word_fits(const struct word_table *table, const struct word_cursor *cursor)
{
	return cursor->row == WORD_NONE ||
	       (cursor->row < table->count &&
		strnlen(table->rows[cursor->row].name, cursor->depth) ==
			cursor->depth);
}

/**
 * word_find() - look up a whole word
 * @table: the words
 * @name: the word, in either case, not terminated
 * @length: its octets
 *
 * Return: its row, or %WORD_NONE.
 */
u8 word_find(const struct word_table *table, const char *name, size_t length)
{
	struct word_cursor cursor = { 0 };
	size_t i;

	for (i = 0; i < length; i++)
		word_step(table, &cursor, name[i]);
	return word_match(table, &cursor);
}
