// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters, as files below /sys/module/smtpguard.  The module judges what is
 * written to them; its "Invalid argument" is put into words here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "params.h"

#define MODULE_DIRECTORY	"/sys/module/smtpguard"
#define PATH_LENGTH		128

/* By enum parameter_index. */
static const char *const help_texts[] = {
#define PARAMETER(id, name, member, part, standard, kind, help)	help,
#include "core/parameter_list.h"
};

/**
 * params_help() - what a parameter is
 * @index: which
 *
 * Return: a few words.
 */
const char *params_help(enum parameter_index index)
{
	return help_texts[index];
}

static void complain_unknown(const char *name, size_t length)
{
	char known[1024] = "";
	size_t i;

	for (i = 0; i < PARAMETER_COUNT; i++) {
		strcat(known, " ");
		strcat(known, settings_parameters[i].name);
	}
	complain("unknown parameter \"%.*s\"; there are%s", (int)length, name,
		 known);
}

/**
 * params_find() - find a parameter by its name
 * @name: the name, not terminated
 * @length: its length
 *
 * Return: enum parameter_index, or -ENOENT after a complaint.
 */
int params_find(const char *name, size_t length)
{
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		if (strlen(settings_parameters[i].name) == length &&
		    strncmp(settings_parameters[i].name, name, length) == 0)
			return i;
	complain_unknown(name, length);
	return -ENOENT;
}

/**
 * params_is_loaded() - is there a module whose parameters can be read
 *
 * Return: true if so.
 */
bool params_is_loaded(void)
{
	return access(MODULE_DIRECTORY, F_OK) == 0;
}

static void complain_file(const char *name, int err)
{
	if (!params_is_loaded())
		complain_not_loaded();
	else if (err == -ENOENT)
		complain("%s: the loaded module does not have it", name);
	else if (err == -EACCES || err == -EPERM)
		complain("%s: not permitted: it takes root", name);
	else
		complain("%s: %s", name, strerror(-err));
}

/* One line without its end; a line end separates words of a list too. */
static void make_line(char *value)
{
	size_t length = strlen(value);

	if (length && value[length - 1] == '\n')
		value[length - 1] = '\0';
	for (; *value; value++)
		if (*value == '\n')
			*value = ' ';
}

static int read_file(const char *path, const char *name, char *value)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = -1;
	int err;

	if (descriptor >= 0)
		length = read(descriptor, value, PARAMS_VALUE_MAX - 1);
	err = length < 0 ? -errno : 0;
	if (descriptor >= 0)
		close(descriptor);
	if (err) {
		complain_file(name, err);
		return err;
	}
	value[length] = '\0';
	make_line(value);
	return 0;
}

/**
 * params_add() - take a value from a word of the command line
 * @values: where to; it points into the word
 * @word: NAME=VALUE
 * @subcommand: whose word it is
 *
 * Return: exit status; not 0 after a complaint.
 */
enum status params_add(struct params_values *values, char *word,
		       const char *subcommand)
{
	char *equals = strchr(word, '=');
	int index;

	if (!equals) {
		complain("%s: \"%s\" is not of the form NAME=VALUE", subcommand,
			 word);
		return STATUS_USAGE;
	}
	index = params_find(word, equals - word);
	if (index < 0)
		return STATUS_FAILED;
	if (values->value[index]) {
		complain("%s: %s is there twice", subcommand,
			 settings_parameters[index].name);
		return STATUS_USAGE;
	}
	values->value[index] = equals + 1;
	return STATUS_OK;
}

/**
 * params_version() - read the version of the loaded module
 * @value: room for PARAMS_VALUE_MAX
 *
 * Return: 0, or a negative errno after a complaint.
 */
int params_version(char *value)
{
	return read_file(MODULE_DIRECTORY "/version", "version", value);
}

/**
 * params_read() - read a parameter
 * @index: which
 * @value: room for PARAMS_VALUE_MAX
 *
 * Return: 0, or a negative errno after a complaint.
 */
int params_read(enum parameter_index index, char *value)
{
	const char *name = settings_parameters[index].name;
	char path[PATH_LENGTH];

	snprintf(path, sizeof(path), MODULE_DIRECTORY "/parameters/%s", name);
	return read_file(path, name, value);
}

/* The line end makes even an empty value something to write. */
static int write_file(const char *path, const char *value)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);
	char line[PARAMS_VALUE_MAX];
	int length;
	int err = 0;

	if (descriptor < 0)
		return -errno;
	length = snprintf(line, sizeof(line), "%s\n", value);
	if (length >= (int)sizeof(line))
		err = -EINVAL;
	else if (write(descriptor, line, length) < 0)
		err = -errno;
	close(descriptor);
	return err;
}

/**
 * params_complain() - say that a parameter does not take a value
 * @index: which parameter
 * @value: the value
 */
void params_complain(enum parameter_index index, const char *value)
{
	const struct parameter *row = &settings_parameters[index];

	complain("%s: \"%s\" is not accepted: it takes %s", row->name, value,
		 row->takes);
}

/**
 * params_apply() - set what a policy is made of, as the module would
 * @settings: where to
 * @values: what to set; the profile, which sets the others, comes first
 *
 * Return: false after a complaint.
 */
bool params_apply(struct settings *settings, const struct params_values *values)
{
	const char *profile = values->value[PARAMETER_PROFILE];
	const char *wrong;
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++) {
		const char *value = values->value[i];

		if (!value || (value == profile &&
			       !strcmp(profile, PARAMS_CUSTOM)))
			continue;
		if (settings_set(settings, &settings_parameters[i], value,
				 &wrong)) {
			params_complain(i, value);
			return false;
		}
	}
	return true;
}

/**
 * params_write() - write a parameter
 * @index: which
 * @value: its value
 *
 * Return: 0, or a negative errno after a complaint.
 */
int params_write(enum parameter_index index, const char *value)
{
	const struct parameter *row = &settings_parameters[index];
	char path[PATH_LENGTH];
	int err;

	snprintf(path, sizeof(path), MODULE_DIRECTORY "/parameters/%s",
		 row->name);
	err = write_file(path, value);
	if (err == -EINVAL || err == -ERANGE)
		params_complain(index, value);
	else if (err)
		complain_file(row->name, err);
	return err;
}

/**
 * params_read_all() - read all parameters
 * @values: filled in, to be freed with params_free(), even after a failure
 *
 * Return: 0, or a negative errno after a complaint.
 */
int params_read_all(struct params_values *values)
{
	char value[PARAMS_VALUE_MAX];
	int err;
	int i;

	memset(values, 0, sizeof(*values));
	for (i = 0; i < PARAMETER_COUNT; i++) {
		err = params_read(i, value);
		if (err)
			return err;
		values->value[i] = strdup(value);
		if (!values->value[i]) {
			complain("out of memory");
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * params_free() - free values
 * @values: what params_read_all() filled in
 */
void params_free(struct params_values *values)
{
	int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		free(values->value[i]);
}

/**
 * params_read_settings() - read the policy in use
 * @settings: set to them; without the module, to the defaults
 *
 * Return: false after a complaint where they cannot be read.
 */
bool params_read_settings(struct settings *settings)
{
	struct params_values values;
	bool good;

	settings_init(settings);
	if (!params_is_loaded())
		return true;
	good = !params_read_all(&values) && params_apply(settings, &values);
	params_free(&values);
	return good;
}
