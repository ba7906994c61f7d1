// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of a flow comes when it is first needed and goes when it is not
 * needed any more:
 *
 *	struct guard	as long as anything is read of the flow, or was noted
 *	struct session	until octets are not read any more, as behind STARTTLS
 *	rings		while something is under way unacknowledged, and until
 *			the session has been silent for a while; larger ones
 *			until the message is over that needed them
 *	islands		while octets have passed ahead of a hole
 *	lines		while somebody follows the log
 *	messages	from MAIL to the final reply, while somebody follows them
 *	hellos		from the client's first octet of TLS to the server's hello
 *
 * All of it is counted before it is allocated, see memory.c.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "connection.h"
#include "guard.h"
#include "hellos.h"
#include "memory.h"
#include "message.h"
#include "netns.h"
#include "params.h"
#include "stats.h"

/* What is refused is counted, or comes again. */
#define GFP_GUARD	(GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT)

static struct kmem_cache *guard_cache;
static struct kmem_cache *session_cache;
static struct kmem_cache *ring_cache;

static struct net *guard_net(const struct guard *guard)
{
	return nf_ct_net(guard->ct);
}

/* Where @cache is NULL, of none. */
static void *memory_alloc(struct net *net, struct kmem_cache *cache,
			  size_t octets, gfp_t flags)
{
	void *object;

	if (!memory_take(net, octets))
		return NULL;
	object = cache ? kmem_cache_alloc(cache, flags) :
			 kmalloc(octets, flags);
	if (object)
		return object;
	memory_give(net, octets);
	stats_count(net, COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

static void memory_free(struct net *net, struct kmem_cache *cache,
			size_t octets, void *object)
{
	if (!object)
		return;
	if (cache)
		kmem_cache_free(cache, object);
	else
		kfree(object);
	memory_give(net, octets);
}

static size_t ring_octets(u16 size)
{
	return HISTORY_WORDS(size) * sizeof(u16);
}

/* Sessions in which commands are under way have one of these for each side. */
static struct kmem_cache *ring_home(u16 size)
{
	return size == RING_FIRST ? ring_cache : NULL;
}

static u16 ring_used(const struct guard *guard, enum ring ring)
{
	if (ring != RING_AHEAD)
		return guard->side[ring].history.count;
	return guard->ahead ? guard->ahead->used : 0;
}

/* Entries in use are moved; there are none where @entries is NULL. */
static void ring_replace(struct guard *guard, enum ring ring, u16 *entries,
			 u16 size)
{
	struct history *history;
	u16 *old;
	u16 old_size;

	if (ring == RING_AHEAD) {
		old = guard->ahead->ring;
		old_size = guard->ahead->size;
		ahead_resize(guard->ahead, entries, size);
	} else {
		history = &guard->side[ring].history;
		old = history->ring;
		old_size = history->size;
		history_resize(history, entries, size);
	}
	memory_free(guard_net(guard), ring_home(old_size),
		    ring_octets(old_size), old);
}

static void ahead_free(struct guard *guard)
{
	if (!guard->ahead)
		return;
	ring_replace(guard, RING_AHEAD, NULL, 0);
	memory_free(guard_net(guard), NULL, sizeof(*guard->ahead),
		    guard->ahead);
	guard->ahead = NULL;
}

/* What is not whole may hold a secret, which only what is before it tells. */
static void lines_free(struct guard *guard, bool whole_ones_only)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(guard->side); i++) {
		struct line *line = guard->side[i].line;

		if (line && line->length && whole_ones_only)
			continue;
		memory_free(guard_net(guard), NULL, sizeof(*line), line);
		guard->side[i].line = NULL;
	}
}

static void session_free(struct guard *guard)
{
	memory_free(guard_net(guard), session_cache, sizeof(struct session),
		    guard->session);
	guard->session = NULL;
}

/**
 * guard_open() - a flow is taken under guard
 * @ct: its connection
 * @reversed: its original direction is that of the server
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: the guard, or %NULL without memory.
 */
struct guard *guard_open(struct nf_conn *ct, bool reversed)
{
	struct net *net = nf_ct_net(ct);
	struct guard *guard;

	lockdep_assert_held(&ct->lock);
	if (!memory_is_for_new(net))
		return NULL;
	guard = memory_alloc(net, guard_cache, sizeof(*guard),
			     GFP_GUARD | __GFP_ZERO);
	if (!guard)
		return NULL;
	guard->ct = ct;
	guard->session = memory_alloc(net, session_cache,
				      sizeof(*guard->session),
				      GFP_GUARD | __GFP_ZERO);
	if (!guard->session) {
		memory_free(net, guard_cache, sizeof(*guard), guard);
		return NULL;
	}
	guard->reversed = reversed;
	guard->tls = connection_on_port(ct, &params_settings()->tls_ports);
	guard->id = atomic64_inc_return(&netns_get(net)->sessions);
	guard->opened = ktime_get();
	return guard;
}

