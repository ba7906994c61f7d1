/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flowtables, whose packets come by no hook.
 */
#ifndef SMTPGUARD_OFFLOAD_H
#define SMTPGUARD_OFFLOAD_H

#include <linux/types.h>

struct nf_conn;

void offload_deny(struct nf_conn *ct);
bool offload_is_denied(const struct nf_conn *ct);
void offload_allow(struct nf_conn *ct);
void offload_flush(void);

#endif /* SMTPGUARD_OFFLOAD_H */
