// SPDX-License-Identifier: GPL-2.0
/*
 * The one list of capabilities, in ASCII order, each with the verb that it
 * announces: a verb that is refused must not be announced.
 */
#include "capability.h"
#include "verb.h"

static const struct word capabilities[] = {
	{ "8BITMIME",		VERB_COUNT },
	{ "ATRN",		VERB_ATRN },
	{ "AUTH",		VERB_AUTH },
	{ "BINARYMIME",		VERB_BDAT },
	{ "BURL",		VERB_BURL },
	{ "CHECKPOINT",		VERB_COUNT },
	{ "CHUNKING",		VERB_BDAT },
	{ "CONNEG",		VERB_COUNT },
	{ "CONPERM",		VERB_COUNT },
	{ "DELIVERBY",		VERB_COUNT },
	{ "DSN",		VERB_COUNT },
	{ "ENHANCEDSTATUSCODES", VERB_COUNT },
	{ "ETRN",		VERB_ETRN },
	{ "EXPN",		VERB_EXPN },
	{ "FUTURERELEASE",	VERB_COUNT },
	{ "HELP",		VERB_HELP },
	{ "LIMITS",		VERB_COUNT },
	{ "MT-PRIORITY",	VERB_COUNT },
	{ "MTRK",		VERB_COUNT },
	{ "NO-SOLICITING",	VERB_COUNT },
	{ "PIPECONNECT",	VERB_COUNT },
	{ "PIPELINING",		VERB_COUNT },
	{ "PRDR",		VERB_COUNT },
	{ "REQUIRETLS",		VERB_COUNT },
	{ "RRVS",		VERB_COUNT },
	{ "SAML",		VERB_SAML },
	{ "SEND",		VERB_SEND },
	{ "SIZE",		VERB_COUNT },
	{ "SMTPUTF8",		VERB_COUNT },
	{ "SOML",		VERB_SOML },
	{ "STARTTLS",		VERB_STARTTLS },
	{ "SUBMITTER",		VERB_COUNT },
	{ "TURN",		VERB_TURN },
	{ "VRFY",		VERB_VRFY },
	{ "X-ANONYMOUSTLS",	VERB_X_ANONYMOUSTLS },
	{ "X-EXPS",		VERB_X_EXPS },
	{ "XCLIENT",		VERB_XCLIENT },
	{ "XEXCH50",		VERB_XEXCH50 },
	{ "XFORWARD",		VERB_XFORWARD },
	/* PIPECONNECT as Exim called it before 4.95 */
	{ "X_PIPE_CONNECT",	VERB_COUNT },
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
 * capability_is() - is a row the one of this name
 * @row: row of capability_table, or %WORD_NONE
 * @name: a name of capability_table
 *
 * Return: true if so.
 */
bool capability_is(u8 row, const char *name)
{
	return row == word_find(&capability_table, name, strlen(name));
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

/* What a capability ends with. */
static bool ends_capability(u8 octet)
{
	return octet == ' ' || octet == '\t' || octet == '=' || octet == '\r';
}

/**
 * capability_of_line() - the capability that a line of a reply names
 * @line: the line, without LF
 * @length: its octets
 *
 * Return: its row in capability_table, or %WORD_NONE.
 */
u8 capability_of_line(const u8 *line, size_t length)
{
	size_t end = REPLY_TEXT_AT;

	if (length < REPLY_TEXT_AT)
		return WORD_NONE;
	while (end < length && !ends_capability(line[end]))
		end++;
	return word_find(&capability_table, (const char *)line + REPLY_TEXT_AT,
			 end - REPLY_TEXT_AT);
}
