// SPDX-License-Identifier: GPL-2.0
/*
 * Conntrack has room for a helper only in connections that are new to it.
 * Those that it knew before, because the module was loaded or switched on
 * under them or because another router's sessions fell to this one, are in a
 * table of our own; hook.c has their packets judged.
 *
 * An entry holds a reference to its connection, so that nothing else takes its
 * place in memory.  Conntrack tells nobody that a connection has ended, so dying
 * ones are looked for from time to time.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_conntrack.h>

#include "adopt.h"
#include "guard.h"
#include "judge.h"
#include "offload.h"
#include "stats.h"

#define SWEEP_INTERVAL		(5 * HZ)

/**
 * struct adopted - a connection
 * @node: its place in the table
 * @ct: what conntrack knows, and the key
 * @flow: what we keep; protected by its ct->lock
 * @rcu: for adopted_free()
 */
struct adopted {
	struct rhash_head node;
	struct nf_conn *ct;
	struct flow flow;
	struct rcu_head rcu;
};

static const struct rhashtable_params adopted_params = {
	.key_len = sizeof_field(struct adopted, ct),
	.key_offset = offsetof(struct adopted, ct),
	.head_offset = offsetof(struct adopted, node),
	.automatic_shrinking = true,
};

/* Read under RCU; has locks of its own for writers. */
static struct rhashtable adopted_table;

static void adopted_sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(adopted_sweeper, adopted_sweep);

static void adopted_free(struct rcu_head *rcu)
{
	struct adopted *adopted = container_of(rcu, struct adopted, rcu);

	if (adopted->flow.guard)
		guard_close(adopted->flow.guard);
	offload_allow(adopted->ct);
	nf_ct_put(adopted->ct);
	kfree(adopted);
}

/* Packets that found the entry before may still be judged. */
static void adopted_remove(struct adopted *adopted)
{
	struct nf_conn *ct = adopted->ct;

	if (rhashtable_remove_fast(&adopted_table, &adopted->node,
				   adopted_params))
		return;
	spin_lock_bh(&ct->lock);
	if (adopted->flow.guard)
		judge_end(ct, &adopted->flow);
	spin_unlock_bh(&ct->lock);
	call_rcu(&adopted->rcu, adopted_free);
}

/* Removes what is of @net, or what is dying where that is %NULL. */
static void adopted_remove_all(const struct net *net)
{
	struct rhashtable_iter walk;
	struct adopted *adopted;

	rhashtable_walk_enter(&adopted_table, &walk);
	rhashtable_walk_start(&walk);
	for (;;) {
		adopted = rhashtable_walk_next(&walk);
		/* the table is being resized: some will be seen twice */
		if (adopted == ERR_PTR(-EAGAIN))
			continue;
		if (!adopted)
			break;
		if (net ? net_eq(nf_ct_net(adopted->ct), net) :
			  nf_ct_is_dying(adopted->ct))
			adopted_remove(adopted);
	}
	rhashtable_walk_stop(&walk);
	rhashtable_walk_exit(&walk);
}

static bool adopted_any(void)
{
	return atomic_read(&adopted_table.nelems);
}

static void adopted_sweep(struct work_struct *work)
{
	adopted_remove_all(NULL);
	if (adopted_any())
		schedule_delayed_work(&adopted_sweeper, SWEEP_INTERVAL);
}

/**
 * adopt_find() - what is kept of a connection that came late
 * @ct: the connection
 *
 * Context: RCU read lock held.
 * Return: its flow, or %NULL where it is none of ours.
 */
struct flow *adopt_find(const struct nf_conn *ct)
{
	struct adopted *adopted;

	if (!adopted_any())
		return NULL;
	adopted = rhashtable_lookup_fast(&adopted_table, &ct, adopted_params);
	return adopted ? &adopted->flow : NULL;
}

/**
 * adopt_take() - take a connection under guard that conntrack knew before
 * @ct: the connection
 *
 * Context: RCU read lock held.
 * Return: its flow, perhaps taken by another CPU just now; %NULL without
 * memory, which is counted.
 */
struct flow *adopt_take(struct nf_conn *ct)
{
	struct adopted *adopted, *other;

	adopted = kzalloc(sizeof(*adopted), GFP_ATOMIC);
	if (!adopted)
		goto count_failure;
	adopted->ct = ct;
	nf_conntrack_get(&ct->ct_general);
	other = rhashtable_lookup_get_insert_fast(&adopted_table,
						  &adopted->node,
						  adopted_params);
	if (!other) {
		schedule_delayed_work(&adopted_sweeper, SWEEP_INTERVAL);
		return &adopted->flow;
	}
	nf_ct_put(ct);
	kfree(adopted);
	if (!IS_ERR(other))
		return &other->flow;

count_failure:
	stats_count(nf_ct_net(ct), COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/**
 * adopt_release() - a network namespace goes, or the module
 * @net: the namespace; none of its packets is judged any more
 */
void adopt_release(const struct net *net)
{
	adopted_remove_all(net);
}

/**
 * adopt_init() - make the table
 *
 * Return: 0 or a negative errno.
 */
int adopt_init(void)
{
	return rhashtable_init(&adopted_table, &adopted_params);
}

/**
 * adopt_exit() - free the table, which is empty
 */
void adopt_exit(void)
{
	cancel_delayed_work_sync(&adopted_sweeper);
	/* for adopted_free() */
	rcu_barrier();
	rhashtable_destroy(&adopted_table);
}
