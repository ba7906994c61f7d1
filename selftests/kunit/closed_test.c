// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that are over, and are not picked up again.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "closed.h"
#include "fixture.h"
#include "namespace.h"
#include "netns.h"
#include "stats.h"

/* More than the table has room for. */
#define MANY	20000

static struct nf_conn *connection_in(struct kunit *test, struct net *net)
{
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ct);
	write_pnet(&ct->ct_net, net);
	return ct;
}

static struct nf_conn *connection(struct kunit *test)
{
	return connection_in(test, &init_net);
}

/* Gives a connection the ends with a number. */
static void set_ends(struct nf_conn *ct, u32 number)
{
	struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	tuple->src.u3.ip = htonl(number >> 16);
	tuple->src.u.tcp.port = htons(number);
	tuple->dst.u.tcp.port = htons(25);
}

static void end_connection(struct nf_conn *ct)
{
	rcu_read_lock();
	closed_add(ct, false);
	rcu_read_unlock();
}

/* All those before a number. */
static void end_many(struct nf_conn *ct, u32 many)
{
	u32 number;

	for (number = 0; number < many; number++) {
		set_ends(ct, number);
		end_connection(ct);
	}
}

/* Holds for each of the many connections from a number on. */
static void insist_that_all_are(struct kunit *test, struct nf_conn *ct,
				u32 first, bool over)
{
	u32 number;

	for (number = first; number < MANY; number++) {
		set_ends(ct, number);
		KUNIT_ASSERT_EQ_MSG(test, closed_has(ct, false), over, "%u",
				    number);
	}
}

static void what_is_over_stays_over(struct kunit *test)
{
	struct nf_conn *ct = connection(test);

	set_ends(ct, 1);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
	end_connection(ct);
	KUNIT_EXPECT_TRUE(test, closed_has(ct, false));
	set_ends(ct, 2);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
}

static void the_client_may_be_either_end(struct kunit *test)
{
	struct nf_conn *ct = connection(test);
	struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	set_ends(ct, 1);
	end_connection(ct);
	swap(tuple->src.u3, tuple->dst.u3);
	swap(tuple->src.u.tcp.port, tuple->dst.u.tcp.port);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
	KUNIT_EXPECT_TRUE(test, closed_has(ct, true));
}

static void a_new_connection_is_not_over(struct kunit *test)
{
	struct nf_conn *ct = connection(test);

	set_ends(ct, 1);
	end_connection(ct);
	closed_remove(ct, false);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
}

static void no_number_of_others_makes_it_forgotten(struct kunit *test)
{
	struct nf_conn *ct = connection(test);

	end_many(ct, MANY);
	insist_that_all_are(test, ct, 0, true);
}

/* Nor do those take the room of others that end again and again. */
static void the_same_again_takes_no_room(struct kunit *test)
{
	struct nf_conn *ct = connection(test);
	u32 number;

	set_ends(ct, 1);
	for (number = 0; number < MANY; number++)
		end_connection(ct);
	insist_that_all_are(test, ct, 2, false);
}

static void no_number_elsewhere_takes_room_here(struct kunit *test)
{
	struct net *elsewhere = namespace_open(test);
	struct nf_conn *other = connection_in(test, elsewhere);
	struct nf_conn *ct = connection(test);

	set_ends(ct, 1);
	end_connection(ct);
	end_many(other, MANY);
	insist_that_all_are(test, other, 0, true);
	KUNIT_EXPECT_TRUE(test, closed_has(ct, false));
	insist_that_all_are(test, ct, 2, false);
	namespace_close(elsewhere);
}

static void what_is_not_needed_takes_no_memory(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);
	long one;

	set_ends(ct, 1);
	closed_has(ct, false);
	closed_remove(ct, false);
	KUNIT_EXPECT_EQ(test, memory_of(net), 0);
	end_connection(ct);
	one = memory_of(net);
	KUNIT_EXPECT_GT(test, one, 0);
	KUNIT_EXPECT_LE(test, one, PAGE_SIZE);
	end_connection(ct);
	KUNIT_EXPECT_EQ(test, memory_of(net), one);
	end_many(ct, MANY);
	KUNIT_EXPECT_EQ(test, memory_of(net), CLOSED_BLOCKS * one);
	closed_forget(netns_get(net));
	KUNIT_EXPECT_EQ(test, memory_of(net), 0);
	insist_that_all_are(test, ct, 0, false);
	namespace_close(net);
}

