/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packet that had a session reset.
 */
#ifndef SMTPGUARD_EVIDENCE_H
#define SMTPGUARD_EVIDENCE_H

struct net_device;
struct packet;

void evidence_show(const struct packet *packet, const struct net_device *out);

#endif /* SMTPGUARD_EVIDENCE_H */
