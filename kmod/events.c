// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the counters to whoever asks, and each event of a session
 * to whoever follows.  Nothing is built where nobody does.  An event that
 * does not fit a listener's buffer, or has no memory, leaves a gap in the
 * numbers that events carry.
 */
#include <linux/ktime.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack.h>

#include "dump.h"
#include "events.h"
#include "guard.h"
#include "netns.h"
#include "stats.h"

/* Room for the attributes besides the text of an event. */
#define EVENT_SIZE		512
/* Room for all counters, with their names. */
#define STATS_SIZE		(COUNTER_COUNT * 64)

static struct genl_family events_family;

static int events_get_stats(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(STATS_SIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &events_family, 0,
				   SMTPGUARD_CMD_GET_STATS);
	if (!header || stats_dump(genl_info_net(info), skb)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static const struct genl_small_ops events_ops[] = {
	{
		.cmd	= SMTPGUARD_CMD_GET_STATS,
		.doit	= events_get_stats,
	},
};

static const struct genl_multicast_group events_groups[] = {
	/* who joins sees what others write to each other */
	{
		.name	= SMTPGUARD_GENL_GROUP_LOG,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

static struct genl_family events_family __ro_after_init = {
	.name		= SMTPGUARD_GENL_NAME,
	.version	= SMTPGUARD_GENL_VERSION,
	.maxattr	= SMTPGUARD_A_MAX,
	.netnsok	= true,
	.module		= THIS_MODULE,
	.ops		= dump_ops,
	.n_ops		= DUMP_OPS_COUNT,
	.small_ops	= events_ops,
	.n_small_ops	= ARRAY_SIZE(events_ops),
	.resv_start_op	= SMTPGUARD_CMD_EVENT,
	.mcgrps		= events_groups,
	.n_mcgrps	= ARRAY_SIZE(events_groups),
};

/**
 * events_wanted() - does anybody follow the log
 * @ct: a connection of the network namespace in question
 *
 * Context: any.
 * Return: true where somebody does.
 */
bool events_wanted(const struct nf_conn *ct)
{
	return genl_has_listeners(&events_family, nf_ct_net(ct), 0);
}

static int put_address(struct sk_buff *skb, int attribute, u16 family,
		       const union nf_inet_addr *address)
{
	return nla_put(skb, attribute, family == NFPROTO_IPV4 ? 4 : 16,
		       address);
}

/* How one end of a flow is told. */
static const struct {
	int address;
	int port;
} end_attributes[2] = {
	[FROM_CLIENT] = { SMTPGUARD_A_CLIENT_ADDRESS, SMTPGUARD_A_CLIENT_PORT },
	[FROM_SERVER] = { SMTPGUARD_A_SERVER_ADDRESS, SMTPGUARD_A_SERVER_PORT },
};

static int put_end(struct sk_buff *skb, enum direction end, u16 family,
		   const union nf_inet_addr *address, __be16 port)
{
	return put_address(skb, end_attributes[end].address, family, address) ||
	       nla_put_u16(skb, end_attributes[end].port, ntohs(port));
}

static int put_flow(struct sk_buff *skb, const struct nf_conn *ct,
		    const struct guard *guard)
{
	enum direction original = guard->reversed ? FROM_SERVER : FROM_CLIENT;
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	u16 family = nf_ct_l3num(ct);

	return nla_put_u64_64bit(skb, SMTPGUARD_A_SESSION, guard->id,
				 SMTPGUARD_A_PAD) ||
	       put_end(skb, original, family, &tuple->src.u3,
		       tuple->src.u.tcp.port) ||
	       put_end(skb, !original, family, &tuple->dst.u3,
		       tuple->dst.u.tcp.port);
}

static int put_line(struct sk_buff *skb, const struct line *line)
{
	if (!line)
		return 0;
	return nla_put(skb, SMTPGUARD_A_TEXT, line->length, line->text) ||
	       (line->truncated && nla_put_flag(skb, SMTPGUARD_A_TRUNCATED));
}

static int put_verb(struct sk_buff *skb, u8 verb)
{
	return nla_put_string(skb, SMTPGUARD_A_VERB, verb_name(verb));
}

static int put_refusal(struct sk_buff *skb, const struct event *event)
{
	return nla_put_string(skb, SMTPGUARD_A_VERDICT, event->verdict) ||
	       nla_put_string(skb, SMTPGUARD_A_REASON, event->reason) ||
	       (event->refused && put_verb(skb, event->verb)) ||
	       put_line(skb, event->line);
}

static int put_message(struct sk_buff *skb, const struct session *session)
{
	return nla_put_u64_64bit(skb, SMTPGUARD_A_BYTES, session->octets,
				 SMTPGUARD_A_PAD) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_SIZE,
				 session_message_size(session), SMTPGUARD_A_PAD) ||
	       (session->declared &&
		nla_put_u64_64bit(skb, SMTPGUARD_A_DECLARED, session->declared,
				  SMTPGUARD_A_PAD));
}

static int put_totals(struct sk_buff *skb, const struct guard *guard,
		      const struct event *event)
{
	s64 lasted = ktime_ms_delta(ktime_get(), guard->opened);
	const struct totals totals = guard_totals(guard);

	return nla_put_u32(skb, SMTPGUARD_A_MESSAGES, totals.messages) ||
	       nla_put_u32(skb, SMTPGUARD_A_COMMANDS, totals.commands) ||
	       nla_put_u32(skb, SMTPGUARD_A_REFUSALS, totals.refused) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_BYTES_TO_SERVER,
				 guard->side[FROM_CLIENT].octets,
				 SMTPGUARD_A_PAD) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_BYTES_TO_CLIENT,
				 guard->side[FROM_SERVER].octets,
				 SMTPGUARD_A_PAD) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_MILLISECONDS, lasted,
				 SMTPGUARD_A_PAD) ||
	       (event->unanswered &&
		nla_put_flag(skb, SMTPGUARD_A_UNANSWERED));
}

