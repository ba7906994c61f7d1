/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a packet of a guarded connection to what netfilter does with it.
 */
#ifndef SMTPGUARD_JUDGE_H
#define SMTPGUARD_JUDGE_H

#include <net/netfilter/nf_conntrack.h>

#include "stream.h"

struct flow;
struct guard;
struct net_device;
struct packet;

bool judge_at_once(const struct flow *flow, enum ip_conntrack_dir direction,
		   const struct sk_buff *skb, unsigned int protoff,
		   const struct policy *policy);
enum stream_verdict judge_flow(struct packet *packet,
			       const struct net_device *out);
bool judge_goes_on(const struct guard *guard);
void judge_close(struct guard *guard);
unsigned int judge_packet(struct sk_buff *skb, struct nf_conn *ct,
			  enum ip_conntrack_info ctinfo,
			  const struct net_device *out);

#endif /* SMTPGUARD_JUDGE_H */
