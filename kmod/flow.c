// SPDX-License-Identifier: GPL-2.0
/*
 * One life for a flow.  Every guarded connection is in one table, whoever chose
 * it and whenever it began, and this file alone puts it there and takes it out:
 *
 *	flow_open()	the server was heard, under ct->lock
 *	flow_end()	conntrack has marked the entry as dying, or the network
 *			namespace or the module goes: out of the table and its
 *			guard taken from it under ct->lock, freed after a grace
 *			period
 *
 * A flow is looked for under ct->lock, so that what is found stays until that is
 * given back.  It holds a reference to its connection, so that nothing else
 * takes its place in memory; dying connections are looked for once a second,
 * for conntrack counts them for as long as somebody holds them.
 *
 * Nothing here rests on when, or whether, conntrack calls a helper back.  But what
 * conntrack has forgotten may go on at once, as a connection that is new to it.
 * So flows are found by their ends, too, and what has died between the same ends
 * is ended before the first packet of another is judged.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_conntrack.h>

#include "closed.h"
#include "flow.h"
#include "guard.h"
#include "judge.h"
#include "offload.h"
#include "select.h"
#include "stats.h"

#define SWEEP_INTERVAL		HZ
/* Flows that are looked at before others may run. */
#define SWEEP_BATCH		1024

/**
 * struct flow - a guarded connection
 * @node: its place in the table
 * @twin: its place in the table of ends
 * @ends: who it is between, see closed_ends()
 * @ct: what conntrack knows, and the key
 * @guard: what we know; protected by ct->lock
 * @rcu: for flow_free()
 */
struct flow {
	struct rhash_head node;
	struct rhlist_head twin;
	u64 ends;
	struct nf_conn *ct;
	struct guard *guard;
	struct rcu_head rcu;
};

