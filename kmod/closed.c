// SPDX-License-Identifier: GPL-2.0
/*
 * A reset whose time to live ends behind this router closes a connection for
 * conntrack and for no server.  Once conntrack has forgotten it, what goes on
 * there would be picked up as a session under way, of which some octets pass
 * before its phase is found.  So what a reset has ended is remembered for as
 * long as a server waits for a command, and picked up no more.  The same is
 * true for one side's FIN, and where conntrack has waited for too long.
 *
 * Each network namespace has a table, so that none has the connections of another
 * forgotten.  It grows to a fixed size, a block at a time.  Where a set is full,
 * its oldest goes; the set that lost it takes any connection for one that was
 * over, for as long as the lost one would have stayed.  So nobody has his own
 * forgotten by ending others, and at worst a session is reset that could have
 * been picked up.  Where there is no memory for a block, some connections have
 * room beside the table; the block that loses one there is all taken for over.
 *
 * The table must not outlive a time in which connections began unseen between
 * the same ends.
 */
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netns/hash.h>

#include "closed.h"
#include "memory.h"
#include "netns.h"
#include "stats.h"

/* Of a block. */
#define SETS			64
#define WAYS			7
/* Octets, a cache line where those are not longer. */
#define SET_SIZE		64
/*
 * Seconds.  RFC 5321 section 4.5.3.2.7 has five minutes, but Sendmail waits for
 * an hour.
 */
#define CLOSED_LIFETIME		(65 * 60)

/**
 * struct closed_set - those whose hashes begin alike
 * @slots: the connections
 * @crowded_until: when the last that lost its slot would be forgotten
 */
struct closed_set {
	struct closed_slot slots[WAYS];
	u32 crowded_until;
} __aligned(SET_SIZE);

/**
 * struct closed_block - a piece of a table
 * @sets: as many as a page has room for
 */
struct closed_block {
	struct closed_set sets[SETS];
};

static_assert(sizeof(struct closed_set) == SET_SIZE);
static_assert(sizeof(struct closed_block) <= PAGE_SIZE);

/* Does not change after closed_init(). */
static siphash_key_t closed_key;

/**
 * struct closed_place - where a connection belongs
 * @netns: its network namespace
 * @block: number of its block in the table there
 * @set: number of its set in that
 * @tag: its tag in that
 */
struct closed_place {
	struct netns *netns;
	unsigned int block;
	unsigned int set;
	u32 tag;
};

/* Both ends of a connection, the client first; no padding. */
struct ends {
	union nf_inet_addr address[2];
	__be16 port[2];
	u32 net;
	u32 zone;
};

/**
 * closed_ends() - who is a connection between
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 * Return: a hash of both ends, network namespace and zone; nobody outside can
 * make two that are the same.
 */
u64 closed_ends(const struct nf_conn *ct, bool reversed)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct ends ends = {
		.net = net_hash_mix(nf_ct_net(ct)),
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
	};

	ends.address[reversed] = tuple->src.u3;
	ends.address[!reversed] = tuple->dst.u3;
	ends.port[reversed] = tuple->src.u.tcp.port;
	ends.port[!reversed] = tuple->dst.u.tcp.port;
	return siphash(&ends, sizeof(ends), &closed_key);
}

static struct closed_place closed_place(const struct nf_conn *ct, bool reversed)
{
	u64 hash = closed_ends(ct, reversed);
	u32 number = upper_32_bits(hash) % (CLOSED_BLOCKS * SETS);

	return (struct closed_place) {
		.netns = netns_get(nf_ct_net(ct)),
		.block = number / SETS,
		.set = number % SETS,
		.tag = lower_32_bits(hash),
	};
}

static u32 closed_now(void)
{
	return ktime_get_seconds();
}

/* The set of a connection, or %NULL where its block is not made. */
static struct closed_set *closed_set(const struct closed_place *place)
{
	struct closed *closed = &place->netns->closed;
	struct closed_block *block = closed->blocks[place->block];

	lockdep_assert_held(&closed->lock);
	return block ? &block->sets[place->set] : NULL;
}

static struct closed_block *closed_make_block(struct net *net)
{
	struct closed_block *block;

	if (!memory_take(net, sizeof(*block)))
		return NULL;
	block = kzalloc(sizeof(*block),
			GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN);
	if (block)
		return block;
	memory_give(net, sizeof(*block));
	stats_count(net, COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/* The same, but %NULL only without memory. */
static struct closed_set *closed_make_set(const struct closed_place *place)
{
	struct closed *closed = &place->netns->closed;

	if (!closed->blocks[place->block])
		closed->blocks[place->block] =
			closed_make_block(place->netns->net);
	return closed_set(place);
}

/* The slot of a connection that is remembered in one of these, or %NULL. */
static struct closed_slot *closed_find(struct closed_slot *slots,
				       unsigned int count, u32 tag, u32 now)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (slots[i].tag == tag && slots[i].until > now)
			return &slots[i];
	}
	return NULL;
}

static struct closed_slot *closed_find_in_set(struct closed_set *set, u32 tag,
					      u32 now)
{
	return set ? closed_find(set->slots, WAYS, tag, now) : NULL;
}

