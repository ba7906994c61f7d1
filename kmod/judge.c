// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a struct packet of what netfilter hands over, has it judged by
 * stream.c under the connection's ct->lock, the one lock of a flow, and
 * carries out the verdict.
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "bridge.h"
#include "connection.h"
#include "edit.h"
#include "evidence.h"
#include "flow.h"
#include "guard.h"
#include "judge.h"
#include "log.h"
#include "netns.h"
#include "packet.h"
#include "params.h"
#include "reset.h"
#include "seqadj.h"
#include "stats.h"
#include "stream.h"
#include "stub.h"
#include "unheard.h"

/*
 * What a reset needs of a guard that goes with it.  A frame to the sender looks as
 * the receiver's do, once there were some.
 */
static void judge_blame(struct packet *packet)
{
	const struct side *peer = packet_peer(packet);

	packet->blame = packet->guard->blame;
	packet->tag = peer->interface ? peer->tag : bridge_tag(packet->skb);
}

/*
 * Conntrack was told not to look (nf_conntrack_checksum).  No receiver reads the
 * packet, and what it is taken for would differ from what comes in its place.
 */
static bool judge_is_corrupt(const struct packet *packet)
{
	/* the hook makes it look, whoever did so before */
	return !packet->net->ct.sysctl_checksum &&
	       nf_checksum(packet->skb, NF_INET_PRE_ROUTING, packet->protoff,
			   IPPROTO_TCP, nf_ct_l3num(packet->ct));
}

static unsigned int judge_corrupt(const struct packet *packet)
{
	if (!packet->length || !packet->policy->enabled)
		return NF_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_INVALID);
	return packet->policy->monitor ? NF_ACCEPT : NF_DROP;
}

/*
 * With Multipath TCP (RFC 8684) octets of one stream come by several
 * connections, by other routers too, and in an order of their own.  Where the
 * SYN does not offer it, or the answer does not take it, both ends go on with
 * TCP.
 */
static unsigned int judge_multipath(const struct packet *packet)
{
	unsigned int at, length;

	if (!packet->tcp.syn || !packet->policy->enabled)
		return NF_ACCEPT;
	at = packet_find_option(packet, TCPOPT_MPTCP, &length);
	if (!at)
		return NF_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_MULTIPATH);
	if (packet->policy->monitor)
		return NF_ACCEPT;
	do {
		if (edit_fill(packet->skb, packet->protoff, at, length,
			      TCPOPT_NOP)) {
			stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
			return NF_DROP;
		}
		at = packet_find_option(packet, TCPOPT_MPTCP, &length);
	} while (at);
	return NF_ACCEPT;
}

static bool judge_is_reversed(const struct packet *packet)
{
	if (packet->flow)
		return packet->flow->reversed;
	return connection_is_reversed(packet->ct, &params_settings()->ports);
}

static u32 judge_expected(const struct packet *packet)
{
	return packet->guard ? stream_expected(packet) : stub_expected(packet);
}

/* A segment of a connection that has no guard may give it one. */
static enum stream_verdict judge_unguarded(struct packet *packet,
					   const struct net_device *out)
{
	if (packet->flow)
		return stub_segment(packet, out);
	return unheard_segment(packet, out);
}

/* Keeps nothing of a session of which nothing more will be read. */
static void judge_retire(struct packet *packet)
{
	const struct guard *guard = packet->guard;

	if (!guard)
		return;
	if (guard->session && session_is_closed(guard->session))
		flow_retire(packet->flow, FLOW_OVER);
	else if (guard_is_finished(guard) && guard_is_quiet(guard) &&
		 !guard_is_committed(guard))
		flow_retire(packet->flow, guard_is_opaque(guard) ?
					  FLOW_IGNORED : FLOW_FINISHED);
	packet->guard = flow_guard(packet->flow);
}

/*
 * Until both sides were heard it is not known by which device each comes, and
 * only the route tells who can have sent a segment.
 */
static bool judge_is_forged(const struct packet *packet,
			    const struct net_device *out)
{
	return (!packet_side(packet)->interface ||
		!packet_peer(packet)->interface) &&
	       unheard_is_forged(packet, out);
}

/*
 * Behind STARTTLS, or where it was given up to read a session, and all that was read
 * is acknowledged: nothing is left to be held against a segment that neither begins
 * nor ends anything, and nothing that it could change.  That both sides' devices are
 * known has nobody speak for the other, see judge_is_forged().
 *
 * What makes a guard more than that comes with a packet, by judge_flow().
 */
static bool judge_settles(const struct guard *guard)
{
	return guard_is_bare(guard) && !guard->unanswered &&
	       !guard_is_finished(guard) &&
	       guard->side[FROM_CLIENT].interface &&
	       guard->side[FROM_SERVER].interface;
}

static void judge_settle(const struct packet *packet)
{
	struct guard *guard = packet->guard;

	if (!guard)
		return;
	guard->settled = judge_settles(guard);
	guard->steady = stream_is_steady(guard);
}

