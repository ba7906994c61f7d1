// SPDX-License-Identifier: GPL-2.0
/*
 * Who may take how much of max_memory.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <net/net_namespace.h>

#include "closed.h"
#include "fixture.h"
#include "memory.h"
#include "namespace.h"

/* What there is of it here, and what that makes for one that is not initial. */
#define ALL		SZ_1M
#define EIGHTH		(ALL / 8)
/* So many take their share, and one has none. */
#define OTHERS		4

/**
 * struct memory_fixture - network namespaces
 * @others: all but the initial one
 */
struct memory_fixture {
	struct net *others[OTHERS + 1];
};

static bool take(struct net *net, size_t octets)
{
	bool taken;

	rcu_read_lock();
	taken = memory_take(net, octets);
	rcu_read_unlock();
	return taken;
}

static bool is_short(struct net *net)
{
	bool found;

	rcu_read_lock();
	found = memory_is_short(net);
	rcu_read_unlock();
	return found;
}

static void the_initial_namespace_may_take_all(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, take(&init_net, ALL));
	KUNIT_EXPECT_FALSE(test, take(&init_net, 1));
	memory_give(&init_net, ALL);
}

static void another_may_take_an_eighth(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	struct net *other = fixture->others[0];

	KUNIT_EXPECT_FALSE(test, take(other, EIGHTH + 1));
	KUNIT_EXPECT_TRUE(test, take(other, EIGHTH));
	KUNIT_EXPECT_FALSE(test, take(other, 1));
	KUNIT_EXPECT_TRUE(test, take(fixture->others[1], 1));
	memory_give(fixture->others[1], 1);
	memory_give(other, EIGHTH);
}

static void all_others_together_may_take_half(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	unsigned int i;

	for (i = 0; i < OTHERS; i++)
		KUNIT_EXPECT_TRUE(test, take(fixture->others[i], EIGHTH));
	KUNIT_EXPECT_FALSE(test, take(fixture->others[OTHERS], 1));
	KUNIT_EXPECT_TRUE(test, take(&init_net, ALL / 2));
	KUNIT_EXPECT_FALSE(test, take(&init_net, 1));
	memory_give(&init_net, ALL / 2);
	for (i = 0; i < OTHERS; i++)
		memory_give(fixture->others[i], EIGHTH);
}

static void the_initial_one_leaves_others_nothing(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;

	KUNIT_EXPECT_TRUE(test, take(&init_net, ALL));
	KUNIT_EXPECT_FALSE(test, take(fixture->others[0], 1));
	memory_give(&init_net, ALL);
	KUNIT_EXPECT_TRUE(test, take(fixture->others[0], 1));
	memory_give(fixture->others[0], 1);
}

/* By each of the limits: all that there was can be had nevertheless. */
static void what_was_refused_is_not_taken(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	unsigned int i;

	for (i = 0; i < OTHERS; i++) {
		KUNIT_EXPECT_FALSE(test, take(fixture->others[i], EIGHTH + 1));
		KUNIT_EXPECT_FALSE(test, take(fixture->others[i], ALL + 1));
		KUNIT_EXPECT_EQ(test, memory_of(fixture->others[i]), 0);
		KUNIT_EXPECT_TRUE(test, take(fixture->others[i], EIGHTH));
	}
	KUNIT_EXPECT_FALSE(test, take(fixture->others[OTHERS], 1));
	KUNIT_EXPECT_EQ(test, memory_of(fixture->others[OTHERS]), 0);
	KUNIT_EXPECT_FALSE(test, take(&init_net, ALL));
	for (i = 0; i < OTHERS; i++)
		memory_give(fixture->others[i], EIGHTH);
	the_initial_namespace_may_take_all(test);
}

static bool is_for_new(struct net *net)
{
	bool result;

	rcu_read_lock();
	result = memory_is_for_new(net);
	rcu_read_unlock();
	return result;
}

