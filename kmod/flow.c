// SPDX-License-Identifier: GPL-2.0
/*
 * One life for a flow.  Every guarded connection is in one table, whoever chose
 * it and whenever it began, and this file alone puts it there and takes it out:
 *
 *	flow_open()	the server was heard, under ct->lock
 *	flow_retire()	nothing is read any more: its guard is taken from it, and
 *			what stays says if the connection may go on
 *	flow_end()	conntrack has marked the entry as dying, or the network
 *			namespace or the module goes: out of the table under
 *			ct->lock, freed after a grace period
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
 *
 * Where the server owes the final reply to an end of data, and conntrack does not
 * wait for as long as that takes, the session goes on in the connection that
 * conntrack makes of the reply: else the client would send the message again.
 *
 * Where memory is short, sessions lose their guard that can do without: those
 * that are over, those under TLS, and those in which nothing is under way; see
 * flow_spares.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_conntrack.h>

#include "closed.h"
#include "flow.h"
#include "guard.h"
#include "judge.h"
#include "memory.h"
#include "netns.h"
#include "offload.h"
#include "select.h"
#include "stats.h"

#define SWEEP_INTERVAL		HZ
/* Flows that are looked at before others may run. */
#define SWEEP_BATCH		1024
/* A session that has said nothing for so long will not say much soon. */
#define SILENCE			(60 * HZ)
/* Between a reply and the next command a client may think for that long. */
#define PAUSE			(5 * HZ)
/*
 * The server may take its time for a final reply: RFC 5321 section 4.5.3.2.6.  So
 * many sessions of a network namespace may wait for one whose connection conntrack
 * has forgotten, for it counts them there for as long.
 */
#define REPLY_PATIENCE		(10 * 60 * HZ)
#define WAITING_MAX		256
/* Memory is short: how soon to do something about it. */
#define EVICT_DELAY		(HZ / 20)

static const struct rhashtable_params twin_params = {
	.key_len = sizeof_field(struct flow, ends),
	.key_offset = offsetof(struct flow, ends),
	.head_offset = offsetof(struct flow, twin),
	.automatic_shrinking = true,
};

/* Read under RCU; an entry comes and goes under its ct->lock, in both at once. */
struct rhashtable flow_table;
static struct rhltable twin_table;
static struct kmem_cache *flow_cache;
/* How many flows have been taken out, by whomever. */
static atomic_t flow_removals;
/* The sweeper's alone. */
static u32 flow_sweeps;

static void flow_sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(flow_sweeper, flow_sweep);
static void flow_evict(struct work_struct *work);
static DECLARE_DELAYED_WORK(flow_evictor, flow_evict);

static void flow_free(struct rcu_head *rcu)
{
	struct flow *flow = container_of(rcu, struct flow, rcu);

	nf_ct_put(flow->ct);
	kmem_cache_free(flow_cache, flow);
}

/* Nothing more is read of it.  ct->lock is held. */
static void flow_lose_guard(struct flow *flow)
{
	struct guard *guard = flow->guard;

	judge_close(guard);
	guard_close(guard);
}

/* What was ended stays so, although conntrack forgets it.  ct->lock is held. */
static void flow_forget(struct flow *flow)
{
	if (flow->state == FLOW_OVER ||
	    (flow->state == FLOW_GUARDED && judge_goes_on(flow->guard)))
		closed_add(flow->ct, flow->reversed);
	if (flow->state == FLOW_GUARDED)
		flow_lose_guard(flow);
}

static bool flow_is_silent(const struct flow *flow, u32 jiffies_at_least)
{
	return (u32)jiffies - READ_ONCE(flow->heard) >= jiffies_at_least;
}

/* False where somebody else has ended it just now.  ct->lock is held. */
static bool flow_remove(struct flow *flow)
{
	lockdep_assert_held(&flow->ct->lock);
	if (rhashtable_remove_fast(&flow_table, &flow->node, flow_params))
		return false;
	rhltable_remove(&twin_table, &flow->twin, twin_params);
	/* before the lock is given back: the connection may come into the table again */
	offload_allow(flow->ct);
	atomic_inc(&flow_removals);
	return true;
}

