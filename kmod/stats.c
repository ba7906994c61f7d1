// SPDX-License-Identifier: GPL-2.0
/*
 * Counters.  Which there are, counter_list.h says; what reads them (generic
 * netlink, and through it the tool) needs no change for a new row.
 */
#include <net/netlink.h>

#include "netns.h"
#include "stats.h"
#include "uapi/smtpguard.h"

#define COUNTER_NAME_MAX	40

/* By enum counter; those of bounds, reasons and verbs come behind them. */
static const char *const counter_names[] = {
#define COUNTER(id, name, sentence)		name,
#include "counter_list.h"
};

/**
 * struct family - counters that begin with a name and end in another
 * @name: what they begin with
 * @first: the first of them
 */
struct family {
	const char *name;
	enum counter first;
};

static const struct family families_of_bounds[] = {
#define COUNTER_OF_BOUND(id, name, sentence)	{ name, COUNTER_##id },
#include "counter_list.h"
};

static const struct family families_of_reasons[] = {
#define COUNTER_OF_REASON(id, name, sentence)	{ name, COUNTER_##id },
#include "counter_list.h"
};

static const struct family families_of_verbs[] = {
#define COUNTER_OF_VERB(id, name, sentence)	{ name, COUNTER_##id },
#include "counter_list.h"
};

static const char *const bound_names[] = {
#define BOUND(id, name, microseconds, seconds)	name,
#include "bound_list.h"
};

static const u64 bound_microseconds[] = {
#define BOUND(id, name, microseconds, seconds)	microseconds,
#include "bound_list.h"
};

static const char *const reason_names[] = {
#define REASON(id, slug, sentence, parameter)	slug,
#include "core/reason_list.h"
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
	if (IS_ENABLED(CONFIG_64BIT)) {
		/* nobody can come between, nor read half of it */
		this_cpu_add(netns->stats->value[counter], value);
		return;
	}
	local_bh_disable();
	stats = this_cpu_ptr(netns->stats);
	u64_stats_update_begin(&stats->sync);
	stats->value[counter] += value;
	u64_stats_update_end(&stats->sync);
	local_bh_enable();
}

/**
 * stats_command() - count a command line that passed
 * @net: network namespace
 * @verb: enum verb
 *
 * Context: as stats_add().
 */
void stats_command(struct net *net, u8 verb)
{
	stats_count(net, COUNTER_COMMANDS_PASSED);
	stats_count(net, COUNTER_PASSED + verb);
}

/**
 * stats_refused_command() - count a command line that was refused
 * @net: network namespace
 * @verb: enum verb
 * @reason: enum reason
 *
 * Context: as stats_add().
 */
void stats_refused_command(struct net *net, u8 verb, u8 reason)
{
	stats_count(net, COUNTER_COMMANDS_REFUSED);
	stats_count(net, COUNTER_REFUSED + verb);
	stats_count(net, COUNTER_REFUSED_FOR + reason);
}

/**
 * stats_refused_other() - count what was refused and is no command line
 * @net: network namespace
 * @reason: enum reason
 *
 * Context: as stats_add().
 */
void stats_refused_other(struct net *net, u8 reason)
{
	stats_count(net, COUNTER_OTHERS_REFUSED);
	stats_count(net, COUNTER_REFUSED_FOR + reason);
}

/**
 * stats_reset() - count a session that is reset
 * @net: network namespace
 * @reason: enum reason
 *
 * Context: as stats_add().
 */
void stats_reset(struct net *net, u8 reason)
{
	stats_count(net, COUNTER_RESETS);
	stats_count(net, COUNTER_RESET_FOR + reason);
}

/**
 * stats_final_reply() - count a final reply to an end of data
 * @net: network namespace
 * @waited: how long after the end of data it came
 *
 * Context: as stats_add().
 */
void stats_final_reply(struct net *net, ktime_t waited)
{
	u64 microseconds = max_t(s64, ktime_to_us(waited), 0);
	unsigned int bound = 0;

	while (microseconds > bound_microseconds[bound])
		bound++;
	stats_count(net, COUNTER_FINAL_REPLIES + bound);
	stats_add(net, COUNTER_FINAL_REPLY_MICROSECONDS, microseconds);
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

/* Of one bound, reason or verb, in all families. */
static int stats_put_of(struct sk_buff *skb, const struct netns *netns,
			const struct family *families, unsigned int count,
			unsigned int index, const char *of)
{
	char name[COUNTER_NAME_MAX];
	unsigned int i;
	int err = 0;

	for (i = 0; i < count && !err; i++) {
		snprintf(name, sizeof(name), "%s_%s", families[i].name, of);
		err = stats_put(skb, name,
				stats_sum(netns, families[i].first + index));
	}
	return err;
}

static int stats_dump_bounds(struct sk_buff *skb, const struct netns *netns)
{
	unsigned int bound;
	int err = 0;

	for (bound = 0; bound < BOUND_COUNT && !err; bound++)
		err = stats_put_of(skb, netns, families_of_bounds,
				   ARRAY_SIZE(families_of_bounds), bound,
				   bound_names[bound]);
	return err;
}

static int stats_dump_reasons(struct sk_buff *skb, const struct netns *netns)
{
	unsigned int reason;
	int err = 0;

	/* the first of them is none */
	for (reason = 1; reason < REASON_COUNT && !err; reason++)
		err = stats_put_of(skb, netns, families_of_reasons,
				   ARRAY_SIZE(families_of_reasons), reason,
				   reason_names[reason]);
	return err;
}

static int stats_dump_verbs(struct sk_buff *skb, const struct netns *netns)
{
	int err = 0;
	u8 verb;

	for (verb = 0; verb <= VERB_COUNT && !err; verb++)
		err = stats_put_of(skb, netns, families_of_verbs,
				   ARRAY_SIZE(families_of_verbs), verb,
				   verb_name(verb));
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

	for (counter = 0; counter < ARRAY_SIZE(counter_names) && !err; counter++)
		err = stats_put(skb, counter_names[counter],
				stats_sum(netns, counter));
	if (!err)
		err = stats_dump_bounds(skb, netns);
	if (!err)
		err = stats_dump_reasons(skb, netns);
	return err ? err : stats_dump_verbs(skb, netns);
}
