// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard test: what some settings would do to a dialogue, or to those of a
 * capture.  Neither the module nor any right is needed.
 *
 * Each turn is shown as it was sent, then, where it is not the same, as it is
 * forwarded, and why:
 *
 *	    7  C: EXPN root
 *	       >  XXXXXXXXX
 *	       !!! octets 1 to 9 masked: verb not allowed (verb), by verbs
 */
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "conversation.h"
#include "dialogue.h"
#include "params.h"
#include "rehearsal.h"
#include "subcommands.h"
#include "text.h"

#define INDENT		"       "
/* A list of words says little where one of them is asked for. */
#define VALUE_SHOWN	16

static bool ends_line(const u8 *octets, size_t length)
{
	return length >= 2 && !memcmp(octets + length - 2, "\r\n", 2);
}

/* Without CRLF at the end; a blank there would not be seen. */
static void print_text(const u8 *octets, size_t length)
{
	if (ends_line(octets, length))
		length -= strlen("\r\n");
	if (length && octets[length - 1] == ' ') {
		text_write(stdout, octets, length - 1);
		puts("\\x20");
		return;
	}
	text_write(stdout, octets, length);
	putchar('\n');
}

static void print_turn(const struct turn *turn)
{
	printf("%5u  %c%c ", turn->line, turn->from == FROM_CLIENT ? 'C' : 'S',
	       ends_line(turn->octets, turn->length) ? ':' : '+');
	print_text(turn->octets, turn->length);
}

static void print_parameter(const struct settings *settings, const char *name)
{
	const struct parameter *row = settings_find(name);
	char value[SETTINGS_TEXT_MAX];

	if (!row)
		return;
	printf(", by %s", name);
	settings_show(settings, row, value, sizeof(value));
	if (!row->table && strlen(value) < VALUE_SHOWN)
		printf("=%s", value);
}

static void print_octets(const struct finding *finding)
{
	if (finding->to == finding->from + 1)
		printf("octet %zu", finding->to);
	else
		printf("octets %zu to %zu", finding->from + 1, finding->to);
}

static void print_finding(const struct settings *settings,
			  const struct finding *finding)
{
	bool told = finding->effect == EFFECT_TOLD;

	fputs(told || finding->effect == EFFECT_HOLD ? INDENT "--- " :
						       INDENT "!!! ", stdout);
	if (!told && settings->policy.monitor)
		fputs("(monitor) ", stdout);
	switch (finding->effect) {
	case EFFECT_HOLD:
		print_octets(finding);
		puts(" held back until the server replies, then the client sends them again");
		return;
	case EFFECT_MASK:
		print_octets(finding);
		fputs(" masked: ", stdout);
		break;
	case EFFECT_RESET:
		printf("reset at octet %zu: ", finding->to);
		break;
	case EFFECT_RESET_NEXT:
		printf("to be reset behind octet %zu, once no end of data waits for its reply: ",
		       finding->to);
		break;
	default:
		break;
	}
	fputs(finding->why->sentence, stdout);
	if (*finding->why->slug)
		printf(" (%s)", finding->why->slug);
	print_parameter(settings, finding->parameter);
	putchar('\n');
}

/* What a turn is forwarded as; returns how many octets are. */
static size_t forward(const struct rehearsal *rehearsal, size_t number,
		      const struct finding *finding, u8 *octets)
{
	const struct turn *turn = &rehearsal->dialogue->turns[number];
	const struct finding *end = rehearsal->findings + rehearsal->count;
	size_t length = turn->length;

	memcpy(octets, turn->octets, length);
	for (; finding < end && finding->turn == number; finding++) {
		if (finding->effect == EFFECT_MASK)
			memset(octets + finding->from, finding->filler,
			       finding->to - finding->from);
		else if (finding->effect == EFFECT_HOLD)
			length = finding->from;
	}
	return length;
}

static void print_forwarded(const struct rehearsal *rehearsal, size_t number,
			    const struct finding *finding)
{
	const struct turn *turn = &rehearsal->dialogue->turns[number];
	u8 *octets = malloc(turn->length);
	size_t length;

	if (!octets) {
		complain("out of memory");
		return;
	}
	length = forward(rehearsal, number, finding, octets);
	if (length && (length < turn->length ||
		       memcmp(octets, turn->octets, length))) {
		fputs(INDENT ">  ", stdout);
		print_text(octets, length);
	}
	free(octets);
}

