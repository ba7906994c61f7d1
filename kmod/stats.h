/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per CPU and per network namespace.
 */
#ifndef SMTPGUARD_STATS_H
#define SMTPGUARD_STATS_H

#include <linux/ktime.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "core/step.h"
#include "core/verb.h"

struct net;
struct sk_buff;

/** enum bound - rows of bound_list.h */
enum bound {
#define BOUND(id, name, microseconds, seconds)	BOUND_##id,
#include "bound_list.h"

	BOUND_COUNT
};

/*
 * Rows of counter_list.h.  A row of COUNTER_OF_BOUND stands for one counter a
 * bound, one of COUNTER_OF_REASON for one a reason, and one of COUNTER_OF_VERB for
 * one a verb, the last of them for verbs that are in no table.
 */
enum counter {
#define COUNTER(id, name, sentence)		COUNTER_##id,
#define COUNTER_OF_BOUND(id, name, sentence)	\
	COUNTER_##id, COUNTER_##id##_LAST = COUNTER_##id + BOUND_COUNT - 1,
#define COUNTER_OF_REASON(id, name, sentence)	\
	COUNTER_##id, COUNTER_##id##_LAST = COUNTER_##id + REASON_COUNT - 1,
#define COUNTER_OF_VERB(id, name, sentence)	\
	COUNTER_##id, COUNTER_##id##_LAST = COUNTER_##id + VERB_COUNT,
#include "counter_list.h"

	COUNTER_COUNT
};

/**
 * struct stats - one CPU's counters of a network namespace
 * @value: indexed by enum counter
 * @sync: makes 64-bit values whole to readers on 32-bit machines
 */
struct stats {
	u64 value[COUNTER_COUNT];
	struct u64_stats_sync sync;
};

struct stats __percpu *stats_alloc(void);
void stats_add(struct net *net, unsigned int counter, u64 value);
void stats_command(struct net *net, u8 verb);
void stats_refused_command(struct net *net, u8 verb, u8 reason);
void stats_refused_other(struct net *net, u8 reason);
void stats_reset(struct net *net, u8 reason);
void stats_final_reply(struct net *net, ktime_t waited);
int stats_dump(struct net *net, struct sk_buff *skb);

static inline void stats_count(struct net *net, unsigned int counter)
{
	stats_add(net, counter, 1);
}

#endif /* SMTPGUARD_STATS_H */