/* Of one that was removed. */
static void flow_put(struct flow *flow)
{
	call_rcu(&flow->rcu, flow_free);
}

/* Somebody else may have ended it just now. */
static void flow_end(struct flow *flow)
{
	struct nf_conn *ct = flow->ct;
	bool found;

	spin_lock_bh(&ct->lock);
	found = flow_remove(flow);
	if (found)
		flow_forget(flow);
	spin_unlock_bh(&ct->lock);
	if (found)
		flow_put(flow);
}

/* Does it wait for a final reply, although conntrack does not? */
static bool flow_is_waiting(const struct flow *flow)
{
	return nf_ct_is_expired(flow->ct) && flow->state == FLOW_GUARDED &&
	       guard_is_committed(flow->guard) && !flow->guard->closed &&
	       !flow_is_silent(flow, REPLY_PATIENCE);
}

/* Its guard where it is waiting, else it is ended. */
static struct guard *flow_take_guard(struct flow *flow)
{
	struct nf_conn *ct = flow->ct;
	struct guard *guard = NULL;
	bool found;

	spin_lock_bh(&ct->lock);
	found = flow_remove(flow);
	if (found && flow_is_waiting(flow))
		guard = flow->guard;
	else if (found)
		flow_forget(flow);
	spin_unlock_bh(&ct->lock);
	if (found)
		flow_put(flow);
	return guard;
}

/* Something to do with each flow. */
typedef void (*flow_deed_t)(struct flow *flow, const void *context);

/* @context: a network namespace */
static void flow_end_if_of(struct flow *flow, const void *context)
{
	const struct net *net = context;

	if (net_eq(nf_ct_net(flow->ct), net))
		flow_end(flow);
}

/* @context: the settings in use */
static void flow_end_if_left(struct flow *flow, const void *context)
{
	if (!select_covers(nf_ct_net(flow->ct), context) &&
	    !select_chooses(flow->ct, context))
		flow_end(flow);
}

/* Does some flows; false at the table's end. */
static bool flow_do_some(struct rhashtable_iter *walk, flow_deed_t deed,
			 const void *context)
{
	unsigned int left;
	struct flow *flow;

	for (left = SWEEP_BATCH; left; left--) {
		flow = rhashtable_walk_next(walk);
		if (!flow)
			return false;
		/* the table is being resized: some will be seen twice */
		if (flow != ERR_PTR(-EAGAIN))
			deed(flow, context);
	}
	return true;
}

/*
 * A walk goes on behind as many flows of a chain as it has seen there, and so
 * may pass over others where some of those have ended since.
 */
static void flow_do_most(flow_deed_t deed, const void *context)
{
	struct rhashtable_iter walk;
	bool more;

	rhashtable_walk_enter(&flow_table, &walk);
	do {
		/* its RCU read lock is not to be held for long */
		cond_resched();
		rhashtable_walk_start(&walk);
		more = flow_do_some(&walk, deed, context);
		rhashtable_walk_stop(&walk);
	} while (more);
	rhashtable_walk_exit(&walk);
}

static void flow_do_all(flow_deed_t deed, const void *context)
{
	int before;

	do {
		before = atomic_read(&flow_removals);
		flow_do_most(deed, context);
	} while (atomic_read(&flow_removals) != before);
}

/* Whoever took it out did so under ct->lock, which is held. */
static bool flow_is_in_table(const struct flow *flow)
{
	lockdep_assert_held(&flow->ct->lock);
	return rhashtable_lookup_fast(&flow_table, &flow->ct,
				      flow_params) == flow;
}

static void flow_rest(struct flow *flow)
{
	struct nf_conn *ct = flow->ct;

	spin_lock_bh(&ct->lock);
	if (flow_is_in_table(flow) && flow_is_silent(flow, SILENCE)) {
		flow->rested = true;
		if (flow->state == FLOW_GUARDED)
			guard_rest(flow->guard);
	}
	spin_unlock_bh(&ct->lock);
}

