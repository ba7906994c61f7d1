// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a struct packet of what netfilter hands over, has it judged by
 * stream.c under the connection's ct->lock, the one lock of a flow, and
 * carries out the verdict.
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "connection.h"
#include "guard.h"
#include "judge.h"
#include "log.h"
#include "packet.h"
#include "params.h"
#include "reset.h"
#include "stats.h"
#include "stream.h"

/*
 * A flow's first packet: nobody else knows the connection yet.  Without
 * memory for a guard the packet is dropped; a SYN is soon sent again.
 */
static bool judge_open(struct packet *packet)
{
	const struct settings *settings = params_settings();
	struct guard *guard = guard_open(packet->net);

	if (!guard) {
		stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
		return false;
	}
	guard->reversed = connection_is_reversed(packet->ct, &settings->ports);
	/* until a SYN says otherwise */
	guard->untracked = true;
	guard->tls = connection_on_port(packet->ct, &settings->tls_ports);
	packet->flow->guard = guard;
	log_open(packet);
	return true;
}

static enum stream_verdict judge_segment(struct packet *packet,
					 enum ip_conntrack_info ctinfo,
					 u32 *next)
{
	enum stream_verdict verdict;

	spin_lock_bh(&packet->ct->lock);
	if (!packet->flow->guard && !judge_open(packet)) {
		verdict = STREAM_DROP;
		goto unlock;
	}
	packet->direction =
		CTINFO2DIR(ctinfo) == packet->flow->guard->reversed ?
		FROM_CLIENT : FROM_SERVER;
	*next = stream_expected(packet);
	verdict = stream_segment(packet);
unlock:
	spin_unlock_bh(&packet->ct->lock);
	return verdict;
}

/**
 * judge_packet() - judge a packet of a guarded connection
 * @skb: the packet, network header at skb->data; what it carries may have
 *	been overwritten afterwards, and it may have become a reset
 * @protoff: offset of its TCP header
 * @ct: its connection
 * @ctinfo: its direction
 * @flow: what is kept of the connection, %NULL where that was lost
 *
 * Context: softirq or process, RCU read lock held, ct->lock not held.
 * Return: %NF_ACCEPT or %NF_DROP.
 */
unsigned int judge_packet(struct sk_buff *skb, unsigned int protoff,
			  struct nf_conn *ct, enum ip_conntrack_info ctinfo,
			  struct flow *flow)
{
	struct packet packet = {
		.skb = skb,
		.ct = ct,
		.net = nf_ct_net(ct),
		.flow = flow,
		.policy = &params_settings()->policy,
		.protoff = protoff,
	};
	u32 next;

	/* over loopback a packet comes by twice, it was judged when it left */
	if (nf_is_loopback_packet(skb))
		return NF_ACCEPT;
	/* or an ICMP error, which conntrack holds to be of the connection */
	if (packet_find_tcp(skb) != protoff)
		return NF_ACCEPT;
	if (!flow || !packet_read(&packet))
		return NF_DROP;
	switch (judge_segment(&packet, ctinfo, &next)) {
	case STREAM_ACCEPT:
		return NF_ACCEPT;
	case STREAM_RESET:
		if (reset_both(packet.net, skb, protoff, next))
			return NF_ACCEPT;
		return NF_DROP;
	default:
		return NF_DROP;
	}
}
