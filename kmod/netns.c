// SPDX-License-Identifier: GPL-2.0
/*
 * Every network namespace, present and future, has its counters.  Conntrack is
 * switched on in the initial one, and in all others only where somebody said so
 * who may (namespaces=all): loading the module is to change this router, and
 * not everybody's container.
 *
 * Whether it is to be on everywhere may change while namespaces come and go.
 * So those that are there are on a list of ours, and whoever changes either has
 * netns_mutex: one that is being born either finds what was asked for, or is
 * found.  The kernel's own list would not do, since a new one is put there
 * after its netns_init().
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <net/netfilter/nf_conntrack.h>

#include "netns.h"
#include "stats.h"

unsigned int netns_id __read_mostly;

/*
 * Protects what follows, and struct netns.tracked.  Taken inside of the lock of
 * parameters, or of that of pernet operations; conntrack's are inside.
 */
static DEFINE_MUTEX(netns_mutex);
static LIST_HEAD(netns_list);
static bool netns_all;

static bool netns_is_tracked(const struct netns *netns)
{
	return netns_all || net_eq(netns->net, &init_net);
}

static int netns_track(struct netns *netns)
{
	int err;

	if (netns->tracked)
		return 0;
	err = nf_ct_netns_get(netns->net, NFPROTO_INET);
	netns->tracked = !err;
	return err;
}

static void netns_untrack(struct netns *netns)
{
	if (netns->tracked)
		nf_ct_netns_put(netns->net, NFPROTO_INET);
	netns->tracked = false;
}

static int netns_add(struct netns *netns)
{
	int err = 0;

	mutex_lock(&netns_mutex);
	if (netns_is_tracked(netns))
		err = netns_track(netns);
	if (!err)
		list_add(&netns->list, &netns_list);
	mutex_unlock(&netns_mutex);
	return err;
}

static int __net_init netns_init(struct net *net)
{
	struct netns *netns = netns_get(net);
	int err;

	netns->net = net;
	closed_begin(&netns->closed);
	offers_begin(&netns->offers);
	netns->stats = stats_alloc();
	if (!netns->stats)
		return -ENOMEM;

	err = netns_add(netns);
	if (err)
		free_percpu(netns->stats);
	return err;
}

/* An RCU grace period lies between this and netns_exit(). */
static void __net_exit netns_pre_exit(struct net *net)
{
	struct netns *netns = netns_get(net);

	mutex_lock(&netns_mutex);
	list_del(&netns->list);
	mutex_unlock(&netns_mutex);
	WRITE_ONCE(netns->dead, true);
}

/* Nobody finds it any more. */
static void __net_exit netns_exit(struct net *net)
{
	struct netns *netns = netns_get(net);

	netns_untrack(netns);
	closed_forget(netns);
	offers_forget(netns);
	free_percpu(netns->stats);
}

static struct pernet_operations netns_ops = {
	.init		= netns_init,
	.pre_exit	= netns_pre_exit,
	.exit		= netns_exit,
	.id		= &netns_id,
	.size		= sizeof(struct netns),
};

/* Under netns_mutex: leave all but the initial one. */
static void netns_leave_others(void)
{
	struct netns *netns;

	netns_all = false;
	list_for_each_entry(netns, &netns_list, list) {
		if (!netns_is_tracked(netns))
			netns_untrack(netns);
	}
}

/* Under netns_mutex: be in all of them, or in as many as before. */
static int netns_enter_others(void)
{
	struct netns *netns;
	int err;

	netns_all = true;
	list_for_each_entry(netns, &netns_list, list) {
		err = netns_track(netns);
		if (err) {
			netns_leave_others();
			return err;
		}
	}
	return 0;
}

/**
 * netns_track_all() - have connections followed in all network namespaces
 *
 * Context: process; on the insmod line, before there is any.
 * Return: 0, or a negative errno with nothing changed.
 */
int netns_track_all(void)
{
	bool before;
	int err = 0;

	mutex_lock(&netns_mutex);
	before = netns_all;
	if (!before)
		err = netns_enter_others();
	mutex_unlock(&netns_mutex);
	/* a packet that was past conntrack's first hook would look INVALID */
	if (!err && !before)
		synchronize_net();
	return err;
}

/**
 * netns_track_init() - have them followed in the initial one alone
 *
 * Where something else has them followed, it still does.
 *
 * Context: process.
 * Return: whether others have been left; none on the insmod line.
 */
bool netns_track_init(void)
{
	bool left;

	mutex_lock(&netns_mutex);
	left = netns_all && !list_empty(&netns_list);
	if (netns_all)
		netns_leave_others();
	mutex_unlock(&netns_mutex);
	return left;
}

/**
 * netns_for_each() - do something in every network namespace
 * @act: what; none is born or goes meanwhile
 *
 * Context: process.
 */
void netns_for_each(void (*act)(struct netns *netns))
{
	struct netns *netns;

	mutex_lock(&netns_mutex);
	list_for_each_entry(netns, &netns_list, list)
		act(netns);
	mutex_unlock(&netns_mutex);
}

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
