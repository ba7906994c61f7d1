/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections are guarded.
 */
#ifndef SMTPGUARD_SELECT_H
#define SMTPGUARD_SELECT_H

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "connection.h"
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

/* Status, some of which a connection has that may be ours whatever its ports. */
#define SELECT_STATUS	(OFFLOAD_DENIED | HELPER_GIVEN)

/*
 * Does conntrack have @to for where a server is, or @from for where one answers?
 * Not 0 where it may.
 */
static inline u8 select_may_lead(const struct settings *settings,
				 const struct nf_conntrack_man *from,
				 const __be16 *to)
{
	const u8 *answering = (const u8 *)&from->u.all;
	const u8 *addressed = (const u8 *)to;

	/* the lower octets of numbers in network order, and no branch between */
	return settings->candidates[answering[1]] |
	       settings->candidates[addressed[1]];
}

/**
 * select_is_foreign() - is a connection none of ours, at first sight
 * @ct: the connection
 * @settings: the settings in use
 *
 * All that is only forwarded goes through here.  It errs towards false where a
 * port has the same lower octet as one of ours.
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

	return !(ct->status & SELECT_STATUS) &&
	       !select_may_lead(settings, &reply->src, &original->dst.u.all) &&
	       (!connection_was_picked_up(ct) ||
		!select_may_lead(settings, &original->src, &reply->dst.u.all));
}

bool select_chooses(const struct nf_conn *ct, const struct settings *settings);
bool select_chooses_segment(const struct net *net, const struct tcphdr *tcp,
			    const struct settings *settings);
void select_note(struct net *net, const struct settings *settings);
bool select_expects(struct net *net, const struct settings *settings);

#endif /* SMTPGUARD_SELECT_H */
