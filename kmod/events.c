// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the counters to whoever asks, and each event of a session
 * to whoever follows its group.  Nothing is built where nobody does.  An event
 * that does not fit a listener's buffer, or has no memory, leaves a gap in the
 * numbers that events of its group carry.
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "attribute.h"
#include "core/hello.h"
#include "dump.h"
#include "events.h"
#include "guard.h"
#include "message.h"
#include "netns.h"
#include "params.h"
#include "stats.h"

/* Room for the attributes besides the text of an event and a parameter's. */
#define EVENT_SIZE		512
/* And besides all that of the texts of a message, each with its header. */
#define MESSAGE_SIZE \
	(2 * (TEXTS_OCTETS_MAX + TEXTS_MAX * NLA_HDRLEN * 2) + TEXT_MAX + 256)
/* And besides the names of a TLS handshake, of which one may have an octet. */
#define HELLO_SIZE \
	(HELLO_NAME_MAX + (HELLO_PROTOCOLS_MAX / 2 + 1) * NLA_HDRLEN * 2 + \
	 HELLO_PROTOCOLS_MAX)
/* Room for all counters, with their names. */
#define STATS_SIZE		(COUNTER_COUNT * 64)

static struct genl_family events_family;

/* Parameters are written before and after it is.  Written by the two below. */
static bool events_registered;

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
	[GROUP_LOG] = {
		.name	= SMTPGUARD_GENL_GROUP_LOG,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
	[GROUP_MESSAGES] = {
		.name	= SMTPGUARD_GENL_GROUP_MESSAGES,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
	[GROUP_ALERTS] = {
		.name	= SMTPGUARD_GENL_GROUP_ALERTS,
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

/* In the network namespace of a connection. */
static bool events_wanted_by(const struct nf_conn *ct, enum event_group group)
{
	return genl_has_listeners(&events_family, nf_ct_net(ct), group);
}

/**
 * events_followed() - which groups does anybody follow
 * @ct: a connection of the network namespace in question
 *
 * Context: any.
 * Return: a bit for each enum event_group that somebody follows.
 */
u8 events_followed(const struct nf_conn *ct)
{
	enum event_group group;
	u8 groups = 0;

	for (group = 0; group < GROUP_COUNT; group++) {
		if (events_wanted_by(ct, group))
			groups |= BIT(group);
	}
	return groups;
}

static int put_flow(struct sk_buff *skb, const struct nf_conn *ct,
		    const struct guard *guard)
{
	return nla_put_u64_64bit(skb, SMTPGUARD_A_SESSION, guard->id,
				 SMTPGUARD_A_PAD) ||
	       attribute_put_ends(skb, ct, guard->reversed);
}

static int put_nat(struct sk_buff *skb, const struct nf_conn *ct,
		   const struct guard *guard)
{
	if (!(ct->status & IPS_NAT_MASK))
		return 0;
	return attribute_put_nat_ends(skb, ct, guard->reversed);
}

static u32 events_mark(const struct nf_conn *ct)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	return READ_ONCE(ct->mark);
#else
	return 0;
#endif
}

static int put_place(struct sk_buff *skb, const struct nf_conn *ct)
{
	u16 zone = nf_ct_zone(ct)->id;
	u32 mark = events_mark(ct);

	return (zone && nla_put_u16(skb, SMTPGUARD_A_ZONE, zone)) ||
	       (mark && nla_put_u32(skb, SMTPGUARD_A_MARK, mark));
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

static const char *const side_names[] = {
	[FROM_CLIENT]	= "client",
	[FROM_SERVER]	= "server",
};

/* Written where it is to be: it may be longer than a stack likes. */
static int put_setting(struct sk_buff *skb, const struct settings *settings,
		       const char *name)
{
	const struct parameter *parameter = settings_find(name);
	struct nlattr *attribute;
	int length;

	if (!parameter)
		return 0;
	attribute = nla_reserve(skb, SMTPGUARD_A_SETTING, SETTINGS_TEXT_MAX);
	if (!attribute)
		return -EMSGSIZE;
	length = settings_show(settings, parameter, nla_data(attribute),
			       SETTINGS_TEXT_MAX) + 1;
	attribute->nla_len = nla_attr_size(length);
	memset(nla_data(attribute) + length, 0, nla_padlen(length));
	nlmsg_trim(skb, (u8 *)attribute + nla_total_size(length));
	return 0;
}

static int put_settings(struct sk_buff *skb, const struct ground *ground)
{
	if (!ground->settings)
		return 0;
	return put_setting(skb, ground->settings, ground->parameter) ||
	       nla_put_string(skb, SMTPGUARD_A_PROFILE,
			      settings_profile(ground->settings));
}

static int put_ground(struct sk_buff *skb, const struct ground *ground)
{
	return nla_put_string(skb, SMTPGUARD_A_SIDE,
			      side_names[ground->side]) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_OFFSET, ground->offset,
				 SMTPGUARD_A_PAD) ||
	       attribute_put_phase(skb, ground->phase) ||
	       (ground->parameter[0] &&
		nla_put_string(skb, SMTPGUARD_A_PARAMETER,
			       ground->parameter)) ||
	       put_settings(skb, ground);
}

static int put_refusal(struct sk_buff *skb, const struct event *event)
{
	return nla_put_string(skb, SMTPGUARD_A_VERDICT, event->verdict) ||
	       nla_put_string(skb, SMTPGUARD_A_REASON, event->reason) ||
	       put_ground(skb, &event->ground) ||
	       (event->refused && put_verb(skb, event->verb)) ||
	       put_line(skb, event->line);
}

static int put_data_end(struct sk_buff *skb, u64 bytes, u64 size, u64 declared,
			u8 segments)
{
	return nla_put_u64_64bit(skb, SMTPGUARD_A_BYTES, bytes,
				 SMTPGUARD_A_PAD) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_SIZE, size,
				 SMTPGUARD_A_PAD) ||
	       (declared &&
		nla_put_u64_64bit(skb, SMTPGUARD_A_DECLARED, declared,
				  SMTPGUARD_A_PAD)) ||
	       nla_put_u32(skb, SMTPGUARD_A_SEGMENTS, segments);
}

static int put_addresses(struct sk_buff *skb, const struct message *message)
{
	const u8 *text = texts_first(&message->addresses);

	if (!text)
		return 0;
	if (nla_put(skb, SMTPGUARD_A_SENDER, *text, text + 1))
		return -EMSGSIZE;
	while ((text = texts_next(&message->addresses, text))) {
		if (nla_put(skb, SMTPGUARD_A_RECIPIENT, *text, text + 1))
			return -EMSGSIZE;
	}
	return (message->envelope == LOG_ENVELOPE_HASH &&
		nla_put_flag(skb, SMTPGUARD_A_HASHED)) ||
	       (message->truncated && nla_put_flag(skb, SMTPGUARD_A_TRUNCATED));
}

static int put_replies(struct sk_buff *skb, const struct message *message)
{
	const u8 *text = texts_first(&message->replies);

	if (message->code && nla_put_u16(skb, SMTPGUARD_A_CODE, message->code))
		return -EMSGSIZE;
	for (; text; text = texts_next(&message->replies, text)) {
		if (nla_put(skb, SMTPGUARD_A_REPLY, *text, text + 1))
			return -EMSGSIZE;
	}
	return 0;
}

static int put_end_of_data(struct sk_buff *skb, const struct message *message)
{
	s64 waited = ktime_us_delta(message->answer, message->end);

	if (!message->ended)
		return 0;
	return put_data_end(skb, message->bytes, message->size,
			    message->declared, message->segments) ||
	       (message->answered &&
		nla_put_u64_64bit(skb, SMTPGUARD_A_MICROSECONDS, waited,
				  SMTPGUARD_A_PAD));
}

static int put_transaction(struct sk_buff *skb, const struct message *message)
{
	if (!message)
		return nla_put_flag(skb, SMTPGUARD_A_TLS);
	return nla_put_u32(skb, SMTPGUARD_A_INDEX, message->index) ||
	       put_addresses(skb, message) ||
	       nla_put_u32(skb, SMTPGUARD_A_RECIPIENTS, message->recipients) ||
	       nla_put_u32(skb, SMTPGUARD_A_ACCEPTED, message->accepted) ||
	       nla_put_u32(skb, SMTPGUARD_A_REJECTED, message->rejected) ||
	       nla_put_u64_64bit(skb, SMTPGUARD_A_MASKED, message->masked,
				 SMTPGUARD_A_PAD) ||
	       put_end_of_data(skb, message) || put_replies(skb, message);
}

static int put_record(struct sk_buff *skb, const struct guard *guard,
		      const struct event *event)
{
	const struct messages *messages = guard->messages;

	return nla_put_string(skb, SMTPGUARD_A_RESULT, event->result) ||
	       (messages && messages->helo_length &&
		nla_put(skb, SMTPGUARD_A_HELO, messages->helo_length,
			messages->helo)) ||
	       put_transaction(skb, event->message) ||
	       put_nat(skb, guard->ct, guard) || put_place(skb, guard->ct);
}

static int put_client_hello(struct sk_buff *skb, const struct hello *hello)
{
	const u8 *protocol = hello_first_protocol(&hello->protocols);

	if (nla_put_u16(skb, SMTPGUARD_A_TLS_OFFERED, hello->offered) ||
	    (hello->name_length &&
	     nla_put(skb, SMTPGUARD_A_TLS_SNI, hello->name_length,
		     hello->name)))
		return -EMSGSIZE;
	while (protocol) {
		if (nla_put(skb, SMTPGUARD_A_TLS_ALPN_OFFERED, *protocol,
			    protocol + 1))
			return -EMSGSIZE;
		protocol = hello_next_protocol(&hello->protocols, protocol);
	}
	return hello->truncated && nla_put_flag(skb, SMTPGUARD_A_TRUNCATED);
}

static int put_server_hello(struct sk_buff *skb, const struct hello *hello)
{
	const u8 *protocol = hello_first_protocol(&hello->protocol);

	return nla_put_u16(skb, SMTPGUARD_A_TLS_VERSION, hello->version) ||
	       nla_put_u16(skb, SMTPGUARD_A_TLS_CIPHER, hello->cipher) ||
	       (protocol && nla_put(skb, SMTPGUARD_A_TLS_ALPN, *protocol,
				    protocol + 1));
}

/* Of a hello that is not whole, nothing is told. */
static int put_hellos(struct sk_buff *skb, const struct guard *guard,
		      const struct event *event)
{
	const struct hello *hello = event->hello;

	return nla_put_string(skb, SMTPGUARD_A_RESULT, event->result) ||
	       (hello->client == HELLO_READ && put_client_hello(skb, hello)) ||
	       (hello->server == HELLO_READ && put_server_hello(skb, hello)) ||
	       (hello->retry && nla_put_flag(skb, SMTPGUARD_A_TLS_RETRY)) ||
	       (hello->alerted &&
		nla_put_u16(skb, SMTPGUARD_A_TLS_ALERT, hello->alert)) ||
	       put_nat(skb, guard->ct, guard) || put_place(skb, guard->ct);
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
		return put_data_end(skb, guard->session->octets,
				    session_message_size(guard->session),
				    guard->session->declared, event->segments);
	case SMTPGUARD_EVENT_REFUSAL:
		return put_refusal(skb, event);
	case SMTPGUARD_EVENT_CLOSE:
		return put_totals(skb, guard, event);
	case SMTPGUARD_EVENT_MESSAGE:
		return put_record(skb, guard, event);
	case SMTPGUARD_EVENT_TLS:
		return put_hellos(skb, guard, event);
	case SMTPGUARD_EVENT_WITHDRAWAL:
		return nla_put_string(skb, SMTPGUARD_A_CAPABILITY,
				      event->capability) ||
		       put_nat(skb, guard->ct, guard) ||
		       put_place(skb, guard->ct);
	default:
		return 0;
	}
}