/* What is behind that is for the sessions that are there. */
static void new_sessions_have_seven_eighths(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	struct net *other = fixture->others[0];
	size_t alarm = EIGHTH / 8 * 6;
	size_t most = EIGHTH / 8 * 7;

	KUNIT_EXPECT_TRUE(test, take(other, alarm - 1));
	KUNIT_EXPECT_FALSE(test, is_short(other));
	KUNIT_EXPECT_TRUE(test, take(other, 1));
	KUNIT_EXPECT_TRUE(test, is_short(other));
	KUNIT_EXPECT_TRUE(test, is_for_new(other));
	KUNIT_EXPECT_TRUE(test, take(other, most - alarm));
	KUNIT_EXPECT_FALSE(test, is_for_new(other));
	KUNIT_EXPECT_FALSE(test, is_short(fixture->others[1]));
	KUNIT_EXPECT_TRUE(test, is_for_new(fixture->others[1]));
	KUNIT_EXPECT_FALSE(test, is_short(&init_net));
	memory_give(other, most);
}

/* Their half is taken: the router's sessions need not give way for that. */
static void others_do_not_make_the_router_short(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	unsigned int i;

	for (i = 0; i < OTHERS; i++)
		KUNIT_EXPECT_TRUE(test, take(fixture->others[i], EIGHTH));
	KUNIT_EXPECT_FALSE(test, is_short(&init_net));
	KUNIT_EXPECT_TRUE(test, take(&init_net, 3 * EIGHTH - 1));
	KUNIT_EXPECT_FALSE(test, is_short(&init_net));
	KUNIT_EXPECT_TRUE(test, take(&init_net, 1));
	KUNIT_EXPECT_TRUE(test, is_short(&init_net));
	KUNIT_EXPECT_TRUE(test, is_for_new(&init_net));
	memory_give(&init_net, 3 * EIGHTH);
	for (i = 0; i < OTHERS; i++)
		memory_give(fixture->others[i], EIGHTH);
}

static void the_default_is_what_ram_allows(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, memory_default_for(0), 1);
	KUNIT_EXPECT_EQ(test, memory_default_for(31), 1);
	KUNIT_EXPECT_EQ(test, memory_default_for(32), 2);
	KUNIT_EXPECT_EQ(test, memory_default_for(4095), 255);
	KUNIT_EXPECT_EQ(test, memory_default_for(4096), 256);
	KUNIT_EXPECT_EQ(test, memory_default_for(ULONG_MAX >> 20), 256);
	KUNIT_EXPECT_GE(test, memory_default(), 1);
	KUNIT_EXPECT_LE(test, memory_default(), 256);
}

static int memory_test_init(struct kunit *test)
{
	struct memory_fixture *fixture =
		kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	unsigned int i;

	if (!fixture)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(fixture->others); i++)
		fixture->others[i] = namespace_open(test);
	test->priv = fixture;
	/* what the tests before have left there */
	closed_clear();
	limit_memory(test, ALL / SZ_1M);
	return 0;
}

static void memory_test_exit(struct kunit *test)
{
	struct memory_fixture *fixture = test->priv;
	unsigned int i;

	limit_memory(test, MEMORY_DEFAULT);
	for (i = 0; fixture && i < ARRAY_SIZE(fixture->others); i++)
		namespace_close(fixture->others[i]);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(the_initial_namespace_may_take_all),
	KUNIT_CASE(another_may_take_an_eighth),
	KUNIT_CASE(all_others_together_may_take_half),
	KUNIT_CASE(the_initial_one_leaves_others_nothing),
	KUNIT_CASE(what_was_refused_is_not_taken),
	KUNIT_CASE(new_sessions_have_seven_eighths),
	KUNIT_CASE(others_do_not_make_the_router_short),
	KUNIT_CASE(the_default_is_what_ram_allows),
	{}
};

static struct kunit_suite memory_suite = {
	.name		= "smtpguard_memory",
	.init		= memory_test_init,
	.exit		= memory_test_exit,
	.test_cases	= memory_cases,
};

kunit_test_suite(memory_suite);
