// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of netlink that are of more than one kind of message.
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netlink.h>

#include "attribute.h"
#include "core/session.h"
#include "uapi/smtpguard.h"

/**
 * struct end - how one end of a connection is told
 * @address: attribute of its address
 * @port: attribute of its port
 */
struct end {
	int address;
	int port;
};

static const struct end ends[2] = {
	[FROM_CLIENT] = { SMTPGUARD_A_CLIENT_ADDRESS, SMTPGUARD_A_CLIENT_PORT },
	[FROM_SERVER] = { SMTPGUARD_A_SERVER_ADDRESS, SMTPGUARD_A_SERVER_PORT },
};

static const struct end nat_ends[2] = {
	[FROM_CLIENT] = {
		SMTPGUARD_A_NAT_CLIENT_ADDRESS, SMTPGUARD_A_NAT_CLIENT_PORT
	},
	[FROM_SERVER] = {
		SMTPGUARD_A_NAT_SERVER_ADDRESS, SMTPGUARD_A_NAT_SERVER_PORT
	},
};

static const char *const phase_names[] = {
	[PHASE_COMMAND]		= "command",
	[PHASE_PROXY]		= "proxy",
	[PHASE_BDAT]		= "bdat",
	[PHASE_CHUNK]		= "chunk",
	[PHASE_AUTH]		= "auth",
	[PHASE_BODY]		= "body",
	[PHASE_TLS]		= "tls",
	[PHASE_OPAQUE]		= "opaque",
	[PHASE_UNKNOWN]		= "unknown",
	[PHASE_CONDEMNED]	= "condemned",
	[PHASE_CLOSED]		= "closed",
};

static int put_end(struct sk_buff *skb, const struct end *end, u16 family,
		   const union nf_inet_addr *address, __be16 port)
{
	return nla_put(skb, end->address, family == NFPROTO_IPV4 ? 4 : 16,
		       address) ||
	       nla_put_u16(skb, end->port, ntohs(port));
}

/* @source: the end that the tuple's source is. */
static int put_tuple(struct sk_buff *skb, const struct end *both,
		     const struct nf_conntrack_tuple *tuple,
		     enum direction source)
{
	u16 family = tuple->src.l3num;

	return put_end(skb, &both[source], family, &tuple->src.u3,
		       tuple->src.u.tcp.port) ||
	       put_end(skb, &both[!source], family, &tuple->dst.u3,
		       tuple->dst.u.tcp.port);
}

static enum direction original_of(bool reversed)
{
	return reversed ? FROM_SERVER : FROM_CLIENT;
}

/**
 * attribute_put_ends() - tell who a connection is between, as the client sees it
 * @skb: the message
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 * Return: 0, or not where there is no room.
 */
int attribute_put_ends(struct sk_buff *skb, const struct nf_conn *ct,
		       bool reversed)
{
	return put_tuple(skb, ends, &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple,
			 original_of(reversed));
}

/**
 * attribute_put_nat_ends() - tell who it is between as the server sees it
 * @skb: the message
 * @ct: the connection
 * @reversed: its original direction is that of the server
 *
 * Context: any.
 * Return: 0, or not where there is no room.
 */
int attribute_put_nat_ends(struct sk_buff *skb, const struct nf_conn *ct,
			   bool reversed)
{
	return put_tuple(skb, nat_ends, &ct->tuplehash[IP_CT_DIR_REPLY].tuple,
			 !original_of(reversed));
}

/**
 * attribute_put_phase() - tell how the client's octets are read
 * @skb: the message
 * @phase: enum phase
 *
 * Context: any.
 * Return: 0, or not where there is no room.
 */
int attribute_put_phase(struct sk_buff *skb, u8 phase)
{
	return nla_put_string(skb, SMTPGUARD_A_PHASE, phase_names[phase]);
}
