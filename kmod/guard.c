// SPDX-License-Identifier: GPL-2.0
/*
 * Guards come and go with their flow.
 *
 * What they take is counted, see memory.c.  The notes of a flow grow only where
 * more is under way unacknowledged than usual, to max_unacknowledged, and go
 * before the guard where nothing is read any more.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "guard.h"
#include "memory.h"
#include "netns.h"
#include "params.h"
#include "stats.h"

static struct kmem_cache *guard_cache;
static struct kmem_cache *notes_cache;

static void *memory_alloc(struct net *net, struct kmem_cache *cache,
			  gfp_t flags)
{
	size_t size = kmem_cache_size(cache);
	void *object;

	if (!memory_take(net, size)) {
		stats_count(net, COUNTER_SESSIONS_DEFERRED);
		return NULL;
	}
	object = kmem_cache_alloc(cache, GFP_ATOMIC | flags);
	if (object)
		return object;
	memory_give(net, size);
	stats_count(net, COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

static void memory_free(struct net *net, struct kmem_cache *cache, void *object)
{
	kmem_cache_free(cache, object);
	memory_give(net, kmem_cache_size(cache));
}

static struct net *guard_net(const struct guard *guard)
{
	return nf_ct_net(guard->ct);
}

static u16 ring_size(const struct guard *guard, enum ring ring)
{
	return ring == RING_AHEAD ? guard->ahead.size :
				    guard->side[ring].history.size;
}

static size_t ring_octets(u16 size)
{
	return HISTORY_WORDS(size) * sizeof(u16);
}

static u16 ring_used(const struct guard *guard, enum ring ring)
{
	return ring == RING_AHEAD ? guard->ahead.used :
				    guard->side[ring].history.count;
}

static u16 *ring_first(struct guard *guard, enum ring ring, u16 *size)
{
	*size = 0;
	if (!guard->notes || ring == RING_AHEAD)
		return NULL;
	if (ring == RING_CLIENT) {
		*size = RING_CLIENT_FIRST;
		return guard->notes->client;
	}
	*size = RING_SERVER_FIRST;
	return guard->notes->server;
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
	memory_give(guard_net(guard), ring_octets(old_size));
}

static void rings_free(struct guard *guard)
{
	enum ring ring;

	for (ring = 0; ring < RING_COUNT; ring++) {
		if (!guard->ring[ring])
			continue;
		memory_give(guard_net(guard),
			    ring_octets(ring_size(guard, ring)));
		kfree(guard->ring[ring]);
	}
}

static void lines_free(struct guard *guard)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(guard->side); i++) {
		if (!guard->side[i].line)
			continue;
		kfree(guard->side[i].line);
		guard->side[i].line = NULL;
		memory_give(guard_net(guard), sizeof(struct line));
	}
}

static bool notes_take(struct guard *guard)
{
	if (!guard->notes)
		guard->notes = memory_alloc(guard_net(guard), notes_cache,
					    0);
	return guard->notes;
}

/* Nothing is noted in them. */
static void notes_give(struct guard *guard)
{
	struct notes *notes = guard->notes;

	guard->notes = NULL;
	if (notes)
		memory_free(guard_net(guard), notes_cache, notes);
}

static void guard_begin(struct guard *guard)
{
	struct netns *netns = netns_get(guard_net(guard));
	u16 *entries;
	u16 size;

	guard->id = atomic64_inc_return(&netns->sessions);
	guard->opened = ktime_get();
	entries = ring_first(guard, RING_CLIENT, &size);
	history_init(&guard->side[FROM_CLIENT].history, entries, size);
	entries = ring_first(guard, RING_SERVER, &size);
	history_init(&guard->side[FROM_SERVER].history, entries, size);
	ahead_init(&guard->ahead, NULL, 0);
}

/**
 * guard_open() - a flow is taken under guard
 * @ct: its connection
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: the guard, or %NULL without memory, which is counted.
 */
struct guard *guard_open(struct nf_conn *ct)
{
	struct guard *guard;

	lockdep_assert_held(&ct->lock);
	guard = memory_alloc(nf_ct_net(ct), guard_cache, __GFP_ZERO);
	if (!guard)
		return NULL;
	guard->ct = ct;
	if (!notes_take(guard)) {
		memory_free(nf_ct_net(ct), guard_cache, guard);
		return NULL;
	}
	guard_begin(guard);
	return guard;
}

