/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What peers wrote, for terminals and logs.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdio.h>

void text_write(FILE *out, const void *octets, size_t length);

#endif /* TEXT_H */