static bool flow_waits(struct flow *flow)
{
	struct nf_conn *ct = flow->ct;
	bool waits;

	spin_lock_bh(&ct->lock);
	waits = flow_is_in_table(flow) && flow_is_waiting(flow);
	spin_unlock_bh(&ct->lock);
	return waits;
}

static void flow_end_unless_waiting(struct flow *flow)
{
	struct netns *netns = netns_get(nf_ct_net(flow->ct));

	if (netns->sweep != flow_sweeps) {
		netns->sweep = flow_sweeps;
		netns->waiting = 0;
	}
	if (netns->waiting < WAITING_MAX && flow_waits(flow))
		netns->waiting++;
	else
		flow_end(flow);
}

static void flow_tend(struct flow *flow, const void *context)
{
	if (nf_ct_is_dying(flow->ct))
		flow_end_unless_waiting(flow);
	else if (!READ_ONCE(flow->rested) && flow_is_silent(flow, SILENCE))
		flow_rest(flow);
}

/**
 * struct flow_spare - sessions that can do without their guard
 * @may: is a session one of them
 * @silence: where it has said nothing for so many jiffies
 * @state: what becomes of it
 * @is_counted: somebody could miss something
 */
struct flow_spare {
	bool (*may)(const struct guard *guard);
	u32 silence;
	enum flow_state state;
	bool is_counted;
};

/* What has left in order may still be repeated. */
static bool flow_was_reset(const struct guard *guard)
{
	return guard->closed && !guard_is_finished(guard);
}

static bool flow_is_behind_tls(const struct guard *guard)
{
	return guard_is_opaque(guard) && guard_is_quiet(guard);
}

/* In this order; who is in the middle of something is in none of them. */
static const struct flow_spare flow_spares[] = {
	{ flow_was_reset,	0,		FLOW_OVER,	false },
	{ flow_is_behind_tls,	0,		FLOW_IGNORED,	true },
	{ guard_is_idle,	SILENCE,	FLOW_OVER,	true },
	{ guard_is_idle,	PAUSE,		FLOW_OVER,	true },
};

/* @context: which may be spared */
static void flow_spare(struct flow *flow, const void *context)
{
	const struct flow_spare *spare = context;
	struct nf_conn *ct = flow->ct;

	if (!memory_is_short(nf_ct_net(ct)) ||
	    !flow_is_silent(flow, spare->silence))
		return;
	spin_lock_bh(&ct->lock);
	if (flow_is_in_table(flow) && flow->state == FLOW_GUARDED &&
	    flow_is_silent(flow, spare->silence) && spare->may(flow->guard)) {
		stats_add(nf_ct_net(ct), COUNTER_SESSIONS_EVICTED,
			  spare->is_counted);
		flow_retire(flow, spare->state);
	}
	spin_unlock_bh(&ct->lock);
}

static void flow_evict(struct work_struct *work)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flow_spares); i++)
		flow_do_most(flow_spare, &flow_spares[i]);
}

static void flow_sweep(struct work_struct *work)
{
	flow_sweeps++;
	/* what it passes over is found the next time */
	flow_do_most(flow_tend, NULL);
	if (memory_was_short())
		flow_evict(NULL);
	if (atomic_read(&flow_table.nelems))
		schedule_delayed_work(&flow_sweeper, SWEEP_INTERVAL);
}

/**
 * flow_walk_enter() - begin to walk through the table
 * @walk: for rhashtable_walk_start() and what else there is of its kind; to be
 *	left by rhashtable_walk_exit()
 *
 * Context: process.
 */
void flow_walk_enter(struct rhashtable_iter *walk)
{
	rhashtable_walk_enter(&flow_table, walk);
}

/**
 * flow_look() - look at a flow that a walk has found
 * @flow: the flow; it may be ended meanwhile
 * @look: called, under ct->lock, where it was not
 * @context: its second argument
 *
 * Context: process, RCU read lock held.
 */
void flow_look(struct flow *flow, flow_look_t look, void *context)
{
	struct nf_conn *ct = flow->ct;

	spin_lock_bh(&ct->lock);
	if (flow_is_in_table(flow))
		look(flow, context);
	spin_unlock_bh(&ct->lock);
}