/**
 * guard_reopen() - another connection begins in a flow
 * @guard: its guard; all but who it is of begins anew
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: false without memory, which is counted; nothing has changed then.
 */
bool guard_reopen(struct guard *guard)
{
	bool reversed = guard->reversed;
	bool tls = guard->tls;

	lockdep_assert_held(&guard->ct->lock);
	if (!notes_take(guard))
		return false;
	rings_free(guard);
	lines_free(guard);
	memset_after(guard, 0, notes);
	guard->reversed = reversed;
	guard->tls = tls;
	guard_begin(guard);
	return true;
}

/**
 * guard_grow() - more is under way unacknowledged than there are entries for
 * @guard: its guard
 * @ring: of what
 * @wanted: entries that there must be
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: false where that is more than max_unacknowledged, or there is no
 * memory.
 */
bool guard_grow(struct guard *guard, enum ring ring, unsigned int wanted)
{
	unsigned int most = params_settings()->max_unacknowledged;
	unsigned int size;
	u16 *entries;

	lockdep_assert_held(&guard->ct->lock);
	if (wanted > history_fit(most))
		return false;
	/* entries and marks together fill what is allocated */
	size = history_fit(min_t(unsigned int, most,
				 roundup_pow_of_two(HISTORY_WORDS(wanted))));
	if (!memory_take(guard_net(guard), ring_octets(size)))
		return false;
	entries = kmalloc(ring_octets(size), GFP_ATOMIC | __GFP_NOWARN);
	if (!entries) {
		memory_give(guard_net(guard), ring_octets(size));
		stats_count(guard_net(guard), COUNTER_ALLOCATION_FAILURES);
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

	lockdep_assert_held(&guard->ct->lock);
	for (ring = 0; ring < RING_COUNT; ring++)
		if (guard->ring[ring] && !ring_used(guard, ring))
			ring_replace(guard, ring, NULL, 0);
}

/**
 * guard_rest() - octets of a flow will not be read any more
 * @guard: its guard; it gives back what texts took, and what notes took unless
 *	some are still needed
 *
 * Context: any, ct->lock held.
 */
void guard_rest(struct guard *guard)
{
	enum ring ring;

	lockdep_assert_held(&guard->ct->lock);
	lines_free(guard);
	if (!guard->notes)
		return;
	for (ring = 0; ring < RING_COUNT; ring++)
		if (ring_used(guard, ring))
			return;
	notes_give(guard);
	for (ring = 0; ring < RING_COUNT; ring++)
		ring_replace(guard, ring, NULL, 0);
}

/**
 * guard_line() - where the text of a line under way is gathered
 * @guard: the guard
 * @direction: of whose
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: it, or %NULL without memory, which is counted.
 */
struct line *guard_line(struct guard *guard, enum direction direction)
{
	struct side *side = &guard->side[direction];

	lockdep_assert_held(&guard->ct->lock);
	if (side->line || !memory_take(guard_net(guard), sizeof(*side->line)))
		return side->line;
	side->line = kzalloc(sizeof(*side->line), GFP_ATOMIC | __GFP_NOWARN);
	if (side->line)
		return side->line;
	memory_give(guard_net(guard), sizeof(*side->line));
	stats_count(guard_net(guard), COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/**
 * guard_close() - a flow is gone
 * @guard: its guard
 *
 * Context: any; no flow leads to the guard any more, and who has ct->lock does
 * not use it.
 */
void guard_close(struct guard *guard)
{
	rings_free(guard);
	lines_free(guard);
	notes_give(guard);
	memory_free(guard_net(guard), guard_cache, guard);
}

/**
 * guard_init() - make room for guards
 *
 * Return: 0 or -ENOMEM.
 */
int guard_init(void)
{
	guard_cache = kmem_cache_create("smtpguard", sizeof(struct guard), 0,
					0, NULL);
	if (!guard_cache)
		return -ENOMEM;
	notes_cache = kmem_cache_create("smtpguard_notes",
					sizeof(struct notes), 0, 0, NULL);
	if (notes_cache)
		return 0;
	kmem_cache_destroy(guard_cache);
	return -ENOMEM;
}

/**
 * guard_exit() - no guard is left
 */
void guard_exit(void)
{
	memory_exit();
	kmem_cache_destroy(notes_cache);
	kmem_cache_destroy(guard_cache);
}
