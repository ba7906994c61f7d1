/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments to a stream of octets for the core, and its steps back to
 * edits of the segments.
 */
#ifndef SMTPGUARD_STREAM_H
#define SMTPGUARD_STREAM_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "bridge.h"
#include "core/session.h"
#include "guard.h"
#include "route.h"

struct packet;

/**
 * enum stream_verdict - what becomes of a segment
 * @STREAM_ACCEPT: it passes, edited where need be
 * @STREAM_DROP: it does not; its sender will send it again
 * @STREAM_RESET: the connection is to be reset towards both ends
 */
enum stream_verdict {
	STREAM_ACCEPT,
	STREAM_DROP,
	STREAM_RESET,
};

bool stream_is_steady(const struct guard *guard);
bool stream_takes_payload(struct guard *guard, enum direction from,
			  const struct policy *policy,
			  const struct sk_buff *skb, u32 sequence,
			  unsigned int length);
u32 stream_expected(const struct packet *packet);
enum stream_verdict stream_urgent(const struct packet *packet);
enum stream_verdict stream_segment(struct packet *packet);

/*
 * It came in by the same device as its side's last one, and acknowledges nothing that
 * has not passed.
 */
static __always_inline bool
stream_is_believed_at_once(const struct guard *guard, enum direction from,
			   const struct sk_buff *skb, u32 acknowledged)
{
	return route_came_surely_by(skb, guard->side[from].interface) &&
	       !after(acknowledged, guard->side[!from].next);
}

static __always_inline void
stream_acknowledge_at_once(struct guard *guard, enum direction from,
			   const struct sk_buff *skb, u32 acknowledged)
{
	struct side *peer = &guard->side[!from];

	guard->side[from].tag = bridge_tag(skb);
	history_acknowledge(&peer->history, acknowledged, peer->next);
	/* a message needs again what it needed before */
	if (!session_in_data(guard->session))
		guard_shrink(guard);
}

/**
 * stream_at_once() - take note of a segment that takes next to nothing
 * @guard: what is kept of the flow; @guard->steady is set
 * @from: who sends it
 * @policy: what is allowed
 * @skb: a segment that neither begins nor ends anything, of a session that is not
 *	to pass unread; nobody turns its numbers
 * @th: its TCP header
 * @length: octets of payload
 *
 * It only acknowledges, or has octets from the middle of a chunk, of which only the
 * number counts, or of a message, in which nothing is found.  Does what
 * stream_segment() would; most segments are like that.
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where the segment passes; false where it has to be judged, and
 * nothing was noted.
 */
static __always_inline bool
stream_at_once(struct guard *guard, enum direction from,
	       const struct policy *policy, const struct sk_buff *skb,
	       const struct tcphdr *th, unsigned int length)
{
	u32 acknowledged = ntohl(th->ack_seq);

	if (!stream_is_believed_at_once(guard, from, skb, acknowledged) ||
	    (length && !stream_takes_payload(guard, from, policy, skb,
					     ntohl(th->seq), length)))
		return false;
	stream_acknowledge_at_once(guard, from, skb, acknowledged);
	return true;
}

#endif /* SMTPGUARD_STREAM_H */
