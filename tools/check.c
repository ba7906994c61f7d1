// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard check: what is wrong in a file of settings.  Neither the module
 * nor any right is needed.
 */
#include "conf.h"
#include "subcommands.h"

/**
 * check_conf() - check a file of settings
 * @arguments: its path, or none for the one that is applied at boot
 *
 * Return: exit status.
 */
enum status check_conf(const struct arguments *arguments)
{
	static struct conf conf;

	return conf_read(&conf, arguments->count ? arguments->words[0] :
						   CONF_PATH) ?
		STATUS_OK : STATUS_USAGE;
}
