// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard set --dry-run: what would be refused of some dialogues, or of a
 * capture, that is not refused now.  Each is rehearsed twice, with the settings
 * in use and with what they would become, and nothing is written.
 */
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "conversation.h"
#include "dry.h"
#include "params.h"
#include "tell.h"

/**
 * struct comparison - dialogues, and what becomes of them
 * @now: the settings in use
 * @then: what they would become
 * @count: dialogues so far
 * @refused: those of which something is refused that is not refused now
 * @passed: those of which something is not refused any more
 * @shown: those that were shown
 */
struct comparison {
	struct settings now;
	struct settings then;
	unsigned long count;
	unsigned long refused;
	unsigned long passed;
	unsigned long shown;
};

static bool changes(const struct rehearsal *rehearsal,
		    const struct finding *finding)
{
	return finding->effect >= EFFECT_MASK &&
	       !rehearsal->settings->policy.monitor;
}

/* Octets that are not quite the same count for the same. */
static bool has(const struct rehearsal *rehearsal, const struct finding *sought)
{
	size_t i;

	for (i = rehearsal_first(rehearsal, sought->turn);
	     i < rehearsal->count &&
	     rehearsal->findings[i].turn == sought->turn; i++)
		if (rehearsal->findings[i].effect == sought->effect &&
		    rehearsal->findings[i].why == sought->why)
			return changes(rehearsal, &rehearsal->findings[i]);
	return false;
}

/* What one refuses that the other does not, where both have come so far. */
static bool is_new(const struct rehearsal *one, const struct finding *finding,
		   const struct rehearsal *other)
{
	return changes(one, finding) && finding->turn < other->turn &&
	       !has(other, finding);
}

static bool refuses_more(const struct rehearsal *one,
			 const struct rehearsal *other)
{
	size_t i;

	for (i = 0; i < one->count; i++)
		if (is_new(one, &one->findings[i], other) &&
		    rehearsal_is_refusal(&one->findings[i]))
			return true;
	return false;
}

/* The turns of which something is refused anew, and why. */
static unsigned int show(struct comparison *comparison,
			 const struct rehearsal *then,
			 const struct rehearsal *now)
{
	const struct finding *finding;
	unsigned int shown = 0;
	size_t turn = 0;
	size_t i;

	for (i = 0; i < then->count; i++) {
		finding = &then->findings[i];
		if (!is_new(then, finding, now))
			continue;
		if (!shown)
			tell_begin(then->dialogue, comparison->shown);
		if (!shown || turn != finding->turn)
			tell_turn(then, finding->turn);
		tell_finding(then->settings, finding);
		turn = finding->turn;
		shown++;
	}
	return shown;
}

static bool compare(void *context, const struct dialogue *dialogue)
{
	struct comparison *comparison = context;
	struct rehearsal now, then;
	bool good;

	good = rehearsal_run(&now, &comparison->now, dialogue);
	good = rehearsal_run(&then, &comparison->then, dialogue) && good;
	if (good) {
		comparison->count++;
		comparison->shown += !!show(comparison, &then, &now);
		comparison->refused += refuses_more(&then, &now);
		comparison->passed += refuses_more(&now, &then);
	}
	rehearsal_free(&now);
	rehearsal_free(&then);
	return good;
}

static bool compare_capture(struct comparison *comparison, const char *path)
{
	const struct conversation_reader reader = {
		.path = path,
		.ports = { &comparison->now.ports, &comparison->then.ports },
		.take = compare,
		.context = comparison,
	};

	return conversation_read(&reader);
}

static bool compare_session(struct comparison *comparison, const char *path)
{
	struct dialogue dialogue;
	bool good;

	good = dialogue_read(&dialogue, path);
	if (good) {
		snprintf(dialogue.name, sizeof(dialogue.name), "%s",
			 dialogue_source(path));
		good = compare(comparison, &dialogue);
	}
	dialogue_free(&dialogue);
	return good;
}

/* As set() has it: monitor goes where custom is asked for. */
static bool make_then(struct settings *then, const struct settings *now,
		      const struct params_values *wanted)
{
	const char *profile = wanted->value[PARAMETER_PROFILE];

	*then = *now;
	if (profile && !strcmp(profile, PARAMS_CUSTOM))
		then->policy.monitor = false;
	return params_apply(then, wanted);
}

static void print_summary(const struct comparison *comparison)
{
	printf("%lu session%s, compared with %s: ", comparison->count,
	       comparison->count == 1 ? "" : "s",
	       params_is_loaded() ? "the settings in use" :
				    "the defaults, for the module is not loaded");
	printf("%lu refused something that is not refused now, ",
	       comparison->refused);
	printf("%lu not refused something any more\n", comparison->passed);
}

/**
 * dry_run() - tell what setting parameters would refuse
 * @wanted: the parameters
 * @capture: path of a capture, or NULL
 * @sessions: paths of dialogues
 * @count: how many
 *
 * Return: exit status: %STATUS_FAILED where something is refused that is not
 * refused now.
 */
enum status dry_run(const struct params_values *wanted, const char *capture,
		    char **sessions, int count)
{
	static struct comparison comparison;
	int i;

	if (!params_read_settings(&comparison.now))
		return STATUS_FAILED;
	if (!make_then(&comparison.then, &comparison.now, wanted))
		return STATUS_USAGE;
	if (capture && !compare_capture(&comparison, capture))
		return STATUS_USAGE;
	for (i = 0; i < count; i++)
		if (!compare_session(&comparison, sessions[i]))
			return STATUS_USAGE;
	print_summary(&comparison);
	return comparison.refused ? STATUS_FAILED : STATUS_OK;
}
