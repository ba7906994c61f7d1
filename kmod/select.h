/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections are guarded.
 */
#ifndef SMTPGUARD_SELECT_H
#define SMTPGUARD_SELECT_H

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "core/settings.h"
#include "helper.h"
#include "offload.h"

struct tcphdr;

/**
 * select_covers() - are ports guarded in a network namespace
 * @net: the namespace
 * @settings: the settings in use
 *
 * Return: false where only rules choose what is.
 */
static inline bool select_covers(const struct net *net,
				 const struct settings *settings)
{
	return settings->namespaces == NAMESPACES_ALL ||
	       net_eq(net, &init_net);
}

/* Of a number in network order. */
static inline u8 select_low_octet(const __be16 *port)
{
	return ((const u8 *)port)[1];
}

/**
 * select_is_foreign() - is a connection none of ours, at first sight
 * @ct: the connection
 * @settings: the settings in use
 *
 * All that is only forwarded goes through here, twice a packet.  Of a protocol
 * without ports it may err towards false, as it does where a port has the same low
 * bits as one of ours.
 *
 * Context: RCU read lock held.
 * Return: true where neither select_chooses() nor flow_is_known() is.
 */
static inline bool select_is_foreign(const struct nf_conn *ct,
				     const struct settings *settings)
{
	const struct nf_conntrack_tuple *original =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct ports *ports = &settings->ports;

	return !((ports_may_have(ports, select_low_octet(&original->dst.u.all)) |
		  ports_may_have(ports, select_low_octet(&original->src.u.all)) |
		  ports_may_have(ports, select_low_octet(&reply->dst.u.all)) |
		  ports_may_have(ports, select_low_octet(&reply->src.u.all))) & 1) &&
	       !settings->mark.mask && !offload_is_denied(ct) &&
	       !helper_may_choose(ct);
}

bool select_chooses(const struct nf_conn *ct, const struct settings *settings);
bool select_chooses_segment(const struct net *net, const struct tcphdr *tcp,
			    const struct settings *settings);
void select_note(struct net *net, const struct settings *settings);
bool select_expects(struct net *net, const struct settings *settings);

#endif /* SMTPGUARD_SELECT_H */
