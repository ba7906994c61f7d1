/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a packet of a guarded connection to what netfilter does with it.
 */
#ifndef SMTPGUARD_JUDGE_H
#define SMTPGUARD_JUDGE_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>

#include "flow.h"
#include "guard.h"
#include "packet.h"
#include "stream.h"

struct net_device;

enum stream_verdict judge_flow(struct packet *packet,
			       const struct net_device *out);
bool judge_goes_on(const struct guard *guard);
void judge_close(struct guard *guard);
unsigned int judge_packet(struct sk_buff *skb, const struct net_device *out);

/**
 * judge_counts() - judge a segment of a connection of which nothing is read any more
 * @guard: what is kept of it
 * @from: who sends the segment: packet_is_ordinary()
 * @length: octets of payload
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where it passes; false where more than its octets count.
 */
static __always_inline bool judge_counts(struct guard *guard,
					 enum direction from,
					 unsigned int length)
{
	lockdep_assert_held(&guard->ct->lock);
	if (!guard->settled)
		return false;
	guard->side[from].octets += length;
	return true;
}

/**
 * judge_at_once() - judge a segment of which that takes next to nothing
 * @guard: what is kept of its connection
 * @from: who sends the segment: packet_is_ordinary(), and nobody turns its numbers
 * @policy: what is allowed
 * @skb: the packet
 * @th: its TCP header
 * @length: octets of payload
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where it passes; false where it has to be judged.
 */
static __always_inline bool
judge_at_once(struct guard *guard, enum direction from,
	      const struct policy *policy, const struct sk_buff *skb,
	      const struct tcphdr *th, unsigned int length)
{
	lockdep_assert_held(&guard->ct->lock);
	return guard->steady && policy->enabled &&
	       stream_at_once(guard, from, policy, skb, th, length);
}

#endif /* SMTPGUARD_JUDGE_H */
