// SPDX-License-Identifier: GPL-2.0
/*
 * The conntrack helper "smtp", for IPv4 and IPv6.  Conntrack calls it with
 * every packet of a connection that has it, last of all hooks but for the
 * adjustment of sequence numbers, after NAT; a ruleset gives it to
 * connections by name, hook.c to those to the guarded ports.
 *
 * This file alone knows the helper interface.  It makes a struct packet of
 * what conntrack hands over, has it judged by stream.c under the connection's
 * ct->lock, the one lock of a flow, and carries out the verdict.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "compat.h"
#include "guard.h"
#include "helper.h"
#include "log.h"
#include "netns.h"
#include "packet.h"
#include "params.h"
#include "reset.h"
#include "stats.h"
#include "stream.h"

static_assert(sizeof(struct flow) <= sizeof_field(struct nf_conn_help, data),
	      "conntrack keeps no more for a helper");

#define HELPER_NAME	"smtp"
#define HELPER_PORT	25

/* No SMTP session makes another connection expected. */
static const struct nf_conntrack_expect_policy helper_expectations = {
	.max_expected	= 0,
	.timeout	= 0,
};

static struct nf_conntrack_helper helper_templates[2];
static struct nf_conntrack_helper *helpers[2];

static const u8 helper_families[2] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/*
 * A flow's first packet: nobody else knows the connection yet.  Without
 * memory for a guard the packet is dropped; a SYN is soon sent again.
 */
static bool helper_open(struct packet *packet)
{
	struct guard *guard = guard_open(packet->net);

	if (!guard) {
		stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
		return false;
	}
	/* until a SYN says otherwise */
	guard->untracked = true;
	guard->tls = helper_on_port(packet->ct, &params_settings()->tls_ports);
	packet->flow->guard = guard;
	log_open(packet);
	return true;
}

static bool helper_read(struct packet *packet, enum ip_conntrack_info ctinfo)
{
	const struct tcphdr *th;

	th = skb_header_pointer(packet->skb, packet->protoff,
				sizeof(packet->tcp), &packet->tcp);
	if (!th || th->doff * 4 < sizeof(*th))
		return false;
	if (th != &packet->tcp)
		packet->tcp = *th;
	packet->payload = packet->protoff + th->doff * 4;
	if (packet->payload > packet->skb->len)
		return false;
	packet->length = packet->skb->len - packet->payload;
	packet->direction = CTINFO2DIR(ctinfo) == IP_CT_DIR_ORIGINAL ?
		FROM_CLIENT : FROM_SERVER;
	return true;
}

static enum stream_verdict helper_judge(struct packet *packet, u32 *next)
{
	enum stream_verdict verdict;

	spin_lock_bh(&packet->ct->lock);
	if (!packet->flow->guard && !helper_open(packet)) {
		verdict = STREAM_DROP;
		goto unlock;
	}
	*next = stream_expected(packet);
	verdict = stream_segment(packet);
unlock:
	spin_unlock_bh(&packet->ct->lock);
	return verdict;
}

static int helper_help(struct sk_buff *skb, unsigned int protoff,
		       struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	struct packet packet = {
		.skb = skb,
		.ct = ct,
		.net = nf_ct_net(ct),
		.flow = nfct_help_data(ct),
		.policy = &params_settings()->policy,
		.protoff = protoff,
	};
	u32 next;

	/* over loopback a packet comes by twice, it was judged when it left */
	if (nf_is_loopback_packet(skb))
		return NF_ACCEPT;
	if (!packet.flow || !helper_read(&packet, ctinfo))
		return NF_DROP;
	switch (helper_judge(&packet, &next)) {
	case STREAM_ACCEPT:
		return NF_ACCEPT;
	case STREAM_RESET:
		if (reset_both(packet.net, skb, protoff, next))
			return NF_ACCEPT;
		return NF_DROP;
	default:
		return NF_DROP;
	}
}

static void helper_destroy(struct nf_conn *ct)
{
	struct flow *flow = nfct_help_data(ct);

	if (!flow || !flow->guard)
		return;
	if (!netns_is_dead(netns_get(nf_ct_net(ct))))
		log_close(ct, flow);
	guard_close(flow->guard);
	flow->guard = NULL;
}

/**
 * helper_on_port() - is a connection to one of some ports
 * @ct: the connection
 * @ports: the ports, as the client addressed it or as NAT has turned it
 *
 * Return: true if so.
 */
bool helper_on_port(const struct nf_conn *ct, const struct ports *ports)
{
	const struct nf_conntrack_tuple *addressed =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *answering =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return addressed->dst.protonum == IPPROTO_TCP &&
	       (settings_has_port(ports, ntohs(addressed->dst.u.tcp.port)) ||
		settings_has_port(ports, ntohs(answering->src.u.tcp.port)));
}

/**
 * helper_attach() - take a new connection under guard
 * @ct: a connection that is not confirmed yet
 *
 * One that has a helper, or was denied one by the ruleset, keeps what it has.
 *
 * Context: RCU read lock held.
 * Return: 0, or -ENOMEM.
 */
int helper_attach(struct nf_conn *ct)
{
	struct nf_conntrack_helper *helper =
		helpers[nf_ct_l3num(ct) == NFPROTO_IPV6];
	struct nf_conn_help *help;

	if (nfct_help(ct) || test_bit(IPS_HELPER_BIT, &ct->status))
		return 0;
	help = nf_ct_helper_ext_add(ct, GFP_ATOMIC);
	if (!help)
		return -ENOMEM;
	if (compat_helper_hold(helper))
		rcu_assign_pointer(help->helper, helper);
	return 0;
}

/**
 * helper_register() - offer the helper to conntrack
 *
 * Return: 0, or a negative errno.
 */
int helper_register(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		err = compat_helper_register(&helper_templates[i],
					     helper_families[i], HELPER_NAME,
					     HELPER_PORT, &helper_expectations,
					     helper_help, helper_destroy,
					     &helpers[i]);
		if (err)
			goto unregister;
	}
	return 0;

unregister:
	while (i--)
		nf_conntrack_helper_unregister(helpers[i]);
	return err;
}

/**
 * helper_unregister() - take it back
 *
 * Sessions live on without it.  After this no packet and no connection calls
 * into the helper any more.
 */
void helper_unregister(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++)
		nf_conntrack_helper_unregister(helpers[i]);
}

MODULE_ALIAS_NFCT_HELPER(HELPER_NAME);