/* Something to do with a flow that has died; @result: what came of it so far. */
typedef void (*twin_deed_t)(struct flow *flow, void *result);

/* With all that were between the ends of a connection before it. */
static void flow_do_twins(const struct nf_conn *ct, bool reversed,
			  twin_deed_t deed, void *result)
{
	u64 ends = closed_ends(ct, reversed);
	struct rhlist_head *list, *at;
	struct flow *flow;

	list = rhltable_lookup(&twin_table, &ends, twin_params);
	rhl_for_each_entry_rcu(flow, at, list, twin) {
		if (flow->ct != ct && nf_ct_is_dying(flow->ct))
			deed(flow, result);
	}
}

static void flow_end_twin(struct flow *flow, void *result)
{
	flow_end(flow);
}

/* @result: does one wait */
static void flow_ask_twin(struct flow *flow, void *result)
{
	bool *waits = result;

	*waits = *waits || flow_waits(flow);
}

/* @result: the guard of the first that waits; the others are ended */
static void flow_take_twin(struct flow *flow, void *result)
{
	struct guard **guard = result;

	if (*guard)
		flow_end(flow);
	else
		*guard = flow_take_guard(flow);
}

/**
 * flow_end_twins() - another connection begins, with a SYN
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
	flow_do_twins(ct, reversed, flow_end_twin, NULL);
}

/**
 * flow_is_awaited() - may flow_take_over() find a session
 * @ct: the connection as it is new to conntrack
 * @reversed: its original direction is that of the server
 *
 * Context: any, RCU read lock held, ct->lock not held.
 * Return: true where there is one whose final reply is owed.
 */
bool flow_is_awaited(const struct nf_conn *ct, bool reversed)
{
	bool waits = false;

	flow_do_twins(ct, reversed, flow_ask_twin, &waits);
	return waits;
}

/**
 * flow_take_over() - a connection goes on that conntrack had forgotten
 * @ct: the connection as it is new to conntrack
 * @reversed: its original direction is that of the server
 *
 * Those before it between the same ends are over, and what is to be remembered
 * of them is; but for one that waits for a final reply.
 *
 * Context: any, RCU read lock held, ct->lock not held.
 * Return: the guard of that one, for flow_go_on() alone; else %NULL.
 */
struct guard *flow_take_over(const struct nf_conn *ct, bool reversed)
{
	struct guard *guard = NULL;

	flow_do_twins(ct, reversed, flow_take_twin, &guard);
	return guard;
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

/* Sessions that can do without their guard will be asked for it soon. */
static void flow_look_for_memory(struct net *net)
{
	if (memory_is_short(net))
		schedule_delayed_work(&flow_evictor, EVICT_DELAY);
}

/* In no table yet. */
static struct flow *flow_make(struct nf_conn *ct, bool reversed,
			      enum flow_state state)
{
	struct flow *flow;

