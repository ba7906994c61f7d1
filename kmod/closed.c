// SPDX-License-Identifier: GPL-2.0
/*
 * A reset whose time to live ends behind this router closes a connection for
 * conntrack and for no server.  Once conntrack has forgotten it, what goes on
 * there would be picked up as a session under way, of which some octets pass
 * before its phase is found.  So what a reset has ended is remembered for as
 * long as a server waits for a command, and picked up no more.  The same is
 * true for one side's FIN, and where conntrack has waited for too long.
 *
 * The table is of a fixed size.  Where it is full, the oldest goes; the set
 * that lost it takes any connection for one that was over, for as long as the
 * lost one would have stayed.  So nobody has his own forgotten by ending
 * others, and at worst a session is reset that could have been picked up.
 *
 * The table must not outlive a time in which connections began unseen between
 * the same ends.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netns/hash.h>

#include "closed.h"

#define SETS			1024
#define WAYS			8
/*
 * Seconds.  RFC 5321 section 4.5.3.2.7 has five minutes, but Sendmail waits for
 * an hour.
 */
#define CLOSED_LIFETIME		(65 * 60)

/**
 * struct closed_slot - a connection
 * @tag: hash of its ends
 * @until: when it is forgotten, in seconds since the boot; 0: none
 */
struct closed_slot {
	u32 tag;
	u32 until;
};

/**
 * struct closed_set - those whose hashes begin alike
 * @slots: the connections
 * @crowded_until: when the last that lost its slot would be forgotten
 */
struct closed_set {
	struct closed_slot slots[WAYS];
	u32 crowded_until;
};

static struct closed_set closed_sets[SETS];
/* Does not change after closed_init(). */
static siphash_key_t closed_key;
/* Protects the sets; taken alone or inside of a ct->lock. */
static DEFINE_SPINLOCK(closed_lock);

/**
 * struct closed_place - where a connection belongs
 * @set: its set
 * @tag: its tag there
 */
struct closed_place {
	struct closed_set *set;
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

	return (struct closed_place) {
		.set = &closed_sets[(hash >> 32) % SETS],
		.tag = lower_32_bits(hash),
	};
}

static u32 closed_now(void)
{
	return ktime_get_seconds();
}

/* Under closed_lock: the slot of a connection that is remembered, or %NULL. */
static struct closed_slot *closed_find(struct closed_place place, u32 now)
{
	struct closed_slot *slot;
	unsigned int way;

	for (way = 0; way < WAYS; way++) {
		slot = &place.set->slots[way];
		if (slot->tag == place.tag && slot->until > now)
			return slot;
	}
	return NULL;
}

/* Under closed_lock: a slot for one more connection. */
static struct closed_slot *closed_make_room(struct closed_set *set, u32 now)
{
	struct closed_slot *oldest = &set->slots[0];
	unsigned int way;

	for (way = 1; way < WAYS; way++) {
		if (set->slots[way].until < oldest->until)
			oldest = &set->slots[way];
	}
	if (oldest->until > now)
		set->crowded_until = oldest->until;
	return oldest;
}

/**
 * closed_add() - a connection is over
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 */
void closed_add(const struct nf_conn *ct, bool reversed)
{
	struct closed_place place = closed_place(ct, reversed);
	struct closed_slot *slot;
	u32 now = closed_now();

	spin_lock_bh(&closed_lock);
	slot = closed_find(place, now);
	if (!slot)
		slot = closed_make_room(place.set, now);
	slot->tag = place.tag;
	slot->until = now + CLOSED_LIFETIME;
	spin_unlock_bh(&closed_lock);
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
	struct closed_slot *slot;

	spin_lock_bh(&closed_lock);
	slot = closed_find(place, closed_now());
	if (slot)
		slot->until = 0;
	spin_unlock_bh(&closed_lock);
}

/**
 * closed_clear() - connections may have begun unseen
 *
 * Context: any.
 */
void closed_clear(void)
{
	spin_lock_bh(&closed_lock);
	memset(closed_sets, 0, sizeof(closed_sets));
	spin_unlock_bh(&closed_lock);
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
	u32 now = closed_now();
	bool found;

	spin_lock_bh(&closed_lock);
	found = place.set->crowded_until > now || closed_find(place, now);
	spin_unlock_bh(&closed_lock);
	return found;
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