/**
 * judge_flow() - judge a segment of a connection that is known, or may become so
 * @packet: the segment; its flow and guard are set, and may change
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, ct->lock and RCU read lock held.
 * Return: what becomes of it.
 */
enum stream_verdict judge_flow(struct packet *packet,
			       const struct net_device *out)
{
	enum stream_verdict verdict = STREAM_ACCEPT;

	lockdep_assert_held(&packet->ct->lock);
	if (!packet->guard)
		verdict = judge_unguarded(packet, out);
	if (!packet->guard) {
		if (verdict == STREAM_RESET)
			packet->tag = bridge_tag(packet->skb);
		return verdict;
	}
	if (judge_is_forged(packet, out))
		return unheard_forged(packet);
	if (packet->direction == FROM_SERVER && packet->guard->unanswered)
		unheard_answer(packet->guard);
	verdict = stream_segment(packet);
	if (verdict == STREAM_RESET)
		judge_blame(packet);
	judge_retire(packet);
	judge_settle(packet);
	return verdict;
}

/* Where another processor was faster, or conntrack forgets again, it is over. */
static void judge_go_on(struct packet *packet)
{
	bool reversed = judge_is_reversed(packet);
	struct guard *guard = packet->heritage;

	if (!packet->flow && !nf_ct_is_dying(packet->ct))
		packet->flow = flow_go_on(packet->ct, reversed, guard);
	else
		flow_give_up(packet->ct, reversed, guard);
}

/* A reset that this host sends in answer to a packet, maybe one of ours. */
static bool judge_is_answer(const struct packet *packet,
			    enum ip_conntrack_info ctinfo)
{
	return packet->tcp.rst &&
	       (ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY);
}

/**
 * judge_goes_on() - has a session that conntrack forgets not ended for both ends
 * @guard: its guard
 *
 * One of them has left, maybe for show, or conntrack waited too long for their
 * packets, maybe for an answer to one that died behind this router.
 *
 * Context: any, ct->lock held.
 * Return: true where it has not.
 */
bool judge_goes_on(const struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	if (guard->side[FROM_CLIENT].finished !=
	    guard->side[FROM_SERVER].finished)
		return true;
	/*
	 * Conntrack drops others early, or for a SYN: by what the client sent, be
	 * it that the server never saw it.
	 */
	return (nf_ct_is_expired(guard->ct) ||
		(guard->ct->proto.tcp.state != TCP_CONNTRACK_ESTABLISHED &&
		 !guard_is_finished(guard))) &&
	       !guard->closed &&
	       !guard->untracked && !guard_is_opaque(guard) &&
	       !session_is_lost(guard->session);
}

/**
 * judge_close() - nothing more is read of a session
 * @guard: what is known of it
 *
 * Context: any, RCU read lock and ct->lock held.
 */
void judge_close(struct guard *guard)
{
	struct nf_conn *ct = guard->ct;

	lockdep_assert_held(&ct->lock);
	unheard_answer(guard);
	if (!netns_is_dead(netns_get(nf_ct_net(ct))))
		log_close(guard);
}

/* A packet that cannot be judged. */
static unsigned int judge_give_up(const struct packet *packet)
{
	return policy_only_watches(packet->policy) ? NF_ACCEPT : NF_DROP;
}

static unsigned int judge_carry_out(struct packet *packet,
				    enum ip_conntrack_info ctinfo,
				    const struct net_device *out,
				    enum stream_verdict verdict,
				    const struct reset *reset)
{
	switch (verdict) {
	case STREAM_ACCEPT:
		if (judge_is_answer(packet, ctinfo))
			seqadj_leave(packet->skb);
		return NF_ACCEPT;
	case STREAM_RESET:
		evidence_show(packet, out);
		return reset_both(packet->net, packet->skb, packet->protoff,
				  reset);
	default:
		return NF_DROP;
	}
}

/*
 * Gives ct->lock back.  Who sends a segment may have other numbers than who receives
 * it.
 */
static unsigned int judge_segment(struct packet *packet,
				  enum ip_conntrack_info ctinfo,
				  const struct net_device *out)
	__releases(&packet->ct->lock)
{
	enum ip_conntrack_dir direction = CTINFO2DIR(ctinfo);
	struct nf_conn *ct = packet->ct;
	enum stream_verdict verdict;
	struct reset reset;

	if (packet->heritage)
		judge_go_on(packet);
	packet->guard = flow_guard(packet->flow);
	packet->direction = direction == judge_is_reversed(packet) ?
			    FROM_CLIENT : FROM_SERVER;
	packet->sender = nf_ct_tuple(ct, direction);
	packet->shift = seqadj_shift(ct, direction, ntohl(packet->tcp.seq));
	packet->taken = seqadj_takes(ct, &packet->tcp);
	reset.sequence = judge_expected(packet);
	verdict = judge_flow(packet, out);
	if (verdict == STREAM_RESET) {
		reset.acknowledged =
			seqadj_acknowledged(ct, direction,
					    ntohl(packet->tcp.ack_seq));
		reset.tag = packet->tag;
	}
	spin_unlock_bh(&ct->lock);
	return judge_carry_out(packet, ctinfo, out, verdict, &reset);
}

