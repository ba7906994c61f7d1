// SPDX-License-Identifier: GPL-2.0
/*
 * What has no guard is not free for that.  All that is left of a connection says
 * if it may go on, until conntrack forgets it, or until another begins between
 * the same ends: its SYN passes, and with the answer to that it gets a guard.
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "closed.h"
#include "flow.h"
#include "packet.h"
#include "stats.h"
#include "stub.h"
#include "unheard.h"

/**
 * stub_expected() - what the receiver of a segment waits for
 * @packet: the segment of a connection without a guard
 *
 * Context: any, ct->lock held.
 * Return: the number of the next octet, or else that of the segment.
 */
u32 stub_expected(const struct packet *packet)
{
	const struct flow *flow = packet->flow;

	lockdep_assert_held(&packet->ct->lock);
	if (flow && flow->known & 1 << packet->direction)
		return flow->next[packet->direction];
	return packet_sequence(packet);
}

/* Conntrack lets the SYN pass and follows the answer to it. */
static bool stub_is_reopened(const struct packet *packet)
{
	return packet->direction == FROM_SERVER && packet->tcp.ack &&
	       packet->ct->proto.tcp.state == TCP_CONNTRACK_SYN_RECV;
}

/* One to a SYN that conntrack does not follow is not for the client to learn of. */
static enum stream_verdict stub_answer(struct packet *packet)
{
	if (stub_is_reopened(packet))
		return unheard_reopen(packet);
	if (packet->policy->monitor ||
	    packet_sequence(packet) == stub_expected(packet))
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_OUT_OF_ORDER);
	return STREAM_DROP;
}

static enum stream_verdict stub_syn(struct packet *packet)
{
	if (!packet->policy->enabled) {
		if (stub_is_reopened(packet))
			packet->flow->state = FLOW_IGNORED;
		return STREAM_ACCEPT;
	}
	if (packet->direction == FROM_SERVER)
		return stub_answer(packet);
	/* nobody would read what it carries */
	if (!packet->length || packet->policy->monitor)
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_OUT_OF_ORDER);
	return STREAM_DROP;
}

/* Both have acknowledged all that the other has said, and it may come again. */
static bool stub_is_repeated(const struct packet *packet)
{
	return packet->flow->state == FLOW_FINISHED &&
	       !after(packet_sequence(packet) + packet->length,
		      stub_expected(packet));
}

/**
 * stub_segment() - judge a segment of a connection that has no guard
 * @packet: the segment; @packet->guard is set where another session begins
 *	with it
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: what becomes of it.  Where a session has begun, that is for
 * stream_segment() to say.
 */
enum stream_verdict stub_segment(struct packet *packet,
				 const struct net_device *out)
{
	lockdep_assert_held(&packet->ct->lock);
	/* conntrack has believed a reset already */
	if (packet->tcp.rst)
		closed_add(packet->ct, packet->flow->reversed);
	if (unheard_is_forged(packet, out))
		return unheard_forged(packet);
	if (packet->tcp.rst)
		return STREAM_ACCEPT;
	if (packet->tcp.syn)
		return stub_syn(packet);
	if (policy_only_watches(packet->policy) ||
	    packet->flow->state == FLOW_IGNORED || stub_is_repeated(packet))
		return STREAM_ACCEPT;
	/* that was counted when it ended */
	return STREAM_RESET;
}
