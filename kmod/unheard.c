// SPDX-License-Identifier: GPL-2.0
/*
 * Anybody can send SYNs, ACKs and resets, in anybody's name.  So nothing is kept
 * of a connection until its server was heard: until it answers a SYN, or says
 * something on a connection that conntrack knows and that began unseen.
 *
 * Until then a connection passes, but for what needs no memory of it.  Only a SYN
 * with payload (RFC 7413) is read before that, and of those there may be only so
 * many at a time.
 */
#include <linux/atomic.h>
#include <linux/net.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "bridge.h"
#include "closed.h"
#include "connection.h"
#include "flow.h"
#include "guard.h"
#include "helper.h"
#include "log.h"
#include "netns.h"
#include "packet.h"
#include "params.h"
#include "route.h"
#include "select.h"
#include "stats.h"
#include "unheard.h"

/* Sessions in a network namespace that began with payload and wait. */
#define UNANSWERED_MAX		256

static bool unheard_is_reversed(const struct packet *packet)
{
	return connection_is_reversed(packet->ct, &params_settings()->ports);
}

/* It was ended before, and goes on. */
static bool unheard_is_over(const struct packet *packet)
{
	return !packet->tcp.syn && !policy_only_watches(packet->policy) &&
	       closed_has(packet->ct, unheard_is_reversed(packet));
}

/* A SYN that carries what the server may read at once. */
static bool unheard_is_early(const struct packet *packet)
{
	return packet->tcp.syn && packet->length &&
	       packet->direction == FROM_CLIENT;
}

/*
 * Does a session begin here?  Of an entry that conntrack did not confirm nobody
 * knows if it comes into its table, and one that is dying has left it.
 */
static bool unheard_begins(const struct packet *packet)
{
	if (!packet->policy->enabled || packet->tcp.rst ||
	    !nf_ct_is_confirmed(packet->ct) || nf_ct_is_dying(packet->ct))
		return false;
	if (packet->direction == FROM_CLIENT)
		return unheard_is_early(packet);
	return packet->tcp.syn ? packet->tcp.ack : packet->length;
}

/* Is there room for one more that nobody has answered yet? */
static bool unheard_take_place(struct netns *netns)
{
	if (atomic_inc_return(&netns->unanswered) <= UNANSWERED_MAX)
		return true;
	atomic_dec(&netns->unanswered);
	return false;
}

static enum stream_verdict unheard_defer(const struct packet *packet)
{
	return policy_only_watches(packet->policy) ? STREAM_ACCEPT :
						     STREAM_DROP;
}

/* Have its connection pass to its end. */
static bool unheard_ignore(struct packet *packet)
{
	if (packet->flow)
		packet->flow->state = FLOW_IGNORED;
	else
		packet->flow = flow_open_stub(packet->ct,
					      unheard_is_reversed(packet),
					      FLOW_IGNORED);
	if (!packet->flow)
		return false;
	/* the server's answer to the SYN may come again */
	packet->flow->known = 1 << packet->direction;
	packet->flow->next[packet->direction] = packet_sequence(packet);
	stats_count(packet->net, COUNTER_SESSIONS_UNGUARDED);
	net_warn_ratelimited("a session passes unguarded, max_memory is used up\n");
	return true;
}

/*
 * There is no memory for a session.  What is dropped comes again; what passes
 * does so to the end, for what would be read of it later had no begin.
 */
static enum stream_verdict unheard_unguarded(struct packet *packet)
{
	if (policy_only_watches(packet->policy)) {
		/* nor may it be reset later for what was before it */
		if (packet->flow)
			packet->flow->state = FLOW_IGNORED;
		return STREAM_ACCEPT;
	}
	if (params_settings()->full == FULL_PASS && unheard_ignore(packet))
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_SESSIONS_DEFERRED);
	return STREAM_DROP;
}

/* @packet->flow has a guard now. */
static enum stream_verdict unheard_opened(struct packet *packet)
{
	packet->guard = flow_guard(packet->flow);
	/* until a SYN says otherwise */
	packet->guard->untracked = true;
	log_open(packet);
	return STREAM_ACCEPT;
}

/* A SYN with payload is the only one that is read before its server is heard. */
static enum stream_verdict unheard_open_early(struct packet *packet)
{
	struct netns *netns = netns_get(packet->net);

	if (!unheard_take_place(netns))
		goto defer;
	packet->flow = flow_open(packet->ct, unheard_is_reversed(packet));
	if (!packet->flow)
		goto give_place;
	flow_guard(packet->flow)->unanswered = true;
	return unheard_opened(packet);

give_place:
	atomic_dec(&netns->unanswered);
defer:
	stats_count(packet->net, COUNTER_SYNS_DEFERRED);
	return unheard_defer(packet);
}

static enum stream_verdict unheard_open(struct packet *packet)
{
	bool reversed = unheard_is_reversed(packet);

	if (unheard_is_over(packet)) {
		/* for longer than that is remembered */
		packet->flow = flow_open_stub(packet->ct, reversed, FLOW_OVER);
		return STREAM_RESET;
	}
	if (nf_ct_zone_id(nf_ct_zone(packet->ct), IP_CT_DIR_ORIGINAL))
		WRITE_ONCE(netns_get(packet->net)->zoned, true);
	if (unheard_is_early(packet))
		return unheard_open_early(packet);
	packet->flow = flow_open(packet->ct, reversed);
	if (!packet->flow)
		return unheard_unguarded(packet);
	return unheard_opened(packet);
}

