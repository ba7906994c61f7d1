/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers that the core reads octet by octet, with no more between two octets
 * than a place and a number.
 */
#ifndef SMTPGUARD_KUNIT_WALK_H
#define SMTPGUARD_KUNIT_WALK_H

#include <kunit/test.h>

#include "core/step.h"
#include "text.h"

/**
 * struct walk - a header under way
 * @octet: what takes the next octet
 * @at: the place, as @octet keeps it; begins as 0
 * @number: likewise
 * @parse: what the octet before did
 */
struct walk {
	enum parse (*octet)(u8 *at, u64 *number, u8 octet);
	u8 at;
	u64 number;
	enum parse parse;
};

/**
 * struct walk_case - octets, and what they are
 * @name: a sentence
 * @text: the octets
 * @length: those of them that are taken, the last one with @parse
 * @parse: enum parse
 * @number: what was read in them
 */
struct walk_case {
	const char *name;
	struct text text;
	size_t length;
	enum parse parse;
	u64 number;
};

void walk_name(const struct walk_case *walk_case, char *name);
size_t walk_on(struct walk *walk, const char *octets, size_t length);
void walk_check(struct kunit *test, struct walk walk);
void walk_allows(struct kunit *test, const struct walk *walk,
		 const char *octets, size_t count);

#endif /* SMTPGUARD_KUNIT_WALK_H */
