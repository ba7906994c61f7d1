// SPDX-License-Identifier: GPL-2.0
/*
 * Tells of all sessions under guard in a network namespace, a message each.  The
 * table of flows is walked a few at a time, and ct->lock is held only while what
 * is told of one is copied, so that packets do not wait.
 *
 * Sessions begin and end meanwhile.  Where the table is resized some are told
 * twice, and by their numbers whoever reads them knows which.
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

#include "attribute.h"
#include "dump.h"
#include "flow.h"
#include "guard.h"
#include "uapi/smtpguard.h"

/* Flows that are looked at before others may run. */
#define DUMP_BATCH	256

/**
 * struct dump_session - what is told of a session
 * @known: it is one, and not over
 * @reversed: conntrack's original direction is that of the server
 * @phase: enum phase
 * @tls_version: the version of TLS, if it is known
 * @id: its number
 * @totals: what it has done
 * @octets: payload that has passed, by enum direction
 * @age: milliseconds since it was opened
 * @silence: milliseconds since its last packet
 * @memory: octets of memory that it takes
 */
struct dump_session {
	bool known;
	bool reversed;
	u8 phase;
	u16 tls_version;
	u64 id;
	struct totals totals;
	u64 octets[2];
	u64 age;
	u64 silence;
	u64 memory;
};

/* ct->lock is held. */
static void dump_copy(const struct flow *flow, void *context)
{
	const struct guard *guard = flow_guard(flow);
	struct dump_session *session = context;

	if (!guard || guard->closed)
		return;
	session->known = true;
	session->reversed = guard->reversed;
	session->phase = guard->session ? guard->session->phase : PHASE_OPAQUE;
	session->tls_version = guard->tls_version;
	session->id = guard->id;
	session->totals = guard_totals(guard);
	session->octets[FROM_CLIENT] = guard->side[FROM_CLIENT].octets;
	session->octets[FROM_SERVER] = guard->side[FROM_SERVER].octets;
	session->age = ktime_ms_delta(ktime_get(), guard->opened);
	session->silence = jiffies_to_msecs((u32)jiffies - flow->heard);
	session->memory = sizeof(*flow) + guard_memory(guard);
}

static int dump_put_number(struct sk_buff *skb, int attribute, u64 value)
{
	return nla_put_u64_64bit(skb, attribute, value, SMTPGUARD_A_PAD);
}

static int dump_put(struct sk_buff *skb, const struct nf_conn *ct,
		    const struct dump_session *session)
{
	return dump_put_number(skb, SMTPGUARD_A_SESSION, session->id) ||
	       attribute_put_ends(skb, ct, session->reversed) ||
	       attribute_put_nat_ends(skb, ct, session->reversed) ||
	       attribute_put_phase(skb, session->phase) ||
	       (session->tls_version &&
		nla_put_u16(skb, SMTPGUARD_A_TLS_VERSION,
			    session->tls_version)) ||
	       nla_put_u32(skb, SMTPGUARD_A_MESSAGES,
			   session->totals.messages) ||
	       nla_put_u32(skb, SMTPGUARD_A_COMMANDS,
			   session->totals.commands) ||
	       nla_put_u32(skb, SMTPGUARD_A_REFUSALS,
			   session->totals.refused) ||
	       dump_put_number(skb, SMTPGUARD_A_BYTES_TO_SERVER,
			       session->octets[FROM_CLIENT]) ||
	       dump_put_number(skb, SMTPGUARD_A_BYTES_TO_CLIENT,
			       session->octets[FROM_SERVER]) ||
	       dump_put_number(skb, SMTPGUARD_A_MILLISECONDS, session->age) ||
	       dump_put_number(skb, SMTPGUARD_A_SILENCE, session->silence) ||
	       dump_put_number(skb, SMTPGUARD_A_MEMORY, session->memory);
}

/* The answer is of the family that was asked. */
static struct nlmsghdr *dump_begin(struct sk_buff *skb,
				   const struct netlink_callback *cb)
{
	struct genlmsghdr *header;
	struct nlmsghdr *message;

	message = nlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			    cb->nlh->nlmsg_seq, cb->nlh->nlmsg_type,
			    GENL_HDRLEN, NLM_F_MULTI);
	if (!message)
		return NULL;
	header = nlmsg_data(message);
	header->cmd = SMTPGUARD_CMD_GET_FLOWS;
	header->version = SMTPGUARD_GENL_VERSION;
	header->reserved = 0;
	return message;
}

/* False where there is no room for it. */
static bool dump_flow(struct sk_buff *skb, const struct netlink_callback *cb,
		      struct flow *flow)
{
	struct dump_session session = { .known = false };
	struct nlmsghdr *message;

	if (!net_eq(nf_ct_net(flow->ct), sock_net(skb->sk)))
		return true;
	flow_look(flow, dump_copy, &session);
	if (!session.known)
		return true;
	message = dump_begin(skb, cb);
	if (!message)
		return false;
	if (dump_put(skb, flow->ct, &session)) {
		nlmsg_cancel(skb, message);
		return false;
	}
	nlmsg_end(skb, message);
	return true;
}

/* False where there is no room for more, or at the table's end. */
static bool dump_some(struct sk_buff *skb, const struct netlink_callback *cb,
		      struct rhashtable_iter *walk)
{
	unsigned int left = DUMP_BATCH;
	/* the one that the last batch ended with, or had no room for */
	struct flow *flow = rhashtable_walk_peek(walk);

	while (flow && left--) {
		/* the table is being resized: some will be seen twice */
		if (flow != ERR_PTR(-EAGAIN) && !dump_flow(skb, cb, flow))
			return false;
		flow = rhashtable_walk_next(walk);
	}
	return flow;
}

static int dump_flows(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rhashtable_iter *walk = (struct rhashtable_iter *)cb->args[0];
	bool more;

	do {
		cond_resched();
		rhashtable_walk_start(walk);
		more = dump_some(skb, cb, walk);
		rhashtable_walk_stop(walk);
	} while (more);
	return skb->len;
}

static int dump_start(struct netlink_callback *cb)
{
	struct rhashtable_iter *walk = kzalloc(sizeof(*walk), GFP_KERNEL);

	if (!walk)
		return -ENOMEM;
	flow_walk_enter(walk);
	cb->args[0] = (long)walk;
	return 0;
}

static int dump_done(struct netlink_callback *cb)
{
	struct rhashtable_iter *walk = (struct rhashtable_iter *)cb->args[0];

	rhashtable_walk_exit(walk);
	kfree(walk);
	return 0;
}

/* Who speaks to whom is for those who have rights over the namespace. */
const struct genl_ops dump_ops[DUMP_OPS_COUNT] = {
	{
		.cmd	= SMTPGUARD_CMD_GET_FLOWS,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= dump_start,
		.dumpit	= dump_flows,
		.done	= dump_done,
	},
};
