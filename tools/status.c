// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard status: what is loaded, how it is set, and what it did so far.
 */
#include <stdio.h>

#include "absence.h"
#include "counters.h"
#include "json.h"
#include "params.h"
#include "subcommands.h"

/**
 * struct state - all that is shown
 * @version: of the loaded module
 * @values: its parameters
 * @counters: its counters
 */
struct state {
	char version[PARAMS_VALUE_MAX];
	struct params_values values;
	struct counters counters;
};

static const enum parameter_index shown_parameters[] = {
	PARAMETER_PROFILE, PARAMETER_ENABLED, PARAMETER_PORTS,
};

/* Counters that matter, and what stands between them in the plain form. */
static const struct {
	const char *name;
	const char *before;
	const char *after;
} shown_counters[] = {
	{ "sessions_opened",	"sessions  ",	" opened, " },
	{ "sessions_closed",	"",		" closed\n" },
	{ "messages",		"messages  ",	"\n" },
	{ "commands_refused",	"refused   ",	" commands\n" },
	{ "resets",		"resets    ",	"\n" },
	{ "packets_unguarded",	"unguarded ",	" packets" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Behind the last of them, where there are any. */
#define UNGUARDED_HINT \
	": they passed unread, the kernel log and Documentation/placement.rst say why"

static int read_state(struct state *state)
{
	int err = params_version(state->version);

	if (err)
		return err;
	err = params_read_all(&state->values);
	if (err)
		return err;
	return counters_read(&state->counters);
}

static void print_json(const struct state *state)
{
	struct json json;
	size_t i;

	json_begin(&json, stdout);
	json_string(&json, "version", state->version);
	for (i = 0; i < COUNT(shown_parameters); i++)
		json_string(&json, settings_parameters[shown_parameters[i]].name,
			    state->values.value[shown_parameters[i]]);
	for (i = 0; i < COUNT(shown_counters); i++)
		json_number(&json, shown_counters[i].name,
			    counters_value(&state->counters,
					   shown_counters[i].name));
	json_end(&json);
}

static void print_lines(const struct state *state)
{
	size_t i;

	printf("version   %s\n", state->version);
	for (i = 0; i < COUNT(shown_parameters); i++)
		printf("%-9s %s\n", settings_parameters[shown_parameters[i]].name,
		       state->values.value[shown_parameters[i]]);
	for (i = 0; i < COUNT(shown_counters); i++)
		printf("%s%llu%s", shown_counters[i].before,
		       counters_value(&state->counters,
				      shown_counters[i].name),
		       shown_counters[i].after);
	puts(counters_value(&state->counters, "packets_unguarded") ?
	     UNGUARDED_HINT : "");
}

/**
 * status() - print what is loaded and what it did
 * @arguments: none
 *
 * Return: exit status.
 */
enum status status(const struct arguments *arguments)
{
	static struct absence_found found;
	static struct state state;
	int err;

	if (!params_is_loaded()) {
		absence_find(&found);
		absence_complain(&found);
		return STATUS_FAILED;
	}
	err = read_state(&state);
	if (!err && arguments->json)
		print_json(&state);
	else if (!err)
		print_lines(&state);
	params_free(&state.values);
	return err ? STATUS_FAILED : STATUS_OK;
}
