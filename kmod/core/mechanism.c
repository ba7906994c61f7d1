// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of AUTH mechanisms, in ASCII order.
 */
#include "mechanism.h"

static const struct word mechanisms[] = {
	{ "ANONYMOUS", 0 },
	{ "CRAM-MD5", 0 },
	{ "DIGEST-MD5", MECHANISM_LAYERED },
	{ "EXTERNAL", 0 },
	{ "GS2-KRB5", 0 },
	{ "GS2-KRB5-PLUS", 0 },
	{ "GSS-SPNEGO", MECHANISM_LAYERED },
	{ "GSSAPI", MECHANISM_LAYERED },
	{ "KERBEROS_V4", MECHANISM_LAYERED },
	{ "LOGIN", 0 },
	{ "NTLM", 0 },
	{ "OAUTHBEARER", 0 },
	{ "OTP", 0 },
	{ "PLAIN", 0 },
	{ "SCRAM-SHA-1", 0 },
	{ "SCRAM-SHA-1-PLUS", 0 },
	{ "SCRAM-SHA-256", 0 },
	{ "SCRAM-SHA-256-PLUS", 0 },
	{ "SCRAM-SHA-512", 0 },
	{ "SCRAM-SHA-512-PLUS", 0 },
	{ "SECURID", 0 },
	{ "XOAUTH2", 0 },
};

#define MECHANISM_COUNT (sizeof(mechanisms) / sizeof(mechanisms[0]))

static_assert(MECHANISM_COUNT < WORD_TABLE_MAX, "a u64 holds a set of them");

const struct word_table mechanism_table = { mechanisms, MECHANISM_COUNT };

/**
 * mechanism_is_layered() - may both ends agree on a security layer
 * @row: a row of mechanism_table, or %WORD_NONE
 *
 * Return: true if so (RFC 4422 section 3.7).
 */
bool mechanism_is_layered(u8 row)
{
	return row < MECHANISM_COUNT &&
	       mechanisms[row].value == MECHANISM_LAYERED;
}
