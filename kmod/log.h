/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core did, to counters and events.
 */
#ifndef SMTPGUARD_LOG_H
#define SMTPGUARD_LOG_H

#include "core/step.h"

struct guard;
struct packet;

const char *log_slug(u8 reason);
void log_open(const struct packet *packet);
void log_step(struct packet *packet, const struct step *step, const u8 *data);
void log_text(struct guard *guard, const u8 *data, size_t length,
	      u32 long_lines);
void log_reset(const struct packet *packet, const struct step *step);
void log_close(struct guard *guard);

#endif /* SMTPGUARD_LOG_H */
