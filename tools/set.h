/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Several parameters at once.
 */
#ifndef SET_H
#define SET_H

#include "params.h"

enum status set_values(struct params_values *wanted, const char *subcommand);

#endif /* SET_H */
