/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters as Prometheus reads them.
 */
#ifndef PROMETHEUS_H
#define PROMETHEUS_H

#include <stdio.h>

#include "counters.h"

void prometheus_print(FILE *out, const struct counters *counters);

#endif /* PROMETHEUS_H */
