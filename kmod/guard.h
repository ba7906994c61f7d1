/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of a flow under guard.
 */
#ifndef SMTPGUARD_GUARD_H
#define SMTPGUARD_GUARD_H

#include <linux/ktime.h>
#include <linux/types.h>

#include "core/ahead.h"
#include "core/history.h"
#include "core/session.h"
#include "uapi/smtpguard.h"

struct nf_conn;

/* Octets of a message that are kept to show where its end was mistaken. */
#define RECENT_MAX		16
/* Octets of a line that are kept for the session log. */
#define LINE_TEXT_MAX		512
/*
 * Entries that a history begins with: lines of a message, or octets of
 * commands and replies, that are under way unacknowledged.
 */
#define RING_CLIENT_FIRST	1984
#define RING_SERVER_FIRST	832

/** enum ring - what notes are of */
enum ring {
	RING_CLIENT = FROM_CLIENT,
	RING_SERVER = FROM_SERVER,
	RING_AHEAD,

	RING_COUNT
};

/**
 * struct line - the text of a line under way, for the session log
 * @length: octets of it in @text
 * @truncated: there were more
 * @text: as the peer sent them
 */
struct line {
	u16 length;
	bool truncated;
	u8 text[LINE_TEXT_MAX];
};

/**
 * struct side - one direction of a flow
 * @first: sequence number of the first octet
 * @next: sequence number of the next octet
 * @known: @next is
 * @finished: a FIN has passed
 * @tag: on a bridge, the VLAN tag that its segments leave with
 * @interface: index of the device that its segments come in by; 0: not known,
 *	or this host
 * @octets: payload that has passed
 * @history: what has passed and is not acknowledged
 * @line: the text of the line under way; %NULL until somebody follows the log
 */
struct side {
	u32 first;
	u32 next;
	bool known;
	bool finished;
	u16 tag;
	int interface;
	u64 octets;
	struct history history;
	struct line *line;
};

/**
 * struct notes - memory that the histories begin with
 * @client: of the client's
 * @server: of the server's
 */
struct notes {
	u16 client[HISTORY_WORDS(RING_CLIENT_FIRST)];
	u16 server[HISTORY_WORDS(RING_SERVER_FIRST)];
};

/**
 * struct guard - what is kept of a flow
 * @ct: the connection, whose entry outlives the guard
 * @unanswered: it began with payload, and the server was not heard yet
 * @notes: memory of the histories, or %NULL where they need none
 * @id: the session's number in the log
 * @opened: when
 * @closed: its end was told
 * @untracked: octets may have passed unseen, the place in both streams is lost
 * @tls: the session begins with TLS
 * @reversed: conntrack's original direction is that of the server
 * @recent: the last octets that the client sent of the message under way, up
 *	to @recent_length
 * @recent_length: how many
 * @session: the protocol's state, and what the session has done
 * @side: indexed by enum direction
 * @ahead: octets of the client that passed ahead of a hole
 * @ring: memory of the histories and of @ahead where they have grown, else
 *	%NULL; indexed by enum ring
 *
 * All but @ct, @id and @reversed are protected by @ct->lock.
 */
struct guard {
	struct nf_conn *ct;
	bool unanswered;
	struct notes *notes;
	u64 id;
	ktime_t opened;
	bool closed;
	bool untracked;
	bool tls;
	bool reversed;
	u8 recent[RECENT_MAX];
	u8 recent_length;
	struct session session;
	struct side side[2];
	struct ahead ahead;
	u16 *ring[RING_COUNT];
};

static_assert(sizeof(struct guard) + sizeof(struct notes) <= 7168,
	      "7 kB, as Documentation has it");
static_assert(sizeof(struct guard) <= 1344, "1.3 kB of that stay");

struct guard *guard_open(struct nf_conn *ct);
bool guard_reopen(struct guard *guard);
bool guard_grow(struct guard *guard, enum ring ring, unsigned int wanted);
void guard_shrink(struct guard *guard);
void guard_rest(struct guard *guard);
struct line *guard_line(struct guard *guard, enum direction direction);
void guard_close(struct guard *guard);
int guard_init(void);
void guard_exit(void);

#endif /* SMTPGUARD_GUARD_H */