/* Octets of attributes, at most. */
static size_t events_size(const struct event *event)
{
	if (event->kind == SMTPGUARD_EVENT_MESSAGE)
		return EVENT_SIZE + MESSAGE_SIZE;
	if (event->kind == SMTPGUARD_EVENT_TLS)
		return EVENT_SIZE + HELLO_SIZE;
	return EVENT_SIZE + SETTINGS_TEXT_MAX +
	       (event->line ? event->line->length : 0);
}

/* What every event begins with; its header, or %NULL. */
static void *events_begin(struct sk_buff *skb, enum smtpguard_event kind,
			  enum event_group group, u32 number)
{
	void *header = genlmsg_put(skb, 0, 0, &events_family, 0,
				   SMTPGUARD_CMD_EVENT);

	if (!header ||
	    nla_put_u32(skb, SMTPGUARD_A_EVENT, kind) ||
	    nla_put_string(skb, SMTPGUARD_A_GROUP,
			   events_groups[group].name) ||
	    nla_put_u32(skb, SMTPGUARD_A_NUMBER, number) ||
	    nla_put_u64_64bit(skb, SMTPGUARD_A_TIME, ktime_get_real_ns(),
			      SMTPGUARD_A_PAD))
		return NULL;
	return header;
}

static struct sk_buff *events_build(const struct nf_conn *ct,
				    const struct guard *guard,
				    const struct event *event,
				    enum event_group group, u32 number)
{
	struct sk_buff *skb = genlmsg_new(events_size(event), GFP_ATOMIC);
	void *header;

