// SPDX-License-Identifier: GPL-2.0
/*
 * A ruleset can hand established connections over to a flowtable, which
 * forwards their packets before any hook sees them.  It takes none that has a
 * helper.  Those that came under guard too late for one must be kept from it
 * another way, and those that it already has must come back.
 *
 * It takes none with IPS_NAT_CLASH either, a mark that conntrack itself gives
 * to UDP and the like only, and looks at for those alone.  To pretend that it
 * has the connection already (IPS_OFFLOAD) would keep that from ever timing out
 * or being deleted.
 *
 * What is in the table of flows has that mark.  What is to be guarded, but was
 * not answered yet, is given it by a hook at the begin of FORWARD, before the
 * ruleset is asked.  Every packet that is forwarded would pay for that, so the hook
 * is there only while there can be flowtables: all of them are made by
 * nf_flow_table, and its loading and unloading is told to us before it begins and
 * after it has ended.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/notifier.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_flow_table.h>

#include "offload.h"
#include "params.h"
#include "select.h"

#define OFFLOAD_MODULE	"nf_flow_table"

/*
 * Protects @offload_watches: the hook is in all network namespaces.  Taken inside
 * of the lock of module notifiers; that of pernet operations is inside.
 */
static DEFINE_MUTEX(offload_mutex);
static bool offload_watches;

/**
 * offload_deny() - keep a connection out of flowtables
 * @ct: the connection; where one has it already, it stays there
 *
 * Context: any.
 */
void offload_deny(struct nf_conn *ct)
{
	if (!offload_is_denied(ct))
		set_bit(IPS_NAT_CLASH_BIT, &ct->status);
}

/**
 * offload_allow() - let flowtables have a connection again
 * @ct: the connection, which nobody guards any more
 *
 * Context: any.
 */
void offload_allow(struct nf_conn *ct)
{
	clear_bit(IPS_NAT_CLASH_BIT, &ct->status);
}

/**
 * offload_flush() - take all connections out of all flowtables
 *
 * The next packet of each comes by the hooks, and where none of them denies it,
 * the ruleset puts the connection back.  What is in a flowtable is known to
 * that alone, so nothing can be taken out one by one.
 *
 * Context: process.
 */
void offload_flush(void)
{
	void (*cleanup)(struct net_device *device);

	/* not there: there are no flowtables */
	cleanup = symbol_get(nf_flow_table_cleanup);
	if (!cleanup)
		return;
	/* of any device */
	cleanup(NULL);
	symbol_put(nf_flow_table_cleanup);
}

static unsigned int offload_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct settings *settings = params_settings();
	struct nf_conn *ct = (struct nf_conn *)skb_nfct(skb);

	if (!ct || select_is_foreign(ct, settings))
		return NF_ACCEPT;
	if (offload_is_denied(ct) || !nf_ct_is_confirmed(ct) ||
	    !settings->policy.enabled || !select_chooses(ct, settings))
		return NF_ACCEPT;
	offload_deny(ct);
	return NF_ACCEPT;
}

static const struct nf_hook_ops offload_hooks[] = {
	{
		.hook		= offload_hook,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= offload_hook,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP6_PRI_FIRST,
	},
};

static int __net_init offload_net_init(struct net *net)
{
	return nf_register_net_hooks(net, offload_hooks,
				     ARRAY_SIZE(offload_hooks));
}

static void __net_exit offload_net_exit(struct net *net)
{
	nf_unregister_net_hooks(net, offload_hooks, ARRAY_SIZE(offload_hooks));
}

static struct pernet_operations offload_net_ops = {
	.init		= offload_net_init,
	.pre_exit	= offload_net_exit,
};

static int offload_watch(void)
{
	int err = 0;

	mutex_lock(&offload_mutex);
	if (!offload_watches)
		err = register_pernet_subsys(&offload_net_ops);
	offload_watches = !err;
	mutex_unlock(&offload_mutex);
	return err;
}

static void offload_ignore(void)
{
	mutex_lock(&offload_mutex);
	if (offload_watches)
		unregister_pernet_subsys(&offload_net_ops);
	offload_watches = false;
	mutex_unlock(&offload_mutex);
}

/* Who runs without the hooks may still have filled a flowtable. */
static void offload_recall(void)
{
	synchronize_net();
	offload_flush();
}

/*
 * Nobody can make use of a module before MODULE_STATE_LIVE, nor when it is
 * MODULE_STATE_GOING.  An error has it not loaded where it was yet to come.
 */
static int offload_module(struct notifier_block *block, unsigned long state,
			  void *data)
{
	const struct module *module = data;
	int err;

	if (strcmp(module->name, OFFLOAD_MODULE))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_GOING) {
		offload_ignore();
		return NOTIFY_OK;
	}
	err = offload_watch();
	if (err)
		pr_warn("no hook to keep sessions from flowtables: %d\n", err);
	else
		offload_recall();
	return notifier_from_errno(err);
}

static struct notifier_block offload_notifier = {
	.notifier_call	= offload_module,
};

/* Its reference keeps the module from going meanwhile. */
static int offload_watch_if_there(void)
{
	int err;

	/* one that is just coming will be told of */
	if (!symbol_get(nf_flow_table_cleanup))
		return 0;
	err = offload_watch();
	symbol_put(nf_flow_table_cleanup);
	return err;
}

/**
 * offload_unregister() - flowtables may have all that comes
 *
 * Context: process.
 */
void offload_unregister(void)
{
	unregister_module_notifier(&offload_notifier);
	offload_ignore();
}

/**
 * offload_register() - keep what is guarded from flowtables, now and later
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int offload_register(void)
{
	int err;

	err = register_module_notifier(&offload_notifier);
	if (err)
		return err;
	err = offload_watch_if_there();
	if (err)
		offload_unregister();
	else
		offload_recall();
	return err;
}
