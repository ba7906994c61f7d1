// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what the manual page says of the parameters, from the list that the
 * module and the tool are made of.  Runs where the tool is built, and is not
 * installed.
 */
#include <ctype.h>
#include <stdio.h>

#include "core/settings.h"

/* By enum parameter_index. */
static const char *const help_texts[] = {
#define PARAMETER(id, name, member, part, standard, kind, help)	help,
#include "core/parameter_list.h"
};

static void print_escaped(char octet)
{
	if (octet == '-' || octet == '\\')
		putchar('\\');
	putchar(octet == '\\' ? 'e' : octet);
}

static void print_text(const char *text)
{
	for (; *text; text++)
		print_escaped(*text);
}

/* A list may go on in the page's next line after a comma, but not in a word. */
static void print_value(const char *value)
{
	fputs("\\%", stdout);
	for (; *value; value++) {
		print_escaped(*value);
		if (*value == ',')
			fputs("\\:\\%", stdout);
	}
}

static void print_parameter(enum parameter_index index)
{
	const struct parameter *row = &settings_parameters[index];
	const char *help = help_texts[index];

	printf(".TP\n.B %s\n", row->name);
	print_escaped(toupper((unsigned char)*help));
	print_text(help + 1);
	fputs(".\nTakes ", stdout);
	print_text(row->takes);
	/* a list has no space to justify its lines by */
	fputs(".\n.na\nDefault: ", stdout);
	print_value(*row->standard ? row->standard : "empty");
	fputs(".\n.ad\n", stdout);
}

static void print_parameters(const char *title, bool of_profile)
{
	int i;

	printf(".SS %s\n", title);
	for (i = 0; i < PARAMETER_COUNT; i++) {
		bool set = settings_parameters[i].part == PART_POLICY;

		if (set == of_profile)
			print_parameter(i);
	}
}

int main(void)
{
	print_parameters("Those that no profile sets", false);
	print_parameters("Those that a profile sets", true);
	return fflush(stdout) || ferror(stdout);
}
