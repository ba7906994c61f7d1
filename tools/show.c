// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard show: parameters, in the form of a file of settings.
 */
#include <stdio.h>

#include "params.h"
#include "subcommands.h"

/**
 * show_conf() - print all parameters as a file of settings
 * @arguments: none
 *
 * Return: exit status.
 */
enum status show_conf(const struct arguments *arguments)
{
	struct params_values values;
	int err = params_read_all(&values);
	int i;

	(void)arguments;
	for (i = 0; i < PARAMETER_COUNT && !err; i++)
		printf("%s =%s%s\n", settings_parameters[i].name,
		       *values.value[i] ? " " : "", values.value[i]);
	params_free(&values);
	return err ? STATUS_FAILED : STATUS_OK;
}
