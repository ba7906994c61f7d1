/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings of a module without parameters.
 */
#ifndef ARCHES_PARAMS_H
#define ARCHES_PARAMS_H

#include "core/settings.h"

const struct settings *params_settings(void);

#endif /* ARCHES_PARAMS_H */