/*
 * Most segments: they neither begin nor end anything, and conntrack has their
 * connection in its table, has looked at their checksum and turns no numbers.
 * Nothing is to be looked at before their flow.  Returns octets of payload,
 * negative where the segment is not like that.
 */
static int judge_plain_length(const struct sk_buff *skb,
			      const struct nf_conn *ct, unsigned int protoff)
{
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + protoff);

	if (protoff + sizeof(*th) > skb_headlen(skb) ||
	    th->doff < sizeof(*th) / 4 || !packet_is_ordinary(th) ||
	    (ct->status & (IPS_CONFIRMED | IPS_SEQ_ADJUST)) != IPS_CONFIRMED ||
	    !nf_ct_net(ct)->ct.sysctl_checksum)
		return -1;
	return skb->len - protoff - th->doff * 4;
}

/* Gives ct->lock back. */
static noinline unsigned int judge_plain(struct sk_buff *skb,
					 const struct net_device *out,
					 const struct tcphdr *th,
					 unsigned int length,
					 struct flow *flow)
	__releases(&((struct nf_conn *)skb_nfct(skb))->lock)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return judge_segment(&(struct packet) {
		/* all of them, or it would be cleared before */
		.skb = skb,
		.ct = ct,
		.net = nf_ct_net(ct),
		.flow = flow,
		.guard = NULL,
		.heritage = NULL,
		.policy = &params_settings()->policy,
		.direction = 0,
		.sender = NULL,
		.protoff = (const u8 *)th - skb->data,
		.payload = skb->len - length,
		.length = length,
		.shift = 0,
		.blame = REASON_NONE,
		.asked = false,
		.groups = 0,
		.taken = false,
		.tag = 0,
		.tcp = *th,
	}, ctinfo, out);
}

static unsigned int judge_other(struct sk_buff *skb,
				const struct net_device *out,
				unsigned int protoff)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct packet packet = {
		.skb = skb,
		.ct = ct,
		.net = nf_ct_net(ct),
		.policy = &params_settings()->policy,
		.protoff = protoff,
	};

	if (!packet_read(&packet))
		return judge_give_up(&packet);
	if (seqadj_is_cookie(skb, &packet.tcp))
		return NF_ACCEPT;
	if (judge_is_corrupt(&packet))
		return judge_corrupt(&packet);
	if (judge_multipath(&packet) == NF_DROP)
		return NF_DROP;
	if (!unheard_begin(&packet))
		return judge_give_up(&packet);
	spin_lock_bh(&ct->lock);
	packet.flow = flow_find(ct);
	return judge_segment(&packet, ctinfo, out);
}

static __always_inline bool judge_quickly_from(struct guard *guard,
					       enum direction from,
					       const struct sk_buff *skb,
					       const struct tcphdr *th,
					       unsigned int length)
{
	/* the settings are not even looked at for the first */
	return judge_counts(guard, from, length) ||
	       judge_at_once(guard, from, &params_settings()->policy, skb, th,
			     length);
}

/* True where the segment passes; false where it has to be judged. */
static bool judge_quickly(const struct flow *flow,
			  enum ip_conntrack_info ctinfo,
			  const struct sk_buff *skb, const struct tcphdr *th,
			  unsigned int length)
{
	if (!flow_is_guarded(flow))
		return false;
	/* compiled once for each of them, which saves what it takes to tell */
	return CTINFO2DIR(ctinfo) == flow->reversed ?
	       judge_quickly_from(flow->guard, FROM_CLIENT, skb, th, length) :
	       judge_quickly_from(flow->guard, FROM_SERVER, skb, th, length);
}

/**
 * judge_packet() - judge a packet of a guarded connection
 * @skb: the packet, network header at skb->data; what it carries may have
 *	been overwritten afterwards, and it may have become a reset
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, RCU read lock held, ct->lock not held.
 * Return: %NF_ACCEPT or %NF_DROP.
 */
unsigned int judge_packet(struct sk_buff *skb, const struct net_device *out)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	const struct tcphdr *th;
	int protoff, length;
	struct flow *flow;

	/* over loopback a packet comes by twice, it was judged when it left */
	if (nf_is_loopback_packet(skb))
		return NF_ACCEPT;
	/* conntrack holds an ICMP error to be of the connection, too */
	protoff = packet_find_tcp(skb);
	if (protoff < 0)
		return NF_ACCEPT;
	length = judge_plain_length(skb, ct, protoff);
	if (length < 0)
		return judge_other(skb, out, protoff);
	th = (const struct tcphdr *)(skb->data + protoff);
	spin_lock_bh(&ct->lock);
	flow = flow_find(ct);
	if (!judge_quickly(flow, ctinfo, skb, th, length))
		return judge_plain(skb, out, th, length, flow);
	spin_unlock_bh(&ct->lock);
	return NF_ACCEPT;
}
