/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What passes although it ought to be guarded.
 */
#ifndef SMTPGUARD_UNGUARDED_H
#define SMTPGUARD_UNGUARDED_H

#include <linux/types.h>

#include "core/settings.h"

struct net;
struct sk_buff;

/**
 * enum unguarded - why a packet has no connection to be judged by
 * @UNGUARDED_NOTRACK: whoever had it before us said that it is to have none
 * @UNGUARDED_IPVS: IPVS did
 * @UNGUARDED_BRIDGE: conntrack does not follow what crosses the bridge
 * @UNGUARDED_ELSEWHERE: it has one, with the helper, but comes by no hook
 * @UNGUARDED_COUNT: how many causes there are
 */
enum unguarded {
	UNGUARDED_NOTRACK,
	UNGUARDED_IPVS,
	UNGUARDED_BRIDGE,
	UNGUARDED_ELSEWHERE,

	UNGUARDED_COUNT
};

void unguarded_untracked(struct net *net, const struct sk_buff *skb,
			 const struct settings *settings);
void unguarded_frame(struct net *net, const struct sk_buff *skb,
		     const struct settings *settings);
void unguarded_elsewhere(struct net *net, const struct sk_buff *skb,
			 unsigned int protoff);

#endif /* SMTPGUARD_UNGUARDED_H */
