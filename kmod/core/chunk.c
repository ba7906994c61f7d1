// SPDX-License-Identifier: GPL-2.0
/*
 * A server that reads another size than we do, or none, runs octets of the
 * chunk as commands.  So a line that servers could read in several ways, with
 * more blanks or leading zeros than anybody sends, has no size.
 */
#include "chunk.h"
#include "word.h"

/*
 * RFC 3030 sets no limit.  This fits the signed 32-bit numbers of servers, some of
 * which read a larger size modulo 2^32; nobody sends such chunks.
 */
#define CHUNK_SIZE_MAX	((1ULL << 31) - 1)

static enum parse chunk_digit(u8 *state, u64 *size, u8 octet)
{
	u8 digit = octet - '0';

	if (*size > (CHUNK_SIZE_MAX - digit) / 10)
		return PARSE_WRONG;
	*size = *size * 10 + digit;
	*state = *size ? CHUNK_SIZE : CHUNK_ZERO;
	return PARSE_MORE;
}

static enum parse chunk_go(u8 *state, enum chunk_state next, bool right)
{
	if (!right)
		return PARSE_WRONG;
	*state = next;
	return next < CHUNK_OCTETS ? PARSE_MORE : PARSE_DONE;
}

/**
 * chunk_octet() - walk on by one octet of the argument
 * @state: enum chunk_state; begins as %CHUNK_BEGIN
 * @size: octets of the chunk; begins as 0, good once the line has ended
 * @octet: the octet
 *
 * Return: PARSE_DONE with the line's LF.
 */
enum parse chunk_octet(u8 *state, u64 *size, u8 octet)
{
	bool digit = octet >= '0' && octet <= '9';

	switch (*state) {
	case CHUNK_BEGIN:
		return digit ? chunk_digit(state, size, octet) : PARSE_WRONG;
	case CHUNK_SIZE:
		if (digit)
			return chunk_digit(state, size, octet);
		fallthrough;
	case CHUNK_ZERO:
		if (octet == ' ')
			return chunk_go(state, CHUNK_BLANK, true);
		return chunk_go(state, CHUNK_CR, octet == '\r');
	case CHUNK_BLANK:
		if (octet == '\r')
			return chunk_go(state, CHUNK_CR, true);
		return chunk_go(state, CHUNK_L, word_upper(octet) == 'L');
	case CHUNK_L:
		return chunk_go(state, CHUNK_LA, word_upper(octet) == 'A');
	case CHUNK_LA:
		return chunk_go(state, CHUNK_LAS, word_upper(octet) == 'S');
	case CHUNK_LAS:
		return chunk_go(state, CHUNK_LAST, word_upper(octet) == 'T');
	case CHUNK_LAST:
		return chunk_go(state, CHUNK_LAST_CR, octet == '\r');
	case CHUNK_CR:
		return chunk_go(state, CHUNK_OCTETS, octet == '\n');
	case CHUNK_LAST_CR:
		return chunk_go(state, CHUNK_LAST_OCTETS, octet == '\n');
	default:
		return PARSE_WRONG;
	}
}
