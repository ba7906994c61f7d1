// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of AUTH mechanisms, in ASCII order.
 */
#include "mechanism.h"

static const struct word mechanisms[] = {
	{ "ANONYMOUS", 0, 0 },
	{ "CRAM-MD5", 0, 0 },
	{ "DIGEST-MD5", 0, 0 },
	{ "EXTERNAL", 0, 0 },
	{ "GS2-KRB5", 0, 0 },
	{ "GS2-KRB5-PLUS", 0, 0 },
	{ "GSS-SPNEGO", 0, 0 },
	{ "GSSAPI", 0, 0 },
	{ "KERBEROS_V4", 0, 0 },
	{ "LOGIN", 0, 0 },
	{ "NTLM", 0, 0 },
	{ "OAUTHBEARER", 0, 0 },
	{ "OTP", 0, 0 },
	{ "PLAIN", 0, 0 },
	{ "SCRAM-SHA-1", 0, 0 },
	{ "SCRAM-SHA-1-PLUS", 0, 0 },
	{ "SCRAM-SHA-256", 0, 0 },
	{ "SCRAM-SHA-256-PLUS", 0, 0 },
	{ "SCRAM-SHA-512", 0, 0 },
	{ "SCRAM-SHA-512-PLUS", 0, 0 },
	{ "SECURID", 0, 0 },
	{ "XOAUTH2", 0, 0 },
};

#define MECHANISM_COUNT (sizeof(mechanisms) / sizeof(mechanisms[0]))

static_assert(MECHANISM_COUNT < WORD_TABLE_MAX, "a u64 holds a set of them");

const struct word_table mechanism_table = { mechanisms, MECHANISM_COUNT };
