/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One TCP segment on its way through, and who it belongs to.
 */
#ifndef SMTPGUARD_PACKET_H
#define SMTPGUARD_PACKET_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>

#include "core/session.h"
#include "guard.h"

struct flow;
struct nf_conn;
struct nf_conntrack_tuple;

/**
 * struct packet - a TCP segment
 * @skb: the packet, network header at skb->data
 * @ct: its connection
 * @net: the connection's network namespace
 * @flow: what is known of that, under ct->lock; %NULL until the server was heard
 * @guard: what is kept of it; %NULL where nothing is read
 * @heritage: the guard of a connection that conntrack had forgotten, and that
 *	goes on with this segment; else %NULL
 * @policy: what is allowed; does not change while the packet is looked at
 * @direction: who sends it
 * @sender: its ends as it came in
 * @protoff: offset of the TCP header
 * @payload: offset of the payload
 * @length: octets of payload
 * @shift: what conntrack will add to its sequence number, behind our hook
 * @blame: enum reason, for which its session is reset with it
 * @asked: it was asked who follows the log
 * @groups: events_followed() as it was then
 * @taken: SYNPROXY takes it there, and nobody receives it
 * @tag: on a bridge, and where its session is reset with it: the VLAN tag of frames
 *	to who sent it
 * @tcp: a copy of the TCP header without options, as the segment came
 */
struct packet {
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct net *net;
	struct flow *flow;
	struct guard *guard;
	struct guard *heritage;
	const struct policy *policy;
	enum direction direction;
	const struct nf_conntrack_tuple *sender;
	unsigned int protoff;
	unsigned int payload;
	unsigned int length;
	u32 shift;
	u8 blame;
	bool asked;
	u8 groups;
	bool taken;
	u16 tag;
	struct tcphdr tcp;
};

/* The number of its first octet, as its receiver counts. */
static inline u32 packet_sequence(const struct packet *packet)
{
	return ntohl(packet->tcp.seq) + packet->tcp.syn + packet->shift;
}

/* The side of the flow that sends the packet. */
static inline struct side *packet_side(const struct packet *packet)
{
	return &packet->guard->side[packet->direction];
}

/* The other side, whose octets the packet acknowledges. */
static inline struct side *packet_peer(const struct packet *packet)
{
	return &packet->guard->side[!packet->direction];
}

/**
 * packet_is_ordinary() - does a segment neither begin nor end anything
 * @th: its TCP header
 *
 * Return: true where it only acknowledges, with payload or without, and none of that
 * is urgent.
 */
static inline bool packet_is_ordinary(const struct tcphdr *th)
{
	return (tcp_flag_word(th) &
		(TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_URG |
		 TCP_FLAG_ACK)) == TCP_FLAG_ACK;
}

int packet_find_tcp_ipv6(const struct sk_buff *skb);
bool packet_read(struct packet *packet);
unsigned int packet_find_option(const struct packet *packet, u8 kind,
				unsigned int *length);

/**
 * packet_find_tcp() - where is the TCP header
 * @skb: the packet, network header at skb->data
 *
 * Return: its offset, negative where there is none: of a connection can also
 * be an ICMP error.
 */
static inline int packet_find_tcp(const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version != 4)
		return packet_find_tcp_ipv6(skb);
	return ip_hdr(skb)->protocol == IPPROTO_TCP ? ip_hdrlen(skb) : -1;
}

#endif /* SMTPGUARD_PACKET_H */
