// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing that a module may call makes a network namespace, so these are no more
 * than the place where the kernel keeps what is the module's.
 */
#include <linux/percpu.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "closed.h"
#include "namespace.h"
#include "netns.h"
#include "stats.h"

/* Its memory is the test's, but for what namespace_close() frees. */
struct net *namespace_open(struct kunit *test)
{
	struct netns *netns = kunit_kzalloc(test, sizeof(*netns), GFP_KERNEL);
	struct net *net = kunit_kzalloc(test, sizeof(*net), GFP_KERNEL);
	struct net_generic *generic =
		kunit_kzalloc(test, struct_size(generic, ptr, netns_id + 1),
			      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, netns);
	KUNIT_ASSERT_NOT_NULL(test, net);
	KUNIT_ASSERT_NOT_NULL(test, generic);
	generic->ptr[netns_id] = netns;
	rcu_assign_pointer(net->gen, generic);
	netns->net = net;
	closed_begin(&netns->closed);
	offers_begin(&netns->offers);
	netns->stats = stats_alloc();
	KUNIT_ASSERT_NOT_NULL(test, netns->stats);
	return net;
}

/* Nothing is taken from max_memory any more. */
void namespace_close(struct net *net)
{
	struct netns *netns = netns_get(net);

	closed_forget(netns);
	offers_forget(netns);
	free_percpu(netns->stats);
}

long memory_of(struct net *net)
{
	return atomic_long_read(&netns_get(net)->memory);
}

/* Of all processors; none is counting. */
u64 counter_of(struct net *net, unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(netns_get(net)->stats, cpu)->value[counter];
	return sum;
}
