// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard stats: all counters of this network namespace.
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

/**
 * stats() - print all counters
 * @arguments: none
 *
 * Return: exit status.
 */
enum status stats(const struct arguments *arguments)
{
	static struct counters counters;

	if (counters_read(&counters))
		return STATUS_FAILED;
	if (arguments->json)
		print_json(&counters);
	else
		print_lines(&counters);
	return STATUS_OK;
}
