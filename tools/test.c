// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard test: what some settings would do to a dialogue, or to those of a
 * capture.  Neither the module nor any right is needed.
 */
#include <string.h>

#include "complain.h"
#include "conversation.h"
#include "dialogue.h"
#include "params.h"
#include "rehearsal.h"
#include "subcommands.h"
#include "tell.h"

/**
 * struct run - dialogues, and what becomes of them
 * @settings: the parameters
 * @tell: tells of one; @count: how many came before
 * @count: dialogues so far
 * @result: exit status
 */
struct run {
	const struct settings *settings;
	void (*tell)(const struct rehearsal *rehearsal, unsigned long count);
	unsigned long count;
	enum status result;
};

static void tell_people(const struct rehearsal *rehearsal, unsigned long count)
{
	const struct finding *finding = rehearsal->findings;
	const struct finding *end = finding + rehearsal->count;
	size_t i;

	tell_begin(rehearsal->dialogue, count);
	for (i = 0; i < rehearsal->turn; i++) {
		tell_turn(rehearsal, i);
		for (; finding < end && finding->turn == i; finding++)
			tell_finding(rehearsal->settings, finding);
	}
	tell_end(rehearsal);
	tell_summary(rehearsal);
}

static void tell_program(const struct rehearsal *rehearsal, unsigned long count)
{
	(void)count;
	tell_json(rehearsal);
}

static bool rehearse(void *context, const struct dialogue *dialogue)
{
	struct rehearsal rehearsal;
	struct run *run = context;
	bool good;

	good = rehearsal_run(&rehearsal, run->settings, dialogue);
	if (good) {
		run->tell(&rehearsal, run->count++);
		if (rehearsal_refuses(&rehearsal))
			run->result = STATUS_FAILED;
	}
	rehearsal_free(&rehearsal);
	return good;
}

static enum status rehearse_capture(struct run *run, const char *path)
{
	const struct conversation_reader reader = {
		.path = path,
		.ports = { &run->settings->ports },
		.take = rehearse,
		.context = run,
	};

	return conversation_read(&reader) ? run->result : STATUS_USAGE;
}

static enum status rehearse_session(struct run *run, const char *path)
{
	enum status result = STATUS_USAGE;
	struct dialogue dialogue;

	if (dialogue_read(&dialogue, path) && rehearse(run, &dialogue))
		result = run->result;
	dialogue_free(&dialogue);
	return result;
}

/* Of @count words, the first may be a profile's name. */
static bool read_words(const struct arguments *arguments, int count,
		       struct params_values *values)
{
	int i = 0;

	if (count && !strchr(arguments->words[0], '='))
		values->value[PARAMETER_PROFILE] = arguments->words[i++];
	for (; i < count; i++)
		if (params_add(values, arguments->words[i], "test"))
			return false;
	return true;
}

/**
 * test() - tell what some settings would do to dialogues
 * @arguments: a profile, NAME=VALUE, none or more, and the dialogue's file,
 *	where no option names a capture
 *
 * Return: exit status: %STATUS_FAILED where something is refused.
 */
enum status test(const struct arguments *arguments)
{
	int count = arguments->count - !arguments->capture;
	struct params_values values = { 0 };
	static struct settings settings;
	struct run run = {
		.settings = &settings,
		.tell = arguments->json ? tell_program : tell_people,
	};

	if (count < 0) {
		complain("a SESSION is missing, or -r PCAP");
		return STATUS_USAGE;
	}
	settings_init(&settings);
	if (!read_words(arguments, count, &values) ||
	    !params_apply(&settings, &values))
		return STATUS_USAGE;
	if (arguments->capture)
		return rehearse_capture(&run, arguments->capture);
	return rehearse_session(&run, arguments->words[count]);
}
