/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's parameters, in sysfs; which there are, the module's own table
 * says.
 */
#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/settings.h"
#include "subcommands.h"

/* The kernel gives and takes a page at most. */
#define PARAMS_VALUE_MAX	4096

#define PARAMS_CUSTOM		"custom"

/**
 * struct params_values - a value for each parameter
 * @value: by enum parameter_index; NULL for none
 */
struct params_values {
	char *value[PARAMETER_COUNT];
};

int params_find(const char *name, size_t length);
enum status params_add(struct params_values *values, char *word,
		       const char *subcommand);
void params_complain(enum parameter_index index, const char *value);
const char *params_help(enum parameter_index index);
bool params_is_loaded(void);
bool params_apply(struct settings *settings,
		  const struct params_values *values);
int params_version(char *value);
int params_read(enum parameter_index index, char *value);
int params_write(enum parameter_index index, const char *value);
int params_read_all(struct params_values *values);
void params_free(struct params_values *values);
bool params_read_settings(struct settings *settings);

#endif /* PARAMS_H */
