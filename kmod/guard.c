// SPDX-License-Identifier: GPL-2.0
/*
 * Guards come with the first packet of a flow and go with its conntrack
 * entry.  All of them are on one list: when the module goes, conntrack keeps
 * its entries but forgets their helper, so nobody else would free them.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "guard.h"
#include "netns.h"

static struct kmem_cache *guard_cache;
static LIST_HEAD(guards);
/* Protects the list; taken alone or inside of a ct->lock. */
static DEFINE_SPINLOCK(guards_lock);

static void guard_begin(struct net *net, struct guard *guard)
{
	guard->id = atomic64_inc_return(&netns_get(net)->sessions);
	guard->opened = ktime_get();
	history_init(&guard->side[FROM_CLIENT].history, guard->ring_client,
		     HISTORY_CLIENT);
	history_init(&guard->side[FROM_SERVER].history, guard->ring_server,
		     HISTORY_SERVER);
	ahead_init(&guard->ahead, guard->ring_ahead, HISTORY_AHEAD);
}

/**
 * guard_open() - a flow is taken under guard
 * @net: its network namespace
 *
 * Context: any.
 * Return: the guard, or NULL without memory.
 */
struct guard *guard_open(struct net *net)
{
	struct guard *guard = kmem_cache_zalloc(guard_cache, GFP_ATOMIC);

	if (!guard)
		return NULL;
	guard_begin(net, guard);
	spin_lock_bh(&guards_lock);
	list_add(&guard->list, &guards);
	spin_unlock_bh(&guards_lock);
	return guard;
}

/**
 * guard_reopen() - another connection begins in a flow
 * @net: its network namespace
 * @guard: its guard; all but its place on the list begins anew
 *
 * Context: any, ct->lock held.
 */
void guard_reopen(struct net *net, struct guard *guard)
{
	bool reversed = guard->reversed;
	bool tls = guard->tls;

	memset_after(guard, 0, list);
	guard->reversed = reversed;
	guard->tls = tls;
	guard_begin(net, guard);
}

/**
 * guard_close() - a flow is gone
 * @guard: its guard
 *
 * Context: any; nobody uses the guard any more.
 */
void guard_close(struct guard *guard)
{
	spin_lock_bh(&guards_lock);
	list_del(&guard->list);
	spin_unlock_bh(&guards_lock);
	kmem_cache_free(guard_cache, guard);
}

/**
 * guard_init() - make room for guards
 *
 * Return: 0 or -ENOMEM.
 */
int guard_init(void)
{
	guard_cache = KMEM_CACHE(guard, 0);
	return guard_cache ? 0 : -ENOMEM;
}

/**
 * guard_exit() - free all guards
 *
 * No helper is running and none will.
 */
void guard_exit(void)
{
	struct guard *guard, *next;

	list_for_each_entry_safe(guard, next, &guards, list)
		guard_close(guard);
	kmem_cache_destroy(guard_cache);
}
