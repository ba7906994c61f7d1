/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "smtp".
 */
#ifndef SMTPGUARD_HELPER_H
#define SMTPGUARD_HELPER_H

struct nf_conn;
struct ports;

bool helper_on_port(const struct nf_conn *ct, const struct ports *ports);
int helper_attach(struct nf_conn *ct);
int helper_register(void);
void helper_unregister(void);

#endif /* SMTPGUARD_HELPER_H */
