// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of replies that the server still owes.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "core/pending.h"

static void nothing_is_owed_at_first(struct kunit *test)
{
	struct pending pending = { };

	KUNIT_EXPECT_EQ(test, pending_front(&pending), REPLY_TO_NOTHING);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
	KUNIT_EXPECT_FALSE(test, pending_holds(&pending, 1 << REPLY_TO_DATA));
}

static void replies_are_owed_in_the_order_of_commands(struct kunit *test)
{
	static const enum reply_to kinds[] = {
		REPLY_TO_EHLO, REPLY_TO_OTHER, REPLY_TO_OTHER,
		REPLY_TO_END_OF_DATA, REPLY_TO_DATA, REPLY_TO_OTHER,
	};
	struct pending pending = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		KUNIT_EXPECT_TRUE(test, pending_push(&pending, kinds[i]));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		KUNIT_EXPECT_EQ(test, pending_front(&pending), kinds[i]);
		KUNIT_EXPECT_EQ(test, pending_pop(&pending), kinds[i]);
	}
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
}

static void every_kind_is_kept(struct kunit *test)
{
	enum reply_to kind;

	for (kind = REPLY_TO_GREETING; kind <= REPLY_TO_OTHER; kind++) {
		struct pending pending = { };

		KUNIT_EXPECT_TRUE(test, pending_push(&pending, kind));
		KUNIT_EXPECT_EQ(test, pending_front(&pending), kind);
		KUNIT_EXPECT_TRUE(test, pending_holds(&pending, 1 << kind));
		KUNIT_EXPECT_EQ(test, pending_pop(&pending), kind);
		KUNIT_EXPECT_FALSE(test, pending_holds(&pending, 1 << kind));
	}
}

static void a_reply_is_held_wherever_in_the_queue(struct kunit *test)
{
	struct pending pending = { };

	pending_push(&pending, REPLY_TO_EHLO);
	pending_push(&pending, REPLY_TO_OTHER);
	pending_push(&pending, REPLY_TO_END_OF_DATA);
	pending_push(&pending, REPLY_TO_OTHER);
	KUNIT_EXPECT_TRUE(test, pending_holds(&pending, 1 << REPLY_TO_EHLO));
	KUNIT_EXPECT_TRUE(test, pending_holds(&pending, 1 << REPLY_TO_END_OF_DATA));
	KUNIT_EXPECT_FALSE(test, pending_holds(&pending, 1 << REPLY_TO_DATA));
	pending_pop(&pending);
	pending_pop(&pending);
	KUNIT_EXPECT_FALSE(test, pending_holds(&pending, 1 << REPLY_TO_EHLO));
	KUNIT_EXPECT_TRUE(test, pending_holds(&pending, 1 << REPLY_TO_END_OF_DATA));
}

/* Greeting, EHLO and a mail, all before the greeting (PIPECONNECT). */
static void the_longest_group_has_room(struct kunit *test)
{
	static const enum reply_to group[] = {
		REPLY_TO_GREETING, REPLY_TO_EHLO, REPLY_TO_MAIL,
	};
	struct pending pending = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(group); i++)
		KUNIT_EXPECT_TRUE(test, pending_push(&pending, group[i]));
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_TRUE(test, pending_push(&pending, REPLY_TO_RCPT));
	KUNIT_EXPECT_TRUE(test, pending_push(&pending, REPLY_TO_DATA));
	for (i = 0; i < ARRAY_SIZE(group); i++)
		KUNIT_EXPECT_EQ(test, pending_pop(&pending), group[i]);
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, pending_pop(&pending), REPLY_TO_RCPT);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_DATA);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
}

static void push_some(struct kunit *test, struct pending *pending,
		      enum reply_to kind, unsigned int count)
{
	while (count--) {
		KUNIT_ASSERT_TRUE(test, pending_has_room(pending, kind));
		KUNIT_ASSERT_TRUE(test, pending_push(pending, kind));
	}
}

static void pop_some(struct kunit *test, struct pending *pending,
		     enum reply_to kind, unsigned int count)
{
	while (count--) {
		KUNIT_ASSERT_TRUE(test, pending_holds(pending, 1 << kind));
		KUNIT_ASSERT_EQ(test, pending_pop(pending), kind);
	}
}

/*
 * A client that waits for nothing in between, and recipients spread so that
 * they take the most runs that 2,000 can.
 */