	if (!skb)
		return NULL;
	header = events_begin(skb, event->kind, group, number);
	if (!header || put_flow(skb, ct, guard) ||
	    put_kind(skb, guard, event)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, header);
	return skb;
}

static u32 events_number(struct net *net, enum event_group group)
{
	return atomic_inc_return(&netns_get(net)->events[group]);
}

/**
 * events_lose() - an event could not even be gathered
 * @ct: the connection
 * @group: who would have been told
 *
 * It is counted, and leaves a gap in the numbers.
 *
 * Context: any, RCU read lock held.
 */
void events_lose(const struct nf_conn *ct, enum event_group group)
{
	events_number(nf_ct_net(ct), group);
	stats_count(nf_ct_net(ct), COUNTER_EVENTS_LOST);
}

static void events_send_to(const struct nf_conn *ct, const struct guard *guard,
			   const struct event *event, enum event_group group)
{
	struct net *net = nf_ct_net(ct);
	struct sk_buff *skb;

	if (!events_wanted_by(ct, group))
		return;
	skb = events_build(ct, guard, event, group, events_number(net, group));
	if (!skb || genlmsg_multicast_netns(&events_family, net, skb, 0, group,
					    GFP_ATOMIC) == -ENOBUFS)
		stats_count(net, COUNTER_EVENTS_LOST);
}