/**
 * guard_move() - a session goes on as another connection of conntrack's
 * @guard: its guard, which nobody else knows
 * @ct: the connection, between the same ends
 * @reversed: its original direction is that of the server
 *
 * Context: any, ct->lock held.
 */
void guard_move(struct guard *guard, struct nf_conn *ct, bool reversed)
{
	lockdep_assert_held(&ct->lock);
	guard->ct = ct;
	guard->reversed = reversed;
}

/* Islands have a place to be before they have notes. */
static int ahead_make(struct guard *guard)
{
	if (guard->ahead)
		return 0;
	guard->ahead = memory_alloc(guard_net(guard), NULL,
				    sizeof(*guard->ahead),
				    GFP_GUARD | __GFP_ZERO);
	return guard->ahead ? 0 : -ENOMEM;
}

/* Entries and marks together fill what is allocated. */
static u16 ring_fit(unsigned int wanted, unsigned int most)
{
	unsigned int words = roundup_pow_of_two(HISTORY_WORDS(wanted));

	if (wanted <= RING_FIRST)
		return RING_FIRST;
	return history_fit(min(most, words));
}

/**
 * guard_grow() - more is under way unacknowledged than there are entries for
 * @guard: its guard
 * @ring: of what
 * @wanted: entries that there must be
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: 0, -E2BIG where that is more than max_unacknowledged, or -ENOMEM.
 */
int guard_grow(struct guard *guard, enum ring ring, unsigned int wanted)
{
	unsigned int most = params_settings()->max_unacknowledged;
	u16 *entries;
	u16 size;

	lockdep_assert_held(&guard->ct->lock);
	if (wanted > history_fit(most))
		return -E2BIG;
	if (ring == RING_AHEAD && ahead_make(guard))
		return -ENOMEM;
	size = ring_fit(wanted, most);
	entries = memory_alloc(guard_net(guard), ring_home(size),
			       ring_octets(size), GFP_GUARD);
	if (!entries)
		return -ENOMEM;
	ring_replace(guard, ring, entries, size);
	return 0;
}

/* Give rings back that are empty and larger than @keep. */
static void rings_free(struct guard *guard, u16 keep)
{
	enum direction side;

	for (side = FROM_CLIENT; side <= FROM_SERVER; side++) {
		struct history *history = &guard->side[side].history;

		if (!history->count && history->size > keep)
			ring_replace(guard, (enum ring)side, NULL, 0);
	}
	if (!ring_used(guard, RING_AHEAD))
		ahead_free(guard);
}

/**
 * guard_shrink() - give memory back that only a message needs
 * @guard: the guard
 *
 * Context: any, ct->lock held.
 */
void guard_shrink(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	rings_free(guard, RING_FIRST);
}

/**
 * guard_rest() - give back what is not needed until something is said again
 * @guard: the guard
 *
 * Context: any, ct->lock held.
 */
void guard_rest(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	/* so it is for most packets of a session that is not read any more */
	if (guard_is_bare(guard))
		return;
	lines_free(guard, !guard_is_opaque(guard));
	/* memory that the final reply needs must not be somebody else's by then */
	if (!guard_is_committed(guard))
		rings_free(guard, 0);
	if (!guard->session || !guard_is_opaque(guard) ||
	    !guard_is_quiet(guard))
		return;
	guard->totals = guard_totals(guard);
	session_free(guard);
}

/**
 * guard_line() - where the text of a line under way is gathered
 * @guard: the guard
 * @direction: of whose
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: it, or %NULL without memory.
 */
struct line *guard_line(struct guard *guard, enum direction direction)
{
	struct side *side = &guard->side[direction];

	lockdep_assert_held(&guard->ct->lock);
	if (!side->line)
		side->line = memory_alloc(guard_net(guard), NULL,
					  sizeof(*side->line),
					  GFP_GUARD | __GFP_ZERO);
	return side->line;
}

/**
 * guard_alloc() - memory for what the log gathers of a session
 * @guard: the guard
 * @octets: how much
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: all zero, or %NULL.
 */