static const struct rhashtable_params flow_params = {
	.key_len = sizeof_field(struct flow, ct),
	.key_offset = offsetof(struct flow, ct),
	.head_offset = offsetof(struct flow, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params twin_params = {
	.key_len = sizeof_field(struct flow, ends),
	.key_offset = offsetof(struct flow, ends),
	.head_offset = offsetof(struct flow, twin),
	.automatic_shrinking = true,
};

/* Read under RCU; an entry comes and goes under its ct->lock, in both at once. */
static struct rhashtable flow_table;
static struct rhltable twin_table;
static struct kmem_cache *flow_cache;

static void flow_sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(flow_sweeper, flow_sweep);

static void flow_free(struct rcu_head *rcu)
{
	struct flow *flow = container_of(rcu, struct flow, rcu);

	nf_ct_put(flow->ct);
	kmem_cache_free(flow_cache, flow);
}

/* Somebody else may have ended it just now. */
static void flow_end(struct flow *flow)
{
	struct nf_conn *ct = flow->ct;
	struct guard *guard;
	bool found;

	spin_lock_bh(&ct->lock);
	found = !rhashtable_remove_fast(&flow_table, &flow->node, flow_params);
	guard = flow->guard;
	if (found) {
		rhltable_remove(&twin_table, &flow->twin, twin_params);
		judge_end(guard);
	}
	spin_unlock_bh(&ct->lock);
	if (!found)
		return;
	guard_close(guard);
	offload_allow(ct);
	call_rcu(&flow->rcu, flow_free);
}

typedef bool (*flow_test_t)(const struct flow *flow, const void *context);

static bool flow_is_dying(const struct flow *flow, const void *context)
{
	return nf_ct_is_dying(flow->ct);
}

/* @context: a network namespace */
static bool flow_is_of(const struct flow *flow, const void *context)
{
	const struct net *net = context;

	return net_eq(nf_ct_net(flow->ct), net);
}

/* @context: the settings in use */
static bool flow_is_left(const struct flow *flow, const void *context)
{
	return !select_covers(nf_ct_net(flow->ct), context) &&
	       !select_chooses(flow->ct, context);
}

/* Ends some flows, and adds how many to @ended; false at the table's end. */
static bool flow_end_some(struct rhashtable_iter *walk, flow_test_t test,
			  const void *context, unsigned int *ended)
{
	unsigned int left;
	struct flow *flow;

	for (left = SWEEP_BATCH; left; left--) {
		flow = rhashtable_walk_next(walk);
		if (!flow)
			return false;
		/* the table is being resized: some will be seen twice */
		if (flow == ERR_PTR(-EAGAIN) || !test(flow, context))
			continue;
		flow_end(flow);
		(*ended)++;
	}
	return true;
}

/*
 * A walk goes on behind as many flows of a chain as it has seen there, and so
 * may pass over others where some of those have ended since.
 */
static unsigned int flow_end_most(flow_test_t test, const void *context)
{
	struct rhashtable_iter walk;
	unsigned int ended = 0;
	bool more;

	rhashtable_walk_enter(&flow_table, &walk);
	do {
		/* its RCU read lock is not to be held for long */
		cond_resched();
		rhashtable_walk_start(&walk);
		more = flow_end_some(&walk, test, context, &ended);
		rhashtable_walk_stop(&walk);
	} while (more);
	rhashtable_walk_exit(&walk);
	return ended;
}

static void flow_end_all(flow_test_t test, const void *context)
{
	while (flow_end_most(test, context))
		;
}

static void flow_sweep(struct work_struct *work)
{
	/* what it passes over is found the next time */
	flow_end_most(flow_is_dying, NULL);
	if (atomic_read(&flow_table.nelems))
		schedule_delayed_work(&flow_sweeper, SWEEP_INTERVAL);
}

/**
 * flow_is_known() - may a connection be in the table
 * @ct: the connection
 *
 * What is in the table is kept out of flowtables, and a bit of its entry says
 * so.  Nothing but that bit need be looked at for all that is only forwarded.
 *
 * Context: any.
 * Return: false where it certainly is not.
 */
bool flow_is_known(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP && offload_is_denied(ct);
}

/**
 * flow_find() - what is known of a connection
 * @ct: the connection
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its guard, which stays as long as the lock is held, or %NULL.
 */
struct guard *flow_find(struct nf_conn *ct)
{
	struct flow *flow;

	lockdep_assert_held(&ct->lock);
	flow = rhashtable_lookup_fast(&flow_table, &ct, flow_params);
	return flow ? flow->guard : NULL;
}

/**
 * flow_end_twins() - a connection is new to conntrack
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Those before it between the same ends are over, and what is to be remembered
 * of them is.
 *
 * Context: any, RCU read lock held, ct->lock not held.
 */
void flow_end_twins(const struct nf_conn *ct, bool reversed)
{
	u64 ends = closed_ends(ct, reversed);
	struct rhlist_head *list, *at;
	struct flow *flow;

	list = rhltable_lookup(&twin_table, &ends, twin_params);
	rhl_for_each_entry_rcu(flow, at, list, twin) {
		if (flow->ct != ct && nf_ct_is_dying(flow->ct))
			flow_end(flow);
	}
}

static int flow_insert(struct flow *flow)
{
	int err;

	err = rhltable_insert(&twin_table, &flow->twin, twin_params);
	if (err)
		return err;
	err = rhashtable_insert_fast(&flow_table, &flow->node, flow_params);
	if (err)
		rhltable_remove(&twin_table, &flow->twin, twin_params);
	return err;
}

/**
 * flow_open() - take a connection under guard
 * @ct: the connection: confirmed, not dying and not in the table
 * @reversed: its original direction is that of the server
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its guard, or %NULL without memory, which is counted.
 */
struct guard *flow_open(struct nf_conn *ct, bool reversed)
{
	struct flow *flow;

	lockdep_assert_held(&ct->lock);
	flow = kmem_cache_alloc(flow_cache, GFP_ATOMIC);
	if (!flow)
		goto count_failure;
	flow->ct = ct;
	flow->ends = closed_ends(ct, reversed);
	flow->guard = guard_open(ct);
	if (!flow->guard)
		goto free_flow;
	flow->guard->reversed = reversed;
	nf_conntrack_get(&ct->ct_general);
	if (flow_insert(flow))
		goto put_connection;
	offload_deny(ct);
	schedule_delayed_work(&flow_sweeper, SWEEP_INTERVAL);
	return flow->guard;

put_connection:
	nf_ct_put(ct);
	guard_close(flow->guard);
	kmem_cache_free(flow_cache, flow);
count_failure:
	stats_count(nf_ct_net(ct), COUNTER_ALLOCATION_FAILURES);
	return NULL;

free_flow:
	kmem_cache_free(flow_cache, flow);
	return NULL;
}

/**
 * flow_release() - a network namespace goes, or the module
 * @net: the namespace; none of its packets is judged any more
 *
 * Context: process.
 */
void flow_release(const struct net *net)
{
	flow_end_all(flow_is_of, net);
}

/**
 * flow_leave() - ports are guarded in fewer network namespaces than before
 * @settings: the settings in use
 *
 * In those that were left, what no rule chose passes from now on.
 *
 * Context: process, a writer of parameters.
 */
void flow_leave(const struct settings *settings)
{
	flow_end_all(flow_is_left, settings);
}

/**
 * flow_init() - make the tables
 *
 * Return: 0 or a negative errno.
 */
int flow_init(void)
{
	int err;

	flow_cache = kmem_cache_create("smtpguard_flow", sizeof(struct flow),
				       0, 0, NULL);
	if (!flow_cache)
		return -ENOMEM;
	err = rhashtable_init(&flow_table, &flow_params);
	if (err)
		goto destroy_cache;
	err = rhltable_init(&twin_table, &twin_params);
	if (err)
		goto destroy_table;
	return 0;

destroy_table:
	rhashtable_destroy(&flow_table);
destroy_cache:
	kmem_cache_destroy(flow_cache);
	return err;
}

/**
 * flow_exit() - free the tables, which are empty
 */
void flow_exit(void)
{
	cancel_delayed_work_sync(&flow_sweeper);
	/* for flow_free() */
	rcu_barrier();
	rhltable_destroy(&twin_table);
	rhashtable_destroy(&flow_table);
	kmem_cache_destroy(flow_cache);
}
