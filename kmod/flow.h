/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of guarded connections.
 */
#ifndef SMTPGUARD_FLOW_H
#define SMTPGUARD_FLOW_H

#include <linux/types.h>

struct guard;
struct net;
struct nf_conn;
struct settings;

bool flow_is_known(const struct nf_conn *ct);
struct guard *flow_find(struct nf_conn *ct);
struct guard *flow_open(struct nf_conn *ct, bool reversed);
void flow_end_twins(const struct nf_conn *ct, bool reversed);
void flow_release(const struct net *net);
void flow_leave(const struct settings *settings);
int flow_init(void);
void flow_exit(void);

#endif /* SMTPGUARD_FLOW_H */
