// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard, the administrator's tool: finds the subcommand, checks that what
 * stands behind it has its form, and calls it.
 */
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
 * @json: it knows --json
 * @explain: it knows --explain
 */
struct subcommand {
	const char *name;
	const char *form;
	const char *help;
	enum status (*run)(const struct arguments *arguments);
	int least;
	int most;
	bool json;
	bool explain;
};

#define ANY_NUMBER	__INT_MAX__

static const struct subcommand subcommands[] = {
	{
		.name	= "status",
		.form	= "[--json]",
		.help	= "version, profile, and what was done so far",
		.run	= status,
		.json	= true,
	}, {
		.name	= "get",
		.form	= "[--json] [NAME]",
		.help	= "all parameters as NAME=VALUE, or the value of one",
		.run	= get,
		.most	= 1,
		.json	= true,
	}, {
		.name	= "set",
		.form	= "NAME=VALUE...",
		.help	= "set parameters, all or none of them",
		.run	= set,
		.least	= 1,
		.most	= ANY_NUMBER,
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
		.form	= "[--json] [--explain]",
		.help	= "all counters, and what they count",
		.run	= stats,
		.json	= true,
		.explain = true,
	}, {
		.name	= "log",
		.form	= "[--json]",
		.help	= "follow the sessions as they happen",
		.run	= log_follow,
		.json	= true,
	}, {
		.name	= "test",
		.form	= "[SETTING...] SESSION",
		.help	= "what settings would do to a dialogue, and why",
		.run	= test,
		.least	= 1,
		.most	= ANY_NUMBER,
	},
};

#define SUBCOMMAND_COUNT	(sizeof(subcommands) / sizeof(subcommands[0]))

static void print_help_line(FILE *out, const char *name, const char *form,
			    const char *help)
{
	fprintf(out, "  smtpguard %-9s %-20s %s\n", name, form, help);
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

/* Where it is noted that an option was there, NULL if it may not be. */
static bool *find_option(const struct subcommand *subcommand,
			 struct arguments *arguments, const char *word)
{
	if (subcommand->json && strcmp(word, "--json") == 0)
		return &arguments->json;
	if (subcommand->explain && strcmp(word, "--explain") == 0)
		return &arguments->explain;
	return NULL;
}

/* Is it an option?  "-" alone is a file, standard input. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* Takes options out of the words. */
static bool take_options(const struct subcommand *subcommand,
			 struct arguments *arguments)
{
	int count = 0;
	int i;

	for (i = 0; i < arguments->count; i++) {
		bool *option;

		if (!is_option(arguments->words[i])) {
			arguments->words[count++] = arguments->words[i];
			continue;
		}
		option = find_option(subcommand, arguments,
				     arguments->words[i]);
		if (!option) {
			complain("%s: unknown option %s", subcommand->name,
				 arguments->words[i]);
			return false;
		}
		*option = true;
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