static int put_kind(struct sk_buff *skb, const struct guard *guard,
		    const struct event *event)
{
	switch (event->kind) {
	case SMTPGUARD_EVENT_GREETING:
	case SMTPGUARD_EVENT_REPLY:
		return nla_put_u16(skb, SMTPGUARD_A_CODE, event->code) ||
		       put_line(skb, event->line);
	case SMTPGUARD_EVENT_COMMAND:
		return put_verb(skb, event->verb) ||
		       put_line(skb, event->line) ||
		       (event->refused &&
			nla_put_flag(skb, SMTPGUARD_A_REFUSED));
	case SMTPGUARD_EVENT_DATA_END:
		return put_message(skb, guard->session) ||
		       nla_put_u32(skb, SMTPGUARD_A_SEGMENTS, event->segments);
	case SMTPGUARD_EVENT_REFUSAL:
		return put_refusal(skb, event);
	case SMTPGUARD_EVENT_CLOSE:
		return put_totals(skb, guard, event);
	default:
		return 0;
	}
}

static struct sk_buff *events_build(const struct nf_conn *ct,
				    const struct guard *guard,
				    const struct event *event, u32 number)
{
	size_t text = event->line ? event->line->length : 0;
	struct sk_buff *skb = genlmsg_new(EVENT_SIZE + text, GFP_ATOMIC);
	void *header;

	if (!skb)
		return NULL;
	header = genlmsg_put(skb, 0, 0, &events_family, 0, SMTPGUARD_CMD_EVENT);
	if (!header ||
	    nla_put_u32(skb, SMTPGUARD_A_EVENT, event->kind) ||
	    nla_put_u32(skb, SMTPGUARD_A_NUMBER, number) ||
	    nla_put_u64_64bit(skb, SMTPGUARD_A_TIME, ktime_get_real_ns(),
			      SMTPGUARD_A_PAD) ||
	    put_flow(skb, ct, guard) || put_kind(skb, guard, event)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, header);
	return skb;
}

/**
 * events_send() - tell an event to all who follow the log
 * @ct: the connection
 * @guard: its guard
 * @event: the event
 *
 * Call it only where events_wanted().  An event that cannot be built is
 * counted, and leaves a gap in the numbers.
 *
 * Context: any, RCU read lock held; ct->lock may be.
 */
void events_send(const struct nf_conn *ct, const struct guard *guard,
		 const struct event *event)
{
	struct net *net = nf_ct_net(ct);
	u32 number = atomic_inc_return(&netns_get(net)->events);
	struct sk_buff *skb = events_build(ct, guard, event, number);

	if (!skb || genlmsg_multicast_netns(&events_family, net, skb, 0, 0,
					    GFP_ATOMIC) == -ENOBUFS)
		stats_count(net, COUNTER_EVENTS_LOST);
}

/**
 * events_register() - open the family to user space
 *
 * Return: 0, or a negative errno.
 */
int events_register(void)
{
	return genl_register_family(&events_family);
}

/**
 * events_unregister() - close it
 */
void events_unregister(void)
{
	genl_unregister_family(&events_family);
}
