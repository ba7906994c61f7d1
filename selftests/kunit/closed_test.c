// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that are over, and are not picked up again.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "closed.h"

/* More than the table has room for. */
#define MANY	20000

static struct nf_conn *connection(struct kunit *test)
{
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ct);
	write_pnet(&ct->ct_net, &init_net);
	return ct;
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
	closed_add(ct, false);
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
	closed_add(ct, false);
	swap(tuple->src.u3, tuple->dst.u3);
	swap(tuple->src.u.tcp.port, tuple->dst.u.tcp.port);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
	KUNIT_EXPECT_TRUE(test, closed_has(ct, true));
}

static void a_new_connection_is_not_over(struct kunit *test)
{
	struct nf_conn *ct = connection(test);

	set_ends(ct, 1);
	closed_add(ct, false);
	closed_remove(ct, false);
	KUNIT_EXPECT_FALSE(test, closed_has(ct, false));
}

static void no_number_of_others_makes_it_forgotten(struct kunit *test)
{
	struct nf_conn *ct = connection(test);
	u32 number;

	for (number = 0; number < MANY; number++) {
		set_ends(ct, number);
		closed_add(ct, false);
	}
	insist_that_all_are(test, ct, 0, true);
}

/* Nor do those take the room of others that end again and again. */
static void the_same_again_takes_no_room(struct kunit *test)
{
	struct nf_conn *ct = connection(test);
	u32 number;

	set_ends(ct, 1);
	for (number = 0; number < MANY; number++)
		closed_add(ct, false);
	insist_that_all_are(test, ct, 2, false);
}

static void closed_test_exit(struct kunit *test)
{
	closed_clear();
}

static struct kunit_case closed_cases[] = {
	KUNIT_CASE(what_is_over_stays_over),
	KUNIT_CASE(the_client_may_be_either_end),
	KUNIT_CASE(a_new_connection_is_not_over),
	KUNIT_CASE(no_number_of_others_makes_it_forgotten),
	KUNIT_CASE(the_same_again_takes_no_room),
	{}
};

static struct kunit_suite closed_suite = {
	.name = "smtpguard_closed",
	.exit = closed_test_exit,
	.test_cases = closed_cases,
};

kunit_test_suite(closed_suite);
