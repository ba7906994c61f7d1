// SPDX-License-Identifier: GPL-2.0
/*
 * Is a connection ours?  Three may say so: a ruleset that gives it the helper,
 * a ruleset that gives it a mark, and its port.  The first two say it in the
 * network namespace of whoever wrote the rule, and it takes CAP_NET_ADMIN there
 * to write one; the port says it where this host's administrator wants ports to
 * be guarded (namespaces=).
 *
 * A connection to which a ruleset gave another helper, or denied one, is none of
 * ours, with a helper of our own and without.
 */
#include <linux/in.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>

#include "compat.h"
#include "connection.h"
#include "helper.h"
#include "netns.h"
#include "select.h"

static bool select_by_mark(const struct nf_conn *ct, const struct mark *mark)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return mark->mask && nf_ct_protonum(ct) == IPPROTO_TCP &&
	       (READ_ONCE(ct->mark) & mark->mask) == mark->value;
#else
	return false;
#endif
}

static bool select_by_port(const struct nf_conn *ct,
			   const struct settings *settings)
{
	return select_covers(nf_ct_net(ct), settings) &&
	       connection_on_port(ct, &settings->ports);
}

/**
 * select_chooses() - is a connection to be guarded
 * @ct: the connection
 * @settings: the settings in use
 *
 * What was under guard before stays so, whatever this says.
 *
 * Context: RCU read lock held.
 * Return: true if so.
 */
bool select_chooses(const struct nf_conn *ct, const struct settings *settings)
{
	if (helper_chooses(ct))
		return true;
	return settings->policy.enabled && compat_is_free_of_helpers(ct) &&
	       (select_by_mark(ct, &settings->mark) ||
		select_by_port(ct, settings));
}

/**
 * select_chooses_segment() - would a segment's connection be guarded
 * @net: network namespace
 * @tcp: header of a segment of which nothing else is known
 * @settings: the settings in use
 *
 * Return: true if so.
 */
bool select_chooses_segment(const struct net *net, const struct tcphdr *tcp,
			    const struct settings *settings)
{
	return select_covers(net, settings) &&
	       (settings_has_port(&settings->ports, ntohs(tcp->dest)) ||
		settings_has_port(&settings->ports, ntohs(tcp->source)));
}

/**
 * select_note() - a connection was chosen
 * @net: its network namespace
 * @settings: the settings in use
 *
 * Context: RCU read lock held.
 */
void select_note(struct net *net, const struct settings *settings)
{
	struct netns *netns;

	if (select_covers(net, settings))
		return;
	netns = netns_get(net);
	if (!READ_ONCE(netns->chosen))
		WRITE_ONCE(netns->chosen, true);
}

/**
 * select_expects() - may a packet without a connection be of one that is ours
 * @net: network namespace
 * @settings: the settings in use
 *
 * Context: RCU read lock held.
 * Return: false where it certainly is not.
 */
bool select_expects(struct net *net, const struct settings *settings)
{
	return select_covers(net, settings) ||
	       READ_ONCE(netns_get(net)->chosen);
}
