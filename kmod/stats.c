// SPDX-License-Identifier: GPL-2.0
/*
 * Counters.  The table below is the one list of their names; what reads it
 * (generic netlink, and through it the tool) needs no change for a new row.
 */
#include <net/netlink.h>

#include "netns.h"
#include "stats.h"
#include "uapi/smtpguard.h"

#define COUNTER_NAME_MAX	32

static const char *const counter_names[COUNTER_PASSED] = {
	[COUNTER_SESSIONS_OPENED]	= "sessions_opened",
	[COUNTER_SESSIONS_CLOSED]	= "sessions_closed",
	[COUNTER_SESSIONS_DEFERRED]	= "sessions_deferred",
	[COUNTER_SESSIONS_EVICTED]	= "sessions_evicted",
	[COUNTER_SESSIONS_UNGUARDED]	= "sessions_unguarded",
	[COUNTER_SESSIONS_FORGOTTEN]	= "sessions_forgotten",
	[COUNTER_SESSIONS_TLS]		= "sessions_tls",
	[COUNTER_SESSIONS_TURNED]	= "sessions_turned",
	[COUNTER_SESSIONS_FOREIGN]	= "sessions_foreign",
	[COUNTER_SESSIONS_DESYNCHRONISED] = "sessions_desynchronised",
	[COUNTER_SESSIONS_RESYNCHRONISED] = "sessions_resynchronised",
	[COUNTER_COMMANDS_PASSED]	= "commands_passed",
	[COUNTER_COMMANDS_REFUSED]	= "commands_refused",
	[COUNTER_COMMANDS_OUT_OF_ORDER]	= "commands_out_of_order",
	[COUNTER_MESSAGES]		= "messages",
	[COUNTER_MESSAGE_BYTES]		= "message_bytes",
	[COUNTER_MESSAGES_OVER_DECLARED] = "messages_over_declared_size",
	[COUNTER_MESSAGES_OVER_LIMIT]	= "messages_over_size_limit",
	[COUNTER_ENDS_OF_DATA_SPLIT]	= "ends_of_data_split",
	[COUNTER_ENDS_OF_DATA_AMBIGUOUS] = "ends_of_data_ambiguous",
	[COUNTER_ENDS_OF_DATA_UNANSWERED] = "ends_of_data_unanswered",
	[COUNTER_NEWLINES_BARE]		= "newlines_bare",
	[COUNTER_CAPABILITIES_HIDDEN]	= "capabilities_hidden",
	[COUNTER_GREETINGS_MASKED]	= "greetings_masked",
	[COUNTER_RESETS]		= "resets",
	[COUNTER_PACKETS_UNGUARDED]	= "packets_unguarded",
	[COUNTER_SYNS_DEFERRED]		= "syns_deferred",
	[COUNTER_SEGMENTS_OUT_OF_ORDER]	= "segments_out_of_order",
	[COUNTER_SEGMENTS_AHEAD]	= "segments_ahead",
	[COUNTER_SEGMENTS_DEFERRED]	= "segments_deferred",
	[COUNTER_SEGMENTS_REPEATED]	= "segments_repeated",
	[COUNTER_SEGMENTS_MISMATCHED]	= "segments_mismatched",
	[COUNTER_SEGMENTS_UNVERIFIABLE]	= "segments_unverifiable",
	[COUNTER_SEGMENTS_UNREADABLE]	= "segments_unreadable",
	[COUNTER_SEGMENTS_INVALID]	= "segments_invalid",
	[COUNTER_SEGMENTS_ONE_WAY]	= "segments_one_way",
	[COUNTER_SEGMENTS_MIDSTREAM]	= "segments_midstream",
	[COUNTER_SEGMENTS_FORGED]	= "segments_forged",
	[COUNTER_SEGMENTS_URGENT]	= "segments_urgent",
	[COUNTER_SEGMENTS_MULTIPATH]	= "segments_multipath",
	[COUNTER_LINES_OVER_LIMIT]	= "lines_over_limit",
	[COUNTER_REPLIES_UNEXPECTED]	= "replies_unexpected",
	[COUNTER_SYNCS_VIOLATED]	= "syncs_violated",
	[COUNTER_ALLOCATION_FAILURES]	= "allocation_failures",
	[COUNTER_EVENTS_LOST]		= "events_lost",
};

