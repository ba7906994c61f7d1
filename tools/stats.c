// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard stats: all counters of this network namespace, and on demand what
 * they count.
 */
#include <stdio.h>

#include "absence.h"
#include "complain.h"
#include "counters.h"
#include "json.h"
#include "output.h"
#include "params.h"
#include "prometheus.h"
#include "subcommands.h"

static void print_json(FILE *out, const struct counters *counters)
{
	struct json json;
	size_t i;

	json_begin(&json, out);
	for (i = 0; i < counters->count; i++)
		json_number(&json, counters->row[i].name,
			    counters->row[i].value);
	json_end(&json);
}

static void print_lines(FILE *out, const struct counters *counters)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		fprintf(out, "%-24s %llu\n", counters->row[i].name,
			counters->row[i].value);
}

static void explain_json(FILE *out, const struct counters *counters)
{
	struct json json;
	size_t i;

	for (i = 0; i < counters->count; i++) {
		const char *name = counters->row[i].name;

		json_begin(&json, out);
		json_string(&json, "name", name);
		json_number(&json, "value", counters->row[i].value);
		json_string(&json, "sentence", counters_sentence(name));
		json_end(&json);
	}
}

static void explain_lines(FILE *out, const struct counters *counters)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		fprintf(out, "%-27s %10llu  %s\n", counters->row[i].name,
			counters->row[i].value,
			counters_sentence(counters->row[i].name));
}

/* By whether to explain, and whether as JSON. */
static void (*const print[2][2])(FILE *out, const struct counters *counters) = {
	{ print_lines, print_json },
	{ explain_lines, explain_json },
};

static bool is_understood(const struct arguments *arguments)
{
	if (!arguments->prometheus ||
	    (!arguments->json && !arguments->explain))
		return true;
	complain("stats: --prometheus has a form of its own, without --json and --explain");
	return false;
}

/*
 * A file of metrics that nobody writes any more would tell what was, and to who
 * watches it nothing would be wrong.
 */
static enum status stats_absent(const struct arguments *arguments)
{
	static struct absence_found found;
	struct output output;

	absence_find(&found);
	absence_complain(&found);
	if (!output_open(&output, arguments->output))
		return STATUS_FAILED;
	prometheus_print_absent(output.file, &found);
	output_close(&output);
	return STATUS_FAILED;
}

/**
 * stats() - print all counters
 * @arguments: none but options
 *
 * Return: exit status.
 */
enum status stats(const struct arguments *arguments)
{
	static struct counters counters;
	struct output output;

	if (!is_understood(arguments))
		return STATUS_USAGE;
	if (arguments->prometheus && !params_is_loaded())
		return stats_absent(arguments);
	if (counters_read(&counters) ||
	    !output_open(&output, arguments->output))
		return STATUS_FAILED;
	if (arguments->prometheus)
		prometheus_print(output.file, &counters);
	else
		print[arguments->explain][arguments->json](output.file,
							   &counters);
	return output_close(&output) ? STATUS_OK : STATUS_FAILED;
}