static void eight_pipelined_transactions_have_room(struct kunit *test)
{
	static const unsigned int recipients[] = {
		256, 256, 256, 256, 256, 256, 256, 208,
	};
	struct pending pending = { };
	unsigned int i;

	push_some(test, &pending, REPLY_TO_GREETING, 1);
	push_some(test, &pending, REPLY_TO_EHLO, 1);
	for (i = 0; i < ARRAY_SIZE(recipients); i++) {
		push_some(test, &pending, REPLY_TO_MAIL, 1);
		push_some(test, &pending, REPLY_TO_RCPT, recipients[i]);
		push_some(test, &pending, REPLY_TO_OTHER, 1);
		push_some(test, &pending, REPLY_TO_END_OF_DATA, 1);
		push_some(test, &pending, REPLY_TO_OTHER, 1);
	}
	push_some(test, &pending, REPLY_TO_LAST, 1);
	pop_some(test, &pending, REPLY_TO_GREETING, 1);
	pop_some(test, &pending, REPLY_TO_EHLO, 1);
	for (i = 0; i < ARRAY_SIZE(recipients); i++) {
		pop_some(test, &pending, REPLY_TO_MAIL, 1);
		pop_some(test, &pending, REPLY_TO_RCPT, recipients[i]);
		pop_some(test, &pending, REPLY_TO_OTHER, 1);
		pop_some(test, &pending, REPLY_TO_END_OF_DATA, 1);
		pop_some(test, &pending, REPLY_TO_OTHER, 1);
	}
	pop_some(test, &pending, REPLY_TO_LAST, 1);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
}

static void every_kind_comes_in_runs(struct kunit *test)
{
	struct pending pending = { };
	enum reply_to kind;

	for (kind = REPLY_TO_GREETING; kind <= REPLY_TO_OTHER; kind++)
		push_some(test, &pending, kind, 400);
	for (kind = REPLY_TO_GREETING; kind <= REPLY_TO_OTHER; kind++)
		pop_some(test, &pending, kind, 400);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
}

static void a_full_queue_takes_no_more_and_loses_nothing(struct kunit *test)
{
	struct pending pending = { };
	unsigned int i;

	for (i = 0; i < PENDING_RUNS_MAX / 2; i++) {
		push_some(test, &pending, REPLY_TO_DATA, 1);
		push_some(test, &pending, REPLY_TO_OTHER, 1);
	}
	KUNIT_EXPECT_FALSE(test, pending_has_room(&pending, REPLY_TO_DATA));
	KUNIT_EXPECT_FALSE(test, pending_push(&pending, REPLY_TO_DATA));
	push_some(test, &pending, REPLY_TO_OTHER, U8_MAX - 1);
	KUNIT_EXPECT_FALSE(test, pending_has_room(&pending, REPLY_TO_OTHER));
	KUNIT_EXPECT_FALSE(test, pending_push(&pending, REPLY_TO_OTHER));
	KUNIT_EXPECT_TRUE(test, pending_has_room(&pending, REPLY_TO_END_OF_DATA));
	push_some(test, &pending, REPLY_TO_END_OF_DATA, U8_MAX);
	KUNIT_EXPECT_FALSE(test, pending_push(&pending, REPLY_TO_END_OF_DATA));
	for (i = 1; i < PENDING_RUNS_MAX / 2; i++) {
		pop_some(test, &pending, REPLY_TO_DATA, 1);
		pop_some(test, &pending, REPLY_TO_OTHER, 1);
	}
	pop_some(test, &pending, REPLY_TO_DATA, 1);
	pop_some(test, &pending, REPLY_TO_OTHER, U8_MAX);
	pop_some(test, &pending, REPLY_TO_END_OF_DATA, U8_MAX);
	KUNIT_EXPECT_EQ(test, pending_pop(&pending), REPLY_TO_NOTHING);
}

/* Held against a plain array of what was pushed. */
static void any_order_of_pushes_and_pops_is_kept(struct kunit *test)
{
	enum { QUEUE = 256 };
	struct pending pending = { };
	enum reply_to queue[QUEUE];
	unsigned int first = 0, behind = 0, round;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 2920);
	for (round = 0; round < 20000; round++) {
		enum reply_to kind = 1 + prandom_u32_state(&rnd) %
					 REPLY_TO_OTHER;
		bool room = pending_has_room(&pending, kind);

		KUNIT_ASSERT_TRUE(test, room ||
				  behind - first >= PENDING_RUNS_MAX);
		if (prandom_u32_state(&rnd) % 2 && behind - first < QUEUE) {
			KUNIT_ASSERT_EQ(test, pending_push(&pending, kind),
					room);
			queue[behind % QUEUE] = kind;
			behind += room;
		}
		if (prandom_u32_state(&rnd) % 2 == 0)
			continue;
		kind = first == behind ? REPLY_TO_NOTHING :
					 queue[first++ % QUEUE];
		KUNIT_ASSERT_EQ(test, pending_front(&pending), kind);
		KUNIT_ASSERT_EQ(test, pending_pop(&pending), kind);
	}
}

static struct kunit_case pending_cases[] = {
	KUNIT_CASE(nothing_is_owed_at_first),
	KUNIT_CASE(replies_are_owed_in_the_order_of_commands),
	KUNIT_CASE(every_kind_is_kept),
	KUNIT_CASE(a_reply_is_held_wherever_in_the_queue),
	KUNIT_CASE(the_longest_group_has_room),
	KUNIT_CASE(eight_pipelined_transactions_have_room),
	KUNIT_CASE(every_kind_comes_in_runs),
	KUNIT_CASE(a_full_queue_takes_no_more_and_loses_nothing),
	KUNIT_CASE(any_order_of_pushes_and_pops_is_kept),
	{}
};

static struct kunit_suite pending_suite = {
	.name = "smtpguard_pending",
	.test_cases = pending_cases,
};

kunit_test_suite(pending_suite);