/**
 * events_send() - tell an event to all who follow what it is of
 * @ct: the connection
 * @guard: its guard
 * @event: the event
 *
 * An event that cannot be built is counted, and leaves a gap in the numbers.
 *
 * Context: any, RCU read lock held; ct->lock may be.
 */
void events_send(const struct nf_conn *ct, const struct guard *guard,
		 const struct event *event)
{
	if (event->kind == SMTPGUARD_EVENT_MESSAGE) {
		events_send_to(ct, guard, event, GROUP_MESSAGES);
		return;
	}
	if (event->kind == SMTPGUARD_EVENT_WITHDRAWAL) {
		events_send_to(ct, guard, event, GROUP_ALERTS);
		return;
	}
	if (event->kind == SMTPGUARD_EVENT_TLS)
		events_send_to(ct, guard, event, GROUP_MESSAGES);
	events_send_to(ct, guard, event, GROUP_LOG);
	if (event->alert)
		events_send_to(ct, guard, event, GROUP_ALERTS);
}

static struct sk_buff *events_build_change(const char *name, const char *before,
					   const char *after, u32 number)
{
	struct sk_buff *skb = genlmsg_new(EVENT_SIZE + 2 * SETTINGS_TEXT_MAX,
					  GFP_KERNEL);
	void *header;

	if (!skb)
		return NULL;
	header = events_begin(skb, SMTPGUARD_EVENT_PARAMETER, GROUP_ALERTS,
			      number);
	if (!header ||
	    nla_put_string(skb, SMTPGUARD_A_PARAMETER, name) ||
	    nla_put_string(skb, SMTPGUARD_A_FORMER, before) ||
	    nla_put_string(skb, SMTPGUARD_A_SETTING, after) ||
	    nla_put_u32(skb, SMTPGUARD_A_UID,
			from_kuid(&init_user_ns, current_uid()))) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, header);
	return skb;
}

static void events_tell_change(const char *name, const char *before,
			       const char *after)
{
	u32 number = events_number(&init_net, GROUP_ALERTS);
	struct sk_buff *skb = events_build_change(name, before, after, number);

	if (skb && genlmsg_multicast_netns(&events_family, &init_net, skb, 0,
					   GROUP_ALERTS, GFP_KERNEL) != -ENOBUFS)
		return;
	rcu_read_lock();
	stats_count(&init_net, COUNTER_EVENTS_LOST);
	rcu_read_unlock();
}

/**
 * events_send_change() - somebody has written a parameter
 * @parameter: the parameter
 * @before: the settings as they were
 * @after: as they are
 *
 * Tells it to who follows alerts, if it has another value now.
 *
 * Context: process, a writer of parameters.
 */
void events_send_change(const struct parameter *parameter,
			const struct settings *before,
			const struct settings *after)
{
	char *texts;

	if (!READ_ONCE(events_registered) ||
	    !genl_has_listeners(&events_family, &init_net, GROUP_ALERTS))
		return;
	texts = kmalloc(2 * SETTINGS_TEXT_MAX, GFP_KERNEL);
	if (!texts)
		return;
	settings_show(before, parameter, texts, SETTINGS_TEXT_MAX);
	settings_show(after, parameter, texts + SETTINGS_TEXT_MAX,
		      SETTINGS_TEXT_MAX);
	if (strcmp(texts, texts + SETTINGS_TEXT_MAX))
		events_tell_change(parameter->name, texts,
				   texts + SETTINGS_TEXT_MAX);
	kfree(texts);
}

/**
 * events_register() - open the family to user space
 *
 * Return: 0, or a negative errno.
 */
int events_register(void)
{
	int err = genl_register_family(&events_family);

	WRITE_ONCE(events_registered, !err);
	return err;
}

/**
 * events_unregister() - close it
 */
void events_unregister(void)
{
	WRITE_ONCE(events_registered, false);
	/* who writes one may be about to tell */
	params_settle();
	genl_unregister_family(&events_family);
}
