// SPDX-License-Identifier: GPL-2.0
/*
 * The records of a TLS handshake behind STARTTLS (RFC 3207 section 4), up to the
 * server's hello (RFC 8446 sections 4, 5.1 and 6, RFC 5246 appendix E.2).
 */
#include <kunit/test.h>

#include "core/handshake.h"
#include "text.h"

/* A whole ClientHello. */
#define HELLO	"\x16\x03\x01\0\x04\001abc"

/**
 * struct handshake_case - what both sides say, the client first
 * @name: a sentence
 * @client: what the client says
 * @server: what the server says then
 * @length: octets of both that are taken, the one with @parse included
 * @parse: what the last of them does
 */
struct handshake_case {
	const char *name;
	struct text client;
	struct text server;
	size_t length;
	enum parse parse;
};

static const struct handshake_case handshake_table[] = {
	{ "a hello, and the server's", TEXT(HELLO),
	  TEXT("\x16\x03\x03\0\x7a\002"), 15, PARSE_DONE },
	{ "with SSL 3", TEXT("\x16\x03\0\0\x04\001abc"),
	  TEXT("\x16\x03\0\0\x04\002"), 15, PARSE_DONE },
	{ "with the highest version", TEXT("\x16\x03\x04\0\x04\001abc"),
	  TEXT("\x16\x03\x04\x40\0\002"), 15, PARSE_DONE },
	{ "in two records", TEXT(HELLO "\x16\x03\x01\0\001x"),
	  TEXT("\x16\x03\x03\0\x7a\002"), 21, PARSE_DONE },
	{ "in the frame of SSL 2", TEXT("\x80\x09\001\x03\0abcdef"),
	  TEXT("\x16\x03\x03\0\x7a\002"), 17, PARSE_DONE },
	{ "a warning before the server's",
	  TEXT(HELLO), TEXT("\x15\x03\x03\0\x02\001p\x16\x03\x03\0\x7a\002"),
	  22, PARSE_DONE },
	{ "no server's hello to no hello", TEXT("\x15\x03\x01\0\x02\002("),
	  TEXT("\x16\x03\x03\0\x7a\002"), 13, PARSE_WRONG },
	{ "nor to half a one", TEXT("\x16\x03\x01\0\x04\001ab"),
	  TEXT("\x16\x03\x03\0\x7a\002"), 14, PARSE_WRONG },
	{ "nor to nothing", TEXT(""),
	  TEXT("\x16\x03\x03\0\x7a\002"), 1, PARSE_WRONG },
	{ "no hello of a client's from a server", TEXT(HELLO), TEXT(HELLO),
	  15, PARSE_WRONG },
	{ "nothing enciphered from a server", TEXT(HELLO),
	  TEXT("\x17\x03\x03\0\x7a"), 10, PARSE_WRONG },
	{ "no long alert from a server", TEXT(HELLO),
	  TEXT("\x15\x03\x03\0\x03"), 14, PARSE_WRONG },
	{ "the least that a record of SSL 2 has",
	  TEXT("\x80\x08\001\x03\0"), TEXT(""), 2, PARSE_WRONG },
	{ "another version of it", TEXT("\x80\x2e\001\0\002"), TEXT(""), 4,
	  PARSE_WRONG },
	{ "one behind a record", TEXT(HELLO "\x80\x2e\001"), TEXT(""), 10,
	  PARSE_WRONG },
	{ "a version beyond the highest", TEXT("\x16\x03\x05"), TEXT(""), 3,
	  PARSE_WRONG },
	{ "another major version", TEXT("\x16\x02"), TEXT(""), 2,
	  PARSE_WRONG },
	{ "a length below the least", TEXT("\x16\x03\x01\0\x03\001"),
	  TEXT(""), 5, PARSE_WRONG },
	{ "a length beyond the greatest", TEXT("\x16\x03\x01\x40\001\001"),
	  TEXT(""), 5, PARSE_WRONG },
	{ "a record that is no ClientHello", TEXT("\x16\x03\x01\x02\0\002"),
	  TEXT(""), 6, PARSE_WRONG },
	{ "application data", TEXT("\x17\x03\x03"), TEXT(""), 1,
	  PARSE_WRONG },
	{ "a command", TEXT("EHLO c\r\n"), TEXT(""), 1, PARSE_WRONG },
	{ "a command behind a hello", TEXT(HELLO "VRFY\r\n"), TEXT(""), 10,
	  PARSE_WRONG },
	{ "a hello alone", TEXT(HELLO), TEXT(""), 9, PARSE_MORE },
	{ "a reply in clear is none of it", TEXT(HELLO), TEXT("220 go\r\n"), 10,
	  PARSE_WRONG },
};

