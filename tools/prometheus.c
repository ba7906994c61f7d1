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
#define REPLIES	"final_replies_"
#define HISTOGRAM	"end_of_data_reply_seconds"
#define MICRO	1000000

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
	{ "final_reply_microseconds",	NULL },
};

/* A counter of how many final replies took that long and not less. */
static const struct {
	const char *counter;
	const char *seconds;
} bounds[] = {
#define BOUND(id, name, microseconds, seconds)	{ REPLIES name, seconds },
#include "bound_list.h"
};

/* Metrics that are counters by verb or reason. */
static const struct family {
	const char *metric;
	const char *label;
	const char *help;
} families[] = {
	{
		"commands", "verb",
		"command lines by verb, and what became of them"
	}, {
		"refusals", "reason",
		"what was refused, and sessions that were reset, by reason"
	},
};

/* What the names of their counters begin with; the longer one comes first. */
static const struct member {
	const char *prefix;
	const struct family *family;
	const char *action;
} members[] = {
	{ "refused_for_",	&families[1],	"refused" },
	{ "reset_for_",		&families[1],	"reset" },
	{ "passed_",		&families[0],	"passed" },
	{ "refused_",		&families[0],	"refused" },
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

/* @reason: NULL where it is */
static void print_guarding(FILE *out, const char *kernel, const char *reason)
{
	print_header(out, "guarding", "", "gauge",
		     "1 where what is refused is kept from servers, else 0");
	fprintf(out, PREFIX "guarding %d\n", !reason);
	if (!reason)
		return;
	print_header(out, "unguarded_info", "", "gauge",
		     "1; its labels say why it is not, and in what kernel");
	fprintf(out, PREFIX "unguarded_info{reason=\"%s\",kernel=\"", reason);
	print_escaped(out, kernel);
	fputs("\"} 1\n", out);
}

/* Which parameter has the module that is loaded guard nothing. */
static const struct {
	enum parameter_index parameter;
	const char *value;
	const char *reason;
} switches[] = {
	{ PARAMETER_ENABLED,	"N",	"disabled" },
	{ PARAMETER_PROFILE,	"monitor",	"monitor" },
};

static void print_switches(FILE *out)
{
	char value[PARAMS_VALUE_MAX];
	const char *reason = NULL;
	struct utsname kernel;
	size_t i;

	if (uname(&kernel))
		return;
	for (i = 0; i < COUNT(switches) && !reason; i++) {
		if (params_read(switches[i].parameter, value))
			return;
		if (strcmp(value, switches[i].value) == 0)
			reason = switches[i].reason;
	}
	print_guarding(out, kernel.release, reason);
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

/* Which metric a counter is part of, NULL where it is one itself. */
static const struct member *member_of(const char *counter)
{
	size_t i;

	for (i = 0; i < COUNT(members); i++)
		if (strncmp(counter, members[i].prefix,
			    strlen(members[i].prefix)) == 0)
			return &members[i];
	return NULL;
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
static void print_family(FILE *out, const struct family *family,
			 const struct counters *counters)
{
	size_t i;

	print_header(out, family->metric, "_total", "counter", family->help);
	for (i = 0; i < counters->count; i++) {
		const char *counter = counters->row[i].name;
		const struct member *member = member_of(counter);

		if (member && member->family == family)
			fprintf(out,
				PREFIX "%s_total{%s=\"%s\",action=\"%s\"} %llu\n",
				family->metric, family->label,
				counter + strlen(member->prefix),
				member->action, counters->row[i].value);
	}
}

/* Here each bucket has what the ones before it have, too. */
static void print_histogram(FILE *out, const struct counters *counters)
{
	unsigned long long count = 0, sum;
	size_t i;

	print_header(out, HISTOGRAM, "", "histogram",
		     "how long final replies came after their ends of data");
	for (i = 0; i < COUNT(bounds); i++) {
		count += counters_value(counters, bounds[i].counter);
		fprintf(out, PREFIX HISTOGRAM "_bucket{le=\"%s\"} %llu\n",
			bounds[i].seconds, count);
	}
	sum = counters_value(counters, "final_reply_microseconds");
	fprintf(out, PREFIX HISTOGRAM "_sum %llu.%06llu\n", sum / MICRO,
		sum % MICRO);
	fprintf(out, PREFIX HISTOGRAM "_count %llu\n", count);
}

static bool is_bucket(const char *counter)
{
	return strncmp(counter, REPLIES, strlen(REPLIES)) == 0;
}

/**
 * prometheus_print() - print counters in the text format of Prometheus
 * @out: where to
 * @counters: the counters
 */
void prometheus_print(FILE *out, const struct counters *counters)
{
	size_t i;

	print_build(out);
	print_switches(out);
	print_sessions(out, counters);
	for (i = 0; i < counters->count; i++)
		if (!member_of(counters->row[i].name) &&
		    !is_bucket(counters->row[i].name))
			print_counter(out, counters->row[i].name,
				      counters->row[i].value);
	print_histogram(out, counters);
	for (i = 0; i < COUNT(families); i++)
		print_family(out, &families[i], counters);
}

/**
 * prometheus_print_absent() - print that the module is not there, and why
 * @out: where to
 * @found: why
 */
void prometheus_print_absent(FILE *out, const struct absence_found *found)
{
	print_guarding(out, found->kernel, found->reason);
}
