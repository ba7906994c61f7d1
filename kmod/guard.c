// SPDX-License-Identifier: GPL-2.0
/*
 * Guards come with the server's answer to a flow's first packet and go with
 * its conntrack entry.  All of them are on one list: when the module goes,
 * conntrack keeps its entries but forgets their helper, so nobody else would
 * free them.
 *
 * What they take is counted and has a limit, max_memory.  The notes of a flow
 * grow only where more is under way unacknowledged than usual, to
 * max_unacknowledged.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "guard.h"
#include "netns.h"
#include "params.h"
#include "stats.h"

static struct kmem_cache *guard_cache;
static LIST_HEAD(guards);
/* Protects the list; taken alone or inside of a ct->lock. */
static DEFINE_SPINLOCK(guards_lock);

/* Octets that all guards take. */
static atomic_long_t guards_memory;

static bool memory_take(size_t octets)
{
	u64 most = (u64)params_settings()->max_memory << 20;

	if (atomic_long_add_return(octets, &guards_memory) <= most)
		return true;
	atomic_long_sub(octets, &guards_memory);
	return false;
}

static void memory_give(size_t octets)
{
	atomic_long_sub(octets, &guards_memory);
}

static u16 ring_size(const struct guard *guard, enum ring ring)
{
	return ring == RING_AHEAD ? guard->ahead.size :
				    guard->side[ring].history.size;
}

static u16 ring_used(const struct guard *guard, enum ring ring)
{
	return ring == RING_AHEAD ? guard->ahead.used :
				    guard->side[ring].history.count;
}

static u16 *ring_first(struct guard *guard, enum ring ring, u16 *size)
{
	switch (ring) {
	case RING_CLIENT:
		*size = RING_CLIENT_FIRST;
		return guard->client_first;
	case RING_SERVER:
		*size = RING_SERVER_FIRST;
		return guard->server_first;
	default:
		*size = 0;
		return NULL;
	}
}

/* @entries are the caller's, or NULL for those that the guard began with. */
static void ring_replace(struct guard *guard, enum ring ring, u16 *entries,
			 u16 size)
{
	u16 *old = guard->ring[ring];
	u16 old_size = ring_size(guard, ring);

	guard->ring[ring] = entries;
	if (!entries)
		entries = ring_first(guard, ring, &size);
	if (ring == RING_AHEAD)
		ahead_resize(&guard->ahead, entries, size);
	else
		history_resize(&guard->side[ring].history, entries, size);
	if (!old)
		return;
	kfree(old);
	memory_give(old_size * sizeof(*old));
}

static void rings_free(struct guard *guard)
{
	enum ring ring;

	for (ring = 0; ring < RING_COUNT; ring++) {
		if (!guard->ring[ring])
			continue;
		memory_give(ring_size(guard, ring) * sizeof(u16));
		kfree(guard->ring[ring]);
	}
}

static void guard_begin(struct net *net, struct guard *guard)
{
	guard->id = atomic64_inc_return(&netns_get(net)->sessions);
	guard->opened = ktime_get();
	history_init(&guard->side[FROM_CLIENT].history, guard->client_first,
		     RING_CLIENT_FIRST);
	history_init(&guard->side[FROM_SERVER].history, guard->server_first,
		     RING_SERVER_FIRST);
	ahead_init(&guard->ahead, NULL, 0);
}

/**
 * guard_open() - a flow is taken under guard
 * @net: its network namespace
 *
 * Context: any, RCU read lock held.
 * Return: the guard, or %NULL without memory, which is counted.
 */
struct guard *guard_open(struct net *net)
{
	struct guard *guard;

	if (!memory_take(sizeof(*guard))) {
		stats_count(net, COUNTER_SESSIONS_DEFERRED);
		return NULL;
	}
	guard = kmem_cache_zalloc(guard_cache, GFP_ATOMIC);
	if (!guard) {
		memory_give(sizeof(*guard));
		stats_count(net, COUNTER_ALLOCATION_FAILURES);
		return NULL;
	}
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

	rings_free(guard);
	memset_after(guard, 0, list);
	guard->reversed = reversed;
	guard->tls = tls;
	guard_begin(net, guard);
}

/**
 * guard_grow() - more is under way unacknowledged than there are entries for
 * @net: its network namespace
 * @guard: its guard
 * @ring: of what
 * @wanted: entries that there must be
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: false where that is more than max_unacknowledged, or there is no
 * memory.
 */
bool guard_grow(struct net *net, struct guard *guard, enum ring ring,
		unsigned int wanted)
{
	unsigned int most = params_settings()->max_unacknowledged;
	unsigned int size;
	u16 *entries;

	if (wanted > most)
		return false;
	size = min_t(unsigned int, roundup_pow_of_two(wanted), most);
	if (!memory_take(size * sizeof(*entries)))
		return false;
	entries = kmalloc_array(size, sizeof(*entries),
				GFP_ATOMIC | __GFP_NOWARN);
	if (!entries) {
		memory_give(size * sizeof(*entries));
		stats_count(net, COUNTER_ALLOCATION_FAILURES);
		return false;
	}
	ring_replace(guard, ring, entries, size);
	return true;
}

/**
 * guard_shrink() - give memory back that is not needed any more
 * @guard: the guard
 *
 * Context: any, ct->lock held.
 */
void guard_shrink(struct guard *guard)
{
	enum ring ring;

	for (ring = 0; ring < RING_COUNT; ring++)
		if (guard->ring[ring] && !ring_used(guard, ring))
			ring_replace(guard, ring, NULL, 0);
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
	rings_free(guard);
	kmem_cache_free(guard_cache, guard);
	memory_give(sizeof(*guard));
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
	WARN_ON(atomic_long_read(&guards_memory));
	kmem_cache_destroy(guard_cache);
}