/* Not while there is none, nor when there is some again. */
static void without_memory_nothing_is_forgotten(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);

	limit_memory(test, 0);
	end_many(ct, MANY / 2);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_EQ(test, memory_of(net), 0);
	KUNIT_EXPECT_EQ(test, counter_of(net, COUNTER_SESSIONS_FORGOTTEN),
			MANY / 2 - CLOSED_BESIDE);
	insist_that_all_are(test, ct, 0, true);
	end_many(ct, MANY);
	insist_that_all_are(test, ct, 0, true);
	insist_that_all_are(test, connection(test), 0, false);
	namespace_close(net);
}

/* So many end while there is no memory; returns how many of all are over. */
static u32 over_without_memory(struct kunit *test, struct nf_conn *ct, u32 many)
{
	u32 number, over = 0;

	limit_memory(test, 0);
	end_many(ct, many);
	limit_memory(test, MEMORY_DEFAULT);
	for (number = 0; number < MANY; number++) {
		set_ends(ct, number);
		over += closed_has(ct, false);
	}
	return over;
}

static void without_memory_there_is_room_for_some(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);

	KUNIT_EXPECT_EQ(test, over_without_memory(test, ct, CLOSED_BESIDE),
			CLOSED_BESIDE);
	insist_that_all_are(test, ct, CLOSED_BESIDE, false);
	set_ends(ct, 0);
	closed_remove(ct, false);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
	end_many(ct, 1);
	KUNIT_EXPECT_TRUE(test, closed_has(ct, false));
	closed_forget(netns_get(net));
	insist_that_all_are(test, ct, 0, false);
	namespace_close(net);
}

/* One that cannot be remembered has only those reset that it may be. */
static void without_memory_some_others_are_over(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);
	u32 over = over_without_memory(test, ct, CLOSED_BESIDE + 1);

	KUNIT_EXPECT_GT(test, over, CLOSED_BESIDE + 1);
	KUNIT_EXPECT_LT(test, over, 2 * MANY / CLOSED_BLOCKS);
	closed_forget(netns_get(net));
	insist_that_all_are(test, ct, 0, false);
	namespace_close(net);
}

/* The same again takes no room there, either. */
static void without_memory_one_takes_one_room(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);
	u32 number;

	limit_memory(test, 0);
	set_ends(ct, 1);
	for (number = 0; number <= CLOSED_BESIDE; number++)
		end_connection(ct);
	limit_memory(test, MEMORY_DEFAULT);
	KUNIT_EXPECT_TRUE(test, closed_has(ct, false));
	insist_that_all_are(test, ct, 2, false);
	namespace_close(net);
}

static void a_namespace_that_goes_takes_no_memory(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct nf_conn *ct = connection_in(test, net);

	netns_get(net)->dead = true;
	end_many(ct, MANY);
	KUNIT_EXPECT_EQ(test, memory_of(net), 0);
	namespace_close(net);
}

static void closed_test_exit(struct kunit *test)
{
	limit_memory(test, MEMORY_DEFAULT);
	closed_clear();
}

static struct kunit_case closed_cases[] = {
	KUNIT_CASE(what_is_over_stays_over),
	KUNIT_CASE(the_client_may_be_either_end),
	KUNIT_CASE(a_new_connection_is_not_over),
	KUNIT_CASE(no_number_of_others_makes_it_forgotten),
	KUNIT_CASE(the_same_again_takes_no_room),
	KUNIT_CASE(no_number_elsewhere_takes_room_here),
	KUNIT_CASE(what_is_not_needed_takes_no_memory),
	KUNIT_CASE(without_memory_nothing_is_forgotten),
	KUNIT_CASE(without_memory_there_is_room_for_some),
	KUNIT_CASE(without_memory_some_others_are_over),
	KUNIT_CASE(without_memory_one_takes_one_room),
	KUNIT_CASE(a_namespace_that_goes_takes_no_memory),
	{}
};

static struct kunit_suite closed_suite = {
	.name = "smtpguard_closed",
	.exit = closed_test_exit,
	.test_cases = closed_cases,
};

kunit_test_suite(closed_suite);
