// SPDX-License-Identifier: GPL-2.0
/*
 * Where the TCP segment is in a packet.
 */
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "packet.h"

/**
 * packet_find_tcp_ipv6() - where is the TCP header
 * @skb: a packet of IPv6, network header at skb->data
 *
 * Return: as packet_find_tcp().
 */
int packet_find_tcp_ipv6(const struct sk_buff *skb)
{
	u8 protocol = ipv6_hdr(skb)->nexthdr;
	__be16 fragment = 0;
	int offset;

	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &protocol,
				  &fragment);
	return protocol == IPPROTO_TCP ? offset : -1;
}

/**
 * packet_read() - find header and payload of a segment
 * @packet: the packet; @packet->protoff is set
 *
 * Return: false where they are not whole.
 */
bool packet_read(struct packet *packet)
{
	const struct tcphdr *th;

	th = skb_header_pointer(packet->skb, packet->protoff,
				sizeof(packet->tcp), &packet->tcp);
	if (!th)
		return false;
	if (th != &packet->tcp)
		packet->tcp = *th;
	if (th->doff * 4 < sizeof(*th))
		return false;
	packet->payload = packet->protoff + th->doff * 4;
	if (packet->payload > packet->skb->len)
		return false;
	packet->length = packet->skb->len - packet->payload;
	return true;
}

/**
 * packet_find_option() - where is a TCP option
 * @packet: the packet
 * @kind: the option
 * @length: set to how many octets it has, kind and length among them
 *
 * Return: the offset of the first one of this kind, 0 where there is none.
 */
unsigned int packet_find_option(const struct packet *packet, u8 kind,
				unsigned int *length)
{
	unsigned int first = packet->protoff + sizeof(struct tcphdr);
	unsigned int size = packet->payload - first;
	u8 option[MAX_TCP_OPTION_SPACE];
	unsigned int at = 0;

	if (skb_copy_bits(packet->skb, first, option, size))
		return 0;
	while (at < size && option[at] != TCPOPT_EOL) {
		if (option[at] == TCPOPT_NOP) {
			at++;
			continue;
		}
		/* receivers read no further either */
		if (at + 1 == size || option[at + 1] < 2 ||
		    at + option[at + 1] > size)
			return 0;
		*length = option[at + 1];
		if (option[at] == kind)
			return first + at;
		at += *length;
	}
	return 0;
}
