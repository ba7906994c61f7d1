// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard apply: all parameters as a file of settings has them, or as they
 * were.
 *
 * What the file does not name becomes what it is by default, so that what is in
 * use does not depend on what was in the file before.  That of max_memory
 * depends on the router, only the module knows it; it stays as it is.
 */
#include <string.h>

#include "conf.h"
#include "set.h"
#include "subcommands.h"

static bool is_wanted(const struct conf *conf, enum parameter_index index)
{
	return index != PARAMETER_MAX_MEMORY || conf->line[index];
}

static void show(const struct conf *conf, enum parameter_index index,
		 char *value)
{
	if (index == PARAMETER_PROFILE)
		strcpy(value, conf_profile(conf));
	else
		settings_show(&conf->settings, &settings_parameters[index],
			      value, SETTINGS_TEXT_MAX);
}

/**
 * apply_conf() - make the parameters be what a file says
 * @arguments: its path, or none for the one that is applied at boot
 *
 * Return: exit status.
 */
enum status apply_conf(const struct arguments *arguments)
{
	static char values[PARAMETER_COUNT][SETTINGS_TEXT_MAX];
	struct params_values wanted = { 0 };
	static struct conf conf;
	int i;

	if (!conf_read(&conf, arguments->count ? arguments->words[0] :
						 CONF_PATH))
		return STATUS_USAGE;
	for (i = 0; i < PARAMETER_COUNT; i++) {
		if (!is_wanted(&conf, i))
			continue;
		show(&conf, i, values[i]);
		wanted.value[i] = values[i];
	}
	return set_values(&wanted, "apply");
}
