/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a conntrack entry says about its connection.
 */
#ifndef SMTPGUARD_CONNECTION_H
#define SMTPGUARD_CONNECTION_H

#include <linux/types.h>

struct nf_conn;
struct ports;

bool connection_on_port(const struct nf_conn *ct, const struct ports *ports);
bool connection_is_reversed(const struct nf_conn *ct,
			    const struct ports *ports);

#endif /* SMTPGUARD_CONNECTION_H */
