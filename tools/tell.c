// SPDX-License-Identifier: GPL-2.0
/*
 * Tells people what becomes of a dialogue.  Each turn is shown as it was sent,
 * then, where it is not the same, as it is forwarded, and why:
 *
 *	    7  C: EXPN root
 *	       >  XXXXXXXXX
 *	       !!! octets 1 to 9 masked: verb not allowed (verb), by verbs
 */
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "tell.h"
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

static void print_forwarded(const struct rehearsal *rehearsal, size_t number)
{
	const struct turn *turn = &rehearsal->dialogue->turns[number];
	u8 *octets = malloc(turn->length);
	size_t length;

	if (!octets) {
		complain("out of memory");
		return;
	}
	length = rehearsal_forward(rehearsal, number, octets);
	if (length && (length < turn->length ||
		       memcmp(octets, turn->octets, length))) {
		fputs(INDENT ">  ", stdout);
		print_text(octets, length);
	}
	free(octets);
}

/**
 * tell_turn() - tell what was sent, and what is forwarded in its place
 * @rehearsal: one that was run
 * @number: of the turn
 */
void tell_turn(const struct rehearsal *rehearsal, size_t number)
{
	print_turn(&rehearsal->dialogue->turns[number]);
	if (rehearsal_forwards(rehearsal, number))
		print_forwarded(rehearsal, number);
}

/**
 * tell_finding() - tell what becomes of some octets, and why
 * @settings: the parameters
 * @finding: what was found
 */
void tell_finding(const struct settings *settings,
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

static void print_count(unsigned int number, const char *noun)
{
	printf("%u %s%s", number, noun, number == 1 ? "" : "s");
}

/**
 * tell_summary() - tell what became of all of it
 * @rehearsal: one that was run
 */
void tell_summary(const struct rehearsal *rehearsal)
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
		printf("reset in %s %u\n", dialogue->captured ? "packet" : "line",
		       dialogue->turns[rehearsal->turn - 1].line);
	else
		puts(rehearsal->session.phase == PHASE_CONDEMNED ?
		     "to be reset" : "not reset");
}

/**
 * tell_begin() - tell whose a dialogue of a capture is
 * @dialogue: the dialogue
 * @more: others were told before it
 */
void tell_begin(const struct dialogue *dialogue, bool more)
{
	if (!*dialogue->name)
		return;
	printf("%s%s\n", more ? "\n" : "", dialogue->name);
	if (dialogue->late)
		puts(INDENT "--- under way before the capture began");
}

/**
 * tell_end() - tell why nothing more is known of a dialogue
 * @rehearsal: one that was run
 */
void tell_end(const struct rehearsal *rehearsal)
{
	if (!rehearsal->reset && *rehearsal->dialogue->end)
		printf(INDENT "--- %s\n", rehearsal->dialogue->end);
}
