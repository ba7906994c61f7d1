// SPDX-License-Identifier: GPL-2.0
/*
 * The header that a load balancer puts before a session: the PROXY protocol
 * (HAProxy's proxy-protocol.txt), version 1 a line (section 2.1), version 2
 * octets (section 2.2), before the greeting of RFC 5321 section 3.1.
 */
#include "core/proxy.h"
#include "dialogue.h"
#include "policies.h"
#include "walk.h"

#define SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define ADDRESSES	"\xc0\x00\x02\x09\xc6\x33\x64\x02\xdc\x04\x00\x19"
#define DIGITS_40	"0123456789012345678901234567890123456789"
#define HEADER		SIGNATURE "\x21\x11\x00\x0c" ADDRESSES
#define MASKED		"\r\n\r\nX\r\nQUIT\nXXXXXXXXXXXXXXXX"

static const struct walk_case proxy_table[] = {
	{ "addresses of IPv4", TEXT(HEADER "EHLO c\r\n"), 28, PARSE_DONE, 0 },
	{ "no addresses", TEXT(SIGNATURE "\x20\0\0\0EHLO c\r\n"), 16,
	  PARSE_DONE, 0 },
	{ "one octet of them", TEXT(SIGNATURE "\x20\x00\x00\x01xEHLO"), 17,
	  PARSE_DONE, 0 },
	{ "octets of them that look like commands",
	  TEXT(SIGNATURE "\x21\x11\x00\x06QUIT\r\nVRFY"), 22, PARSE_DONE, 0 },
	{ "a length above 255 that is not all there",
	  TEXT(SIGNATURE "\x21\x11\x01\x2cxxx"), 19, PARSE_MORE },
	{ "the signature alone", TEXT(SIGNATURE), 12, PARSE_MORE },
	{ "an empty line and a command", TEXT("\r\nEHLO c\r\n"), 3,
	  PARSE_WRONG },
	{ "two empty lines and a command", TEXT("\r\n\r\nEHLO c\r\n"), 5,
	  PARSE_WRONG },
	{ "QUIT with CRLF", TEXT("\r\n\r\n\0\r\nQUIT\r\n"), 12, PARSE_WRONG },
	{ "version 1", TEXT("PROXY UNKNOWN\r\n"), 1, PARSE_WRONG },
};

KUNIT_ARRAY_PARAM(proxy, proxy_table, walk_name);

static const struct walk proxy_walk = { .octet = proxy_octet };

static void every_cut_reads_the_same(struct kunit *test)
{
	walk_check(test, proxy_walk);
}

static void no_other_octet_is_in_the_signature(struct kunit *test)
{
	static const char signature[] = SIGNATURE;
	size_t at;

	for (at = 0; at < sizeof(signature) - 1; at++) {
		struct walk walk = proxy_walk;

		walk_on(&walk, signature, at);
		walk_allows(test, &walk, signature + at, 1);
	}
}

/* The greatest length there is: what is behind it is read again. */
static void all_octets_of_the_addresses_are_counted(struct kunit *test)
{
	static const struct text fixed = TEXT(SIGNATURE "\x21\x11\xff\xff");
	struct walk walk = proxy_walk;
	unsigned int octets = 0;

	KUNIT_ASSERT_EQ(test, walk_on(&walk, fixed.octets, fixed.length),
			fixed.length);
	while (walk.parse == PARSE_MORE && octets <= U16_MAX)
		octets += walk_on(&walk, "\n", 1);
	KUNIT_EXPECT_EQ(test, walk.parse, PARSE_DONE);
	KUNIT_EXPECT_EQ(test, octets, U16_MAX);
}

static void accept_proxy(struct policy *policy)
{
	policy->proxy_protocol = CHECK_ACCEPT;
}

static void accept_proxy_and_wait(struct policy *policy)
{
	accept_proxy(policy);
	policy_wait(policy);
}

