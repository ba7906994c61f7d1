// SPDX-License-Identifier: GPL-2.0
/*
 * The two places of RFC 1870 in which a size is told:
 *
 *	250-SIZE 10240000			the most that a server takes
 *	MAIL FROM:<a@example.com> SIZE=1000	what a client is about to send
 *
 * Neither is a reason to refuse anything: a server that minds refuses the
 * message itself.
 */
#include "character.h"
#include "size.h"
#include "word.h"

static void size_digit(struct size_walk *walk, u8 octet)
{
	u8 digit = octet - '0';

	if (digit > 9) {
		walk->value = 0;
		walk->part = SIZE_PART_OTHER;
	} else if (walk->value > (U64_MAX - digit) / 10) {
		walk->value = U64_MAX;
	} else {
		walk->value = walk->value * 10 + digit;
	}
}

/* An octet of a word; @behind is what stands between the word and the number. */
static void size_step(struct size_walk *walk, u8 octet, u8 behind)
{
	static const char letters[] = "SIZE";

	switch (walk->part) {
	case SIZE_PART_OTHER:
		return;
	case SIZE_PART_NUMBER:
		size_digit(walk, octet);
		return;
	case SIZE_PART_SIZE:
		walk->part = octet == behind ? SIZE_PART_NUMBER :
					       SIZE_PART_OTHER;
		walk->value = 0;
		return;
	default:
		if (word_upper(octet) == letters[walk->part - SIZE_PART_BEGIN])
			walk->part++;
		else
			walk->part = SIZE_PART_OTHER;
	}
}

/**
 * size_keyword_octet() - walk on by one octet of a line that names a capability
 * @walk: the walk; %SIZE_PART_BEGIN before the first octet of its text
 * @octet: the octet, up to the line's end
 */
void size_keyword_octet(struct size_walk *walk, u8 octet)
{
	bool ends = is_blank(octet) || octet == '\n';

	if (octet == '\r')
		return;
	if (ends && walk->part == SIZE_PART_NUMBER)
		walk->part = SIZE_PART_OTHER;
	else
		size_step(walk, is_blank(octet) ? ' ' : octet, ' ');
}

/**
 * size_parameter_octet() - walk on by one octet behind the path of MAIL
 * @walk: the walk
 * @octet: the octet, up to the line's end
 */
void size_parameter_octet(struct size_walk *walk, u8 octet)
{
	if (is_blank(octet) || is_line_end(octet))
		walk->part = SIZE_PART_BEGIN;
	else
		size_step(walk, octet, '=');
}
