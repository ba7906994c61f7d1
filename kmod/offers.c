// SPDX-License-Identifier: GPL-2.0
/*
 * Remembers of each server whether its last reply to EHLO in clear offered STARTTLS
 * and CHUNKING, and tells when one is gone: somebody between it and this router may
 * take it out, so that mail goes in clear.  It is the server's reply, before anything
 * of it was hidden here.
 *
 * Each network namespace has a table of a fixed number of sets; a set is made when
 * the first of its servers is heard.  Where it is full, the server goes that was not
 * heard for the longest time.  Nobody outside knows which servers share a set.  One
 * that offers neither has nothing to take away, and takes no place.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "core/offer.h"
#include "events.h"
#include "memory.h"
#include "netns.h"
#include "offers.h"
#include "packet.h"
#include "stats.h"

/**
 * struct offers_row - what a server has offered
 * @server: the server
 * @heard: @clock when it was heard last
 * @offered: what it offered, one bit for each enum offer; 0: the row is free
 */
struct offers_row {
	struct offers_server server;
	u32 heard;
	u8 offered;
};

/**
 * struct offers_set - servers whose hashes are alike
 * @rows: one for each
 */
struct offers_set {
	struct offers_row rows[OFFERS_WAYS];
};

/* Does not change after offers_init(). */
static siphash_key_t offers_key;

static struct offers_set *offers_make_set(struct net *net)
{
	struct offers_set *set;

	if (!memory_take(net, sizeof(*set)))
		return NULL;
	set = kzalloc(sizeof(*set), GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN);
	if (set)
		return set;
	memory_give(net, sizeof(*set));
	stats_count(net, COUNTER_ALLOCATION_FAILURES);
	return NULL;
}

/* The set of a server; %NULL without memory. */
static struct offers_set *offers_set(struct net *net,
				     const struct offers_server *server)
{
	struct offers *offers = &netns_get(net)->offers;
	u32 number = siphash(server, sizeof(*server), &offers_key) %
		     OFFERS_SETS;

	lockdep_assert_held(&offers->lock);
	if (!offers->sets[number])
		offers->sets[number] = offers_make_set(net);
	return offers->sets[number];
}

static bool offers_is_of(const struct offers_row *row,
			 const struct offers_server *server)
{
	return row->offered && !memcmp(&row->server, server, sizeof(*server));
}

/* How long ago it was heard; one that is of no server, for ever. */
static u32 offers_silence(const struct offers *offers,
			  const struct offers_row *row)
{
	return row->offered ? offers->clock - row->heard : U32_MAX;
}

/* The row of a server, or the one that it may have. */
static struct offers_row *offers_row(const struct offers *offers,
				     struct offers_set *set,
				     const struct offers_server *server)
{
	struct offers_row *oldest = &set->rows[0];
	unsigned int i;

	for (i = 0; i < OFFERS_WAYS; i++) {
		struct offers_row *row = &set->rows[i];

		if (offers_is_of(row, server))
			return row;
		if (offers_silence(offers, row) >
		    offers_silence(offers, oldest))
			oldest = row;
	}
	return oldest;
}

/**
 * offers_note() - a server has said what it offers
 * @net: the network namespace
 * @server: the server
 * @offered: what, one bit for each enum offer
 *
 * Context: any, RCU read lock held.
 * Return: what it offered the last time, as far as that is known, and does not now.
 */
u8 offers_note(struct net *net, const struct offers_server *server, u8 offered)
{
	struct offers *offers = &netns_get(net)->offers;
	struct offers_set *set;
	struct offers_row *row;
	u8 gone = 0;

	spin_lock_bh(&offers->lock);
	set = offers_set(net, server);
	if (!set)
		goto unlock;
	row = offers_row(offers, set, server);
	if (offers_is_of(row, server))
		gone = row->offered & ~offered;
	else if (!offered)
		goto unlock;
	row->server = *server;
	row->heard = ++offers->clock;
	row->offered = offered;
unlock:
	spin_unlock_bh(&offers->lock);
	return gone;
}

/* Who answers, whatever address the client knows it by. */
static struct offers_server offers_server(const struct packet *packet)
{
	enum ip_conntrack_dir direction = packet->guard->reversed ?
					  IP_CT_DIR_ORIGINAL : IP_CT_DIR_REPLY;
	const struct nf_conntrack_tuple *tuple =
		nf_ct_tuple(packet->ct, direction);

	return (struct offers_server) {
		.address = tuple->src.u3,
		.port = tuple->src.u.tcp.port,
		.family = tuple->src.l3num,
		.zone = nf_ct_zone_id(nf_ct_zone(packet->ct), direction),
	};
}

/**
 * offers_step() - a server has told what it offers
 * @packet: the packet that the end of its reply is in
 * @step: the step with that
 *
 * Who is the server only since TURN or ATRN answers at a port that nobody will find
 * it at again, so nothing is known of it.
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void offers_step(const struct packet *packet, const struct step *step)
{
	const struct offers_server server = offers_server(packet);
	enum offer offer;
	u8 gone;

	lockdep_assert_held(&packet->ct->lock);
	if (packet->guard->session->turned)
		return;
	gone = offers_note(packet->net, &server, step->offers);
	for (offer = 0; offer < OFFER_COUNT; offer++) {
		struct event event = {
			.kind = SMTPGUARD_EVENT_WITHDRAWAL,
			.capability = offer_name(offer),
		};

		if (!(gone & 1 << offer))
			continue;
		stats_count(packet->net, COUNTER_CAPABILITIES_WITHDRAWN);
		events_send(packet->ct, packet->guard, &event);
	}
}

/**
 * offers_begin() - nothing is known yet
 * @offers: all zero
 */
void offers_begin(struct offers *offers)
{
	spin_lock_init(&offers->lock);
}

/**
 * offers_forget() - a network namespace is going
 * @netns: the namespace, of which nobody uses the table any more
 */
void offers_forget(struct netns *netns)
{
	unsigned int i;

	for (i = 0; i < OFFERS_SETS; i++) {
		if (!netns->offers.sets[i])
			continue;
		kfree(netns->offers.sets[i]);
		netns->offers.sets[i] = NULL;
		memory_give(netns->net, sizeof(struct offers_set));
	}
}

/**
 * offers_init() - make it hard to guess which servers share a set
 */
void offers_init(void)
{
	get_random_bytes(&offers_key, sizeof(offers_key));
}