/**
 * stats_alloc() - make the counters of a network namespace
 *
 * Anybody can make one (user_namespaces(7)), and is charged for them.
 *
 * Context: process.
 * Return: all zero, to be freed with free_percpu(); NULL without memory.
 */
struct stats __percpu *stats_alloc(void)
{
	struct stats __percpu *stats = alloc_percpu_gfp(struct stats,
							GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	return stats;
}

/**
 * stats_add() - add to a counter
 * @net: network namespace
 * @counter: enum counter
 * @value: what to add
 *
 * Context: any but hard interrupts.  RCU read lock held.
 */
void stats_add(struct net *net, unsigned int counter, u64 value)
{
	struct netns *netns = netns_get(net);
	struct stats *stats;

	if (netns_is_dead(netns))
		return;
	local_bh_disable();
	stats = this_cpu_ptr(netns->stats);
	u64_stats_update_begin(&stats->sync);
	stats->value[counter] += value;
	u64_stats_update_end(&stats->sync);
	local_bh_enable();
}

/**
 * stats_command() - count a command line
 * @net: network namespace
 * @verb: enum verb
 * @refused: whether it was refused
 *
 * Context: as stats_add().
 */
void stats_command(struct net *net, u8 verb, bool refused)
{
	stats_count(net, refused ? COUNTER_COMMANDS_REFUSED :
				   COUNTER_COMMANDS_PASSED);
	stats_count(net, (refused ? COUNTER_REFUSED : COUNTER_PASSED) + verb);
}

static u64 stats_sum(const struct netns *netns, unsigned int counter)
{
	unsigned int start;
	u64 sum = 0;
	u64 value;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct stats *stats = per_cpu_ptr(netns->stats, cpu);

		do {
			start = u64_stats_fetch_begin(&stats->sync);
			value = stats->value[counter];
		} while (u64_stats_fetch_retry(&stats->sync, start));
		sum += value;
	}
	return sum;
}

static int stats_put(struct sk_buff *skb, const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(skb, SMTPGUARD_A_COUNTER);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, SMTPGUARD_A_NAME, name) ||
	    nla_put_u64_64bit(skb, SMTPGUARD_A_VALUE, value, SMTPGUARD_A_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int stats_put_verb(struct sk_buff *skb, const struct netns *netns,
			  const char *what, unsigned int counter, u8 verb)
{
	char name[COUNTER_NAME_MAX];

	snprintf(name, sizeof(name), "%s_%s", what, verb_name(verb));
	return stats_put(skb, name, stats_sum(netns, counter + verb));
}

/**
 * stats_dump() - write all counters as netlink attributes
 * @net: network namespace
 * @skb: netlink message under construction
 *
 * Context: process.
 * Return: 0, or -EMSGSIZE where they do not fit.
 */
int stats_dump(struct net *net, struct sk_buff *skb)
{
	const struct netns *netns = netns_get(net);
	unsigned int counter;
	int err = 0;
	u8 verb;

	for (counter = 0; counter < COUNTER_PASSED && !err; counter++)
		err = stats_put(skb, counter_names[counter],
				stats_sum(netns, counter));
	for (verb = 0; verb <= VERB_COUNT && !err; verb++) {
		err = stats_put_verb(skb, netns, "passed", COUNTER_PASSED,
				     verb);
		if (!err)
			err = stats_put_verb(skb, netns, "refused",
					     COUNTER_REFUSED, verb);
	}
	return err;
}
