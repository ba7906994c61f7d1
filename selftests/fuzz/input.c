// SPDX-License-Identifier: GPL-2.0
/*
 * An input begins with a policy: how many choices, and each choice as two
 * octets, a row of settings_parameters and a value:
 *
 *	of a list	the row of its table that is put in or taken out
 *	of words	the word
 *	of a number	how far above the minimum
 *	relay_domains	a row of domains below
 *
 * So whatever the octets are, they are a policy, and an input that stays with
 * the defaults has one octet for it.
 */
#include "core/mechanism.h"
#include "core/verb.h"
#include "input.h"

#define CHOICES_MAX	63

static const char *const domains[] = {
	"", "a.example b.example", "example a.example mx.a.example c",
};

static void policy_set(struct settings *settings, u8 row, const char *value)
{
	const char *wrong;

	rule(!settings_set(settings, &settings_parameters[row], value, &wrong),
	     "every choice is a valid value");
}

/* Rows that no policy can have. */
static u64 rows_never(const struct word_table *table)
{
	return table == &verb_table ? VERB_UNTRACKED | VERB_FOREIGN : 0;
}

/* A list with some words of its table put in that were out, and the reverse. */
static void policy_list(struct settings *settings, u8 row, u64 toggled)
{
	const struct parameter *parameter = &settings_parameters[row];
	const struct word_table *table = parameter->table;
	const struct word_set *words =
		(void *)((u8 *)settings + parameter->offset);
	char text[SETTINGS_TEXT_MAX];
	size_t used = 0;
	/* "all" holds more than the table */
	u64 set = words->set == MECHANISMS_ALL ? toggled : words->set ^ toggled;
	u8 i;

	text[0] = '\0';
	for (i = 0; i < table->count; i++)
		if (word_in_set(set & ~rows_never(table), i))
			used += snprintf(text + used, sizeof(text) - used,
					 "%s ", table->rows[i].name);
	policy_set(settings, row, text);
}

static void policy_number(struct settings *settings, u8 row, u8 above)
{
	char text[16];

	snprintf(text, sizeof(text), "%u",
		 settings_parameters[row].minimum + above);
	policy_set(settings, row, text);
}

static void policy_word(struct settings *settings, u8 row, u8 choice)
{
	const char *const *words = settings_parameters[row].words;
	u8 count = 0;

	while (words[count])
		count++;
	policy_set(settings, row, words[choice % count]);
}

static void policy_choose(struct settings *settings, u8 row, u8 value)
{
	const struct parameter *parameter = &settings_parameters[row];

	if (parameter->words)
		policy_word(settings, row, value);
	else if (parameter->maximum)
		policy_number(settings, row, value);
	else if (row == PARAMETER_RELAY_DOMAINS)
		policy_set(settings, row, domains[value % 3]);
	/* else it is one that the core does not read */
}

static void policy_make(struct settings *settings, struct input choices)
{
	u64 toggled[PARAMETER_COUNT] = { 0 };
	u8 row;

	rule(!settings_init(settings), "the defaults are valid settings");
	while (choices.length) {
		const struct parameter *parameter;
		u8 value;

		row = input_octet(&choices) % PARAMETER_COUNT;
		value = input_octet(&choices);
		parameter = &settings_parameters[row];
		if (parameter->table)
			toggled[row] ^= 1ULL << value % parameter->table->count;
		else
			policy_choose(settings, row, value);
	}
	for (row = 0; row < PARAMETER_COUNT; row++)
		if (toggled[row])
			policy_list(settings, row, toggled[row]);
}

/**
 * input_policy() - take a policy from the front of an input
 * @input: the input
 *
 * Return: the policy, good until the next call.
 */
const struct policy *input_policy(struct input *input)
{
	static struct settings settings;
	static u8 made_of[2 * CHOICES_MAX];
	static size_t length = SIZE_MAX;
	size_t wanted = 2 * (input_octet(input) & CHOICES_MAX);
	struct input choices = input_take(input, wanted);

	/* most inputs have the policy of the one before */
	if (choices.length != length ||
	    memcmp(choices.data, made_of, length)) {
		policy_make(&settings, choices);
		length = choices.length;
		memcpy(made_of, choices.data, length);
	}
	return &settings.policy;
}
