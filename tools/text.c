// SPDX-License-Identifier: GPL-2.0
/*
 * A peer may send any octet, and none of them may move a cursor, colour a
 * terminal or look like a line of its own.  The escapes lose nothing.
 */
#include "text.h"

/**
 * text_write() - write octets of a peer so that all of them can be seen
 * @out: where to
 * @octets: the octets
 * @length: how many
 *
 * A backslash becomes two, all but printable ASCII becomes \xHH.
 */
void text_write(FILE *out, const void *octets, size_t length)
{
	const unsigned char *octet = octets;
	size_t i;

	for (i = 0; i < length; i++) {
		if (octet[i] == '\\')
			fputs("\\\\", out);
		else if (octet[i] < ' ' || octet[i] > '~')
			fprintf(out, "\\x%02x", octet[i]);
		else
			fputc(octet[i], out);
	}
}
