// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard profile: one word that sets all that a profile governs.
 */
#include "params.h"
#include "subcommands.h"

/**
 * profile() - set the profile
 * @arguments: its name
 *
 * Return: exit status.
 */
enum status profile(const struct arguments *arguments)
{
	return params_write(PARAMETER_PROFILE, arguments->words[0]) ?
		STATUS_FAILED : STATUS_OK;
}
