/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters as Prometheus reads them.
 */
#ifndef PROMETHEUS_H
#define PROMETHEUS_H

#include <stdio.h>

#include "absence.h"
#include "counters.h"

void prometheus_print(FILE *out, const struct counters *counters);
void prometheus_print_absent(FILE *out, const struct absence_found *found);

#endif /* PROMETHEUS_H */
