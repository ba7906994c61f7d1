// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard help: which parameters there are; help NAME: what one is, takes and
 * is by default.  All of it is in the list that the module is made of, and this
 * program, too.
 */
#include <stdio.h>
#include <string.h>

#include "params.h"
#include "subcommands.h"

/**
 * help_parameters() - tell which parameters there are
 * @out: where to
 */
void help_parameters(FILE *out)
{
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		fprintf(out, "  %-19s %s\n", settings_parameters[i].name,
			params_help(i));
}

/* Where a profile makes it anything but the default. */
static void print_profiles(const struct parameter *row)
{
	const struct parameter *profile =
		&settings_parameters[PARAMETER_PROFILE];
	static struct settings settings;
	char value[SETTINGS_TEXT_MAX];
	const char *wrong;
	int i;

	for (i = 0; profile->words[i]; i++) {
		settings_init(&settings);
		settings_set(&settings, profile, profile->words[i], &wrong);
		settings_show(&settings, row, value, sizeof(value));
		if (strcmp(value, row->standard) != 0)
			printf("%-10s %s\n", profile->words[i], value);
	}
}

/**
 * help_parameter() - tell of a parameter
 * @name: its name
 *
 * Return: exit status.
 */
enum status help_parameter(const char *name)
{
	int index = params_find(name, strlen(name));
	const struct parameter *row = &settings_parameters[index];

	if (index < 0)
		return STATUS_FAILED;
	printf("%-10s %s\n", row->name, params_help(index));
	printf("%-10s %s\n", "takes", row->takes);
	printf("%-10s %s\n", "default", row->standard);
	if (row->part == PART_POLICY)
		print_profiles(row);
	return STATUS_OK;
}
