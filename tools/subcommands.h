/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What main.c calls, one function a subcommand, each in the file of its name.
 */
#ifndef SUBCOMMANDS_H
#define SUBCOMMANDS_H

#include <stdbool.h>
#include <stdio.h>

/**
 * enum status - exit status
 * @STATUS_OK: done
 * @STATUS_FAILED: refused, not loaded, or no rights
 * @STATUS_USAGE: the command line was not understood, or what it names
 */
enum status { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

/**
 * struct arguments - what stands behind a subcommand
 * @count: how many; main.c has seen to it that the subcommand takes so many
 * @words: the words, without options
 * @json: --json was among them
 * @explain: --explain was among them
 * @lines: --lines was among them
 * @messages: --messages was among them
 * @alerts: --alerts was among them
 * @prometheus: --prometheus was among them
 * @dry_run: --dry-run was among them
 * @eve: --eve was among them
 * @journal: --journal was among them
 * @stall: what stood behind --stall, or NULL
 * @output: what stood behind --output, or NULL
 * @capture: what stood behind -r, or NULL
 */
struct arguments {
	int count;
	char **words;
	bool json;
	bool explain;
	bool lines;
	bool messages;
	bool alerts;
	bool prometheus;
	bool dry_run;
	bool eve;
	bool journal;
	const char *stall;
	const char *output;
	const char *capture;
};

enum status status(const struct arguments *arguments);
enum status get(const struct arguments *arguments);
enum status set(const struct arguments *arguments);
enum status show_conf(const struct arguments *arguments);
enum status apply_conf(const struct arguments *arguments);
enum status check_conf(const struct arguments *arguments);
enum status profile(const struct arguments *arguments);
enum status stats(const struct arguments *arguments);
enum status flows(const struct arguments *arguments);
enum status top(const struct arguments *arguments);
enum status log_follow(const struct arguments *arguments);
enum status why(const struct arguments *arguments);
enum status learn(const struct arguments *arguments);
enum status test(const struct arguments *arguments);
void help_parameters(FILE *out);
enum status help_parameter(const char *name);

#endif /* SUBCOMMANDS_H */
