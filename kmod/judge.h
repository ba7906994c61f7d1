/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a packet of a guarded connection to what netfilter does with it.
 */
#ifndef SMTPGUARD_JUDGE_H
#define SMTPGUARD_JUDGE_H

#include <net/netfilter/nf_conntrack.h>

struct guard;
struct net_device;

bool judge_goes_on(const struct guard *guard);
void judge_close(struct guard *guard);
unsigned int judge_packet(struct sk_buff *skb, struct nf_conn *ct,
			  enum ip_conntrack_info ctinfo, bool chosen,
			  const struct net_device *out);

#endif /* SMTPGUARD_JUDGE_H */
