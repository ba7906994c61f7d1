// SPDX-License-Identifier: GPL-2.0
/*
 * The first empty line ends a header: CRLFCRLF, or LFLF of a client that knows
 * only LF and so has no CR before.  Who ends a line with CRLF has none in LFLF:
 * to a server that thinks so, too, the header goes on.
 */
#include "header.h"

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

/**
 * header_read() - walk on
 * @state: enum header_state
 * @data: octets of the message
 * @length: how many
 *
 * Return: the state behind them.
 */
u8 header_read(u8 state, const u8 *data, size_t length)
{
	size_t at;

	for (at = 0; at < length && header_is_open(state); at++)
		state = next[state][class_of(data[at])];
	return state;
}
