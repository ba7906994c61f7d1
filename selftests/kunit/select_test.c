// SPDX-License-Identifier: GPL-2.0
/*
 * Which connections are guarded, by port and by mark.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>

#include "select.h"

/**
 * struct choice - settings and connections
 * @settings: the settings
 * @net: another network namespace than the initial one
 * @ct: a connection to port 25
 */
struct choice {
	struct settings settings;
	struct net *net;
	struct nf_conn *ct;
};

static struct choice *choice_begin(struct kunit *test)
{
	struct choice *choice = kunit_kzalloc(test, sizeof(*choice),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, choice);
	KUNIT_ASSERT_EQ(test, settings_init(&choice->settings), 0);
	/* nothing is read of it but where it is */
	choice->net = kunit_kzalloc(test, sizeof(*choice->net), GFP_KERNEL);
	choice->ct = kunit_kzalloc(test, sizeof(*choice->ct), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, choice->net);
	KUNIT_ASSERT_NOT_NULL(test, choice->ct);
	write_pnet(&choice->ct->ct_net, &init_net);
	choice->ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.protonum =
		IPPROTO_TCP;
	choice->ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.u.tcp.port =
		htons(25);
	return choice;
}

static void choice_set(struct kunit *test, struct choice *choice,
		       const char *name, const char *value)
{
	const char *wrong;

	KUNIT_ASSERT_EQ(test,
			settings_set(&choice->settings, settings_find(name),
				     value, &wrong), 0);
}

static bool is_foreign(const struct choice *choice)
{
	bool foreign;

	rcu_read_lock();
	foreign = select_is_foreign(choice->ct, &choice->settings);
	rcu_read_unlock();
	return foreign;
}

static bool is_chosen(const struct choice *choice)
{
	bool chosen;

	rcu_read_lock();
	chosen = select_chooses(choice->ct, &choice->settings);
	rcu_read_unlock();
	/* whatever is, must not pass at first sight */
	return chosen && !is_foreign(choice);
}

static void a_port_chooses_where_ports_are_guarded(struct kunit *test)
{
	struct choice *choice = choice_begin(test);

	KUNIT_EXPECT_TRUE(test, is_chosen(choice));
	write_pnet(&choice->ct->ct_net, choice->net);
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
	choice_set(test, choice, "namespaces", "all");
	KUNIT_EXPECT_TRUE(test, is_chosen(choice));
	choice_set(test, choice, "ports", "");
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
}

static void a_mark_chooses_everywhere(struct kunit *test)
{
	struct choice *choice = choice_begin(test);

	choice_set(test, choice, "ports", "");
	choice_set(test, choice, "mark", "0x10/0xf0");
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
	choice->ct->mark = 0xf1f;
	KUNIT_EXPECT_TRUE(test, is_chosen(choice));
	write_pnet(&choice->ct->ct_net, choice->net);
	KUNIT_EXPECT_TRUE(test, is_chosen(choice));
	choice->ct->mark = 0x30;
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
	choice_set(test, choice, "mark", "0");
	choice->ct->mark = 0;
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
}

static void nothing_chooses_what_is_not_tcp(struct kunit *test)
{
	struct choice *choice = choice_begin(test);

	choice_set(test, choice, "mark", "1");
	choice->ct->mark = 1;
	KUNIT_EXPECT_TRUE(test, is_chosen(choice));
	choice->ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.protonum =
		IPPROTO_UDP;
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
}

static void nothing_chooses_what_a_rule_denied_a_helper(struct kunit *test)
{
	struct choice *choice = choice_begin(test);

	choice_set(test, choice, "mark", "1");
	choice->ct->mark = 1;
	set_bit(IPS_HELPER_BIT, &choice->ct->status);
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
}

static void nothing_chooses_with_enabled_off(struct kunit *test)
{
	struct choice *choice = choice_begin(test);

	choice_set(test, choice, "mark", "1");
	choice->ct->mark = 1;
	choice_set(test, choice, "enabled", "N");
	KUNIT_EXPECT_FALSE(test, is_chosen(choice));
}

