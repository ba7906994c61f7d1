// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard, the administrator's tool: finds the subcommand, checks that what
 * stands behind it has its form, and calls it.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "params.h"
#include "subcommands.h"
#include "version.h"

/**
 * struct subcommand - one row of the table below
 * @name: the word
 * @form: what may stand behind it
 * @help: what it does
 * @run: does it
 * @least: words that it needs
 * @most: words that it takes
 * @options: those that it knows, a bit for each enum option
 */
struct subcommand {
	const char *name;
	const char *form;
	const char *help;
	enum status (*run)(const struct arguments *arguments);
	int least;
	int most;
	unsigned int options;
};

/* What subcommands may know. */
enum option {
	OPTION_JSON,
	OPTION_EXPLAIN,
	OPTION_LINES,
	OPTION_MESSAGES,
	OPTION_ALERTS,
	OPTION_PROMETHEUS,
	OPTION_OUTPUT,
	OPTION_CAPTURE,
	OPTION_DRY_RUN,
	OPTION_EVE,
	OPTION_STALL,
	OPTION_JOURNAL,

	OPTION_COUNT
};

/* Where an option is noted in struct arguments: that it was there, or the word
 * behind it.
 */
static const struct option_row {
	const char *name;
	size_t noted;
	bool has_value;
} options[OPTION_COUNT] = {
	[OPTION_JSON] = { "--json", offsetof(struct arguments, json), false },
	[OPTION_EXPLAIN] = {
		"--explain", offsetof(struct arguments, explain), false
	},
	[OPTION_LINES] = {
		"--lines", offsetof(struct arguments, lines), false
	},
	[OPTION_MESSAGES] = {
		"--messages", offsetof(struct arguments, messages), false
	},
	[OPTION_ALERTS] = {
		"--alerts", offsetof(struct arguments, alerts), false
	},
	[OPTION_PROMETHEUS] = {
		"--prometheus", offsetof(struct arguments, prometheus), false
	},
	[OPTION_OUTPUT] = {
		"--output", offsetof(struct arguments, output), true
	},
	[OPTION_DRY_RUN] = {
		"--dry-run", offsetof(struct arguments, dry_run), false
	},
	[OPTION_EVE] = { "--eve", offsetof(struct arguments, eve), false },
	[OPTION_JOURNAL] = {
		"--journal", offsetof(struct arguments, journal), false
	},
	[OPTION_STALL] = { "--stall", offsetof(struct arguments, stall), true },
	[OPTION_CAPTURE] = { "-r", offsetof(struct arguments, capture), true },
};

#define ANY_NUMBER	__INT_MAX__
#define LOG_FORM \
	"[--json|--eve|--journal] [--lines] [--messages] [--alerts] [--stall SECONDS]"

static const struct subcommand subcommands[] = {
	{
		.name	= "status",
		.form	= "[--json] [--explain]",
		.help	= "version, profile, and what was done so far",
		.run	= status,
		.options = 1 << OPTION_JSON | 1 << OPTION_EXPLAIN,
	}, {
		.name	= "get",
		.form	= "[--json] [NAME]",
		.help	= "all parameters as NAME=VALUE, or the value of one",
		.run	= get,
		.most	= 1,
		.options = 1 << OPTION_JSON,
	}, {
		.name	= "set",
		.form	= "[--dry-run] NAME=VALUE... [SESSION...|-r PCAP]",
		.help	= "set parameters, all or none of them; or what it would refuse",
		.run	= set,
		.least	= 1,
		.most	= ANY_NUMBER,
		.options = 1 << OPTION_DRY_RUN | 1 << OPTION_CAPTURE,
	}, {
		.name	= "profile",
		.form	= "NAME",
		.help	= "set all that a profile governs; see: help profile",
		.run	= profile,
		.least	= 1,
		.most	= 1,
	}, {
		.name	= "show",
		.form	= "",
		.help	= "all parameters in the form of smtpguard.conf",
		.run	= show_conf,
	}, {
		.name	= "apply",
		.form	= "[FILE]",
		.help	= "set all as smtpguard.conf has it, or nothing",
		.run	= apply_conf,
		.most	= 1,
	}, {
		.name	= "check",
		.form	= "[FILE]",
		.help	= "what is wrong in smtpguard.conf",
		.run	= check_conf,
		.most	= 1,
	}, {
		.name	= "stats",
		.form	= "[--json] [--explain] [--prometheus] [--output FILE]",
		.help	= "all counters, and what they count",
		.run	= stats,
		.options = 1 << OPTION_JSON | 1 << OPTION_EXPLAIN |
			   1 << OPTION_PROMETHEUS | 1 << OPTION_OUTPUT,
	}, {
		.name	= "flows",
		.form	= "[--json] [dump] [ADDRESS|PORT...]",
		.help	= "the sessions that are under guard",
		.run	= flows,
		.most	= ANY_NUMBER,
		.options = 1 << OPTION_JSON,
	}, {
		.name	= "top",
		.form	= "",
		.help	= "the same on a terminal, those that matter most first",
		.run	= top,
	}, {
		.name	= "log",
		.form	= LOG_FORM,
		.help	= "follow sessions",
		.run	= log_follow,
		.options = 1 << OPTION_JSON | 1 << OPTION_EVE | 1 << OPTION_LINES |
			   1 << OPTION_MESSAGES | 1 << OPTION_ALERTS |
			   1 << OPTION_STALL | 1 << OPTION_JOURNAL,
	}, {
		.name	= "why",
		.form	= "ADDRESS|QUEUE-ID [FILE]",
		.help	= "what a kept log says of a client or a message",
		.run	= why,
		.least	= 1,
		.most	= 2,
	}, {
		.name	= "learn",
		.form	= "[FILE]",
		.help	= "the least that would have refused nothing",
		.run	= learn,
		.most	= 1,
	}, {
		.name	= "test",
		.form	= "[--json] [SETTING...] SESSION|-r PCAP",
		.help	= "what settings would do to a dialogue, and why",
		.run	= test,
		.most	= ANY_NUMBER,
		.options = 1 << OPTION_JSON | 1 << OPTION_CAPTURE,
	},
};