static const struct dialogue line_table[] = {
	{ "version 1",
	  .change = accept_proxy,
	  .turns = {
		CLIENT("PROXY TCP4 192.0.2.9 198.51.100.2 56324 25\r\n"),
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 VRFY\r\n", "250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "PROXY,greeting,220,EHLO,250-,hidden,250" },
	{ "version 1, and a command right behind it",
	  .change = accept_proxy,
	  .turns = {
		CLIENT_AS("PROXY UNKNOWN\r\nVRFY a\r\n",
			  "PROXY UNKNOWN\r\nXXXXXX\r\n"),
		SERVER("220 mx\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "PROXY,!VRFY,greeting,220,500" },
	{ "version 1 of 107 octets",
	  .change = accept_proxy,
	  .turns = {
		CLIENT("PROXY UNKNOWN " DIGITS_40 DIGITS_40 "01234567890\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "PROXY" },
	{ "of 108 octets it is masked behind them",
	  .change = accept_proxy,
	  .turns = {
		CLIENT_AS("PROXY UNKNOWN " DIGITS_40 DIGITS_40 "012345678901\r\n",
			  "PROXY UNKNOWN " DIGITS_40 DIGITS_40 "01234567890X\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_COMMAND_LINE,
	  .trace = "!PROXY" },
	{ "a second one is a command that is refused",
	  .change = accept_proxy,
	  .turns = {
		CLIENT_AS("PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n",
			  "PROXY UNKNOWN\r\nXXXXXXXXXXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_PROXY,
	  .trace = "PROXY,!PROXY" },
	{ "so is one behind a command",
	  .change = accept_proxy, .opening = greeted,
	  .turns = { CLIENT_AS("PROXY UNKNOWN\r\n", "XXXXXXXXXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_PROXY,
	  .trace = "!PROXY" },
	{ "so is one where none is accepted",
	  .turns = { CLIENT_AS("PROXY UNKNOWN\r\n", "XXXXXXXXXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_PROXY,
	  .trace = "!PROXY" },
	{ "it waits for no greeting, what follows it does",
	  .change = accept_proxy_and_wait,
	  .turns = { CLIENT_RESET("PROXY UNKNOWN\r\nEHLO c\r\n",
				  "PROXY UNKNOWN\r\n") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "PROXY,sync,reset" },
	{ "none is needed",
	  .change = accept_proxy,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "greeting,220,!VRFY" },
};

static const struct dialogue octets_table[] = {
	{ "version 2, and a command right behind it",
	  .change = accept_proxy,
	  .turns = {
		CLIENT_AS(HEADER "VRFY a\r\n", HEADER "XXXXXX\r\n"),
		SERVER("220 mx\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!VRFY,greeting,220,500" },
	{ "version 2 of no addresses",
	  .change = accept_proxy,
	  .turns = {
		CLIENT(SIGNATURE "\x20\0\0\0EHLO c\r\n"),
		SERVER_AS("220 mx\r\n250-mx\r\n250 VRFY\r\n",
			  "220 mx\r\n250-mx\r\n250 XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,greeting,220,250-,hidden,250" },
	{ "a greeting comes while it is under way",
	  .change = accept_proxy,
	  .turns = {
		CLIENT("\r\n\r\n\0\r\nQU"),
		SERVER("220 mx\r\n"),
		CLIENT_AS("IT\n\x21\x11\x00\x04\n\n\n\nVRFY\r\n",
			  "IT\n\x21\x11\x00\x04\n\n\n\nXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "greeting,220,!VRFY" },
	{ "a second one is lines, the last whole of which is QUIT",
	  .change = accept_proxy,
	  .turns = { CLIENT_AS(HEADER HEADER, HEADER MASKED) },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "unknown,unknown,!unknown,bare,QUIT" },
	{ "so is one where none is accepted",
	  .turns = { CLIENT_AS(HEADER, MASKED) },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "unknown,unknown,!unknown,bare,QUIT" },
	{ "an empty line is no header, and resets",
	  .change = accept_proxy,
	  .turns = { CLIENT_RESET("\r\nEHLO c\r\n", "\r\n") },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "reset" },
	{ "it waits for no greeting, what follows it does",
	  .change = accept_proxy_and_wait,
	  .turns = { CLIENT_RESET(HEADER "EHLO c\r\n", HEADER) },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "sync,reset" },
};

KUNIT_ARRAY_PARAM(line, line_table, dialogue_name);
KUNIT_ARRAY_PARAM(octets, octets_table, dialogue_name);

static struct kunit_case proxy_cases[] = {
	KUNIT_CASE_PARAM(every_cut_reads_the_same, proxy_gen_params),
	KUNIT_CASE(no_other_octet_is_in_the_signature),
	KUNIT_CASE(all_octets_of_the_addresses_are_counted),
	DIALOGUES(line, version_1_is_a_line_before_the_session),
	DIALOGUES(octets, version_2_is_octets_before_the_session),
	{}
};

static struct kunit_suite proxy_suite = {
	.name = "smtpguard_proxy",
	.test_cases = proxy_cases,
};

kunit_test_suite(proxy_suite);