	flow = kmem_cache_alloc(flow_cache,
				GFP_ATOMIC | __GFP_ZERO | __GFP_ACCOUNT);
	if (!flow)
		goto count_failure;
	flow->ct = ct;
	flow->ends = closed_ends(ct, reversed);
	flow->heard = jiffies;
	flow->state = state;
	flow->reversed = reversed;
	return flow;

count_failure:
	stats_count(nf_ct_net(ct), COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/**
 * flow_open_stub() - note what becomes of a connection that has no guard
 * @ct: the connection: confirmed, not dying and not in the table
 * @reversed: its original direction is that of the server
 * @state: anything but %FLOW_GUARDED
 *
 * There are not more of them than conntrack has entries, so max_memory does not
 * count them.
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its flow, or %NULL without memory, which is counted.
 */
struct flow *flow_open_stub(struct nf_conn *ct, bool reversed,
			    enum flow_state state)
{
	struct flow *flow;

	lockdep_assert_held(&ct->lock);
	flow = flow_make(ct, reversed, state);
	if (!flow)
		return NULL;
	nf_conntrack_get(&ct->ct_general);
	if (flow_insert(flow))
		goto put_connection;
	offload_deny(ct);
	schedule_delayed_work(&flow_sweeper, SWEEP_INTERVAL);
	return flow;

put_connection:
	nf_ct_put(ct);
	kmem_cache_free(flow_cache, flow);
	stats_count(nf_ct_net(ct), COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/**
 * flow_open() - take a connection under guard
 * @ct: the connection: confirmed, not dying and not in the table
 * @reversed: its original direction is that of the server
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its flow, or %NULL without memory.
 */
struct flow *flow_open(struct nf_conn *ct, bool reversed)
{
	struct guard *guard = guard_open(ct, reversed);
	struct flow *flow;

	flow_look_for_memory(nf_ct_net(ct));
	if (!guard)
		return NULL;
	flow = flow_open_stub(ct, reversed, FLOW_OVER);
	if (!flow) {
		guard_close(guard);
		return NULL;
	}
	flow->state = FLOW_GUARDED;
	flow->guard = guard;
	return flow;
}

/**
 * flow_give_up() - a session cannot go on in another connection, and is over
 * @ct: the connection
 * @reversed: its original direction is that of the server
 * @guard: what flow_take_over() has found
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void flow_give_up(struct nf_conn *ct, bool reversed, struct guard *guard)
{
	closed_add(ct, reversed);
	guard_move(guard, ct, reversed);
	judge_close(guard);
	guard_close(guard);
}

/**
 * flow_go_on() - a session goes on in another connection
 * @ct: the connection: confirmed, not dying and not in the table
 * @reversed: its original direction is that of the server
 * @guard: what flow_take_over() has found; it is the table's afterwards, or it
 *	is over
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its flow, or %NULL without memory, which is counted.
 */
struct flow *flow_go_on(struct nf_conn *ct, bool reversed, struct guard *guard)
{
	struct flow *flow;

	flow = flow_open_stub(ct, reversed, FLOW_OVER);
	if (!flow) {
		flow_give_up(ct, reversed, guard);
		return NULL;
	}
	guard_move(guard, ct, reversed);
	flow->state = FLOW_GUARDED;
	flow->guard = guard;
	return flow;
}

/**
 * flow_retire() - nothing more is read of a connection
 * @flow: its flow, which has a guard
 * @state: what becomes of it, anything but %FLOW_GUARDED
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void flow_retire(struct flow *flow, enum flow_state state)
{
	enum direction from;
	u32 next[2];

	lockdep_assert_held(&flow->ct->lock);
	flow->known = 0;
	for (from = FROM_CLIENT; from <= FROM_SERVER; from++) {
		const struct side *side = &flow->guard->side[from];

		/* a FIN has a number, too */
		next[from] = side->next + side->finished;
		flow->known |= side->known << from;
	}
	flow_lose_guard(flow);
	flow->state = state;
	memcpy(flow->next, next, sizeof(next));
}

/**
 * flow_reopen() - another connection begins in a flow
 * @flow: the flow
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: false without memory; the connection before it is over all the same.
 */
bool flow_reopen(struct flow *flow)
{
	struct guard *guard;

	lockdep_assert_held(&flow->ct->lock);
	if (flow->state == FLOW_GUARDED)
		flow_retire(flow, FLOW_OVER);
	guard = guard_open(flow->ct, flow->reversed);
	flow_look_for_memory(nf_ct_net(flow->ct));
	if (!guard)
		return false;
	flow->state = FLOW_GUARDED;
	flow->guard = guard;
	return true;
}

/**
 * flow_release() - a network namespace goes, or the module
 * @net: the namespace; none of its packets is judged any more
 *
 * Context: process.
 */
void flow_release(const struct net *net)
{
	flow_do_all(flow_end_if_of, net);
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
	flow_do_all(flow_end_if_left, settings);
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
				       0, SLAB_ACCOUNT, NULL);
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
	cancel_delayed_work_sync(&flow_evictor);
	cancel_delayed_work_sync(&flow_sweeper);
	/* for flow_free() */
	rcu_barrier();
	rhltable_destroy(&twin_table);
	rhashtable_destroy(&flow_table);
	kmem_cache_destroy(flow_cache);
}
