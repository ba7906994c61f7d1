// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever is kept of sessions is counted here before it is allocated, and has a
 * limit, max_memory.  The initial network namespace may take all of it.  Of the
 * others each may take an eighth, and all of them together half: whoever may make
 * network namespaces can make as many as he likes.
 *
 * Those allocations say whom to charge (__GFP_ACCOUNT), but most are made in
 * softirq, where the kernel charges nobody.  So the shares are what holds.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <net/net_namespace.h>

#include "memory.h"
#include "netns.h"
#include "params.h"

/* MiB, where nothing else was asked for; and not more than that part of RAM. */
#define DEFAULT_MOST		256
#define DEFAULT_PART		16

/*
 * Eighths of a limit: so many are for new sessions, and from so many on sessions
 * give way.
 */
#define EIGHTHS_FOR_NEW		7
#define EIGHTHS_ALARM		6

/* The share of a namespace, and of all of them but the initial one. */
#define SHARE_OF_ONE		8
#define SHARE_OF_OTHERS		2

/* Octets that all sessions take, and those of them not in the initial one. */
static atomic_long_t memory_all;
static atomic_long_t memory_others;

/* Some namespace had not enough left since somebody asked.  No lock. */
static bool memory_wanted;

/**
 * struct account - one of the sums that an octet is counted in
 * @taken: the sum
 * @share: which part of the limit it may be
 */
struct account {
	atomic_long_t *taken;
	unsigned int share;
};

#define ACCOUNTS_MAX		3

/* Returns how many there are. */
static unsigned int memory_accounts(struct net *net,
				    struct account accounts[ACCOUNTS_MAX])
{
	accounts[0] = (struct account) { &memory_all, 1 };
	if (net_eq(net, &init_net))
		return 1;
	accounts[1] = (struct account) { &memory_others, SHARE_OF_OTHERS };
	accounts[2] = (struct account) { &netns_get(net)->memory,
					 SHARE_OF_ONE };
	return 3;
}

static u64 account_limit(const struct account *account)
{
	return div_u64((u64)params_settings()->max_memory << 20,
		       account->share);
}

/*
 * Has so much of the limit been taken?  What others have of it is not the initial
 * namespace's to give back.
 */
static bool account_has(const struct account *account, unsigned int eighths)
{
	long taken = atomic_long_read(account->taken);
	u64 limit = account_limit(account);

	if (account->taken == &memory_all) {
		long others = atomic_long_read(&memory_others);

		taken -= others;
		limit -= min_t(u64, limit, others);
	}
	return taken >= div_u64(limit * eighths, 8);
}

static bool memory_has(struct net *net, unsigned int eighths)
{
	struct account accounts[ACCOUNTS_MAX];
	unsigned int count = memory_accounts(net, accounts);

	while (count--) {
		if (account_has(&accounts[count], eighths))
			return true;
	}
	return false;
}

/**
 * memory_take() - before something is allocated for a session
 * @net: its network namespace
 * @octets: how much
 *
 * Context: any, RCU read lock held.
 * Return: false where that is more than there may be.
 */
bool memory_take(struct net *net, size_t octets)
{
	struct account accounts[ACCOUNTS_MAX];
	unsigned int count = memory_accounts(net, accounts);
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (atomic_long_add_return(octets, accounts[i].taken) >
		    account_limit(&accounts[i]))
			goto give;
	}
	if (!READ_ONCE(memory_wanted) && memory_is_short(net))
		WRITE_ONCE(memory_wanted, true);
	return true;

give:
	WRITE_ONCE(memory_wanted, true);
	do {
		atomic_long_sub(octets, accounts[i].taken);
	} while (i--);
	return false;
}

/**
 * memory_give() - something was freed, or not allocated after all
 * @net: as it was taken
 * @octets: as much
 *
 * Context: any.
 */
void memory_give(struct net *net, size_t octets)
{
	struct account accounts[ACCOUNTS_MAX];
	unsigned int count = memory_accounts(net, accounts);

	while (count--)
		atomic_long_sub(octets, accounts[count].taken);
}

/**
 * memory_is_for_new() - may one more session begin
 * @net: in this network namespace
 *
 * Context: any, RCU read lock held.
 * Return: false where what is left is for those that are there already, which
 * need it when they go on.
 */
bool memory_is_for_new(struct net *net)
{
	return !memory_has(net, EIGHTHS_FOR_NEW);
}

/**
 * memory_is_short() - is it time to end what can be spared
 * @net: of this network namespace
 *
 * Context: any, RCU read lock held.
 * Return: true where it is.
 */
bool memory_is_short(struct net *net)
{
	return memory_has(net, EIGHTHS_ALARM);
}

/**
 * memory_was_short() - was it so for any network namespace
 *
 * Context: any.
 * Return: true if so since this was asked before.
 */
bool memory_was_short(void)
{
	if (!READ_ONCE(memory_wanted))
		return false;
	WRITE_ONCE(memory_wanted, false);
	return true;
}

/**
 * memory_default_for() - what max_memory is unless somebody says otherwise
 * @ram: MiB that the router has
 *
 * Return: MiB, at least 1.
 */
unsigned int memory_default_for(unsigned long ram)
{
	return clamp(ram / DEFAULT_PART, 1UL, (unsigned long)DEFAULT_MOST);
}

/**
 * memory_default() - what it is on this router
 *
 * Return: MiB, at least 1.
 */
unsigned int memory_default(void)
{
	return memory_default_for(totalram_pages() >> (20 - PAGE_SHIFT));
}

/**
 * memory_exit() - all was given back
 */
void memory_exit(void)
{
	WARN_ON(atomic_long_read(&memory_all));
	WARN_ON(atomic_long_read(&memory_others));
}
