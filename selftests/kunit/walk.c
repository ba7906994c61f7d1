// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through headers.
 */
#include "walk.h"

/**
 * walk_name() - name a parameter of a test
 * @walk_case: the parameter
 * @name: set to its name
 */
void walk_name(const struct walk_case *walk_case, char *name)
{
	strscpy(name, walk_case->name, KUNIT_PARAM_DESC_SIZE);
}

/**
 * walk_on() - take octets until the header ends, or cannot be one
 * @walk: the walk
 * @octets: the octets
 * @length: how many
 *
 * Return: how many were taken, the one included that ended the walk.
 */
size_t walk_on(struct walk *walk, const char *octets, size_t length)
{
	size_t at = 0;

	while (at < length && walk->parse == PARSE_MORE)
		walk->parse = walk->octet(&walk->at, &walk->number,
					  octets[at++]);
	return at;
}

/**
 * walk_check() - take the octets of a case, whole and at every cut
 * @test: the test, whose parameter the case is
 * @walk: the walk at its begin
 *
 * A cut is where all but the place and the number is lost.
 */
void walk_check(struct kunit *test, struct walk walk)
{
	const struct walk_case *walk_case = test->param_value;
	const struct text *text = &walk_case->text;
	size_t cut;

	for (cut = 0; cut < text->length; cut++) {
		struct walk first = walk;
		size_t length = walk_on(&first, text->octets, cut);
		struct walk second = {
			.octet = walk.octet,
			.at = first.at,
			.number = first.number,
			.parse = first.parse,
		};

		length += walk_on(&second, text->octets + length,
				  text->length - length);
		KUNIT_ASSERT_EQ_MSG(test, length, walk_case->length,
				    "cut %zu", cut);
		KUNIT_ASSERT_EQ_MSG(test, second.parse, walk_case->parse,
				    "cut %zu", cut);
		if (second.parse == PARSE_DONE)
			KUNIT_ASSERT_EQ_MSG(test, second.number,
					    walk_case->number, "cut %zu", cut);
	}
}

/**
 * walk_allows() - hold the next octet against those that may come
 * @test: the test; it fails where any other is taken, or one of them is not
 * @walk: the walk
 * @octets: those that may come
 * @count: how many
 */
void walk_allows(struct kunit *test, const struct walk *walk,
		 const char *octets, size_t count)
{
	unsigned int octet;

	for (octet = 0; octet <= U8_MAX; octet++) {
		bool allowed = memchr(octets, octet, count);
		struct walk next = *walk;
		char one = octet;

		walk_on(&next, &one, 1);
		KUNIT_EXPECT_EQ_MSG(test, next.parse != PARSE_WRONG, allowed,
				    "octet 0x%02x at %u", octet, walk->at);
	}
}
