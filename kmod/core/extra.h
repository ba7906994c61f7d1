/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words that a policy adds to a table of ours: verbs and capabilities that
 * nothing is known of but that whoever runs the router vouches for them.
 */
#ifndef SMTPGUARD_CORE_EXTRA_H
#define SMTPGUARD_CORE_EXTRA_H

#include "word.h"

#define EXTRA_WORDS_MAX		16
/* Octets of one. */
#define EXTRA_LENGTH_MIN	2
#define EXTRA_LENGTH_MAX	24
/* The set of all of them. */
#define EXTRA_ALL		(~0ULL)

/**
 * struct extra - words beside those of a table
 * @table: @rows
 * @rows: in ascending order; those behind the last are empty words, since a walk
 *	may have begun when there were more
 * @names: in capitals, each with its end
 */
struct extra {
	struct word_table table;
	struct word rows[EXTRA_WORDS_MAX];
	char names[EXTRA_WORDS_MAX][EXTRA_LENGTH_MAX + 1];
};

bool extra_fits(const struct word_table *table, const char *name,
		size_t length);
void extra_clear(struct extra *extra);
bool extra_add(struct extra *extra, const char *name, size_t length);
void extra_step(const struct word_table *table, struct word_cursor *cursor,
		u16 before, u8 octet);

/* Can a word of @table, which may be NULL, still follow? */
static inline bool extra_prefixes(const struct word_table *table,
				  const struct word_cursor *cursor)
{
	return table && cursor->depth &&
	       word_prefixes(table, EXTRA_ALL, cursor);
}

/* Does a word of @table, which may be NULL, end here? */
static inline bool extra_matches(const struct word_table *table,
				 const struct word_cursor *cursor)
{
	return table && word_match(table, cursor) != WORD_NONE;
}

#endif /* SMTPGUARD_CORE_EXTRA_H */
