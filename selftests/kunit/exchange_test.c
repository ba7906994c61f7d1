// SPDX-License-Identifier: GPL-2.0
/*
 * A line of an AUTH exchange (RFC 4954 section 4), octet by octet.
 */
#include <kunit/test.h>

#include "core/exchange.h"
#include "text.h"

/**
 * struct exchange_case - a line
 * @name: a sentence
 * @line: it, without its LF
 * @passes: octets of it that pass; all but CR are overwritten behind them
 */
struct exchange_case {
	const char *name;
	struct text line;
	size_t passes;
};

static const struct exchange_case exchange_table[] = {
	{ "base64", TEXT("azAZ09+/=="), 10 },
	{ "an empty line", TEXT("\r"), 1 },
	{ "CRs at the end", TEXT("YQ==\r\r"), 6 },
	{ "*", TEXT("*\r"), 2 },
	{ "* and base64", TEXT("*YQ==\r"), 1 },
	{ "base64 and *", TEXT("YQ*=\r"), 2 },
	{ "* and *", TEXT("**"), 1 },
	{ "a blank", TEXT("VRFY root"), 4 },
	{ "NUL", TEXT("\0YQ"), 0 },
	{ "8 bits", TEXT("YQ\xc1YQ"), 2 },
	{ "a bare CR", TEXT("YQ\rVRFY\rx"), 3 },
	{ "@", TEXT("@"), 0 },
	{ "[", TEXT("["), 0 },
	{ "`", TEXT("`"), 0 },
	{ "{", TEXT("{"), 0 },
	{ ".", TEXT("."), 0 },
	{ ":", TEXT(":"), 0 },
	{ "<", TEXT("<"), 0 },
};

static void exchange_name(const struct exchange_case *exchange_case, char *name)
{
	strscpy(name, exchange_case->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(exchange, exchange_table, exchange_name);

static void only_base64_passes(struct kunit *test)
{
	const struct exchange_case *exchange_case = test->param_value;
	const struct text *line = &exchange_case->line;
	u8 state = EXCHANGE_BEGIN;
	u64 length = 0;
	size_t at;

	for (at = 0; at < line->length; at++) {
		u8 octet = line->octets[at];

		KUNIT_EXPECT_EQ_MSG(test,
				    exchange_octet(&state, &length, octet),
				    at >= exchange_case->passes &&
				    octet != '\r', "octet %zu", at);
	}
}

static void no_more_octets_pass_than_any_client_sends(struct kunit *test)
{
	u8 state = EXCHANGE_BEGIN;
	u64 length = 0;
	size_t passed;

	for (passed = 0; passed <= 2 * EXCHANGE_LINE_MAX; passed++)
		if (exchange_octet(&state, &length, 'A'))
			break;
	KUNIT_EXPECT_EQ(test, passed, EXCHANGE_LINE_MAX);
	KUNIT_EXPECT_TRUE(test, exchange_octet(&state, &length, 'A'));
	KUNIT_EXPECT_FALSE(test, exchange_octet(&state, &length, '\r'));
}

static struct kunit_case exchange_cases[] = {
	KUNIT_CASE_PARAM(only_base64_passes, exchange_gen_params),
	KUNIT_CASE(no_more_octets_pass_than_any_client_sends),
	{}
};

static struct kunit_suite exchange_suite = {
	.name = "smtpguard_exchange",
	.test_cases = exchange_cases,
};

kunit_test_suite(exchange_suite);
