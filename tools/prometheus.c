// SPDX-License-Identifier: GPL-2.0
/*
 * The text format of Prometheus.  A metric's name and labels are what dashboards
 * and alerts are made of, and stay what they are; no label holds what a peer
 * says, or there would be no end of them.
 */
#include <string.h>
#include <sys/utsname.h>

#include "params.h"
#include "prometheus.h"

#define PREFIX	"smtpguard_"

/*
 * Counters that are not called by their own names; without one are those that
 * others add up to.
 */
static const struct {
	const char *counter;
	const char *metric;
} renamed[] = {
	{ "commands_passed",		NULL },
	{ "commands_refused",		NULL },
	{ "sessions_tls",		"tls_sessions" },
	{ "ends_of_data_split",		"end_of_data_split" },
	{ "ends_of_data_ambiguous",	"end_of_data_ambiguous" },
	{ "ends_of_data_unanswered",	"end_of_data_unanswered" },
};

/* Counters that are one metric: what their names begin with, and is told. */
static const struct {
	const char *prefix;
	const char *action;
} of_verbs[] = {
	{ "passed_", "passed" },
	{ "refused_", "refused" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		if (*text == '\n')
			fputs("\\n", out);
		else
			fputc(*text, out);
	}
}

static void print_header(FILE *out, const char *metric, const char *suffix,
			 const char *type, const char *help)
{
	fprintf(out, "# HELP " PREFIX "%s%s ", metric, suffix);
	for (; *help; help++)
		fputs(*help == '\\' ? "\\\\" : (char[]){ *help, '\0' }, out);
	fprintf(out, "\n# TYPE " PREFIX "%s%s %s\n", metric, suffix, type);
}

static void print_build(FILE *out)
{
	char version[PARAMS_VALUE_MAX];
	struct utsname kernel;

	if (params_version(version) || uname(&kernel))
		return;
	print_header(out, "build_info", "", "gauge",
		     "1; its labels say which module is loaded, and in what kernel");
	fputs(PREFIX "build_info{version=\"", out);
	print_escaped(out, version);
	fputs("\",kernel=\"", out);
	print_escaped(out, kernel.release);
	fputs("\"} 1\n", out);
}

static void print_sessions(FILE *out, const struct counters *counters)
{
	unsigned long long opened, closed;

	opened = counters_value(counters, "sessions_opened");
	closed = counters_value(counters, "sessions_closed");
	print_header(out, "sessions", "", "gauge",
		     "sessions that are under guard now");
	/* the two are not read at one instant */
	fprintf(out, PREFIX "sessions %llu\n",
		opened > closed ? opened - closed : 0);
}

/* What a counter of a verb stands for; false where it is none. */
static bool of_verb(const char *counter, const char **verb, const char **action)
{
	size_t i;

	for (i = 0; i < COUNT(of_verbs); i++) {
		size_t length = strlen(of_verbs[i].prefix);

		if (strncmp(counter, of_verbs[i].prefix, length))
			continue;
		*verb = counter + length;
		*action = of_verbs[i].action;
		return true;
	}
	return false;
}

static const char *metric_of(const char *counter)
{
	size_t i;

	for (i = 0; i < COUNT(renamed); i++)
		if (strcmp(counter, renamed[i].counter) == 0)
			return renamed[i].metric;
	return counter;
}

static void print_counter(FILE *out, const char *counter,
			  unsigned long long value)
{
	const char *metric = metric_of(counter);

	if (!metric)
		return;
	print_header(out, metric, "_total", "counter",
		     counters_sentence(counter));
	fprintf(out, PREFIX "%s_total %llu\n", metric, value);
}

/* All lines of a metric stand together. */
static void print_verbs(FILE *out, const struct counters *counters)
{
	const char *verb, *action;
	size_t i;

	print_header(out, "commands", "_total", "counter",
		     "command lines by verb, and what became of them");
	for (i = 0; i < counters->count; i++)
		if (of_verb(counters->row[i].name, &verb, &action))
			fprintf(out,
				PREFIX "commands_total{verb=\"%s\",action=\"%s\"} %llu\n",
				verb, action, counters->row[i].value);
}

/**
 * prometheus_print() - print counters in the text format of Prometheus
 * @out: where to
 * @counters: the counters
 */
void prometheus_print(FILE *out, const struct counters *counters)
{
	const char *verb, *action;
	size_t i;

	print_build(out);
	print_sessions(out, counters);
	for (i = 0; i < counters->count; i++)
		if (!of_verb(counters->row[i].name, &verb, &action))
			print_counter(out, counters->row[i].name,
				      counters->row[i].value);
	print_verbs(out, counters);
}
