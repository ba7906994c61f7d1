/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings that sysfs and the insmod line write and packets read.
 */
#ifndef SMTPGUARD_PARAMS_H
#define SMTPGUARD_PARAMS_H

#include "core/settings.h"

int params_init(void);
void params_settle(void);
const struct settings *params_settings(void);

#endif /* SMTPGUARD_PARAMS_H */
