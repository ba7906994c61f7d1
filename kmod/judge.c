// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a struct packet of what netfilter hands over, has it judged by
 * stream.c under the connection's ct->lock, the one lock of a flow, and
 * carries out the verdict.
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/tcp.h>

#include "bridge.h"
#include "closed.h"
#include "connection.h"
#include "edit.h"
#include "guard.h"
#include "judge.h"
#include "log.h"
#include "netns.h"
#include "packet.h"
#include "params.h"
#include "reset.h"
#include "stats.h"
#include "stream.h"

/* Nothing on the wire may change, whatever else goes wrong. */
static bool judge_only_watches(const struct policy *policy)
{
	return !policy->enabled || policy->monitor;
}

static bool judge_is_reversed(const struct packet *packet)
{
	const struct guard *guard = packet->flow->guard;

	if (guard)
		return guard->reversed;
	return connection_is_reversed(packet->ct, &params_settings()->ports);
}

/* It was ended before, and goes on. */
static bool judge_is_over(const struct packet *packet)
{
	return !packet->tcp.syn && !judge_only_watches(packet->policy) &&
	       closed_has(packet->ct, judge_is_reversed(packet));
}

static bool judge_open(struct packet *packet)
{
	const struct settings *settings = params_settings();
	bool reversed = judge_is_reversed(packet);
	struct guard *guard = guard_open(packet->ct);

	if (!guard)
		return false;
	guard->reversed = reversed;
	/* until a SYN says otherwise */
	guard->untracked = true;
	guard->tls = connection_on_port(packet->ct, &settings->tls_ports);
	packet->flow->guard = guard;
	if (judge_is_over(packet)) {
		packet->flow->session.phase = PHASE_CLOSED;
		guard->untracked = false;
	}
	log_open(packet);
	return true;
}

/*
 * Does a session begin here?  Anybody can send SYNs and ACKs, in anybody's name,
 * so that memory is taken only where a server was heard: where it answers a
 * SYN, or says something on a connection that conntrack knows.  Only a SYN with
 * payload (RFC 7413) is read before that.
 *
 * Conntrack calls helper_destroy() once, when it marks the entry as dying, and
 * never for one that it has not confirmed.  A guard of such an entry would not
 * be freed.
 */
static bool judge_begins(const struct packet *packet)
{
	if (packet->tcp.rst || !nf_ct_is_confirmed(packet->ct) ||
	    nf_ct_is_dying(packet->ct))
		return false;
	if (packet->tcp.syn)
		return packet->direction == FROM_SERVER ? packet->tcp.ack :
							  packet->length;
	return packet->direction == FROM_SERVER && packet->length;
}

/*
 * It leaves by the device that it came by.  If there is nothing but the sender
 * behind that, the packet was sent in another's name.
 */
static bool judge_returns(const struct packet *packet,
			  const struct net_device *out)
{
	return out && packet->skb->skb_iif == out->ifindex;
}

/*
 * Conntrack forgets a connection for a reset that is the first answer to it, and
 * the rest of what a server says to it then finds none.  So it is remembered,
 * unless it is as common as this: nobody listens on that port.
 */
static enum stream_verdict judge_unheard_reset(const struct packet *packet,
					       const struct net_device *out)
{
	if (packet->direction == FROM_CLIENT || judge_returns(packet, out))
		closed_add(packet->ct, judge_is_reversed(packet));
	return STREAM_ACCEPT;
}

static enum stream_verdict judge_unheard_end(const struct packet *packet)
{
	stats_count(packet->net, COUNTER_RESETS);
	closed_add(packet->ct, judge_is_reversed(packet));
	return STREAM_RESET;
}

/* A packet of a connection on which no server was heard. */
static enum stream_verdict judge_unheard(struct packet *packet,
					 const struct net_device *out)
{
	lockdep_assert_held(&packet->ct->lock);
	if (packet->tcp.rst)
		return judge_unheard_reset(packet, out);
	if (judge_only_watches(packet->policy))
		return STREAM_ACCEPT;
	/* what it carries comes again, on a connection that is there */
	if (nf_ct_is_dying(packet->ct))
		return packet->length ? STREAM_DROP : STREAM_ACCEPT;
	if (packet->tcp.syn)
		return STREAM_ACCEPT;
	/* that was counted when it ended */
	if (judge_is_over(packet))
		return STREAM_RESET;
	if (packet->policy->midstream == MIDSTREAM_RESET)
		return judge_unheard_end(packet);
	return packet->tcp.urg ? stream_urgent(packet) : STREAM_ACCEPT;
}

