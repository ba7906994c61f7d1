/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments to a stream of octets for the core, and its steps back to
 * edits of the segments.
 */
#ifndef SMTPGUARD_STREAM_H
#define SMTPGUARD_STREAM_H

#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "core/session.h"

struct guard;
struct packet;

/**
 * enum stream_verdict - what becomes of a segment
 * @STREAM_ACCEPT: it passes, edited where need be
 * @STREAM_DROP: it does not; its sender will send it again
 * @STREAM_RESET: the connection is to be reset towards both ends
 */
enum stream_verdict {
	STREAM_ACCEPT,
	STREAM_DROP,
	STREAM_RESET,
};

bool stream_only_acknowledges(struct guard *guard, enum direction from,
			      const struct sk_buff *skb,
			      const struct tcphdr *th);
u32 stream_expected(const struct packet *packet);
enum stream_verdict stream_urgent(const struct packet *packet);
enum stream_verdict stream_segment(struct packet *packet);

#endif /* SMTPGUARD_STREAM_H */
