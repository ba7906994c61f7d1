// SPDX-License-Identifier: GPL-2.0
/*
 * Hellos of TLS as they cross a session: what is read of them, told or not, and
 * what is kept meanwhile.  What a hello may say is selftests/core's.
 */
#include <kunit/test.h>

#include "core/hello.h"
#include "fixture.h"
#include "hellos.h"
#include "text.h"

#define RANDOM	"12345678901234567890123456789012"

/* Record, message and version; suites, methods; a name, a protocol, versions. */
#define CLIENT_BEGIN	"\x16\x03\x01\0\x52\001\0\0\x4e\x03\x03"
#define CLIENT_SUITES	"\0\0\x02\x13\x02\001\0\0\x23"
#define CLIENT_NAME	"\0\0\0\x09\0\x07\0\0\x04mail"
#define CLIENT_SPEAKS	"\0\x10\0\x07\0\x05\x04smtp"
#define CLIENT_KNOWS	"\0\x2b\0\x07\x06\x1a\x1a\x03\x04\x03\x03"
/* The same of a server; the suite, and the version. */
#define SERVER_BEGIN	"\x16\x03\x03\0\x32\002\0\0\x2e\x03\x03"
#define SERVER_CHOICE	"\0\x13\x02\0\0\x06\0\x2b\0\x02\x03\x04"

static const struct text client = TEXT(CLIENT_BEGIN RANDOM CLIENT_SUITES
				       CLIENT_NAME CLIENT_SPEAKS CLIENT_KNOWS);
static const struct text server = TEXT(SERVER_BEGIN RANDOM SERVER_CHOICE);

/* Behind that comes what is enciphered, in the same segment or not. */
static const struct text behind = TEXT("\x17\x03\x03\0\x01x");

static struct guard *guard_of(struct kunit *test)
{
	return ((struct stream_fixture *)test->priv)->guard;
}

/* Octets that are next in order; they may be NULs, and pass as they are. */
static void say(struct kunit *test, enum direction from, const char *octets,
		size_t length)
{
	struct stream_fixture *fixture = test->priv;

	KUNIT_ASSERT_EQ(test, send_at(test, from, fixture->next[from], octets,
				      length), STREAM_ACCEPT);
	KUNIT_EXPECT_EQ(test, memcmp(fixture->out, octets, length), 0);
	fixture->next[from] += length;
}

/* Some of the server's hello, wherever that is. */
static void say_at(struct kunit *test, u32 first, size_t from, size_t to)
{
	KUNIT_ASSERT_EQ(test, send_at(test, FROM_SERVER, first + from,
				      server.octets + from, to - from),
			STREAM_ACCEPT);
}

static void ask_for_tls(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "STARTTLS\r\n", "STARTTLS\r\n");
	expect_next(test, FROM_SERVER, "220 go\r\n", "220 go\r\n");
	KUNIT_EXPECT_NULL(test, guard_of(test)->hellos);
}

/* The client's hello, as a part of what is known of both. */
static void say_hello(struct kunit *test)
{
	const struct hello *hello;

	ask_for_tls(test);
	say(test, FROM_CLIENT, client.octets, client.length);
	KUNIT_ASSERT_NOT_NULL(test, guard_of(test)->hellos);
	hello = &guard_of(test)->hellos->hello;
	KUNIT_EXPECT_EQ(test, hello->client, HELLO_READ);
	KUNIT_EXPECT_EQ(test, hello->offered, 0x0304);
	KUNIT_EXPECT_EQ(test, hello->name_length, 4);
	KUNIT_EXPECT_EQ(test, memcmp(hello->name, "mail", 4), 0);
	KUNIT_EXPECT_EQ(test, hello->protocols.used, 5);
}

/* Nothing is kept any more, and the version is known, or not. */
static void expect_over(struct kunit *test, u16 version)
{
	KUNIT_EXPECT_NULL(test, guard_of(test)->hellos);
	KUNIT_EXPECT_EQ(test, guard_of(test)->tls_version, version);
}

static void both_hellos_are_read(struct kunit *test)
{
	say_hello(test);
	say(test, FROM_SERVER, server.octets, server.length);
	expect_over(test, 0x0304);
	KUNIT_EXPECT_TRUE(test, guard_is_opaque(guard_of(test)));
}

