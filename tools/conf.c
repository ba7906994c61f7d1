// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a file of settings:
 *
 *	# a comment
 *	profile = mailguard
 *	verbs   = +EHLO +BDAT		# another one
 *
 * All that is wrong in it is told, with the line and the column, before
 * anybody uses any of it.  The core judges the values, as it does in the
 * module.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "conf.h"

#define STANDARD_INPUT	"-"
#define BLANKS		" \t"
#define COMMENT		'#'

/**
 * struct reader - a file as it is read
 * @conf: what it says
 * @name: of the file, for people
 * @number: of the line
 * @text: the line, without its end and without a comment
 * @values: by enum parameter_index; NULL where it is not set
 * @columns: where in their lines they are
 */
struct reader {
	struct conf *conf;
	const char *name;
	unsigned int number;
	char *text;
	char *values[PARAMETER_COUNT];
	size_t columns[PARAMETER_COUNT];
};

/* Something is wrong at a place; reading goes on, to tell of all that is. */
static void problem(struct reader *reader, unsigned int line, size_t column,
		    const char *format, ...)
	__attribute__
	((format(printf, 4, 5)));

static void problem(struct reader *reader, unsigned int line, size_t column,
		    const char *format, ...)
{
	char what[PARAMS_VALUE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	complain("%s:%u:%zu: %s", reader->name, line, column, what);
	reader->conf->problems++;
}

static size_t column_of(const struct reader *reader, const char *at)
{
	return at - reader->text + 1;
}

/* A value of one word is wrong as a whole, of a list that is one word. */
static void tell_value(struct reader *reader, enum parameter_index index,
		       size_t column, const char *wrong)
{
	const struct parameter *row = &settings_parameters[index];
	size_t length = row->words ? strlen(wrong) :
				     settings_word_length(wrong);

	problem(reader, reader->number, column,
		"%s: \"%.*s\" is not accepted: it takes %s", row->name,
		(int)length, wrong, row->takes);
}

static const char *behind_word(const char *text)
{
	text += settings_word_length(text);
	return text + strspn(text, BLANKS ",");
}

/* Changes to a list may be too many for one profile's, and not for another's. */
static void empty_list(struct settings *settings, const struct parameter *row)
{
	const char *wrong;

	settings_init(settings);
	if (settings_set(settings, row, "", &wrong))
		settings_init(settings);
}

/* Each word of a list is judged by itself, so that none hides the next one. */
static void check_value(struct reader *reader, enum parameter_index index,
			const char *value)
{
	const struct parameter *row = &settings_parameters[index];
	static struct settings scratch;
	const char *rest = value;
	const char *wrong;

	do {
		empty_list(&scratch, row);
		if (!settings_set(&scratch, row, rest, &wrong))
			return;
		tell_value(reader, index, column_of(reader, wrong), wrong);
		rest = behind_word(wrong);
	} while (!row->words && *rest);
}

static void read_value(struct reader *reader, enum parameter_index index,
		       const char *value)
{
	struct conf *conf = reader->conf;

	conf->line[index] = reader->number;
	reader->columns[index] = column_of(reader, value);
	if (strlen(value) >= SETTINGS_TEXT_MAX)
		problem(reader, reader->number,
			column_of(reader, value) + SETTINGS_TEXT_MAX - 1,
			"%s: more than %d octets",
			settings_parameters[index].name, SETTINGS_TEXT_MAX - 1);
	else if (index == PARAMETER_PROFILE && !strcmp(value, PARAMS_CUSTOM))
		conf->custom = true;
	else
		check_value(reader, index, value);
	reader->values[index] = strdup(value);
	if (!reader->values[index])
		problem(reader, reader->number, 1, "out of memory");
}

static void cut_blanks(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(BLANKS, text[length - 1]))
		text[--length] = '\0';
}

