/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that have lost their guard, or got none.
 */
#ifndef SMTPGUARD_STUB_H
#define SMTPGUARD_STUB_H

#include "stream.h"

struct net_device;
struct packet;

u32 stub_expected(const struct packet *packet);
enum stream_verdict stub_segment(struct packet *packet,
				 const struct net_device *out);

#endif /* SMTPGUARD_STUB_H */
