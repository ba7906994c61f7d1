/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts instructions where the clock does (selftests/bench/machine.py): the
 * time that went by without the time that the processor was idle, which the
 * clock jumps over.
 */
#ifndef _METER_H
#define _METER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct meter {
	long long clock;
	long long idle;
};

static inline long long meter_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* To the nanosecond, and interrupts while idle are not idle. */
static inline long long meter_idle(void)
{
	FILE *file = fopen("/proc/timer_list", "r");
	long long idle = -1;
	char line[256];

	if (!file) {
		perror("/proc/timer_list");
		exit(1);
	}
	while (idle < 0 && fgets(line, sizeof(line), file))
		sscanf(line, " .idle_sleeptime : %lld nsecs", &idle);
	fclose(file);
	if (idle < 0) {
		fputs("no idle_sleeptime in /proc/timer_list\n", stderr);
		exit(1);
	}
	return idle;
}

static inline struct meter meter_read(void)
{
	struct meter meter = { .idle = meter_idle() };

	meter.clock = meter_clock();
	return meter;
}

/* Instructions since then; what reading took is the same each time. */
static inline long long meter_busy(const struct meter *since)
{
	struct meter now = meter_read();

	return now.clock - since->clock - (now.idle - since->idle);
}

#endif /* _METER_H */
