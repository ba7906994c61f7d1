/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings that sysfs and the insmod line write and packets read.
 */
#ifndef SMTPGUARD_PARAMS_H
#define SMTPGUARD_PARAMS_H

#include <linux/rcupdate.h>

#include "core/settings.h"

extern struct settings __rcu *params_used;

int params_init(void);
void params_settle(void);

/**
 * params_settings() - the settings in use
 *
 * Context: RCU read lock held, or a writer of parameters.
 * Return: never NULL once the module runs.
 */
static inline const struct settings *params_settings(void)
{
	return rcu_dereference(params_used);
}

#endif /* SMTPGUARD_PARAMS_H */
