/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a conntrack entry says about its connection.
 */
#ifndef SMTPGUARD_CONNECTION_H
#define SMTPGUARD_CONNECTION_H

#include <linux/types.h>
#include <net/netfilter/nf_conntrack.h>

struct ports;

bool connection_on_port(const struct nf_conn *ct, const struct ports *ports);
bool connection_is_reversed(const struct nf_conn *ct,
			    const struct ports *ports);

/**
 * connection_was_picked_up() - did conntrack see a connection late
 * @ct: the connection, of TCP; of another protocol the answer is of no use
 *
 * Only then does conntrack not hold the first sender to its window.
 *
 * Return: false where its original direction is that of the client.
 */
static inline bool connection_was_picked_up(const struct nf_conn *ct)
{
	return ct->proto.tcp.seen[IP_CT_DIR_ORIGINAL].flags &
	       IP_CT_TCP_FLAG_BE_LIBERAL;
}

#endif /* SMTPGUARD_CONNECTION_H */
