// SPDX-License-Identifier: GPL-2.0
/*
 * Every network namespace, present and future, has its counters, and
 * conntrack switched on.
 */
#include <linux/percpu.h>
#include <net/netfilter/nf_conntrack.h>

#include "netns.h"
#include "stats.h"

unsigned int netns_id __read_mostly;

static int __net_init netns_init(struct net *net)
{
	struct netns *netns = netns_get(net);
	int err;

	netns->stats = stats_alloc();
	if (!netns->stats)
		return -ENOMEM;

	err = nf_ct_netns_get(net, NFPROTO_INET);
	if (err)
		free_percpu(netns->stats);
	return err;
}

/* An RCU grace period lies between this and netns_exit(). */
static void __net_exit netns_pre_exit(struct net *net)
{
	WRITE_ONCE(netns_get(net)->dead, true);
}

static void __net_exit netns_exit(struct net *net)
{
	nf_ct_netns_put(net, NFPROTO_INET);
	free_percpu(netns_get(net)->stats);
}

static struct pernet_operations netns_ops = {
	.init		= netns_init,
	.pre_exit	= netns_pre_exit,
	.exit		= netns_exit,
	.id		= &netns_id,
	.size		= sizeof(struct netns),
};

/**
 * netns_register() - be in all network namespaces
 *
 * Return: 0, or a negative errno.
 */
int netns_register(void)
{
	return register_pernet_subsys(&netns_ops);
}

/**
 * netns_unregister() - leave all network namespaces
 */
void netns_unregister(void)
{
	unregister_pernet_subsys(&netns_ops);
}
