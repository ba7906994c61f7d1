// SPDX-License-Identifier: GPL-2.0
/*
 * A packet that conntrack calls INVALID has no connection, and so no helper
 * sees it.  With payload it must not come through beside the guard.
 *
 * Most are no loss: out of window, or broken, they would not be read.  But
 * where a router sees one direction only, all that a client says is INVALID,
 * for its SYN was never answered here.  To pass it unread would be a way around
 * the guard, since a SYN that dies behind the router makes any session look
 * like that.  To drop it would leave both ends waiting, so they get a reset.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "bridge.h"
#include "flow.h"
#include "invalid.h"
#include "netns.h"
#include "packet.h"
#include "reset.h"
#include "select.h"
#include "stats.h"

static u8 invalid_family(const struct sk_buff *skb)
{
	return ip_hdr(skb)->version == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

/*
 * The connection that the packet claims to be of, to be put back.  Of which
 * zone it was conntrack has not kept.
 */
static struct nf_conn *invalid_connection(struct net *net,
					  const struct sk_buff *skb,
					  enum ip_conntrack_dir *direction)
{
	struct nf_conntrack_tuple_hash *found;
	struct nf_conntrack_tuple tuple;

	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb),
			       invalid_family(skb), net, &tuple))
		return NULL;
	found = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!found)
		return NULL;
	*direction = NF_CT_DIRECTION(found);
	return nf_ct_tuplehash_to_ctrack(found);
}

static bool invalid_is_guarded(const struct packet *packet,
			       const struct settings *settings)
{
	const struct nf_conn *ct = packet->ct;

	return select_chooses_segment(packet->net, &packet->tcp, settings) ||
	       (ct && (select_chooses(ct, settings) || flow_is_known(ct)));
}

/* Will all that follows be INVALID, too? */
static bool invalid_is_one_way(const struct packet *packet,
			       enum ip_conntrack_dir direction)
{
	if (packet->ct)
		return packet->ct->proto.tcp.state == TCP_CONNTRACK_SYN_SENT &&
		       direction == IP_CT_DIR_ORIGINAL &&
		       packet->tcp.ack && !packet->tcp.syn;
	/* else conntrack would have made it one */
	return !nf_tcp_pernet(packet->net)->tcp_loose && packet->tcp.ack &&
	       !netns_get(packet->net)->zoned;
}

static unsigned int invalid_one_way(const struct packet *packet)
{
	const struct reset reset = {
		.sequence = ntohl(packet->tcp.seq),
		.acknowledged = ntohl(packet->tcp.ack_seq),
		.tag = bridge_tag(packet->skb),
	};

	stats_count(packet->net, COUNTER_SEGMENTS_ONE_WAY);
	if (packet->policy->midstream == MIDSTREAM_ACCEPT)
		return NF_ACCEPT;
	/* the hook makes it look at the checksum, whoever did so before */
	if (nf_checksum(packet->skb, NF_INET_PRE_ROUTING, packet->protoff,
			IPPROTO_TCP, invalid_family(packet->skb)))
		return NF_DROP;
	return reset_both(packet->net, packet->skb, packet->protoff, &reset);
}

/* Some receiver may find octets in a segment that is not @whole. */
static unsigned int invalid_judge(const struct packet *packet, bool whole,
				  enum ip_conntrack_dir direction,
				  const struct settings *settings)
{
	if (!invalid_is_guarded(packet, settings))
		return NF_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_INVALID);
	if (packet->policy->monitor)
		return NF_ACCEPT;
	if (whole && invalid_is_one_way(packet, direction))
		return invalid_one_way(packet);
	return NF_DROP;
}

/**
 * invalid_packet() - judge a packet without a connection
 * @net: network namespace
 * @skb: the packet, network header at skb->data; it may have become a reset
 * @settings: the settings in use
 *
 * Context: softirq or process, RCU read lock held.
 * Return: %NF_ACCEPT or %NF_DROP.
 */
unsigned int invalid_packet(struct net *net, struct sk_buff *skb,
			    const struct settings *settings)
{
	enum ip_conntrack_dir direction = IP_CT_DIR_ORIGINAL;
	struct packet packet = {
		.skb = skb,
		.net = net,
		.policy = &settings->policy,
	};
	int protoff = packet_find_tcp(skb);
	unsigned int verdict;
	bool whole;

	if (protoff < 0)
		return NF_ACCEPT;
	packet.protoff = protoff;
	whole = packet_read(&packet);
	if (whole && !packet.length)
		return NF_ACCEPT;
	packet.ct = invalid_connection(net, skb, &direction);
	verdict = invalid_judge(&packet, whole, direction, settings);
	if (packet.ct)
		nf_ct_put(packet.ct);
	return verdict;
}
