/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that are over, whatever may still come of them.
 */
#ifndef SMTPGUARD_CLOSED_H
#define SMTPGUARD_CLOSED_H

#include <linux/types.h>

struct nf_conn;

u64 closed_ends(const struct nf_conn *ct, bool reversed);
void closed_add(const struct nf_conn *ct, bool reversed);
void closed_remove(const struct nf_conn *ct, bool reversed);
void closed_clear(void);
void closed_init(void);
bool closed_has(const struct nf_conn *ct, bool reversed);

#endif /* SMTPGUARD_CLOSED_H */