/*
 * It has ports in four places, and NAT may have turned two of them.  Two count only
 * where conntrack may have the server for the client.
 */
static void most_of_what_is_not_chosen_is_foreign(struct kunit *test)
{
	struct choice *choice = choice_begin(test);
	struct nf_conntrack_tuple *original =
		&choice->ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct nf_conntrack_tuple *reply =
		&choice->ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	__be16 *places[] = {
		&original->dst.u.all, &reply->src.u.all, &original->src.u.all,
		&reply->dst.u.all,
	};
	u8 *flags = &choice->ct->proto.tcp.seen[IP_CT_DIR_ORIGINAL].flags;
	unsigned int i;

	choice_set(test, choice, "ports", "25,587");
	for (i = 0; i < ARRAY_SIZE(places); i++)
		*places[i] = htons(8000 + i);
	KUNIT_EXPECT_TRUE(test, is_foreign(choice));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		*places[i] = htons(587);
		KUNIT_EXPECT_EQ(test, is_foreign(choice), i >= 2);
		*flags = IP_CT_TCP_FLAG_BE_LIBERAL;
		KUNIT_EXPECT_FALSE(test, is_foreign(choice));
		*flags = 0;
		*places[i] = htons(8000 + i);
	}
	/* in the table, whatever its ports are */
	offload_deny(choice->ct);
	KUNIT_EXPECT_FALSE(test, is_foreign(choice));
	offload_allow(choice->ct);
	KUNIT_EXPECT_TRUE(test, is_foreign(choice));
	choice_set(test, choice, "mark", "1");
	KUNIT_EXPECT_FALSE(test, is_foreign(choice));
	choice_set(test, choice, "mark", "0");
	KUNIT_EXPECT_TRUE(test, is_foreign(choice));
}

/* By a rule, or by the connection that had it expected. */
static void what_has_a_helper_is_not_foreign(struct kunit *test)
{
	static const unsigned int given[] = {
		IPS_HELPER_BIT, IPS_EXPECTED_BIT,
	};
	struct choice *choice = choice_begin(test);
	unsigned int i;

	choice_set(test, choice, "ports", "");
	KUNIT_EXPECT_TRUE(test, is_foreign(choice));
	for (i = 0; i < ARRAY_SIZE(given); i++) {
		set_bit(given[i], &choice->ct->status);
		KUNIT_EXPECT_FALSE(test, is_foreign(choice));
		clear_bit(given[i], &choice->ct->status);
	}
}

static void a_segment_alone_is_chosen_by_either_port(struct kunit *test)
{
	struct choice *choice = choice_begin(test);
	struct tcphdr to = { .dest = htons(25) }, from = { .source = htons(25) };
	struct tcphdr other = { .dest = htons(26), .source = htons(24) };
	const struct settings *settings = &choice->settings;

	KUNIT_EXPECT_TRUE(test,
			  select_chooses_segment(&init_net, &to, settings));
	KUNIT_EXPECT_TRUE(test,
			  select_chooses_segment(&init_net, &from, settings));
	KUNIT_EXPECT_FALSE(test,
			   select_chooses_segment(&init_net, &other, settings));
	KUNIT_EXPECT_FALSE(test,
			   select_chooses_segment(choice->net, &to, settings));
}

static struct kunit_case select_cases[] = {
	KUNIT_CASE(a_port_chooses_where_ports_are_guarded),
	KUNIT_CASE(a_mark_chooses_everywhere),
	KUNIT_CASE(nothing_chooses_what_is_not_tcp),
	KUNIT_CASE(nothing_chooses_what_a_rule_denied_a_helper),
	KUNIT_CASE(nothing_chooses_with_enabled_off),
	KUNIT_CASE(most_of_what_is_not_chosen_is_foreign),
	KUNIT_CASE(what_has_a_helper_is_not_foreign),
	KUNIT_CASE(a_segment_alone_is_chosen_by_either_port),
	{}
};

static struct kunit_suite select_suite = {
	.name = "smtpguard_select",
	.test_cases = select_cases,
};

kunit_test_suite(select_suite);
