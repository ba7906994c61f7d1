// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard stats: all counters of this network namespace, and on demand what
 * they count.
 */
#include <stdio.h>

#include "counters.h"
#include "json.h"
#include "subcommands.h"

static void print_json(const struct counters *counters)
{
	struct json json;
	size_t i;

	json_begin(&json, stdout);
	for (i = 0; i < counters->count; i++)
		json_number(&json, counters->row[i].name,
			    counters->row[i].value);
	json_end(&json);
}

static void print_lines(const struct counters *counters)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		printf("%-24s %llu\n", counters->row[i].name,
		       counters->row[i].value);
}

static void explain_json(const struct counters *counters)
{
	struct json json;
	size_t i;

	for (i = 0; i < counters->count; i++) {
		const char *name = counters->row[i].name;

		json_begin(&json, stdout);
		json_string(&json, "name", name);
		json_number(&json, "value", counters->row[i].value);
		json_string(&json, "sentence", counters_sentence(name));
		json_end(&json);
	}
}

static void explain_lines(const struct counters *counters)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		printf("%-27s %10llu  %s\n", counters->row[i].name,
		       counters->row[i].value,
		       counters_sentence(counters->row[i].name));
}

/* By whether to explain, and whether as JSON. */
static void (*const print[2][2])(const struct counters *counters) = {
	{ print_lines, print_json },
	{ explain_lines, explain_json },
};

/**
 * stats() - print all counters
 * @arguments: none but options
 *
 * Return: exit status.
 */
enum status stats(const struct arguments *arguments)
{
	static struct counters counters;

	if (counters_read(&counters))
		return STATUS_FAILED;
	print[arguments->explain][arguments->json](&counters);
	return STATUS_OK;
}
