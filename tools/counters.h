/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's counters.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>

#define COUNTER_NAME_MAX	64
#define COUNTERS_MAX		512

/**
 * struct counters - a reading of all counters
 * @count: how many there are
 * @row: their names and values, in the module's order
 */
struct counters {
	size_t count;
	struct {
		char name[COUNTER_NAME_MAX];
		unsigned long long value;
	} row[COUNTERS_MAX];
};

int counters_read(struct counters *counters);
const char *counters_sentence(const char *name);
unsigned long long counters_value(const struct counters *counters,
				  const char *name);

#endif /* COUNTERS_H */
