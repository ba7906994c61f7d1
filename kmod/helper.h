/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "smtp".
 */
#ifndef SMTPGUARD_HELPER_H
#define SMTPGUARD_HELPER_H

struct flow;
struct nf_conn;

struct flow *helper_flow(const struct nf_conn *ct);
bool helper_is_free(const struct nf_conn *ct);
struct flow *helper_attach(struct nf_conn *ct);
int helper_register(void);
void helper_unregister(void);

#endif /* SMTPGUARD_HELPER_H */
