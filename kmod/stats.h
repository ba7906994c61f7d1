/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per CPU and per network namespace.
 */
#ifndef SMTPGUARD_STATS_H
#define SMTPGUARD_STATS_H

#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "core/verb.h"

struct net;
struct sk_buff;

/**
 * enum counter - rows of the counters' table; names and order in stats.c
 */
enum counter {
	COUNTER_SESSIONS_OPENED,
	COUNTER_SESSIONS_CLOSED,
	COUNTER_SESSIONS_DEFERRED,
	COUNTER_SESSIONS_EVICTED,
	COUNTER_SESSIONS_UNGUARDED,
	COUNTER_SESSIONS_FORGOTTEN,
	COUNTER_SESSIONS_TLS,
	COUNTER_SESSIONS_TURNED,
	COUNTER_SESSIONS_FOREIGN,
	COUNTER_SESSIONS_DESYNCHRONISED,
	COUNTER_SESSIONS_RESYNCHRONISED,
	COUNTER_COMMANDS_PASSED,
	COUNTER_COMMANDS_REFUSED,
	COUNTER_COMMANDS_OUT_OF_ORDER,
	COUNTER_MESSAGES,
	COUNTER_MESSAGE_BYTES,
	COUNTER_MESSAGES_OVER_DECLARED,
	COUNTER_MESSAGES_OVER_LIMIT,
	COUNTER_ENDS_OF_DATA_SPLIT,
	COUNTER_ENDS_OF_DATA_AMBIGUOUS,
	COUNTER_ENDS_OF_DATA_UNANSWERED,
	COUNTER_NEWLINES_BARE,
	COUNTER_CAPABILITIES_HIDDEN,
	COUNTER_GREETINGS_MASKED,
	COUNTER_RESETS,
	COUNTER_PACKETS_UNGUARDED,
	COUNTER_SYNS_DEFERRED,
	COUNTER_SEGMENTS_OUT_OF_ORDER,
	COUNTER_SEGMENTS_AHEAD,
	COUNTER_SEGMENTS_DEFERRED,
	COUNTER_SEGMENTS_REPEATED,
	COUNTER_SEGMENTS_MISMATCHED,
	COUNTER_SEGMENTS_UNVERIFIABLE,
	COUNTER_SEGMENTS_UNREADABLE,
	COUNTER_SEGMENTS_INVALID,
	COUNTER_SEGMENTS_ONE_WAY,
	COUNTER_SEGMENTS_MIDSTREAM,
	COUNTER_SEGMENTS_FORGED,
	COUNTER_SEGMENTS_URGENT,
	COUNTER_SEGMENTS_MULTIPATH,
	COUNTER_LINES_OVER_LIMIT,
	COUNTER_REPLIES_UNEXPECTED,
	COUNTER_SYNCS_VIOLATED,
	COUNTER_ALLOCATION_FAILURES,
	COUNTER_EVENTS_LOST,
	COUNTER_PASSED,
	COUNTER_REFUSED = COUNTER_PASSED + VERB_COUNT + 1,

	COUNTER_COUNT = COUNTER_REFUSED + VERB_COUNT + 1
};

/**
 * struct stats - one CPU's counters of a network namespace
 * @value: indexed by enum counter; those from COUNTER_PASSED and from
 *	COUNTER_REFUSED on by verb, the last of each for unknown verbs
 * @sync: makes 64-bit values whole to readers on 32-bit machines
 */
struct stats {
	u64 value[COUNTER_COUNT];
	struct u64_stats_sync sync;
};

struct stats __percpu *stats_alloc(void);
void stats_add(struct net *net, unsigned int counter, u64 value);
void stats_command(struct net *net, u8 verb, bool refused);
int stats_dump(struct net *net, struct sk_buff *skb);

static inline void stats_count(struct net *net, unsigned int counter)
{
	stats_add(net, counter, 1);
}

#endif /* SMTPGUARD_STATS_H */
