/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments to a stream of octets for the core, and its steps back to
 * edits of the segments.
 */
#ifndef SMTPGUARD_STREAM_H
#define SMTPGUARD_STREAM_H

#include <linux/types.h>

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

u32 stream_expected(const struct packet *packet);
enum stream_verdict stream_urgent(const struct packet *packet);
enum stream_verdict stream_segment(struct packet *packet);

#endif /* SMTPGUARD_STREAM_H */
