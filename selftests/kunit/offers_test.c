// SPDX-License-Identifier: GPL-2.0
/*
 * What servers offer in their replies to EHLO, and what is remembered of it.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>

#include "core/offer.h"
#include "core/session.h"
#include "core/verb.h"
#include "fixture.h"
#include "core/verb.h"
#include "fixture.h"
#include "namespace.h"
#include "netns.h"
#include "offers.h"
#include "policies.h"
#include "stats.h"

#define TLS	BIT(OFFER_STARTTLS)
#define CHUNKS	BIT(OFFER_CHUNKING)
/* It ends no reply to EHLO. */
#define NOTHING	0xff
/* More than the table has room for. */
#define MANY	5000

/**
 * struct offers_case - a reply to EHLO
 * @name: a sentence
 * @command: another command than EHLO, or %NULL
 * @reply: the reply
 * @offers: what it offers
 */
struct offers_case {
	const char *name;
	const char *command;
	const char *reply;
	u8 offers;
};

static const struct offers_case offers_table[] = {
	{ "both", NULL, "250-mx\r\n250-STARTTLS\r\n250 CHUNKING\r\n",
	  TLS | CHUNKS },
	{ "one of them", NULL, "250-mx\r\n250-SIZE 9\r\n250 CHUNKING\r\n",
	  CHUNKS },
	{ "in small letters, with blanks", NULL,
	  "250-mx\r\n250-StartTLS \r\n250 SIZE\r\n", TLS },
	{ "without CR", NULL, "250-mx\n250-SIZE\n250 STARTTLS\n", TLS },
	{ "with something behind it", NULL, "250-mx\r\n250 STARTTLS x\r\n",
	  TLS },
	{ "none in one line, which names the server", NULL,
	  "250 STARTTLS\r\n", 0 },
	{ "nor in the first one", NULL, "250-STARTTLS\r\n250 SIZE\r\n", 0 },
	{ "longer words are others", NULL,
	  "250-mx\r\n250-STARTTLSX\r\n250-CHUNKINGS\r\n250 XCHUNKING\r\n", 0 },
	{ "and shorter ones", NULL,
	  "250-mx\r\n250-STARTTL\r\n250 CHUNKIN\r\n", 0 },
	{ "nor ones with a blank in them", NULL,
	  "250-mx\r\n250-START TLS\r\n250 CHUNK=ING\r\n", 0 },
	{ "nor behind another word", NULL,
	  "250-mx\r\n250 SIZE STARTTLS\r\n", 0 },
	{ "taken out", NULL, "250-mx\r\n250-XXXXXXXX\r\n250 CHUNKING\r\n",
	  CHUNKS },
	{ "to LHLO", "LHLO a\r\n", "250-mx\r\n250 STARTTLS\r\n", TLS },
	{ "nothing to HELO", "HELO a\r\n", "250-mx\r\n250 STARTTLS\r\n",
	  NOTHING },
	{ "nothing where EHLO is refused", NULL,
	  "502-mx\r\n502 STARTTLS\r\n", NOTHING },
};

