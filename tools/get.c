// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard get: parameters, in a form that smtpguard set takes.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "params.h"
#include "subcommands.h"

static enum status get_one(const char *name, bool as_json)
{
	int index = params_find(name, strlen(name));
	char value[PARAMS_VALUE_MAX];
	struct json json;

	if (index < 0 || params_read(index, value))
		return STATUS_FAILED;
	if (!as_json) {
		puts(value);
		return STATUS_OK;
	}
	json_begin(&json, stdout);
	json_string(&json, name, value);
	json_end(&json);
	return STATUS_OK;
}

static void print_lines(const struct params_values *values)
{
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		printf("%s=%s\n", settings_parameters[i].name, values->value[i]);
}

static void print_json(const struct params_values *values)
{
	struct json json;
	int i;

	json_begin(&json, stdout);
	for (i = 0; i < PARAMETER_COUNT; i++)
		json_string(&json, settings_parameters[i].name, values->value[i]);
	json_end(&json);
}

static enum status get_all(bool as_json)
{
	struct params_values values;
	int err = params_read_all(&values);

	if (!err && as_json)
		print_json(&values);
	else if (!err)
		print_lines(&values);
	params_free(&values);
	return err ? STATUS_FAILED : STATUS_OK;
}

/**
 * get() - print parameters
 * @arguments: the name of one, or none
 *
 * Return: exit status.
 */
enum status get(const struct arguments *arguments)
{
	return arguments->count ?
		get_one(arguments->words[0], arguments->json) :
		get_all(arguments->json);
}
