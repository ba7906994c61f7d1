// SPDX-License-Identifier: GPL-2.0
/*
 * A session that is given up must end for both sides at once, or one of them
 * waits for minutes and tries again later: the sender of the segment in hand
 * gets a reset in answer to it, and the segment itself goes on as a reset.
 */
#include <linux/ip.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "bridge.h"
#include "edit.h"
#include "reset.h"
#include "seqadj.h"

static void reset_sender(struct net *net, struct sk_buff *skb, u16 tag)
{
	struct net_device *port = bridge_port_in(net, skb);

	if (port) {
		bridge_send_reset(net, skb, port, tag);
		return;
	}
	/* the hook only tells whether a checksum was verified before */
	if (ip_hdr(skb)->version == 4)
		nf_send_reset(net, NULL, skb, NF_INET_FORWARD);
	else if (IS_ENABLED(CONFIG_IPV6))
		nf_send_reset6(net, NULL, skb, NF_INET_FORWARD);
}

/**
 * reset_both() - end a connection for both sides
 * @net: network namespace
 * @skb: a packet of the connection; afterwards a reset, if %NF_ACCEPT is
 *	returned
 * @protoff: offset of the TCP header
 * @reset: how
 *
 * Context: softirq or process; no lock of the connection held, for conntrack
 * sees the reset to the sender as a packet of it.  The connection may be gone
 * afterwards.
 * Return: %NF_ACCEPT where @skb must go on to its receiver, else %NF_DROP.
 */
unsigned int reset_both(struct net *net, struct sk_buff *skb,
			unsigned int protoff, const struct reset *reset)
{
	reset_sender(net, skb, reset->tag);
	if (edit_to_reset(skb, protoff, reset->sequence, reset->acknowledged))
		return NF_DROP;
	seqadj_end(skb);
	return NF_ACCEPT;
}