/* A frame to the sender looks as the receiver's do, once there were some. */
static u16 judge_tag(const struct packet *packet)
{
	const struct side *peer;

	if (!packet->flow->guard)
		return bridge_tag(packet->skb);
	peer = packet_peer(packet);
	return peer->interface ? peer->tag : bridge_tag(packet->skb);
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

static enum stream_verdict judge_locked(struct packet *packet,
					const struct net_device *out,
					struct reset *reset)
{
	lockdep_assert_held(&packet->ct->lock);
	if (!packet->flow->guard && packet->policy->enabled &&
	    judge_begins(packet) && !judge_open(packet))
		return packet->policy->monitor ? STREAM_ACCEPT : STREAM_DROP;
	reset->sequence = stream_expected(packet);
	reset->tag = judge_tag(packet);
	if (!packet->flow->guard)
		return judge_unheard(packet, out);
	return stream_segment(packet);
}

static enum stream_verdict judge_segment(struct packet *packet,
					 enum ip_conntrack_info ctinfo,
					 const struct net_device *out,
					 struct reset *reset)
{
	enum stream_verdict verdict;

	spin_lock_bh(&packet->ct->lock);
	packet->direction = CTINFO2DIR(ctinfo) == judge_is_reversed(packet) ?
			    FROM_CLIENT : FROM_SERVER;
	verdict = judge_locked(packet, out, reset);
	spin_unlock_bh(&packet->ct->lock);
	return verdict;
}

/*
 * Has a session that conntrack forgets not ended for both ends?  One of them has
 * left, maybe for show, or conntrack waited too long for their packets, maybe
 * for an answer to one that died behind this router.
 */
static bool judge_goes_on(const struct nf_conn *ct, const struct flow *flow)
{
	const struct guard *guard = flow->guard;
	u8 phase = flow->session.phase;

	if (guard->side[FROM_CLIENT].finished !=
	    guard->side[FROM_SERVER].finished)
		return true;
	return nf_ct_is_expired(ct) && !guard->closed && !guard->untracked &&
	       phase != PHASE_UNKNOWN && phase != PHASE_OPAQUE;
}

/**
 * judge_end() - conntrack lets go of a connection
 * @ct: the connection
 * @flow: what is kept of it, with a guard
 *
 * Context: any, RCU read lock and ct->lock held.
 */
void judge_end(struct nf_conn *ct, const struct flow *flow)
{
	lockdep_assert_held(&ct->lock);
	if (judge_goes_on(ct, flow))
		closed_add(ct, flow->guard->reversed);
	if (!netns_is_dead(netns_get(nf_ct_net(ct))))
		log_close(ct, flow);
}

/*
 * What a SYN carries is noted, so its connection must be one that conntrack will
 * tell the end of.  It confirms new ones right behind this hook, and leaves
 * alone what it finds confirmed there.
 */
static bool judge_confirm(const struct packet *packet)
{
	if (nf_ct_is_confirmed(packet->ct) || !packet->tcp.syn ||
	    !packet->length || !packet->policy->enabled)
		return true;
	return nf_conntrack_confirm(packet->skb) == NF_ACCEPT;
}

/* A packet that cannot be judged. */
static unsigned int judge_give_up(const struct packet *packet)
{
	return judge_only_watches(packet->policy) ? NF_ACCEPT : NF_DROP;
}

/**
 * judge_packet() - judge a packet of a guarded connection
 * @skb: the packet, network header at skb->data; what it carries may have
 *	been overwritten afterwards, and it may have become a reset
 * @ct: its connection
 * @ctinfo: its direction
 * @flow: what is kept of the connection, %NULL where there is
 *	none, for lack of memory
 * @out: the device it leaves by, %NULL where this host receives it
 *
 * Context: softirq or process, RCU read lock held, ct->lock not held.
 * Return: %NF_ACCEPT or %NF_DROP.
 */
unsigned int judge_packet(struct sk_buff *skb, struct nf_conn *ct,
			  enum ip_conntrack_info ctinfo, struct flow *flow,
			  const struct net_device *out)
{
	struct packet packet = {
		.skb = skb,
		.ct = ct,
		.net = nf_ct_net(ct),
		.flow = flow,
		.policy = &params_settings()->policy,
	};
	struct reset reset;
	int protoff;

	/* over loopback a packet comes by twice, it was judged when it left */
	if (nf_is_loopback_packet(skb))
		return NF_ACCEPT;
	/* conntrack holds an ICMP error to be of the connection, too */
	protoff = packet_find_tcp(skb);
	if (protoff < 0)
		return NF_ACCEPT;
	packet.protoff = protoff;
	if (!flow || !packet_read(&packet))
		return judge_give_up(&packet);
	if (judge_is_corrupt(&packet))
		return judge_corrupt(&packet);
	if (judge_multipath(&packet) == NF_DROP)
		return NF_DROP;
	if (!judge_confirm(&packet))
		return judge_give_up(&packet);
	switch (judge_segment(&packet, ctinfo, out, &reset)) {
	case STREAM_ACCEPT:
		return NF_ACCEPT;
	case STREAM_RESET:
		return reset_both(packet.net, skb, protoff, &reset);
	default:
		return NF_DROP;
	}
}
