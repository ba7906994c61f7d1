/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What smtpguard keeps for each network namespace.
 */
#ifndef SMTPGUARD_NETNS_H
#define SMTPGUARD_NETNS_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "closed.h"
#include "events.h"
#include "offers.h"
#include "unguarded.h"

struct stats;

/**
 * struct netns - one network namespace
 * @list: all of them, see netns.c
 * @net: the kernel's part of it
 * @tracked: conntrack was switched on here by us
 * @stats: per-CPU counters; not to be used once @dead is set
 * @events: number of the last event of each group, see %SMTPGUARD_A_NUMBER
 * @sessions: number of the last session
 * @memory: octets that its sessions take, see memory.c
 * @closed: its connections that are over, see closed.c
 * @offers: what its servers have offered, see offers.c
 * @unanswered: sessions that began with payload and whose server was not heard
 *	yet
 * @sweep: when @waiting was counted last; the sweeper's of flow.c alone
 * @waiting: sessions that wait for a final reply, although conntrack does not
 * @zoned: a guarded connection was in another than conntrack's default zone.
 *	Set once; no lock.
 * @chosen: a rule here chose a connection to be guarded.  Set once; no lock.
 * @told: when the kernel log last said that something passes unguarded, by
 *	enum unguarded, in seconds; 0 for never.  No lock.
 * @dead: the namespace is going; sessions that conntrack destroys after that
 *	are no longer counted or told.  Set once; readers hold the RCU read
 *	lock.
 */
struct netns {
	struct list_head list;
	struct net *net;
	bool tracked;
	struct stats __percpu *stats;
	/* packets read what is before, and sessions write what is behind */
	atomic_t events[GROUP_COUNT] ____cacheline_aligned_in_smp;
	atomic64_t sessions;
	atomic_long_t memory;
	struct closed closed;
	struct offers offers;
	atomic_t unanswered;
	u32 sweep;
	unsigned int waiting;
	unsigned long told[UNGUARDED_COUNT];
	bool zoned;
	bool chosen;
	bool dead;
};

extern unsigned int netns_id;

static inline struct netns *netns_get(struct net *net)
{
	return net_generic(net, netns_id);
}

static inline bool netns_is_dead(const struct netns *netns)
{
	return READ_ONCE(netns->dead);
}

int netns_track_all(void);
bool netns_track_init(void);
int netns_register(void);
void netns_unregister(void);
void netns_for_each(void (*act)(struct netns *netns));

#endif /* SMTPGUARD_NETNS_H */
