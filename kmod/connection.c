// SPDX-License-Identifier: GPL-2.0
/*
 * Conntrack calls the direction of the first packet that it saw the original
 * one.  Of a connection that it picked up later, that can be the server's.
 */
#include <linux/in.h>
#include <net/netfilter/nf_conntrack.h>

#include "connection.h"
#include "core/settings.h"

static bool connection_leads_to(const struct nf_conn *ct,
				enum ip_conntrack_dir direction,
				const struct ports *ports)
{
	const struct nf_conntrack_tuple *addressed =
		&ct->tuplehash[direction].tuple;
	const struct nf_conntrack_tuple *answering =
		&ct->tuplehash[!direction].tuple;

	return settings_has_port(ports, ntohs(addressed->dst.u.tcp.port)) ||
	       settings_has_port(ports, ntohs(answering->src.u.tcp.port));
}

static bool connection_is_tcp(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP;
}

/**
 * connection_is_reversed() - is the original direction that of the server
 * @ct: the connection
 * @ports: the ports of servers
 *
 * Return: true if so.
 */
bool connection_is_reversed(const struct nf_conn *ct,
			    const struct ports *ports)
{
	return connection_is_tcp(ct) && connection_was_picked_up(ct) &&
	       !connection_leads_to(ct, IP_CT_DIR_ORIGINAL, ports) &&
	       connection_leads_to(ct, IP_CT_DIR_REPLY, ports);
}

/**
 * connection_on_port() - is a connection to one of some ports
 * @ct: the connection
 * @ports: the ports, as the client addressed it or as NAT has turned it
 *
 * Return: true if so.
 */
bool connection_on_port(const struct nf_conn *ct, const struct ports *ports)
{
	return connection_is_tcp(ct) &&
	       (connection_leads_to(ct, IP_CT_DIR_ORIGINAL, ports) ||
		connection_is_reversed(ct, ports));
}
