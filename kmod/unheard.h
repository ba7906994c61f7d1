/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections on which no server was heard.
 */
#ifndef SMTPGUARD_UNHEARD_H
#define SMTPGUARD_UNHEARD_H

#include "stream.h"

struct guard;
struct net_device;
struct packet;

bool unheard_begin(struct packet *packet);
enum stream_verdict unheard_segment(struct packet *packet,
				    const struct net_device *out);
bool unheard_is_forged(const struct packet *packet,
		       const struct net_device *out);
enum stream_verdict unheard_forged(const struct packet *packet);
enum stream_verdict unheard_reopen(struct packet *packet);
void unheard_answer(struct guard *guard);

#endif /* SMTPGUARD_UNHEARD_H */
