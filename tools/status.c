// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard status: what is loaded, how it is set, and what it did so far; and on
 * demand what that means, and what helps.
 */
#include <stdio.h>
#include <string.h>

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

/* What values of them mean, where one means that less is guarded. */
static const struct {
	enum parameter_index parameter;
	const char *value;
	const char *sentence;
	const char *helps;
} telling_values[] = {
	{ PARAMETER_PROFILE, "monitor",
	  "it decides as esmtp does, and changes nothing: nothing is refused",
	  "smtpguard profile esmtp; before that, what it would refuse: smtpguard learn" },
	{ PARAMETER_PROFILE, PARAMS_CUSTOM,
	  "a value that a profile governs is not as any profile has it",
	  "smtpguard get tells which; who changed one: smtpguard log --alerts" },
	{ PARAMETER_ENABLED, "N",
	  "all passes, sessions under way included: nothing is guarded",
	  "smtpguard set enabled=Y" },
	{ PARAMETER_PORTS, "",
	  "no port is guarded: only connections that the ruleset chooses are",
	  "smtpguard set ports=25" },
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
	{ "commands_refused",	"commands  ",	" refused\n" },
	{ "resets",		"resets    ",	"\n" },
	{ "packets_unguarded",	"packets   ",	" unguarded" },
};

/* What helps where a counter is not 0. */
static const struct {
	const char *name;
	const char *helps;
} troubles[] = {
	{ "commands_refused",
	  "reasons: smtpguard stats; each with what decided: smtpguard log --alerts" },
	{ "resets",
	  "reasons: smtpguard stats; each with what decided: smtpguard log --alerts" },
	{ "packets_unguarded",
	  "the kernel log and Documentation/placement.rst say why" },
	{ "sessions_deferred",
	  "more max_memory; who takes it: smtpguard flows" },
	{ "sessions_evicted",
	  "more max_memory; who takes it: smtpguard flows" },
	{ "sessions_unguarded",
	  "more max_memory; with full=defer they wait and are guarded" },
	{ "allocation_failures",
	  "the router itself is short of memory: see the kernel log" },
	{ "sessions_foreign",
	  "ports has one where no SMTP is, or tls_ports lacks one" },
	{ "sessions_desynchronised",
	  "which server: smtpguard log --alerts; desync=log only tells of it" },
	{ "ends_of_data_ambiguous",
	  "who sends them: smtpguard log --alerts; end_of_data decides" },
	{ "ends_of_data_unanswered",
	  "the server did not answer: smtpguard log --stall 60, and its own log" },
	{ "segments_one_way",
	  "both directions must cross this router: see its routes, and the server's" },
	{ "segments_invalid",
	  "see the routes, and nf_conntrack_log_invalid of sysctl" },
	{ "segments_mismatched",
	  "somebody says other octets the second time: smtpguard log --alerts" },
	{ "segments_deferred",
	  "more max_unacknowledged, if mail is slow" },
	{ "events_lost",
	  "follow less: smtpguard log --messages --alerts" },
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

static unsigned long long value_of(const struct state *state, const char *name)
{
	return counters_value(&state->counters, name);
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
			    value_of(state, shown_counters[i].name));
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
		       value_of(state, shown_counters[i].name),
		       shown_counters[i].after);
	puts(value_of(state, "packets_unguarded") ? UNGUARDED_HINT : "");
}

/**
 * struct explanation - a line of the explained form
 * @name: what is told of
 * @value: what it is
 * @sentence: what that means
 * @helps: what helps, NULL where nothing has to
 */
struct explanation {
	const char *name;
	const char *value;
	const char *sentence;
	const char *helps;
};

static void explain_line(const struct explanation *explanation)
{
	printf("%-24s %10s  %s\n", explanation->name, explanation->value,
	       explanation->sentence);
	if (explanation->helps)
		printf("%38s helps: %s\n", "", explanation->helps);
}

static void explain_object(const struct explanation *explanation)
{
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "name", explanation->name);
	json_string(&json, "value", explanation->value);
	json_string(&json, "sentence", explanation->sentence);
	if (explanation->helps)
		json_string(&json, "helps", explanation->helps);
	json_end(&json);
}

static void explain_parameter(const struct state *state,
			      enum parameter_index index,
			      void (*print)(const struct explanation *))
{
	struct explanation explanation = {
		.name = settings_parameters[index].name,
		.value = state->values.value[index],
		.sentence = params_help(index),
	};
	size_t i;

	for (i = 0; i < COUNT(telling_values); i++) {
		if (telling_values[i].parameter != index ||
		    strcmp(telling_values[i].value, explanation.value) != 0)
			continue;
		explanation.sentence = telling_values[i].sentence;
		explanation.helps = telling_values[i].helps;
	}
	print(&explanation);
}

static const char *what_helps(const char *counter)
{
	size_t i;

	for (i = 0; i < COUNT(troubles); i++)
		if (strcmp(troubles[i].name, counter) == 0)
			return troubles[i].helps;
	return NULL;
}

static void explain_counter(const struct state *state, const char *name,
			    void (*print)(const struct explanation *))
{
	unsigned long long value = value_of(state, name);
	char text[32];
	const struct explanation explanation = {
		.name = name,
		.value = text,
		.sentence = counters_sentence(name),
		.helps = value ? what_helps(name) : NULL,
	};

	snprintf(text, sizeof(text), "%llu", value);
	print(&explanation);
}

static bool is_shown(const char *counter)
{
	size_t i;

	for (i = 0; i < COUNT(shown_counters); i++)
		if (strcmp(shown_counters[i].name, counter) == 0)
			return true;
	return false;
}

/* What is always shown, and whatever else there is trouble with. */
static void explain(const struct state *state,
		    void (*print)(const struct explanation *))
{
	const struct explanation version = {
		"version", state->version, "of the module that is loaded", NULL
	};
	size_t i;

	print(&version);
	for (i = 0; i < COUNT(shown_parameters); i++)
		explain_parameter(state, shown_parameters[i], print);
	for (i = 0; i < COUNT(shown_counters); i++)
		explain_counter(state, shown_counters[i].name, print);
	for (i = 0; i < COUNT(troubles); i++)
		if (!is_shown(troubles[i].name) &&
		    value_of(state, troubles[i].name))
			explain_counter(state, troubles[i].name, print);
}

static void print_state(const struct state *state,
			const struct arguments *arguments)
{
	if (arguments->explain)
		explain(state, arguments->json ? explain_object : explain_line);
	else if (arguments->json)
		print_json(state);
	else
		print_lines(state);
}

/**
 * status() - print what is loaded and what it did
 * @arguments: none but options
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
	if (!err)
		print_state(&state, arguments);
	params_free(&state.values);
	return err ? STATUS_FAILED : STATUS_OK;
}
