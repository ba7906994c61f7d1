// SPDX-License-Identifier: GPL-2.0
/*
 * Counters.  Which there are, counter_list.h says; what reads them (generic
 * netlink, and through it the tool) needs no change for a new row.
 */
#include <net/netlink.h>

#include "netns.h"
#include "stats.h"
#include "uapi/smtpguard.h"

#define COUNTER_NAME_MAX	32

/* By enum counter; those of verbs come behind them. */
static const char *const counter_names[] = {
#define COUNTER(id, name, sentence)		name,
#include "counter_list.h"
};

/* What begins with @name and ends in a verb's, and the first of them. */
static const struct {
	const char *name;
	enum counter first;
} counters_of_verbs[] = {
#define COUNTER_OF_VERB(id, name, sentence)	{ name, COUNTER_##id },
#include "counter_list.h"
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

static int stats_put_of_verb(struct sk_buff *skb, const struct netns *netns,
			     u8 verb)
{
	char name[COUNTER_NAME_MAX];
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(counters_of_verbs) && !err; i++) {
		snprintf(name, sizeof(name), "%s_%s",
			 counters_of_verbs[i].name, verb_name(verb));
		err = stats_put(skb, name,
				stats_sum(netns,
					  counters_of_verbs[i].first + verb));
	}
	return err;
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

	for (counter = 0; counter < ARRAY_SIZE(counter_names) && !err; counter++)
		err = stats_put(skb, counter_names[counter],
				stats_sum(netns, counter));
	for (verb = 0; verb <= VERB_COUNT && !err; verb++)
		err = stats_put_of_verb(skb, netns, verb);
	return err;
}
