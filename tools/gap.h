/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events that are missing, by the numbers of those that came.
 */
#ifndef GAP_H
#define GAP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct gap - which of the last 64 events came
 * @started: @highest and @seen are valid
 * @highest: the highest number that came
 * @seen: bit n: the event with number @highest - n came, or is settled
 */
struct gap {
	bool started;
	uint32_t highest;
	uint64_t seen;
};

uint32_t gap_add(struct gap *gap, uint32_t number);
uint32_t gap_settle(struct gap *gap);
bool gap_open(const struct gap *gap);

#endif /* GAP_H */
