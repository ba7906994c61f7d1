// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard learn: the fewest changes to a policy with which it would have
 * refused nothing, from a kept log, or from the counters, which know less.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "core/verb.h"
#include "counters.h"
#include "kept.h"
#include "lessons.h"
#include "params.h"
#include "reader.h"
#include "reason.h"
#include "subcommands.h"

#define STANDARD_INPUT	"-"
#define VERB_UNKNOWN	"unknown"
#define NAME_MAX_LENGTH	64
#define MONITOR		"monitor"

/**
 * struct source - what is learnt from
 * @events: events of a kept log
 * @refusals: refusals
 * @enforced: those of them that did not only happen under the profile monitor
 */
struct source {
	unsigned long long events;
	unsigned long long refusals;
	unsigned long long enforced;
};

static struct lessons lessons;
static struct reader reader;
static struct source source;

/* Of a member that is a word; empty where it is not there. */
static const char *copy_name(const char *member, char *name)
{
	const struct reader_text *text = reader_text(&reader, member);
	size_t length = text && text->length < NAME_MAX_LENGTH ?
			text->length : 0;

	if (length)
		memcpy(name, text->octets, length);
	name[length] = '\0';
	return name;
}

static void read_refusal(void)
{
	char reason[NAME_MAX_LENGTH], parameter[NAME_MAX_LENGTH];
	const struct refusal refusal = {
		.reason = reason_find(copy_name("reason", reason)),
		.parameter = settings_find(copy_name("parameter", parameter)),
		.setting = reader_text(&reader, "setting"),
		.verb = reader_text(&reader, "verb"),
		.text = reader_text(&reader, "text"),
		.cut = reader_has(&reader, "truncated"),
		.count = 1,
	};

	source.refusals++;
	if (!reader_text_is(&reader, "verdict", MONITOR))
		source.enforced++;
	lessons_add(&lessons, &refusal);
}

static void read_message(void)
{
	lessons_need(&lessons, PARAMETER_MAX_RECIPIENTS,
		     reader_number(&reader, "recipients"));
}

static void read_close(void)
{
	lessons_need(&lessons, PARAMETER_MAX_MESSAGES,
		     reader_number(&reader, "messages"));
}

static const struct {
	const char *event;
	void (*read)(void);
} events[] = {
	{ "refusal", read_refusal },
	{ "message", read_message },
	{ "close", read_close },
};

/* What comes by two groups is learnt from once: the lines tell all. */
static void read_event(void *unused)
{
	size_t i;

	(void)unused;
	if (!reader_text(&reader, "event"))
		return;
	source.events++;
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (reader_text_is(&reader, "event", events[i].event))
			events[i].read();
}

/* Whether all of it could be read. */
static bool read_file(FILE *file, const char *name)
{
	unsigned long bad = kept_read(file, name, &reader, read_event, NULL);

	if (ferror(file)) {
		complain("%s: %s", name, strerror(errno));
		return false;
	}
	return !bad;
}

static enum status learn_from_log(const char *path)
{
	bool is_input = strcmp(path, STANDARD_INPUT) == 0;
	FILE *file = is_input ? stdin : fopen(path, "r");
	bool good;

	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return STATUS_USAGE;
	}
	good = read_file(file, is_input ? "standard input" : path);
	if (!is_input)
		fclose(file);
	if (!good)
		return STATUS_USAGE;
	if (source.events)
		return STATUS_OK;
	complain("%s: no event is there", path);
	complain("learn from what was kept of: smtpguard log --json --lines --messages");
	return STATUS_FAILED;
}

static unsigned long long counted(const struct counters *counters,
				  const char *prefix, const char *name)
{
	char counter[COUNTER_NAME_MAX];

	snprintf(counter, sizeof(counter), "%s_%s", prefix, name);
	return counters_value(counters, counter);
}

/* A verb that is not refused now is counted for other reasons. */
static unsigned long long learn_verb(const struct counters *counters, u8 verb)
{
	const struct reader_text name = { verb_name(verb),
					  strlen(verb_name(verb)) };
	struct refusal refusal = {
		.reason = REASON_VERB,
		.verb = &name,
		.count = counted(counters, "refused", verb_name(verb)),
	};
	const char *decider;

	if (!refusal.count ||
	    word_in_set(lessons.before.policy.verbs, verb))
		return 0;
	decider = settings_verb_decider(&lessons.before, verb);
	refusal.parameter = settings_find(decider);
	lessons_add(&lessons, &refusal);
	return refusal.count;
}

/* Of verbs each has a counter, but those that are in no table. */
static void learn_verbs(const struct counters *counters,
			unsigned long long count)
{
	struct refusal refusal = {
		.reason = REASON_VERB,
		.parameter = &settings_parameters[PARAMETER_VERBS],
	};
	unsigned long long known = 0;
	u8 verb;

	for (verb = 0; verb < VERB_COUNT; verb++)
		known += learn_verb(counters, verb);
	if (known >= count)
		return;
	refusal.count = count - known;
	lessons_add(&lessons, &refusal);
}

static void learn_reason(const struct counters *counters, int reason)
{
	const struct reason_row *row = &reason_rows[reason];
	const struct refusal refusal = {
		.reason = reason,
		.parameter = settings_find(row->parameter),
		.count = counted(counters, "refused_for", row->slug) +
			 counted(counters, "reset_for", row->slug),
	};

	if (!refusal.count)
		return;
	source.refusals += refusal.count;
	if (reason == REASON_VERB)
		learn_verbs(counters, refusal.count);
	else
		lessons_add(&lessons, &refusal);
}

static enum status learn_from_counters(void)
{
	static struct counters counters;
	int reason;

	if (counters_read(&counters))
		return STATUS_FAILED;
	for (reason = REASON_NONE + 1; reason < REASON_COUNT; reason++)
		learn_reason(&counters, reason);
	if (!lessons.before.policy.monitor)
		source.enforced = source.refusals;
	return STATUS_OK;
}

static void print_source(const char *path)
{
	printf("# %llu refused, as %s %s\n", source.refusals,
	       path ? path : "the counters",
	       path ? "tells" : "have it since the module was loaded");
}

/**
 * learn() - print the least that would have refused nothing
 * @arguments: a kept log, or nothing for the counters
 *
 * Return: exit status: %STATUS_FAILED where something is refused by any policy.
 */
enum status learn(const struct arguments *arguments)
{
	const char *path = arguments->count ? arguments->words[0] : NULL;
	static struct settings before;
	enum status result;
	bool good;

	if (!params_read_settings(&before))
		return STATUS_FAILED;
	lessons_init(&lessons, &before, path && !params_is_loaded());
	result = path ? learn_from_log(path) : learn_from_counters();
	if (result)
		return result;
	good = lessons_learn(&lessons);
	print_source(path);
	lessons_print(&lessons, stdout);
	if (source.enforced)
		complain("%llu of them were refused indeed: the profile monitor tells more",
			 source.enforced);
	if (!good)
		complain("something would be refused all the same: see what was printed");
	return good ? STATUS_OK : STATUS_FAILED;
}
