/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's file for the running kernel, as modinfo(8) sees it.
 */
#ifndef MODINFO_H
#define MODINFO_H

#include <stdbool.h>
#include <stddef.h>

bool modinfo_field(const char *field, char *value, size_t size);

#endif /* MODINFO_H */