static void read_setting(struct reader *reader, char *name)
{
	char *equals = strchr(name, '=');
	const struct parameter *row;
	unsigned int *line;
	char *value;

	if (!equals) {
		problem(reader, reader->number,
			column_of(reader, name) + strlen(name),
			"\"=\" is missing: a line is name = value");
		return;
	}
	*equals = '\0';
	value = equals + 1 + strspn(equals + 1, BLANKS);
	cut_blanks(name);
	row = settings_find(name);
	if (!row) {
		problem(reader, reader->number, column_of(reader, name),
			"unknown parameter \"%s\"; see: smtpguard help", name);
		return;
	}
	line = &reader->conf->line[row - settings_parameters];
	if (*line) {
		problem(reader, reader->number, column_of(reader, name),
			"%s is there twice, it is in line %u", name, *line);
		return;
	}
	read_value(reader, row - settings_parameters, value);
}

static bool is_control(char octet)
{
	return ((unsigned char)octet < ' ' && octet != '\t') || octet == '\x7f';
}

/* A file that came from elsewhere may have CRLF at the end of its lines. */
static size_t without_end(const char *text, size_t length)
{
	if (length && text[length - 1] == '\n')
		length--;
	if (length && text[length - 1] == '\r')
		length--;
	return length;
}

static void read_line(struct reader *reader, size_t length)
{
	char *comment;
	char *name;
	size_t i;

	length = without_end(reader->text, length);
	for (i = 0; i < length; i++) {
		if (!is_control(reader->text[i]))
			continue;
		problem(reader, reader->number, i + 1,
			"octet 0x%02x is no text",
			(unsigned char)reader->text[i]);
		return;
	}
	reader->text[length] = '\0';
	comment = strchr(reader->text, COMMENT);
	if (comment)
		*comment = '\0';
	cut_blanks(reader->text);
	name = reader->text + strspn(reader->text, BLANKS);
	if (*name)
		read_setting(reader, name);
}

static bool read_lines(struct reader *reader, FILE *file)
{
	size_t size = 0;
	ssize_t length;

	errno = 0;
	while ((length = getline(&reader->text, &size, file)) >= 0) {
		reader->number++;
		read_line(reader, length);
	}
	if (!ferror(file) && feof(file))
		return true;
	complain("%s: %s", reader->name, strerror(errno));
	return false;
}

static bool is_there(const struct settings *settings,
		     const struct parameter *row, const char *value)
{
	char current[SETTINGS_TEXT_MAX];

	settings_show(settings, row, current, sizeof(current));
	return strcmp(current, value) == 0;
}

/*
 * The profile is the first of the list, so it comes before what it sets.  What
 * it sets to the same value does not make it custom, so that what is shown can
 * be read.
 */
static void use_values(struct reader *reader)
{
	struct settings *settings = &reader->conf->settings;
	const char *wrong;
	int i;

	settings_init(settings);
	for (i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *row = &settings_parameters[i];
		const char *value = reader->values[i];

		if (!value || is_there(settings, row, value) ||
		    (i == PARAMETER_PROFILE && reader->conf->custom))
			continue;
		/* what each value is by itself was told */
		if (settings_set(settings, row, value, &wrong)) {
			problem(reader, reader->conf->line[i],
				reader->columns[i],
				"%s: with these changes the profile's list is too long",
				row->name);
			return;
		}
	}
}

static void free_values(struct reader *reader)
{
	int i;

	free(reader->text);
	for (i = 0; i < PARAMETER_COUNT; i++)
		free(reader->values[i]);
}

/**
 * conf_read() - read a file of settings
 * @conf: filled in
 * @path: of the file; "-" for standard input
 *
 * Return: false after complaints; nothing of @conf is to be used then.
 */
bool conf_read(struct conf *conf, const char *path)
{
	bool is_input = strcmp(path, STANDARD_INPUT) == 0;
	FILE *file = is_input ? stdin : fopen(path, "re");
	struct reader reader = {
		.conf = conf,
		.name = is_input ? "standard input" : path,
	};
	bool good;

	memset(conf, 0, sizeof(*conf));
	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	good = read_lines(&reader, file);
	if (!is_input)
		fclose(file);
	if (good && !conf->problems)
		use_values(&reader);
	free_values(&reader);
	return good && !conf->problems;
}

/**
 * conf_profile() - the profile that a file of settings makes
 * @conf: what conf_read() filled in
 *
 * Return: its name, "custom" where a value is not the profile's.
 */
const char *conf_profile(const struct conf *conf)
{
	return conf->custom ? PARAMS_CUSTOM : settings_profile(&conf->settings);
}
