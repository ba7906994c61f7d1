// SPDX-License-Identifier: GPL-2.0
/*
 * A reset whose time to live ends behind this router closes a connection for
 * conntrack and for no server.  Once conntrack has forgotten it, what goes on
 * there would be picked up as a session under way, of which some octets pass
 * before its phase is found.  So what a reset has ended is remembered for as
 * long as a server waits for a command, and picked up no more.
 *
 * The table is small and of a fixed size: a newer connection takes the place
 * of an older one.  It must not outlive a time in which connections began
 * unseen between the same ends.
 */
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netns/hash.h>

#include "closed.h"

#define SLOTS			4096
/* RFC 5321 section 4.5.3.2.7 has five minutes, servers wait up to ten. */
#define CLOSED_LIFETIME		(15 * 60 * HZ)

/**
 * struct closed_slot - a connection
 * @tag: hash of its ends; 0: none
 * @until: in jiffies
 */
struct closed_slot {
	u64 tag;
	unsigned long until;
};

static struct closed_slot closed_slots[SLOTS];
/* Does not change after closed_init(). */
static siphash_key_t closed_key;
/* Protects the slots; taken alone or inside of a ct->lock. */
static DEFINE_SPINLOCK(closed_lock);

/* Both ends of a connection, the client first; no padding. */
struct ends {
	union nf_inet_addr address[2];
	__be16 port[2];
	u32 net;
	u32 zone;
};

static u64 closed_tag(const struct nf_conn *ct, bool reversed)
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
	return siphash(&ends, sizeof(ends), &closed_key) | 1;
}

static struct closed_slot *closed_slot(u64 tag)
{
	return &closed_slots[(tag >> 32) % SLOTS];
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
	u64 tag = closed_tag(ct, reversed);
	struct closed_slot *slot = closed_slot(tag);

	spin_lock_bh(&closed_lock);
	slot->tag = tag;
	slot->until = jiffies + CLOSED_LIFETIME;
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
	u64 tag = closed_tag(ct, reversed);
	struct closed_slot *slot = closed_slot(tag);

	spin_lock_bh(&closed_lock);
	if (slot->tag == tag)
		slot->tag = 0;
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
	memset(closed_slots, 0, sizeof(closed_slots));
	spin_unlock_bh(&closed_lock);
}

/**
 * closed_has() - was a connection over before
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 * Return: true if so.
 */
bool closed_has(const struct nf_conn *ct, bool reversed)
{
	u64 tag = closed_tag(ct, reversed);
	struct closed_slot *slot = closed_slot(tag);
	bool found;

	spin_lock_bh(&closed_lock);
	found = slot->tag == tag && time_before(jiffies, slot->until);
	spin_unlock_bh(&closed_lock);
	return found;
}

/**
 * closed_init() - make it hard to guess which connections share a slot
 *
 * At the first use (net_get_random_once()) the kernel would rewrite code that
 * other processors run at that time.
 */
void closed_init(void)
{
	get_random_bytes(&closed_key, sizeof(closed_key));
}
