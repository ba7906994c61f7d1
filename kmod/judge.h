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
#include "stream.h"

struct net_device;
struct packet;

enum stream_verdict judge_flow(struct packet *packet,
			       const struct net_device *out);
bool judge_goes_on(const struct guard *guard);
void judge_close(struct guard *guard);
unsigned int judge_packet(struct sk_buff *skb, const struct net_device *out);

/**
 * judge_at_once() - judge a segment of which that takes next to nothing
 * @flow: what is known of its connection, or %NULL
 * @direction: of the segment, as conntrack has it
 * @skb: the segment: its header is whole and not in pages, and it neither begins
 *	nor ends anything
 * @protoff: offset of the TCP header
 * @policy: what is allowed
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where it passes; false where it has to be judged.
 */
static inline bool judge_at_once(const struct flow *flow,
				 enum ip_conntrack_dir direction,
				 const struct sk_buff *skb,
				 unsigned int protoff,
				 const struct policy *policy)
{
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + protoff);
	unsigned int length = skb->len - protoff - th->doff * 4;
	struct guard *guard = flow_guard(flow);
	enum direction from;

	if (!guard)
		return false;
	lockdep_assert_held(&guard->ct->lock);
	from = direction == flow->reversed ? FROM_CLIENT : FROM_SERVER;
	if (guard->settled) {
		guard->side[from].octets += length;
		return true;
	}
	return !length && policy->enabled &&
	       stream_only_acknowledges(guard, from, skb, th);
}

#endif /* SMTPGUARD_JUDGE_H */