void *guard_alloc(struct guard *guard, size_t octets)
{
	lockdep_assert_held(&guard->ct->lock);
	return memory_alloc(guard_net(guard), NULL, octets,
			    GFP_GUARD | __GFP_ZERO);
}

/**
 * guard_free() - give it back
 * @guard: the guard
 * @object: what guard_alloc() made
 * @octets: as much
 *
 * Context: any, ct->lock held.
 */
void guard_free(struct guard *guard, void *object, size_t octets)
{
	lockdep_assert_held(&guard->ct->lock);
	memory_free(guard_net(guard), NULL, octets, object);
}

/**
 * guard_is_committed() - is a final reply to an end of data owed
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: true where it is.
 */
bool guard_is_committed(const struct guard *guard)
{
	return guard->session && session_committed(guard->session);
}

/**
 * guard_is_quiet() - has all been acknowledged that was read
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: true where nothing that was noted is left.
 */
bool guard_is_quiet(const struct guard *guard)
{
	enum ring ring;

	for (ring = 0; ring < RING_COUNT; ring++)
		if (ring_used(guard, ring))
			return false;
	return true;
}

/**
 * guard_is_idle() - would nothing be lost if the session ended now
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: true where no line, message, chunk or reply is under way.
 */
bool guard_is_idle(const struct guard *guard)
{
	return guard->session && session_is_idle(guard->session) &&
	       guard_is_quiet(guard) && !guard->untracked &&
	       !guard->unanswered;
}

/**
 * guard_totals() - what a session has done so far
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: the numbers that the log tells.
 */
struct totals guard_totals(const struct guard *guard)
{
	const struct session *session = guard->session;

	if (!session)
		return guard->totals;
	return (struct totals) {
		.messages = session->messages,
		.commands = session->commands,
		.refused = session->refused,
	};
}

/**
 * guard_memory() - what a guard takes
 * @guard: the guard
 *
 * Context: ct->lock held.
 * Return: octets, of those that max_memory counts.
 */
size_t guard_memory(const struct guard *guard)
{
	size_t octets = sizeof(*guard);
	unsigned int i;

	if (guard->session)
		octets += sizeof(*guard->session);
	if (guard->ahead)
		octets += sizeof(*guard->ahead) +
			  ring_octets(guard->ahead->size);
	if (guard->messages)
		octets += sizeof(*guard->messages) +
			  guard->messages->count * sizeof(struct message);
	if (guard->hellos)
		octets += sizeof(*guard->hellos);
	for (i = 0; i < ARRAY_SIZE(guard->side); i++) {
		octets += ring_octets(guard->side[i].history.size);
		if (guard->side[i].line)
			octets += sizeof(*guard->side[i].line);
	}
	return octets;
}

/**
 * guard_close() - a flow is not under guard any more
 * @guard: its guard
 *
 * Context: any, ct->lock held.
 */
void guard_close(struct guard *guard)
{
	enum direction side;

	lockdep_assert_held(&guard->ct->lock);
	for (side = FROM_CLIENT; side <= FROM_SERVER; side++) {
		guard->side[side].history.count = 0;
		ring_replace(guard, (enum ring)side, NULL, 0);
	}
	if (guard->ahead)
		ahead_clear(guard->ahead);
	ahead_free(guard);
	lines_free(guard, false);
	message_free(guard);
	hellos_free(guard);
	session_free(guard);
	memory_free(guard_net(guard), guard_cache, sizeof(*guard), guard);
}

/**
 * guard_init() - make room for guards
 *
 * Return: 0 or -ENOMEM.
 */
int guard_init(void)
{
	guard_cache = kmem_cache_create("smtpguard", sizeof(struct guard), 0,
					SLAB_ACCOUNT, NULL);
	if (!guard_cache)
		return -ENOMEM;
	session_cache = kmem_cache_create("smtpguard_session",
					  sizeof(struct session), 0,
					  SLAB_ACCOUNT, NULL);
	if (!session_cache)
		goto destroy_guards;
	ring_cache = kmem_cache_create("smtpguard_ring",
				       ring_octets(RING_FIRST), 0,
				       SLAB_ACCOUNT, NULL);
	if (!ring_cache)
		goto destroy_sessions;
	return 0;

destroy_sessions:
	kmem_cache_destroy(session_cache);
destroy_guards:
	kmem_cache_destroy(guard_cache);
	return -ENOMEM;
}

/**
 * guard_exit() - no guard is left
 */
void guard_exit(void)
{
	memory_exit();
	kmem_cache_destroy(ring_cache);
	kmem_cache_destroy(session_cache);
	kmem_cache_destroy(guard_cache);
}
