// SPDX-License-Identifier: GPL-2.0
/*
 * The packet that had a session reset, as conntrack's own helpers show those that
 * they drop: to the logger that the owner has chosen for the family
 * (net.netfilter.nf_log.2 and .10), so that ulogd2 or tcpdump keeps it, or the
 * kernel's log tells of it.  Without one it costs a look.
 */
#include <linux/ratelimit.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_log.h>

#include "evidence.h"
#include "log.h"
#include "packet.h"

/* Whoever has many sessions reset does not fill a disk with it. */
#define SHOWN_INTERVAL	(5 * HZ)
#define SHOWN_MOST	10

/* What is left out is no trouble, so the kernel's log need not say it. */
static struct ratelimit_state evidence_limit =
	RATELIMIT_STATE_INIT_FLAGS(evidence_limit, SHOWN_INTERVAL, SHOWN_MOST,
				   RATELIMIT_MSG_ON_RELEASE);

/**
 * evidence_show() - show a packet whose session is being reset
 * @packet: the packet, as it came
 * @out: the device it would leave by, %NULL where this host receives it
 *
 * Context: softirq or process, RCU read lock held, ct->lock not held: a logger may
 * take it.
 */
void evidence_show(const struct packet *packet, const struct net_device *out)
{
	if (packet->blame == REASON_NONE || !__ratelimit(&evidence_limit))
		return;
	nf_log_packet(packet->net, nf_ct_l3num(packet->ct),
		      out ? NF_INET_POST_ROUTING : NF_INET_LOCAL_IN,
		      packet->skb, NULL, out, NULL, "smtpguard: %s ",
		      log_slug(packet->blame));
}