/**
 * unheard_is_forged() - did the client send a segment in the server's name
 * @packet: the segment of a connection that has no guard
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: true where it did.
 */
bool unheard_is_forged(const struct packet *packet,
		       const struct net_device *out)
{
	return packet->direction == FROM_SERVER && packet->policy->enabled &&
	       !bridge_port_in(packet->net, packet->skb) &&
	       route_turns_back(packet->net, packet->skb, out);
}

/**
 * unheard_forged() - a segment was forged
 * @packet: the segment
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: what becomes of it.
 */
enum stream_verdict unheard_forged(const struct packet *packet)
{
	/* conntrack has believed a reset already */
	if (packet->tcp.rst)
		closed_add(packet->ct, unheard_is_reversed(packet));
	stats_count(packet->net, COUNTER_SEGMENTS_FORGED);
	return unheard_defer(packet);
}

/*
 * Conntrack forgets a connection for a reset that is the first answer to it, and
 * the rest of what a server says to it then finds none.  So that it was reset is
 * remembered, unless it is as common as this: nobody listens on that port.
 */
static enum stream_verdict unheard_reset(const struct packet *packet)
{
	if (packet->direction == FROM_CLIENT)
		closed_add(packet->ct, unheard_is_reversed(packet));
	return STREAM_ACCEPT;
}

static enum stream_verdict unheard_refuse(const struct packet *packet)
{
	stats_reset(packet->net, REASON_MIDSTREAM);
	closed_add(packet->ct, unheard_is_reversed(packet));
	return STREAM_RESET;
}

/* What passes, and leaves nothing behind. */
static enum stream_verdict unheard_pass(struct packet *packet)
{
	if (packet->tcp.rst)
		return unheard_reset(packet);
	if (policy_only_watches(packet->policy))
		return STREAM_ACCEPT;
	/* what it carries comes again, on a connection that is there */
	if (nf_ct_is_dying(packet->ct))
		return packet->length ? STREAM_DROP : STREAM_ACCEPT;
	if (packet->tcp.syn)
		return STREAM_ACCEPT;
	/* that was counted when it ended */
	if (unheard_is_over(packet))
		return STREAM_RESET;
	if (packet->policy->midstream == MIDSTREAM_RESET)
		return unheard_refuse(packet);
	return packet->tcp.urg ? stream_urgent(packet) : STREAM_ACCEPT;
}

/*
 * What a SYN carries is noted, so its connection must be in conntrack's table.
 * New ones come there right behind our hook; what is there already is left alone.
 */
static bool unheard_begin_early(const struct packet *packet)
{
	if (!packet->length || !packet->policy->enabled)
		return true;
	return nf_conntrack_confirm(packet->skb) == NF_ACCEPT;
}

/* A guard is taken only by who has got the connection into conntrack's table. */
static bool unheard_begin_late(struct packet *packet, bool reversed)
{
	if (flow_is_awaited(packet->ct, reversed) &&
	    nf_conntrack_confirm(packet->skb) != NF_ACCEPT)
		return false;
	packet->heritage = flow_take_over(packet->ct, reversed);
	return true;
}

/* Is the connection to be under guard? */
static bool unheard_is_chosen(const struct packet *packet)
{
	return select_chooses(packet->ct, params_settings());
}

/**
 * unheard_begin() - look at what was before a connection
 * @packet: any packet of a connection that is to be under guard; its heritage is
 *	set
 *
 * Context: softirq or process, RCU read lock held, ct->lock not held.
 * Return: false where conntrack does not take a connection that it must have.
 */
bool unheard_begin(struct packet *packet)
{
	bool reversed;

	if (nf_ct_is_confirmed(packet->ct) || !unheard_is_chosen(packet))
		return true;
	reversed = unheard_is_reversed(packet);
	if (!packet->tcp.syn)
		return unheard_begin_late(packet, reversed);
	flow_end_twins(packet->ct, reversed);
	return unheard_begin_early(packet);
}

/**
 * unheard_segment() - judge a segment of a connection that has no guard
 * @packet: the segment; @packet->guard is set where a session begins with it
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: what becomes of it.  Where a session has begun, that is for
 * stream_segment() to say.
 */
enum stream_verdict unheard_segment(struct packet *packet,
				    const struct net_device *out)
{
	lockdep_assert_held(&packet->ct->lock);
	if (!unheard_is_chosen(packet))
		return STREAM_ACCEPT;
	/* the hook does so, but not with what is kept from flowtables already */
	helper_note(packet->ct);
	select_note(packet->net, params_settings());
	if (unheard_is_forged(packet, out))
		return unheard_forged(packet);
	if (unheard_begins(packet))
		return unheard_open(packet);
	return unheard_pass(packet);
}

/**
 * unheard_reopen() - another connection begins where there was one
 * @packet: the server's answer to its SYN; @packet->guard is set to that of a
 *	new session, or to %NULL without memory
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: what becomes of it.
 */
enum stream_verdict unheard_reopen(struct packet *packet)
{
	lockdep_assert_held(&packet->ct->lock);
	packet->guard = NULL;
	if (!flow_reopen(packet->flow))
		return unheard_unguarded(packet);
	return unheard_opened(packet);
}

/**
 * unheard_answer() - a server was heard
 * @guard: of its session
 *
 * Context: any, ct->lock held.
 */
void unheard_answer(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	if (!guard->unanswered)
		return;
	guard->unanswered = false;
	atomic_dec(&netns_get(nf_ct_net(guard->ct))->unanswered);
}
