// SPDX-License-Identifier: GPL-2.0
/*
 * What a word must be like that is allowed without being known.  Whatever it
 * does, its line is one line and gets one reply that asks for nothing more, or
 * the session is reset at that reply.  So it must not be a word whose line is
 * followed by other octets, nor one that a word of ours begins like, nor what is
 * left of a refused one.
 */
#include "extra.h"

/* Verbs that are followed by what is no line of a command, in ASCII order. */
static const struct word unfit[] = {
	/* a line of an exchange, as behind AUTH */
	{ .name = "AUTHENTICATE" },
	{ .name = "AUTHINFO" },
	/* a message in chunks, as behind BDAT */
	{ .name = "CHUNK" },
	/* all is compressed from then on */
	{ .name = "COMPRESS" },
	/* a message */
	{ .name = "EXDATA" },
	/* a handshake, as behind STARTTLS */
	{ .name = "SSL" },
	{ .name = "STLS" },
	{ .name = "TLS" },
	/* a line of an exchange */
	{ .name = "XAUTH" },
	{ .name = "XCOMPRESS" },
	/* a message */
	{ .name = "XDATA" },
	/* a new session, with the server that is named */
	{ .name = "XPROXY" },
	{ .name = "XPROXYFROM" },
	{ .name = "XPROXYTO" },
	/* a handshake */
	{ .name = "XSTARTTLS" },
	{ .name = "XTLS" },
	/* client and server change places */
	{ .name = "XTURN" },
};

static const struct word_table unfit_table = {
	unfit, sizeof(unfit) / sizeof(unfit[0])
};

static bool is_octet_of_word(u8 octet)
{
	return (octet >= 'A' && octet <= 'Z') ||
	       (octet >= '0' && octet <= '9') || octet == '-';
}

/**
 * extra_fits() - may a word be allowed that is in no table
 * @table: words that are known, of the same kind
 * @name: the word, in either case, not terminated
 * @length: its octets
 *
 * One that ends in the filler is what others look like that were overwritten
 * from their last octet on.  Of one that a known word begins, the octets of that
 * word would pass though it is refused.
 *
 * Return: true if so.
 */
bool extra_fits(const struct word_table *table, const char *name, size_t length)
{
	struct word_cursor cursor = { 0 };
	size_t i;

	if (length < EXTRA_LENGTH_MIN || length > EXTRA_LENGTH_MAX ||
	    word_upper(name[length - 1]) == 'X' ||
	    word_find(&unfit_table, name, length) != WORD_NONE)
		return false;
	for (i = 0; i < length; i++) {
		if (!is_octet_of_word(word_upper(name[i])))
			return false;
		word_step(table, &cursor, name[i]);
		if (word_match(table, &cursor) != WORD_NONE)
			return false;
	}
	return true;
}

/**
 * extra_clear() - there are none
 * @extra: the words
 */
void extra_clear(struct extra *extra)
{
	u8 i;

	memset(extra, 0, sizeof(*extra));
	extra->table.rows = extra->rows;
	for (i = 0; i < EXTRA_WORDS_MAX; i++)
		extra->rows[i].name = extra->names[i];
}

/**
 * extra_add() - one more
 * @extra: the words
 * @name: one that extra_fits(), not terminated
 * @length: its octets
 *
 * Return: false where there are too many.
 */
bool extra_add(struct extra *extra, const char *name, size_t length)
{
	u8 at = extra->table.count;
	char *slot;
	size_t i;

	if (word_find(&extra->table, name, length) != WORD_NONE)
		return true;
	if (at == EXTRA_WORDS_MAX)
		return false;
	slot = extra->names[at];
	for (i = 0; i < length; i++)
		slot[i] = word_upper(name[i]);
	for (; at && strcmp(extra->rows[at - 1].name, slot) > 0; at--)
		extra->rows[at].name = extra->rows[at - 1].name;
	extra->rows[at].name = slot;
	extra->table.count++;
	return true;
}

/**
 * extra_step() - walk along one octet of a word
 * @table: the words, NULL for none
 * @cursor: the node
 * @before: octets of the word that came before this one
 * @octet: the octet
 *
 * A walk that does not have all of them, since a policy had other words then,
 * has come to nothing.
 */
void extra_step(const struct word_table *table, struct word_cursor *cursor,
		u16 before, u8 octet)
{
	if (!table)
		return;
	if (cursor->depth != before)
		cursor->row = WORD_NONE;
	word_step(table, cursor, octet);
}
