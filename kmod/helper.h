/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "smtp".
 */
#ifndef SMTPGUARD_HELPER_H
#define SMTPGUARD_HELPER_H

#include <linux/types.h>

struct nf_conn;

bool helper_chooses(const struct nf_conn *ct);
bool helper_is_free(const struct nf_conn *ct);
int helper_register(void);
void helper_unregister(void);

#endif /* SMTPGUARD_HELPER_H */