static struct closed_slot *closed_find_beside(struct closed *closed, u32 tag,
					      u32 now)
{
	lockdep_assert_held(&closed->lock);
	return closed_find(closed->beside, CLOSED_BESIDE, tag, now);
}

static struct closed_slot *closed_oldest(struct closed_slot *slots,
					 unsigned int count)
{
	struct closed_slot *oldest = &slots[0];
	unsigned int i;

	for (i = 1; i < count; i++) {
		if (slots[i].until < oldest->until)
			oldest = &slots[i];
	}
	return oldest;
}

static struct closed_slot *closed_room_in_set(struct closed_set *set, u32 now)
{
	struct closed_slot *oldest = closed_oldest(set->slots, WAYS);

	if (oldest->until > now)
		set->crowded_until = oldest->until;
	return oldest;
}

static struct closed_slot *closed_room_beside(struct netns *netns,
					      unsigned int block, u32 now)
{
	struct closed *closed = &netns->closed;
	struct closed_slot *oldest = closed_oldest(closed->beside,
						   CLOSED_BESIDE);
	u8 *its_block = &closed->beside_block[oldest - closed->beside];

	if (oldest->until > now) {
		closed->crowded_until[*its_block] = oldest->until;
		stats_count(netns->net, COUNTER_SESSIONS_FORGOTTEN);
	}
	*its_block = block;
	return oldest;
}

static void closed_note(const struct closed_place *place, u32 now)
{
	struct closed_set *set = closed_make_set(place);
	struct closed_slot *slot;

	slot = closed_find_in_set(set, place->tag, now);
	if (!slot)
		slot = closed_find_beside(&place->netns->closed, place->tag,
					  now);
	if (!slot)
		slot = set ? closed_room_in_set(set, now) :
			     closed_room_beside(place->netns, place->block,
						now);
	slot->tag = place->tag;
	slot->until = now + CLOSED_LIFETIME;
}

/**
 * closed_add() - a connection is over
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Where there is no memory for many, all whose place is in the same block are
 * over.
 *
 * Context: any, RCU read lock held.
 */
void closed_add(const struct nf_conn *ct, bool reversed)
{
	struct closed_place place = closed_place(ct, reversed);
	struct closed *closed = &place.netns->closed;

	/* it comes by no more, and what is made now would be freed by nobody */
	if (netns_is_dead(place.netns))
		return;
	spin_lock_bh(&closed->lock);
	closed_note(&place, closed_now());
	spin_unlock_bh(&closed->lock);
}

/**
 * closed_remove() - a new connection begins between the same ends
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 */
void closed_remove(const struct nf_conn *ct, bool reversed)
{
	struct closed_place place = closed_place(ct, reversed);
	struct closed *closed = &place.netns->closed;
	struct closed_slot *slot;
	u32 now = closed_now();

	spin_lock_bh(&closed->lock);
	slot = closed_find_in_set(closed_set(&place), place.tag, now);
	if (!slot)
		slot = closed_find_beside(closed, place.tag, now);
	if (slot)
		slot->until = 0;
	spin_unlock_bh(&closed->lock);
}

static bool closed_knows(const struct closed_place *place, u32 now)
{
	struct closed *closed = &place->netns->closed;
	struct closed_set *set = closed_set(place);

	if (closed->crowded_until[place->block] > now ||
	    (set && set->crowded_until > now))
		return true;
	return closed_find_in_set(set, place->tag, now) ||
	       closed_find_beside(closed, place->tag, now);
}

/**
 * closed_has() - was a connection over before
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 * Return: true if so, or if it can no longer be told.
 */
bool closed_has(const struct nf_conn *ct, bool reversed)
{
	struct closed_place place = closed_place(ct, reversed);
	struct closed *closed = &place.netns->closed;
	bool found;

	spin_lock_bh(&closed->lock);
	found = closed_knows(&place, closed_now());
	spin_unlock_bh(&closed->lock);
	return found;
}

/**
 * closed_begin() - a network namespace begins, in which nothing is over
 * @closed: its table
 *
 * Context: any; nobody else knows @closed.
 */
void closed_begin(struct closed *closed)
{
	memset(closed, 0, sizeof(*closed));
	spin_lock_init(&closed->lock);
}

/**
 * closed_forget() - nothing is over any more in a network namespace
 * @netns: the namespace; all that its table took is given back
 *
 * Context: any.
 */
void closed_forget(struct netns *netns)
{
	struct closed *closed = &netns->closed;
	unsigned int i;

	spin_lock_bh(&closed->lock);
	memset(closed->beside, 0, sizeof(closed->beside));
	for (i = 0; i < CLOSED_BLOCKS; i++) {
		closed->crowded_until[i] = 0;
		if (!closed->blocks[i])
			continue;
		kfree(closed->blocks[i]);
		closed->blocks[i] = NULL;
		memory_give(netns->net, sizeof(struct closed_block));
	}
	spin_unlock_bh(&closed->lock);
}

/**
 * closed_clear() - connections may have begun unseen, in any network namespace
 *
 * Context: process.
 */
void closed_clear(void)
{
	netns_for_each(closed_forget);
}

/**
 * closed_init() - make it hard to guess which connections share a set
 *
 * At the first use (net_get_random_once()) the kernel would rewrite code that
 * other processors run at that time.
 */
void closed_init(void)
{
	get_random_bytes(&closed_key, sizeof(closed_key));
}
