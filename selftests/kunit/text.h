/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets in tables of cases; they may hold NULs.
 */
#ifndef SMTPGUARD_KUNIT_TEXT_H
#define SMTPGUARD_KUNIT_TEXT_H

#include <linux/types.h>

/**
 * struct text - octets
 * @octets: the octets
 * @length: how many
 */
struct text {
	const char *octets;
	size_t length;
};

/** TEXT() - the octets of a literal */
#define TEXT(literal) { .octets = (literal), .length = sizeof(literal) - 1 }

/** UNCHANGED - of what is to be seen of a text: the text itself */
#define UNCHANGED { .octets = NULL }

/* What is to be seen of @text. */
static inline const struct text *text_seen(const struct text *text,
					   const struct text *seen)
{
	return seen->octets ? seen : text;
}

#endif /* SMTPGUARD_KUNIT_TEXT_H */
