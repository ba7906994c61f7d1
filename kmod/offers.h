/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What servers have offered.
 */
#ifndef SMTPGUARD_OFFERS_H
#define SMTPGUARD_OFFERS_H

#include <linux/netfilter.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct net;
struct netns;
struct offers_set;
struct packet;
struct step;

/* The table of a network namespace has so many sets. */
#define OFFERS_SETS	128
/* Servers that one has room for. */
#define OFFERS_WAYS	8

/**
 * struct offers_server - a server, without padding
 * @address: as it answers, so it is the one behind NAT
 * @port: its port
 * @family: %NFPROTO_IPV4 or %NFPROTO_IPV6
 * @zone: conntrack's zone
 */
struct offers_server {
	union nf_inet_addr address;
	__be16 port;
	u16 family;
	u32 zone;
};

/**
 * struct offers - what the servers of a network namespace have offered
 * @lock: protects the rest
 * @clock: counts what was noted
 * @sets: made on first need
 */
struct offers {
	/* inside of ct->lock */
	spinlock_t lock;
	u32 clock;
	struct offers_set *sets[OFFERS_SETS];
};

u8 offers_note(struct net *net, const struct offers_server *server, u8 offered);
void offers_step(const struct packet *packet, const struct step *step);
void offers_begin(struct offers *offers);
void offers_forget(struct netns *netns);
void offers_init(void);

#endif /* SMTPGUARD_OFFERS_H */
