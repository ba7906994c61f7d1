/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A log that was kept of smtpguard log --json.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdio.h>

#include "reader.h"

unsigned long kept_read(FILE *file, const char *name, struct reader *reader,
			void (*take)(void *context), void *context);

#endif /* KEPT_H */
