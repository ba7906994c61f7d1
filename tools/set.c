// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard set: all of the parameters that are named, or none.
 *
 * The module takes one value at a time.  What makes several of them one is
 * here: they are written in an order of their own, since a profile resets
 * whatever it governs, and if one is refused, what was before is written
 * again.  What is as it should be is not written, since writing any value that
 * a profile governs, be it the same, turns the profile into "custom".
 */
#include <signal.h>
#include <string.h>

#include "complain.h"
#include "dry.h"
#include "params.h"
#include "set.h"
#include "subcommands.h"

static int write_profile(const char *wanted, const char *current)
{
	if (strcmp(wanted, PARAMS_CUSTOM) != 0)
		return params_write(PARAMETER_PROFILE, wanted);
	/* the one profile that stays when a value is written */
	if (strcmp(current, "monitor") == 0)
		return params_write(PARAMETER_PROFILE, "esmtp");
	return 0;
}

/* Whether only writing a value, even the same, gives the profile wanted. */
static int must_write(int index, const char *wanted_profile, bool *must)
{
	char current[PARAMS_VALUE_MAX];
	int err;

	*must = false;
	if (!wanted_profile ||
	    settings_parameters[index].part != PART_POLICY ||
	    strcmp(wanted_profile, PARAMS_CUSTOM) != 0)
		return 0;
	err = params_read(PARAMETER_PROFILE, current);
	if (!err)
		*must = strcmp(current, PARAMS_CUSTOM) != 0;
	return err;
}

static int write_value(int index, const char *wanted,
		       const char *wanted_profile)
{
	char current[PARAMS_VALUE_MAX];
	bool must;
	int err;

	err = params_read(index, current);
	if (err)
		return err;
	err = must_write(index, wanted_profile, &must);
	if (err)
		return err;
	if (!must && strcmp(current, wanted) == 0)
		return 0;
	return params_write(index, wanted);
}

/* Makes the parameters be as wanted, those that are not wanted stay. */
static int write_all(const struct params_values *wanted)
{
	const char *profile = wanted->value[PARAMETER_PROFILE];
	char current[PARAMS_VALUE_MAX];
	int err = 0;
	int i;

	if (profile) {
		err = params_read(PARAMETER_PROFILE, current);
		if (!err)
			err = write_profile(profile, current);
	}
	for (i = PARAMETER_PROFILE + 1; i < PARAMETER_COUNT && !err; i++)
		if (wanted->value[i])
			err = write_value(i, wanted->value[i], profile);
	return err;
}

/*
 * "custom" names no values: those that the profile governs stay as they are
 * where the command line does not say otherwise.
 */
static void complete_custom(struct params_values *wanted,
			    const struct params_values *before)
{
	const char *profile = wanted->value[PARAMETER_PROFILE];
	int i;

	if (!profile || strcmp(profile, PARAMS_CUSTOM) != 0)
		return;
	for (i = 0; i < PARAMETER_COUNT; i++)
		if (settings_parameters[i].part == PART_POLICY &&
		    !wanted->value[i])
			wanted->value[i] = before->value[i];
}

static bool changed(const struct params_values *before)
{
	char current[PARAMS_VALUE_MAX];
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		if (params_read(i, current) ||
		    strcmp(current, before->value[i]) != 0)
			return true;
	return false;
}

static void put_back(const struct params_values *before, const char *subcommand)
{
	if (!changed(before))
		complain("%s: nothing was changed", subcommand);
	else if (write_all(before) || changed(before))
		complain("%s: what was written could not be put back; see: smtpguard get",
			 subcommand);
	else
		complain("%s: what was written was put back, nothing has changed",
			 subcommand);
}

/* Whoever is ended in the middle leaves some of the values written. */
static void end_later(sigset_t *before)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGQUIT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, before);
}

/**
 * set_values() - write parameters, all of them or none
 * @wanted: their values, those that are NULL stay as they are; completed where
 *	its profile is "custom"
 * @subcommand: who wants it, for complaints
 *
 * Return: exit status; not 0 after complaints.
 */
enum status set_values(struct params_values *wanted, const char *subcommand)
{
	struct params_values before;
	sigset_t signals;
	int err;

	err = params_read_all(&before);
	if (err)
		goto free;
	complete_custom(wanted, &before);
	end_later(&signals);
	err = write_all(wanted);
	if (err)
		put_back(&before, subcommand);
	sigprocmask(SIG_SETMASK, &signals, NULL);
free:
	params_free(&before);
	return err ? STATUS_FAILED : STATUS_OK;
}

/* Files of dialogues may stand behind the values where nothing is written. */
static int count_values(const struct arguments *arguments)
{
	int count = 0;

	if (!arguments->dry_run)
		return arguments->count;
	while (count < arguments->count && strchr(arguments->words[count], '='))
		count++;
	return count;
}

static bool is_whole(const struct arguments *arguments, int count)
{
	if (arguments->capture && !arguments->dry_run)
		complain("set: -r is for --dry-run");
	else if (!count)
		complain("set: NAME=VALUE is missing");
	else if (arguments->dry_run && !arguments->capture &&
		 count == arguments->count)
		complain("set: --dry-run needs a SESSION, or -r PCAP");
	else
		return true;
	return false;
}

/**
 * set() - write parameters, or tell what that would do
 * @arguments: NAME=VALUE, one or more; for the latter, dialogues behind them
 *
 * Return: exit status.
 */
enum status set(const struct arguments *arguments)
{
	struct params_values wanted = { 0 };
	enum status result;
	int count;
	int i;

	count = count_values(arguments);
	if (!is_whole(arguments, count))
		return STATUS_USAGE;
	for (i = 0; i < count; i++) {
		result = params_add(&wanted, arguments->words[i], "set");
		if (result)
			return result;
	}
	if (arguments->dry_run)
		return dry_run(&wanted, arguments->capture,
			       arguments->words + count,
			       arguments->count - count);
	return set_values(&wanted, "set");
}