static void offers_case_name(const struct offers_case *offers_case, char *name)
{
	strscpy(name, offers_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(offers, offers_table, offers_case_name);

/* Feeds a text; returns what was offered at its end. */
static u8 feed(struct session *session, const struct policy *policy,
	       enum direction from, const char *text, size_t length)
{
	struct step step;
	u8 offers = NOTHING;
	size_t at;

	for (at = 0; at < length; at += step.length) {
		session_feed(session, policy, from, (const u8 *)text + at,
			     length - at, &step);
		if (step.events & STEP_OFFERS)
			offers = step.offers;
	}
	return offers;
}

static void say(struct session *session, const struct policy *policy,
		enum direction from, const char *text)
{
	feed(session, policy, from, text, strlen(text));
}

/* However the reply is cut, and whatever of it the client may see. */
static void a_reply_offers(struct kunit *test)
{
	const struct offers_case *offers_case = test->param_value;
	size_t length = strlen(offers_case->reply);
	struct policy policy;
	struct session *session;
	size_t cut;

	session = kunit_kzalloc(test, sizeof(*session), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, session);
	policy_default(&policy);
	policy_allow(&policy, VERB_BIT(VERB_LHLO));
	for (cut = 1; cut < length; cut++) {
		u8 offers;

		policy.capabilities = cut % 2 ? ~0ULL : 0;
		session_open(session);
		say(session, &policy, FROM_SERVER, "220 mx\r\n");
		say(session, &policy, FROM_CLIENT,
		    offers_case->command ?: "EHLO a\r\n");
		offers = feed(session, &policy, FROM_SERVER,
			      offers_case->reply, cut);
		KUNIT_EXPECT_EQ(test, offers, NOTHING);
		offers = feed(session, &policy, FROM_SERVER,
			      offers_case->reply + cut, length - cut);
		KUNIT_EXPECT_EQ(test, offers, offers_case->offers);
	}
}

static u8 answer(struct session *session, const struct policy *policy,
		 const char *command, const char *reply)
{
	say(session, policy, FROM_CLIENT, command);
	return feed(session, policy, FROM_SERVER, reply, strlen(reply));
}

/* The client goes on in clear, be it that somebody else has refused EHLO. */
static void helo_behind_a_refused_ehlo_offers_nothing(struct kunit *test)
{
	struct session *session = kunit_kzalloc(test, sizeof(*session),
						GFP_KERNEL);
	struct policy policy;

	KUNIT_ASSERT_NOT_NULL(test, session);
	policy_default(&policy);
	session_open(session);
	say(session, &policy, FROM_SERVER, "220 mx\r\n");
	KUNIT_EXPECT_EQ(test, answer(session, &policy, "EHLO a\r\n",
				     "550 no\r\n"), NOTHING);
	KUNIT_EXPECT_EQ(test, answer(session, &policy, "HELO a\r\n",
				     "550 no\r\n"), NOTHING);
	KUNIT_EXPECT_EQ(test, answer(session, &policy, "HELO a\r\n",
				     "250 mx\r\n"), 0);
	KUNIT_EXPECT_EQ(test, answer(session, &policy, "EHLO a\r\n",
				     "250-mx\r\n250 STARTTLS\r\n"), TLS);
	KUNIT_EXPECT_EQ(test, answer(session, &policy, "HELO a\r\n",
				     "250 mx\r\n"), NOTHING);
}

static u8 note(struct net *net, u32 number, u8 offered)
{
	struct offers_server server = {
		.address.ip = htonl(number),
		.port = htons(25),
		.family = NFPROTO_IPV4,
	};
	u8 gone;

	rcu_read_lock();
	gone = offers_note(net, &server, offered);
	rcu_read_unlock();
	return gone;
}

static void what_is_gone_is_told_once(struct kunit *test)
{
	struct net *net = namespace_open(test);

	KUNIT_EXPECT_EQ(test, note(net, 1, TLS | CHUNKS), 0);
	KUNIT_EXPECT_EQ(test, note(net, 1, TLS | CHUNKS), 0);
	KUNIT_EXPECT_EQ(test, note(net, 1, CHUNKS), TLS);
	KUNIT_EXPECT_EQ(test, note(net, 1, CHUNKS), 0);
	KUNIT_EXPECT_EQ(test, note(net, 1, TLS), CHUNKS);
	KUNIT_EXPECT_EQ(test, note(net, 1, TLS | CHUNKS), 0);
	KUNIT_EXPECT_EQ(test, note(net, 1, 0), TLS | CHUNKS);
	namespace_close(net);
}

static void servers_are_told_apart(struct kunit *test)
{
	struct net *net = namespace_open(test);
	struct net *other = namespace_open(test);

	note(net, 1, TLS);
	KUNIT_EXPECT_EQ(test, note(net, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, note(other, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, note(net, 1, 0), TLS);
	namespace_close(other);
	namespace_close(net);
}

/* One that goes on being heard is never the one that was not for the longest time. */
static void the_table_is_bounded(struct kunit *test)
{
	struct net *net = namespace_open(test);
	long before = memory_of(net);
	u32 number, kept = 0;

	note(net, 0, TLS);
	for (number = 1; number <= MANY; number++) {
		note(net, number, TLS);
		/* it is still known */
		KUNIT_ASSERT_EQ(test, note(net, 0, 0), TLS);
		note(net, 0, TLS);
	}
	KUNIT_EXPECT_LE(test, memory_of(net) - before, 64 * 1024);
	KUNIT_EXPECT_EQ(test, note(net, 0, 0), TLS);
	/* the newest first, for who is not known takes a place */
	for (number = MANY; number; number--)
		kept += note(net, number, 0) == TLS;
	KUNIT_EXPECT_LE(test, kept, OFFERS_SETS * OFFERS_WAYS);
	KUNIT_EXPECT_GT(test, kept, 0);
	namespace_close(net);
}

/* However many they are, the others stay known. */
static void who_offers_nothing_takes_no_place(struct kunit *test)
{
	struct net *net = namespace_open(test);
	u32 number;

	note(net, 0, TLS);
	for (number = 1; number <= MANY; number++)
		note(net, number, 0);
	KUNIT_EXPECT_EQ(test, note(net, 0, 0), TLS);
	namespace_close(net);
}

/* It answers at a port that nobody will find it at again. */
static void who_was_the_client_is_no_server(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u64 before = counter_of(&init_net, COUNTER_CAPABILITIES_WITHDRAWN);

	policy_allow(&fixture->policy, VERB_BIT(VERB_TURN));
	fixture->policy.capabilities = ~0ULL;
	greet(test);
	expect_next(test, FROM_CLIENT, "EHLO a\r\n", "EHLO a\r\n");
	expect_next(test, FROM_SERVER, "250-mx\r\n250 STARTTLS\r\n",
		    "250-mx\r\n250 STARTTLS\r\n");
	expect_next(test, FROM_CLIENT, "TURN\r\n", "TURN\r\n");
	expect_next(test, FROM_SERVER, "250 ok\r\n", "250 ok\r\n");
	expect_next(test, FROM_CLIENT, "220 a\r\n", "220 a\r\n");
	expect_next(test, FROM_SERVER, "EHLO mx\r\n", "EHLO mx\r\n");
	expect_next(test, FROM_CLIENT, "250 a\r\n", "250 a\r\n");
	KUNIT_EXPECT_EQ(test,
			counter_of(&init_net, COUNTER_CAPABILITIES_WITHDRAWN),
			before);
}

static struct kunit_case offers_cases[] = {
	KUNIT_CASE_PARAM(a_reply_offers, offers_gen_params),
	KUNIT_CASE(helo_behind_a_refused_ehlo_offers_nothing),
	KUNIT_CASE(what_is_gone_is_told_once),
	KUNIT_CASE(servers_are_told_apart),
	KUNIT_CASE(the_table_is_bounded),
	KUNIT_CASE(who_offers_nothing_takes_no_place),
	KUNIT_CASE(who_was_the_client_is_no_server),
	{ }
};

/* Nothing is left of it in the initial namespace. */
static void offers_test_exit(struct kunit *test)
{
	stream_test_exit(test);
	offers_forget(netns_get(&init_net));
}

static struct kunit_suite offers_suite = {
	.name = "smtpguard_offers",
	.init = stream_test_init,
	.exit = offers_test_exit,
	.test_cases = offers_cases,
};

kunit_test_suite(offers_suite);
