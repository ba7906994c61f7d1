/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that conntrack knew before they came under guard.
 */
#ifndef SMTPGUARD_ADOPT_H
#define SMTPGUARD_ADOPT_H

struct flow;
struct net;
struct nf_conn;

struct flow *adopt_find(const struct nf_conn *ct);
struct flow *adopt_take(struct nf_conn *ct);
void adopt_release(const struct net *net);
int adopt_init(void);
void adopt_exit(void);

#endif /* SMTPGUARD_ADOPT_H */
