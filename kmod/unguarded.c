// SPDX-License-Identifier: GPL-2.0
/*
 * The guard goes by conntrack.  Where that was told to look away, or somebody
 * else takes the packets before IP sees them, what is on a guarded port passes
 * unread.  That can be wanted, and cannot be told from what is not, so it is
 * counted, and the kernel log says once an hour what would mend it.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/timekeeping.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

#include "netns.h"
#include "packet.h"
#include "params.h"
#include "select.h"
#include "stats.h"
#include "unguarded.h"

#define TOLD_EVERY	3600	/* seconds, in each network namespace */

static const char *const causes[UNGUARDED_COUNT] = {
	[UNGUARDED_NOTRACK] =
		"a rule with notrack keeps it from conntrack; without that rule it is",
	[UNGUARDED_IPVS] =
		"IPVS keeps it from conntrack; with net.ipv4.vs.conntrack=1 it is",
	[UNGUARDED_BRIDGE] =
		"conntrack does not follow this bridge; with \"ct state\" in a rule of family bridge it is",
	[UNGUARDED_ELSEWHERE] =
		"Open vSwitch or tc gave it the helper, and IP's hooks do not see it; routed or bridged by the kernel it is",
};

/* One end of a segment, as %pISpc takes it. */
union end {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void unguarded_ends(const struct packet *packet, union end *from,
			   union end *to)
{
	const struct sk_buff *skb = packet->skb;

	memset(from, 0, sizeof(*from));
	memset(to, 0, sizeof(*to));
	if (ip_hdr(skb)->version == 4) {
		from->v4.sin_family = AF_INET;
		from->v4.sin_addr.s_addr = ip_hdr(skb)->saddr;
		from->v4.sin_port = packet->tcp.source;
		to->v4.sin_family = AF_INET;
		to->v4.sin_addr.s_addr = ip_hdr(skb)->daddr;
		to->v4.sin_port = packet->tcp.dest;
	} else {
		from->v6.sin6_family = AF_INET6;
		from->v6.sin6_addr = ipv6_hdr(skb)->saddr;
		from->v6.sin6_port = packet->tcp.source;
		to->v6.sin6_family = AF_INET6;
		to->v6.sin6_addr = ipv6_hdr(skb)->daddr;
		to->v6.sin6_port = packet->tcp.dest;
	}
}

/* What the kernel log has no room for is told by a later packet. */
static bool unguarded_is_told(struct netns *netns, enum unguarded cause)
{
	unsigned long now = ktime_get_seconds();
	unsigned long told = READ_ONCE(netns->told[cause]);

	return (told && now - told < TOLD_EVERY) || !net_ratelimit() ||
	       cmpxchg(&netns->told[cause], told, now) != told;
}

static void unguarded_tell(const struct packet *packet, enum unguarded cause)
{
	const struct net_device *device = packet->skb->dev;
	union end from, to;

	if (unguarded_is_told(netns_get(packet->net), cause))
		return;
	unguarded_ends(packet, &from, &to);
	pr_warn("not guarded: %pISpc > %pISpc on %s: %s\n", &from.any, &to.any,
		device ? device->name : "no device", causes[cause]);
}

static void unguarded_count(const struct packet *packet, enum unguarded cause)
{
	stats_count(packet->net, COUNTER_PACKETS_UNGUARDED);
	/* the log is not for whoever has made a namespace of his own */
	if (select_covers(packet->net, params_settings()))
		unguarded_tell(packet, cause);
}

/* Only the first fragment has ports. */
static bool unguarded_read(struct packet *packet)
{
	const struct sk_buff *skb = packet->skb;
	int protoff;

	if (ip_hdr(skb)->version == 4 &&
	    ip_hdr(skb)->frag_off & htons(IP_OFFSET))
		return false;
	protoff = packet_find_tcp(skb);
	if (protoff < 0)
		return false;
	packet->protoff = protoff;
	return packet_read(packet);
}

static bool unguarded_concerns(struct packet *packet,
			       const struct settings *settings)
{
	return settings->policy.enabled &&
	       select_covers(packet->net, settings) &&
	       unguarded_read(packet) &&
	       select_chooses_segment(packet->net, &packet->tcp, settings);
}

static enum unguarded unguarded_by_whom(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IP_VS)
	if (skb->ipvs_property)
		return UNGUARDED_IPVS;
#endif
	return UNGUARDED_NOTRACK;
}

/**
 * unguarded_untracked() - a packet passes that conntrack was kept from
 * @net: network namespace
 * @skb: the packet, network header at skb->data
 * @settings: the settings in use
 *
 * Context: softirq or process, RCU read lock held.
 */
void unguarded_untracked(struct net *net, const struct sk_buff *skb,
			 const struct settings *settings)
{
	/* only read, as everywhere below */
	struct packet packet = { .skb = (struct sk_buff *)skb, .net = net };

	/* it comes by twice, and was counted when it left */
	if (!nf_is_loopback_packet(skb) &&
	    unguarded_concerns(&packet, settings))
		unguarded_count(&packet, unguarded_by_whom(skb));
}

/**
 * unguarded_frame() - one crosses a bridge that conntrack does not follow
 * @net: network namespace
 * @skb: the frame, which holds a packet of IP; network header at skb->data
 * @settings: the settings in use
 *
 * Context: as unguarded_untracked().
 */
void unguarded_frame(struct net *net, const struct sk_buff *skb,
		     const struct settings *settings)
{
	struct packet packet = { .skb = (struct sk_buff *)skb, .net = net };

	if (unguarded_concerns(&packet, settings))
		unguarded_count(&packet, UNGUARDED_BRIDGE);
}

/**
 * unguarded_elsewhere() - one passes whose connection no hook has seen
 * @net: network namespace
 * @skb: the packet, network header at skb->data
 * @protoff: offset of its TCP header
 *
 * Those without payload do not count: where it comes to a hook later, as from
 * an ingress of tc, the begin of its connection has none.
 *
 * Context: as unguarded_untracked().
 */
void unguarded_elsewhere(struct net *net, const struct sk_buff *skb,
			 unsigned int protoff)
{
	struct packet packet = {
		.skb = (struct sk_buff *)skb,
		.net = net,
		.protoff = protoff,
	};

	if (params_settings()->policy.enabled && packet_read(&packet) &&
	    packet.length)
		unguarded_count(&packet, UNGUARDED_ELSEWHERE);
}
