/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protocol core as a shared library for the tests: sessions in, decisions
 * and events out.  The loop around the core is that of kmod/stream.c.
 */
#ifndef SMTPGUARD_SELFTESTS_HARNESS_H
#define SMTPGUARD_SELFTESTS_HARNESS_H

#include "types.h"

/* What lies before an octet in harness_replay(). */
#define HARNESS_SEGMENT	1	/* a segment begins with it */
#define HARNESS_PIECE	2	/* a piece of memory does, as within an skb */

/**
 * enum harness_begin - how a session begins
 * @HARNESS_GREETING: with its greeting
 * @HARNESS_TLS: with TLS
 * @HARNESS_LATE: before it was seen
 */
/* Stands in the place of an octet whose segment was dropped alone. */
#define HARNESS_DROPPED		0x7f

enum harness_begin { HARNESS_GREETING, HARNESS_TLS, HARNESS_LATE };

void *harness_open(const char *settings);
void harness_begin(void *opaque, int begin);
int harness_segment(void *opaque, int direction, const u8 *cuts, u8 *octets,
		    size_t length);
size_t harness_replay(void *opaque, const u8 *directions, const u8 *cuts,
		      u8 *octets, size_t length);
const char *harness_events(void *opaque);
int harness_is_lost(void *opaque);
void harness_close(void *opaque);
const char *harness_hello(const u8 *directions, const u8 *cuts,
			  const u8 *octets, size_t length);

#endif /* SMTPGUARD_SELFTESTS_HARNESS_H */
