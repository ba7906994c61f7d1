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

static __always_inline bool
judge_at_once_from(struct guard *guard, enum direction from,
		   const struct sk_buff *skb, const struct tcphdr *th,
		   unsigned int length, const struct policy *policy)
{
	if (guard->settled) {
		guard->side[from].octets += length;
		return true;
	}
	return guard->steady && policy->enabled &&
	       stream_at_once(guard, from, skb, th, length);
}

/**
 * judge_at_once() - judge a segment of which that takes next to nothing
 * @flow: what is known of its connection, or %NULL
 * @direction: of the segment, as conntrack has it
 * @skb: the segment: packet_is_ordinary(), and nobody turns its numbers
 * @th: its TCP header
 * @length: octets of payload
 * @policy: what is allowed
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where it passes; false where it has to be judged.
 */
static inline bool judge_at_once(const struct flow *flow,
				 enum ip_conntrack_dir direction,
				 const struct sk_buff *skb,
				 const struct tcphdr *th, unsigned int length,
				 const struct policy *policy)
{
	struct guard *guard = flow_guard(flow);

	if (!guard)
		return false;
	lockdep_assert_held(&guard->ct->lock);
	/* compiled once for each of them, which saves what it takes to tell */
	return direction == flow->reversed ?
	       judge_at_once_from(guard, FROM_CLIENT, skb, th, length, policy) :
	       judge_at_once_from(guard, FROM_SERVER, skb, th, length, policy);
}

#endif /* SMTPGUARD_JUDGE_H */
