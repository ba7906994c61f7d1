// SPDX-License-Identifier: GPL-2.0
/*
 * A segment that comes in where its side's did not may have been sent by the other
 * side in its name.  Or the way to its sender has changed, and all that he sends
 * comes from there now.  Nothing in it tells which, for the forger is the other end
 * of the connection and knows all that is in a segment.  So only what this router
 * knows itself counts.
 *
 * A bridge knows of no ways: where its ports' stations are it learns from what they
 * send.  There a side is suspected only where the other one is.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "bridge.h"
#include "origin.h"
#include "packet.h"
#include "route.h"

/*
 * Segments that are not believed, with none that is between them.  Of many at
 * once, which are of one window, one is counted: routes take their time to follow.
 */
#define STRAYS_MAX	8
#define STRAYS_APART	(HZ / 5)

static bool origin_is_down(struct net *net, int interface)
{
	const struct net_device *device = dev_get_by_index_rcu(net, interface);

	return !device || !netif_running(device) || !netif_carrier_ok(device);
}

/* The ends of what the other side sends. */
static const struct nf_conntrack_tuple *origin_peer(const struct packet *packet)
{
	return nf_ct_tuple(packet->ct, !packet->sender->dst.dir);
}

/*
 * A client may have several ways to here of which routes know one, and what a
 * server might gain by speaking for its client is less.  It is enough that the
 * server is not known to be there.
 */
static bool origin_is_another_way(const struct packet *packet, int interface)
{
	return packet->direction == FROM_CLIENT &&
	       interface != packet_peer(packet)->interface &&
	       !route_leads_back(packet->net, origin_peer(packet), interface);
}

static bool origin_has_moved(const struct packet *packet, int interface)
{
	/* nothing is read that could be forged, or nothing is to be refused */
	if (guard_is_opaque(packet->guard) || !packet->policy->enabled)
		return true;
	if (bridge_port_in(packet->net, packet->skb))
		return interface != packet_peer(packet)->interface;
	/*
	 * What a server says opens much, and it hears nothing before a route
	 * leads to where it is.
	 */
	return (packet->direction == FROM_CLIENT &&
		origin_is_down(packet->net, packet_side(packet)->interface)) ||
	       origin_is_another_way(packet, interface) ||
	       route_leads_back(packet->net, packet->sender, interface);
}

static bool origin_is_elsewhere(const struct packet *packet, int interface)
{
	int own = packet_side(packet)->interface;

	return own && interface != own;
}

/**
 * origin_is_believed() - did its side send a segment, and not the other one
 * @packet: the segment
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: true where it may be its own.
 */
bool origin_is_believed(const struct packet *packet)
{
	struct side *side = packet_side(packet);
	int interface = route_came_by(packet->skb);

	lockdep_assert_held(&packet->ct->lock);
	/* this host sent it */
	if (!interface)
		return true;
	if (origin_is_elsewhere(packet, interface) &&
	    !origin_has_moved(packet, interface))
		return false;
	packet->guard->strays[packet->direction] = 0;
	side->interface = interface;
	side->tag = bridge_tag(packet->skb);
	return true;
}

/* Who knows no numbers is neither end, and is not to end the session. */
static bool origin_knows(const struct packet *packet)
{
	const struct side *side = packet_side(packet);
	u32 sequence = packet_sequence(packet);

	return !packet->tcp.syn && side->known &&
	       !before(sequence, side->history.base) &&
	       !after(sequence, side->next);
}

static bool origin_counts(const struct packet *packet)
{
	u32 *strayed = &packet->guard->strayed[packet->direction];
	u32 now = jiffies;

	if (!origin_knows(packet) ||
	    (packet->guard->strays[packet->direction] &&
	     now - *strayed < STRAYS_APART))
		return false;
	*strayed = now;
	return true;
}

/**
 * origin_is_given_up() - has a side sent for too long where it is not believed
 * @packet: one more segment that is not
 *
 * Who has moved would wait for an answer that never comes.  Not so while a final
 * reply is owed: the session must not end before that.
 *
 * Context: any, ct->lock held.
 * Return: true where the session is to be reset.
 */
bool origin_is_given_up(const struct packet *packet)
{
	u8 *strays = &packet->guard->strays[packet->direction];

	lockdep_assert_held(&packet->ct->lock);
	if (!origin_counts(packet))
		return false;
	if (*strays < STRAYS_MAX)
		++*strays;
	if (*strays < STRAYS_MAX || guard_is_committed(packet->guard))
		return false;
	*strays = 0;
	return true;
}
