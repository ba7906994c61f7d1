// SPDX-License-Identifier: GPL-2.0
/*
 * Tells programs what becomes of a dialogue: an object a line, for each turn,
 * for each finding behind its turn, and one for all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "json.h"
#include "tell.h"

/* By enum effect. */
static const char *const effects[] = {
	[EFFECT_TOLD] = "told",
	[EFFECT_HOLD] = "hold",
	[EFFECT_MASK] = "mask",
	[EFFECT_RESET] = "reset",
	[EFFECT_RESET_NEXT] = "reset_next",
};

static void begin(struct json *json, const struct dialogue *dialogue,
		  const char *kind)
{
	json_begin(json, stdout);
	json_string(json, "event", kind);
	if (*dialogue->name)
		json_string(json, "session", dialogue->name);
}

static void add_place(struct json *json, const struct dialogue *dialogue,
		      const char *name, size_t number)
{
	json_number(json, name, dialogue->turns[number].line);
}

static const char *unit(const struct dialogue *dialogue)
{
	return dialogue->captured ? "packet" : "line";
}

static void add_forwarded(struct json *json, const struct rehearsal *rehearsal,
			  size_t number)
{
	const struct turn *turn = &rehearsal->dialogue->turns[number];
	u8 *octets = malloc(turn->length);
	size_t length;

	if (!octets) {
		complain("out of memory");
		return;
	}
	length = rehearsal_forward(rehearsal, number, octets);
	if (length < turn->length || memcmp(octets, turn->octets, length))
		json_octets(json, "forwarded", octets, length);
	free(octets);
}

static void print_turn(const struct rehearsal *rehearsal, size_t number)
{
	const struct dialogue *dialogue = rehearsal->dialogue;
	const struct turn *turn = &dialogue->turns[number];
	struct json json;

	begin(&json, dialogue, "turn");
	add_place(&json, dialogue, unit(dialogue), number);
	json_string(&json, "from",
		    turn->from == FROM_CLIENT ? "client" : "server");
	json_octets(&json, "text", turn->octets, turn->length);
	if (rehearsal_forwards(rehearsal, number))
		add_forwarded(&json, rehearsal, number);
	json_end(&json);
}

static void add_parameter(struct json *json, const struct settings *settings,
			  const char *name)
{
	const struct parameter *row = settings_find(name);
	char value[SETTINGS_TEXT_MAX];

	if (!row)
		return;
	json_string(json, "parameter", name);
	settings_show(settings, row, value, sizeof(value));
	json_string(json, "value", value);
}

static void print_finding(const struct rehearsal *rehearsal,
			  const struct finding *finding)
{
	const struct dialogue *dialogue = rehearsal->dialogue;
	struct json json;

	begin(&json, dialogue, "finding");
	add_place(&json, dialogue, unit(dialogue), finding->turn);
	json_string(&json, "effect", effects[finding->effect]);
	json_number(&json, "first", finding->from + 1);
	json_number(&json, "last", finding->to);
	if (finding->effect != EFFECT_HOLD)
		json_string(&json, "sentence", finding->why->sentence);
	if (finding->effect != EFFECT_HOLD && *finding->why->slug)
		json_string(&json, "reason", finding->why->slug);
	add_parameter(&json, rehearsal->settings, finding->parameter);
	if (finding->effect >= EFFECT_MASK &&
	    rehearsal->settings->policy.monitor)
		json_true(&json, "monitor");
	json_end(&json);
}

static void print_summary(const struct rehearsal *rehearsal)
{
	const struct dialogue *dialogue = rehearsal->dialogue;
	struct json json;

	begin(&json, dialogue, "summary");
	json_number(&json, "commands", rehearsal->commands);
	json_number(&json, "refused", rehearsal->refused);
	json_number(&json, "hidden", rehearsal->hidden);
	if (rehearsal->reset)
		add_place(&json, dialogue, "reset", rehearsal->turn - 1);
	if (dialogue->late)
		json_true(&json, "late");
	if (!rehearsal_is_guarded(rehearsal))
		json_true(&json, "unguarded");
	if (*dialogue->end)
		json_string(&json, "end", dialogue->end);
	json_end(&json);
}

/**
 * tell_json() - tell all of it
 * @rehearsal: one that was run
 */
void tell_json(const struct rehearsal *rehearsal)
{
	const struct finding *finding = rehearsal->findings;
	const struct finding *end = finding + rehearsal->count;
	size_t i;

	for (i = 0; i < rehearsal->turn; i++) {
		print_turn(rehearsal, i);
		for (; finding < end && finding->turn == i; finding++)
			print_finding(rehearsal, finding);
	}
	print_summary(rehearsal);
}
