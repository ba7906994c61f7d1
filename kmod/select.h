/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections are guarded.
 */
#ifndef SMTPGUARD_SELECT_H
#define SMTPGUARD_SELECT_H

#include <net/net_namespace.h>

#include "core/settings.h"

struct nf_conn;
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

bool select_chooses(const struct nf_conn *ct, const struct settings *settings);
bool select_chooses_segment(const struct net *net, const struct tcphdr *tcp,
			    const struct settings *settings);
void select_note(struct net *net, const struct settings *settings);
bool select_expects(struct net *net, const struct settings *settings);

#endif /* SMTPGUARD_SELECT_H */
