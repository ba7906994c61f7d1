// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of capabilities, in ASCII order, each with the verb that it
 * announces: a verb that is refused must not be announced.
 */
#include "capability.h"
#include "verb.h"

static const struct word capabilities[] = {
	{ "8BITMIME",		VERB_COUNT, 0 },
	{ "ATRN",		VERB_ATRN, 0 },
	{ "AUTH",		VERB_AUTH, 0 },
	{ "BINARYMIME",		VERB_BDAT, 0 },
	{ "BURL",		VERB_BURL, 0 },
	{ "CHECKPOINT",		VERB_COUNT, 0 },
	{ "CHUNKING",		VERB_BDAT, 0 },
	{ "CONNEG",		VERB_COUNT, 0 },
	{ "CONPERM",		VERB_COUNT, 0 },
	{ "DELIVERBY",		VERB_COUNT, 0 },
	{ "DSN",		VERB_COUNT, 0 },
	{ "ENHANCEDSTATUSCODES", VERB_COUNT, 0 },
	{ "ETRN",		VERB_ETRN, 0 },
	{ "EXPN",		VERB_EXPN, 0 },
	{ "FUTURERELEASE",	VERB_COUNT, 0 },
	{ "HELP",		VERB_HELP, 0 },
	{ "LIMITS",		VERB_COUNT, 0 },
	{ "MT-PRIORITY",	VERB_COUNT, 0 },
	{ "MTRK",		VERB_COUNT, 0 },
	{ "NO-SOLICITING",	VERB_COUNT, 0 },
	{ "PIPECONNECT",	VERB_COUNT, 0 },
	{ "PIPELINING",		VERB_COUNT, 0 },
	{ "PRDR",		VERB_COUNT, 0 },
	{ "REQUIRETLS",		VERB_COUNT, 0 },
	{ "RRVS",		VERB_COUNT, 0 },
	{ "SAML",		VERB_SAML, 0 },
	{ "SEND",		VERB_SEND, 0 },
	{ "SIZE",		VERB_COUNT, 0 },
	{ "SMTPUTF8",		VERB_COUNT, 0 },
	{ "SOML",		VERB_SOML, 0 },
	{ "STARTTLS",		VERB_STARTTLS, 0 },
	{ "SUBMITTER",		VERB_COUNT, 0 },
	{ "TURN",		VERB_TURN, 0 },
	{ "VRFY",		VERB_VRFY, 0 },
	{ "XCLIENT",		VERB_XCLIENT, 0 },
	{ "XEXCH50",		VERB_XEXCH50, 0 },
	{ "XFORWARD",		VERB_XFORWARD, 0 },
	/* PIPECONNECT as Exim called it before 4.95 */
	{ "X_PIPE_CONNECT",	VERB_COUNT, 0 },
};

#define CAPABILITY_COUNT (sizeof(capabilities) / sizeof(capabilities[0]))

static_assert(CAPABILITY_COUNT < WORD_TABLE_MAX,
	      "a u64 holds a set of capabilities");

const struct word_table capability_table = { capabilities, CAPABILITY_COUNT };

/**
 * capability_set_for_verbs() - drop the capabilities whose verb is refused
 * @announced: rows of capability_table, one bit each
 * @verbs: the verbs that a policy allows
 *
 * Return: the capabilities of @announced that announce no verb, or one in
 * @verbs.
 */
u64 capability_set_for_verbs(u64 announced, u64 verbs)
{
	u64 set = announced;
	u8 row;

	for (row = 0; row < CAPABILITY_COUNT; row++) {
		u8 verb = capabilities[row].value;

		if (verb != VERB_COUNT && !word_in_set(verbs, verb))
			set &= ~(1ULL << row);
	}
	return set;
}

/**
 * capability_is_shown() - may clients see a capability
 * @policy: the policy
 * @name: a name of capability_table
 *
 * Return: true if so.
 */
bool capability_is_shown(const struct policy *policy, const char *name)
{
	return word_in_set(policy->capabilities,
			   word_find(&capability_table, name, strlen(name)));
}
