/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices by which the segments of a session come in.
 */
#ifndef SMTPGUARD_ORIGIN_H
#define SMTPGUARD_ORIGIN_H

#include <linux/types.h>

struct packet;

bool origin_is_believed(const struct packet *packet);
bool origin_is_given_up(const struct packet *packet);

#endif /* SMTPGUARD_ORIGIN_H */
