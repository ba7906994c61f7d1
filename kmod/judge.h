/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a packet of a guarded connection to what netfilter does with it.
 */
#ifndef SMTPGUARD_JUDGE_H
#define SMTPGUARD_JUDGE_H

#include <net/netfilter/nf_conntrack.h>

struct flow;
struct net_device;

void judge_end(struct nf_conn *ct, const struct flow *flow);
unsigned int judge_packet(struct sk_buff *skb, struct nf_conn *ct,
			  enum ip_conntrack_info ctinfo, struct flow *flow,
			  const struct net_device *out);

#endif /* SMTPGUARD_JUDGE_H */