/* How help is laid out. */
#define FORM_WIDTH	20
#define HELP_AT		42

#define SUBCOMMAND_COUNT	(sizeof(subcommands) / sizeof(subcommands[0]))

/* A long form has a line of its own. */
static void print_help_line(FILE *out, const char *name, const char *form,
			    const char *help)
{
	fprintf(out, "  smtpguard %-9s %-*s", name, FORM_WIDTH, form);
	if (strlen(form) > FORM_WIDTH)
		fprintf(out, "\n  %*s", HELP_AT - 2, "");
	fprintf(out, " %s\n", help);
}

static void print_usage(FILE *out)
{
	size_t i;

	fputs("Usage:\n", out);
	for (i = 0; i < SUBCOMMAND_COUNT; i++)
		print_help_line(out, subcommands[i].name, subcommands[i].form,
				subcommands[i].help);
	print_help_line(out, "help", "[NAME]", "this text, or about a parameter");
	print_help_line(out, "--version", "", "the version of this program");
}

static void print_help(void)
{
	print_usage(stdout);
	puts("\nParameters:");
	help_parameters(stdout);
}

static enum status usage(const struct subcommand *subcommand)
{
	fprintf(stderr, "Usage: smtpguard %s %s\n", subcommand->name,
		subcommand->form);
	return STATUS_USAGE;
}

/* NULL where the subcommand does not know it. */
static const struct option_row *find_option(const struct subcommand *subcommand,
					    const char *word)
{
	int i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (subcommand->options & 1 << i &&
		    strcmp(word, options[i].name) == 0)
			return &options[i];
	return NULL;
}

/* Is it an option?  "-" alone is a file, standard input. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* Notes an option and the word behind it, if it has one. */
static bool note_option(const struct option_row *option,
			struct arguments *arguments, int *at)
{
	void *noted = (char *)arguments + option->noted;

	if (!option->has_value) {
		*(bool *)noted = true;
		return true;
	}
	if (*at + 1 == arguments->count)
		return false;
	*(const char **)noted = arguments->words[++*at];
	return true;
}

/* Takes options out of the words. */
static bool take_options(const struct subcommand *subcommand,
			 struct arguments *arguments)
{
	int count = 0;
	int i;

	for (i = 0; i < arguments->count; i++) {
		const struct option_row *option;
		char *word = arguments->words[i];

		if (!is_option(word)) {
			arguments->words[count++] = word;
			continue;
		}
		option = find_option(subcommand, word);
		if (!option) {
			complain("%s: unknown option %s", subcommand->name,
				 word);
			return false;
		}
		if (!note_option(option, arguments, &i)) {
			complain("%s: something is missing behind %s",
				 subcommand->name, word);
			return false;
		}
	}
	arguments->count = count;
	return true;
}

static enum status run(const struct subcommand *subcommand,
		       struct arguments *arguments)
{
	if (!take_options(subcommand, arguments))
		return usage(subcommand);
	if (arguments->count < subcommand->least ||
	    arguments->count > subcommand->most) {
		complain("%s: %s", subcommand->name,
			 arguments->count < subcommand->least ?
			 "something is missing" : "too many words");
		return usage(subcommand);
	}
	return subcommand->run(arguments);
}

static const struct subcommand *find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBCOMMAND_COUNT; i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

static enum status dispatch(int argc, char **argv)
{
	struct arguments arguments = { .count = argc - 2, .words = argv + 2 };
	const struct subcommand *subcommand = argc > 1 ? find(argv[1]) : NULL;

	if (subcommand)
		return run(subcommand, &arguments);
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("smtpguard " SMTPGUARD_VERSION);
		return STATUS_OK;
	}
	if (argc == 2 && (strcmp(argv[1], "help") == 0 ||
			  strcmp(argv[1], "--help") == 0)) {
		print_help();
		return STATUS_OK;
	}
	if (argc == 3 && strcmp(argv[1], "help") == 0)
		return help_parameter(argv[2]);
	if (argc > 1)
		complain("unknown subcommand %s", argv[1]);
	print_usage(stderr);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	enum status result = dispatch(argc, argv);

	if (fflush(stdout) || ferror(stdout)) {
		complain("cannot write to standard output");
		return STATUS_FAILED;
	}
	return result;
}