static void print_rehearsal(const struct rehearsal *rehearsal)
{
	const struct finding *finding = rehearsal->findings;
	const struct finding *end = finding + rehearsal->count;
	size_t i;

	for (i = 0; i < rehearsal->turn; i++) {
		bool reset = rehearsal->reset && i + 1 == rehearsal->turn;

		print_turn(&rehearsal->dialogue->turns[i]);
		if (!reset && !rehearsal->settings->policy.monitor)
			print_forwarded(rehearsal, i, finding);
		for (; finding < end && finding->turn == i; finding++)
			print_finding(rehearsal->settings, finding);
	}
}

static void print_count(unsigned int number, const char *noun)
{
	printf("%u %s%s", number, noun, number == 1 ? "" : "s");
}

static void print_summary(const struct rehearsal *rehearsal)
{
	const struct dialogue *dialogue = rehearsal->dialogue;

	if (!rehearsal->settings->policy.enabled) {
		puts("enabled=N: all passes, and nothing is read");
		return;
	}
	if (!rehearsal_is_guarded(rehearsal)) {
		printf("port %u is not guarded: all passes, and nothing is read\n",
		       dialogue->port);
		return;
	}
	print_count(rehearsal->commands, "command");
	printf(" passed, %u refused, ", rehearsal->refused);
	if (rehearsal->hidden == 1)
		fputs("1 capability hidden, ", stdout);
	else
		printf("%u capabilities hidden, ", rehearsal->hidden);
	if (rehearsal->reset)
		printf("reset in %s %u\n", *dialogue->name ? "packet" : "line",
		       dialogue->turns[rehearsal->turn - 1].line);
	else
		puts(rehearsal->session.phase == PHASE_CONDEMNED ?
		     "to be reset" : "not reset");
}

/**
 * struct run - dialogues, and what becomes of them
 * @settings: the parameters
 * @count: dialogues so far
 * @result: exit status
 */
struct run {
	const struct settings *settings;
	unsigned long count;
	enum status result;
};

/* What a dialogue of a capture begins with, and ends with. */
static void print_name(const struct run *run, const struct dialogue *dialogue)
{
	if (!*dialogue->name)
		return;
	printf("%s%s\n", run->count ? "\n" : "", dialogue->name);
	if (dialogue->late)
		puts(INDENT "--- under way before the capture began");
}

static void print_end(const struct dialogue *dialogue)
{
	if (*dialogue->end)
		printf(INDENT "--- %s\n", dialogue->end);
}

static bool rehearse(void *context, const struct dialogue *dialogue)
{
	struct rehearsal rehearsal;
	struct run *run = context;
	bool good;

	good = rehearsal_run(&rehearsal, run->settings, dialogue);
	if (good) {
		print_name(run, dialogue);
		print_rehearsal(&rehearsal);
		if (!rehearsal.reset)
			print_end(dialogue);
		print_summary(&rehearsal);
		run->count++;
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

/* A profile sets the others, so it comes first, as it does in the list. */
static bool apply(struct settings *settings, const struct params_values *values)
{
	const char *profile = values->value[PARAMETER_PROFILE];
	const char *wrong;
	int i;

	settings_init(settings);
	for (i = 0; i < PARAMETER_COUNT; i++) {
		const char *value = values->value[i];

		if (!value || (value == profile &&
			       !strcmp(profile, PARAMS_CUSTOM)))
			continue;
		if (settings_set(settings, &settings_parameters[i], value,
				 &wrong)) {
			params_complain(i, value);
			return false;
		}
	}
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
	struct run run = { .settings = &settings };

	if (count < 0) {
		complain("a SESSION is missing, or -r PCAP");
		return STATUS_USAGE;
	}
	if (!read_words(arguments, count, &values) ||
	    !apply(&settings, &values))
		return STATUS_USAGE;
	if (arguments->capture)
		return rehearse_capture(&run, arguments->capture);
	return rehearse_session(&run, arguments->words[count]);
}
