/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's parameters, in sysfs.
 */
#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel gives and takes a page at most. */
#define PARAMS_VALUE_MAX	4096

#define PARAMS_PROFILES		"esmtp, mailguard or monitor"
#define PARAMS_CUSTOM		"custom"

/**
 * enum params_index - rows of params_table, in the order of "smtpguard get"
 * @PARAMS_PROFILE: comes before what it governs, which a write to it resets
 * @PARAMS_ENABLED: this and
 * @PARAMS_PORTS: no profile governs
 * @PARAMS_COUNT: how many there are; all others are governed
 */
enum params_index {
	PARAMS_PROFILE,
	PARAMS_ENABLED,
	PARAMS_PORTS,
	PARAMS_VERBS,
	PARAMS_CAPABILITIES,
	PARAMS_GREETING,
	PARAMS_REFUSE,
	PARAMS_STARTTLS,
	PARAMS_END_OF_DATA,
	PARAMS_MIDSTREAM,
	PARAMS_MAX_COMMAND_LINE,
	PARAMS_MAX_REPLY_LINE,
	PARAMS_MAX_TEXT_LINE,
	PARAMS_MAX_RECIPIENTS,
	PARAMS_MAX_REFUSED,

	PARAMS_COUNT
};

/**
 * struct params_row - a parameter
 * @name: as in sysfs
 * @takes: which values, in words
 * @governed: a profile sets it
 */
struct params_row {
	const char *name;
	const char *takes;
	bool governed;
};

/**
 * struct params_values - a value for each parameter
 * @value: by enum params_index; NULL for none
 */
struct params_values {
	char *value[PARAMS_COUNT];
};

extern const struct params_row params_table[PARAMS_COUNT];

int params_find(const char *name, size_t length);
int params_version(char *value);
int params_read(enum params_index index, char *value);
int params_write(enum params_index index, const char *value);
int params_read_all(struct params_values *values);
void params_free(struct params_values *values);

#endif /* PARAMS_H */