static void handshake_name(const struct handshake_case *handshake_case,
			   char *name)
{
	strscpy(name, handshake_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(handshake, handshake_table, handshake_name);

/* Takes octets up to the first that is not just part of it. */
static size_t walk_text(struct handshake *handshake, const struct text *text,
			enum parse (*octet)(struct handshake *, u8),
			enum parse *parse)
{
	size_t at = 0;

	while (at < text->length && *parse == PARSE_MORE)
		*parse = octet(handshake, text->octets[at++]);
	return at;
}

static void both_sides_say_hello(struct kunit *test)
{
	const struct handshake_case *handshake_case = test->param_value;
	struct handshake handshake = { };
	enum parse parse = PARSE_MORE;
	size_t length;

	length = walk_text(&handshake, &handshake_case->client,
			   handshake_client, &parse);
	length += walk_text(&handshake, &handshake_case->server,
			    handshake_server, &parse);
	KUNIT_EXPECT_EQ(test, length, handshake_case->length);
	KUNIT_EXPECT_EQ(test, parse, handshake_case->parse);
}

static void a_client_says_no_more_than_a_record_holds(struct kunit *test)
{
	static const struct text header = TEXT("\x16\x03\x01\x3f\xff\001");
	static const struct text last = TEXT("\x16\x03\x01\0\001x");
	struct handshake handshake = { };
	enum parse parse = PARSE_MORE;
	size_t at;

	walk_text(&handshake, &header, handshake_client, &parse);
	for (at = 1; at < 0x3fff; at++)
		handshake_client(&handshake, 'x');
	KUNIT_EXPECT_EQ(test, walk_text(&handshake, &last, handshake_client,
					&parse), last.length);
	KUNIT_EXPECT_EQ(test, parse, PARSE_MORE);
	KUNIT_EXPECT_EQ(test, walk_text(&handshake, &last, handshake_client,
					&parse), last.length - 1);
	KUNIT_EXPECT_EQ(test, parse, PARSE_WRONG);
}

static void only_what_has_no_line_is_declined(struct kunit *test)
{
	static const struct {
		struct text client;
		bool clear;
		u8 octet;
		bool declined;
	} cases[] = {
		{ TEXT(HELLO), true, '2', true },
		{ TEXT(HELLO), true, '5', true },
		{ TEXT(HELLO), true, '1', false },
		{ TEXT(HELLO), true, '6', false },
		{ TEXT(HELLO), false, '2', false },
		{ TEXT(""), true, '2', false },
		{ TEXT("\x16\x03\x01\0\x0a"), true, '5', false },
		{ TEXT("\x16\x03\x01\0\x0d"), true, '5', false },
		{ TEXT("\x16"), true, '5', true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct handshake handshake = { .clear = cases[i].clear };
		enum parse parse = PARSE_MORE;

		walk_text(&handshake, &cases[i].client, handshake_client,
			  &parse);
		KUNIT_EXPECT_EQ_MSG(test,
				    handshake_is_declined(&handshake,
							  cases[i].octet),
				    cases[i].declined, "case %u", i);
	}
}

static struct kunit_case handshake_cases[] = {
	KUNIT_CASE_PARAM(both_sides_say_hello, handshake_gen_params),
	KUNIT_CASE(a_client_says_no_more_than_a_record_holds),
	KUNIT_CASE(only_what_has_no_line_is_declined),
	{}
};

static struct kunit_suite handshake_suite = {
	.name = "smtpguard_handshake",
	.test_cases = handshake_cases,
};

kunit_test_suite(handshake_suite);
