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
 */
#include <linux/module.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_flow_table.h>

#include "offload.h"

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