static void what_is_kept_is_counted(struct kunit *test)
{
	size_t before;

	ask_for_tls(test);
	before = guard_memory(guard_of(test));
	say(test, FROM_CLIENT, client.octets, client.length);
	KUNIT_EXPECT_EQ(test, guard_memory(guard_of(test)) - before,
			sizeof(struct hellos));
	say(test, FROM_SERVER, server.octets, server.length);
	KUNIT_EXPECT_EQ(test, guard_memory(guard_of(test)), before);
}

/* Each cut of what the server says, in each shape that payload has. */
static void a_servers_hello_may_be_cut_anywhere(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u8 said[128];
	size_t length = server.length + behind.length;
	size_t cut;

	memcpy(said, server.octets, server.length);
	memcpy(said + server.length, behind.octets, behind.length);
	for (cut = 1; cut < length; cut++) {
		begin_again(test, CLIENT_START, SERVER_START);
		fixture->shape = cut % SEGMENT_SHAPES;
		say_hello(test);
		say(test, FROM_SERVER, said, cut);
		KUNIT_EXPECT_EQ(test, !guard_of(test)->hellos,
				cut >= server.length);
		say(test, FROM_SERVER, said + cut, length - cut);
		expect_over(test, 0x0304);
	}
}

/* A repeat is read once, and what is behind a hole not before that is filled. */
static void octets_are_read_in_order_and_once(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 first;

	say_hello(test);
	first = fixture->next[FROM_SERVER];
	say_at(test, first, 0, 20);
	say_at(test, first, 30, server.length);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	say_at(test, first, 10, 40);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	say_at(test, first, 20, 30);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	say_at(test, first, 30, server.length);
	expect_over(test, 0x0304);
}

/* They will not come again. */
static void what_is_acknowledged_unread_is_given_up(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	u32 first;

	say_hello(test);
	first = fixture->next[FROM_SERVER];
	say(test, FROM_SERVER, server.octets, 20);
	acknowledge(test, FROM_SERVER);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	say_at(test, first, 30, server.length);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	fixture->next[FROM_SERVER] = first + server.length;
	acknowledge(test, FROM_SERVER);
	expect_over(test, 0);
	say_at(test, first, 20, 30);
	expect_over(test, 0);
}

static void without_memory_it_passes_unread(struct kunit *test)
{
	ask_for_tls(test);
	limit_memory(test, 0);
	say(test, FROM_CLIENT, client.octets, client.length);
	KUNIT_EXPECT_NULL(test, guard_of(test)->hellos);
	say(test, FROM_SERVER, server.octets, server.length);
	expect_over(test, 0);
	KUNIT_EXPECT_TRUE(test, guard_is_opaque(guard_of(test)));
	limit_memory(test, MEMORY_DEFAULT);
}

static void what_is_none_passes_unread(struct kunit *test)
{
	start_tls(test);
	KUNIT_EXPECT_NOT_NULL(test, guard_of(test)->hellos);
	say(test, FROM_SERVER, behind.octets, behind.length);
	expect_over(test, 0);
}

static void a_server_may_answer_in_clear(struct kunit *test)
{
	say_hello(test);
	expect_next(test, FROM_SERVER, "454 no\r\n", "454 no\r\n");
	expect_over(test, 0);
	expect_next(test, FROM_CLIENT, "NOOP\r\n", "NOOP\r\n");
}

static void the_end_of_a_session_ends_it(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = { .flags = TCP_FLAG_RST };

	say_hello(test);
	segment.sequence = fixture->next[FROM_CLIENT];
	KUNIT_EXPECT_EQ(test, send_segment(test, FROM_CLIENT, &segment),
			STREAM_ACCEPT);
	expect_over(test, 0);
}

static struct kunit_case hello_cases[] = {
	KUNIT_CASE(both_hellos_are_read),
	KUNIT_CASE(what_is_kept_is_counted),
	KUNIT_CASE(a_servers_hello_may_be_cut_anywhere),
	KUNIT_CASE(octets_are_read_in_order_and_once),
	KUNIT_CASE(what_is_acknowledged_unread_is_given_up),
	KUNIT_CASE(without_memory_it_passes_unread),
	KUNIT_CASE(what_is_none_passes_unread),
	KUNIT_CASE(a_server_may_answer_in_clear),
	KUNIT_CASE(the_end_of_a_session_ends_it),
	{ }
};

static struct kunit_suite hello_suite = {
	.name = "smtpguard_hello",
	.init = stream_test_init,
	.exit = stream_test_exit,
	.test_cases = hello_cases,
};

kunit_test_suite(hello_suite);
