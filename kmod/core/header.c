// SPDX-License-Identifier: GPL-2.0
/*
 * The first empty line ends a header: CRLFCRLF, or LFLF of a client that knows
 * only LF and so has no CR before.  Who ends a line with CRLF has none in LFLF:
 * to a server that thinks so, too, the header goes on.
 */
#include "character.h"
#include "header.h"
#include "octets.h"

enum header_class { CLASS_OTHER, CLASS_CR, CLASS_LF, CLASSES };

static const u8 next[HEADER_END][CLASSES] = {
	[HEADER_BEGIN]	 = { HEADER_LF_TEXT, HEADER_CRLF_CR, HEADER_END },
	[HEADER_LF_TEXT] = { HEADER_LF_TEXT, HEADER_CR, HEADER_LF },
	[HEADER_LF]	 = { HEADER_LF_TEXT, HEADER_CR, HEADER_END },
	[HEADER_TEXT]	 = { HEADER_TEXT, HEADER_CR, HEADER_TEXT },
	[HEADER_CR]	 = { HEADER_TEXT, HEADER_CR, HEADER_CRLF },
	[HEADER_CRLF]	 = { HEADER_TEXT, HEADER_CRLF_CR, HEADER_TEXT },
	[HEADER_CRLF_CR] = { HEADER_TEXT, HEADER_CR, HEADER_END },
};

static enum header_class class_of(u8 octet)
{
	if (octet == '\r')
		return CLASS_CR;
	return octet == '\n' ? CLASS_LF : CLASS_OTHER;
}

/**
 * header_octet() - walk on by one octet
 * @state: enum header_state
 * @octet: the octet
 *
 * Return: the state behind it.
 */
u8 header_octet(u8 state, u8 octet)
{
	return header_is_open(state) ? next[state][class_of(octet)] : state;
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
	while (from < length && !is_line_end(data[from]))
		from++;
	return from;
}

/**
 * header_read() - walk on
 * @state: enum header_state, one in which the header goes on; set to the one
 *	behind the octets read
 * @data: octets of the message
 * @length: how many
 *
 * Return: octets read, to the header's end, or to the first CR.
 */
size_t header_read(u8 *state, const u8 *data, size_t length)
{
	bool with_cr = header_has_cr(*state);
	size_t at = 0;

	while (header_is_open(*state) && header_has_cr(*state) == with_cr) {
		if (*state == HEADER_TEXT || *state == HEADER_LF_TEXT)
			at = find_line_end(data, at, length);
		if (at == length)
			break;
		*state = next[*state][class_of(data[at++])];
	}
	return at;
}
