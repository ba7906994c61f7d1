/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What setting parameters would do, without doing it.
 */
#ifndef DRY_H
#define DRY_H

#include "params.h"
#include "subcommands.h"

enum status dry_run(const struct params_values *wanted, const char *capture,
		    char **sessions, int count);

#endif /* DRY_H */
