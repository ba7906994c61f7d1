/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events in systemd's journal, with a field for each attribute.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdio.h>

#include "event.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

int journal_open(const char *path);
void journal_print(const struct event *event, FILE *out);
void journal_print_lost(unsigned int count, FILE *out);
int journal_error(void);

#endif /* JOURNAL_H */
