/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections that are or were under guard.
 */
#ifndef SMTPGUARD_FLOW_H
#define SMTPGUARD_FLOW_H

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <net/netfilter/nf_conntrack.h>

#include "offload.h"

struct guard;
struct rhashtable_iter;
struct settings;

/**
 * enum flow_state - what is known of a connection
 * @FLOW_GUARDED: all that a guard has
 * @FLOW_IGNORED: it passes to its end: behind TLS, or there was no memory for a
 *	guard (full=pass)
 * @FLOW_FINISHED: both ends have said all, and acknowledged it
 * @FLOW_OVER: it was ended, so what goes on is reset
 *
 * But for the first, only a SYN and the answer to it can change it.
 */
enum flow_state {
	FLOW_GUARDED,
	FLOW_IGNORED,
	FLOW_FINISHED,
	FLOW_OVER,
};

/**
 * struct flow - a connection
 * @node: its place in the table
 * @twin: its place in the table of ends
 * @ends: who it is between, see closed_ends()
 * @ct: what conntrack knows, and the key
 * @heard: when its last packet came, in jiffies
 * @state: enum flow_state
 * @rested: it has given back what a silent session does not need
 * @reversed: conntrack's original direction is that of the server
 * @known: in which directions @next is, one bit for each enum direction
 * @guard: FLOW_GUARDED: what is kept of it
 * @next: else: sequence number of the next octet, by enum direction
 * @rcu: for flow_free(), once it is in no table
 *
 * From @heard on all is protected by ct->lock; some is read without it.
 */
struct flow {
	struct rhash_head node;
	struct rhlist_head twin;
	u64 ends;
	struct nf_conn *ct;
	u32 heard;
	u8 state;
	bool rested;
	bool reversed;
	u8 known;
	union {
		struct guard *guard;
		u32 next[2];
		struct rcu_head rcu;
	};
};

static_assert(sizeof(struct flow) <= 64, "a stub, as Documentation has it");

/* Something to see of a flow. */
typedef void (*flow_look_t)(const struct flow *flow, void *context);

void flow_walk_enter(struct rhashtable_iter *walk);
void flow_look(struct flow *flow, flow_look_t look, void *context);
struct flow *flow_open(struct nf_conn *ct, bool reversed);
struct flow *flow_open_stub(struct nf_conn *ct, bool reversed,
			    enum flow_state state);
bool flow_reopen(struct flow *flow);
void flow_retire(struct flow *flow, enum flow_state state);
void flow_end_twins(const struct nf_conn *ct, bool reversed);
bool flow_is_awaited(const struct nf_conn *ct, bool reversed);
struct guard *flow_take_over(const struct nf_conn *ct, bool reversed);
void flow_give_up(struct nf_conn *ct, bool reversed, struct guard *guard);
struct flow *flow_go_on(struct nf_conn *ct, bool reversed,
			struct guard *guard);
void flow_release(const struct net *net);
void flow_leave(const struct settings *settings);
int flow_init(void);
void flow_exit(void);

/* Nobody chooses where the entries of connections lie. */
static inline u32 flow_hash(const void *ct, u32 length, u32 seed)
{
	return hash_long(*(const unsigned long *)ct, 32) ^ seed;
}

static inline int flow_differs(struct rhashtable_compare_arg *arg,
			       const void *flow)
{
	return ((const struct flow *)flow)->ct !=
	       *(struct nf_conn *const *)arg->key;
}

static const struct rhashtable_params flow_params = {
	.key_len = sizeof_field(struct flow, ct),
	.key_offset = offsetof(struct flow, ct),
	.head_offset = offsetof(struct flow, node),
	.hashfn = flow_hash,
	.obj_cmpfn = flow_differs,
	.automatic_shrinking = true,
};

/* By connection; flow.c alone changes it. */
extern struct rhashtable flow_table;

/**
 * flow_find() - a packet of a connection has come: what is known of it
 * @ct: the connection
 *
 * Context: any, ct->lock and RCU read lock held.
 * Return: its flow, which stays as long as the lock is held, or %NULL.
 */
static inline struct flow *flow_find(struct nf_conn *ct)
{
	struct flow *flow;

	lockdep_assert_held(&ct->lock);
	flow = rhashtable_lookup(&flow_table, &ct, flow_params);
	if (!flow)
		return NULL;
	WRITE_ONCE(flow->heard, (u32)jiffies);
	flow->rested = false;
	return flow;
}

/**
 * flow_is_guarded() - are a connection's octets read, or were
 * @flow: its flow, or %NULL
 *
 * Context: any, ct->lock held.
 * Return: true where it has a guard.
 */
static inline bool flow_is_guarded(const struct flow *flow)
{
	return flow && flow->state == FLOW_GUARDED;
}

/**
 * flow_guard() - what is kept of a connection
 * @flow: its flow, or %NULL
 *
 * Context: any, ct->lock held.
 * Return: its guard, or %NULL where it has none.
 */
static inline struct guard *flow_guard(const struct flow *flow)
{
	return flow_is_guarded(flow) ? flow->guard : NULL;
}

/**
 * flow_is_known() - may a connection be in the table
 * @ct: the connection
 *
 * What is in the table is kept out of flowtables, and a bit of its entry says
 * so.  Nothing but that bit need be looked at for all that is only forwarded.  It
 * may have another meaning for what is not TCP.
 *
 * Context: any.
 * Return: false where it certainly is not.
 */
static inline bool flow_is_known(const struct nf_conn *ct)
{
	return offload_is_denied(ct);
}

#endif /* SMTPGUARD_FLOW_H */
