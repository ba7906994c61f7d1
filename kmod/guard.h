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

struct hellos;
struct messages;
struct nf_conn;

/* Octets of a message that are kept to show where its end was mistaken. */
#define RECENT_MAX		16
/* Octets of a line that are kept for the session log. */
#define LINE_TEXT_MAX		512
/* Entries that the least ring has: most octets of commands take half of one. */
#define RING_FIRST		HISTORY_UNMARKED

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
 * @masked: some of it was overwritten, from the octet at @mask on
 * @mask: octets of its side before that
 * @text: as the peer sent them
 */
struct line {
	u16 length;
	bool truncated;
	bool masked;
	u64 mask;
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
 * @history: what has passed and is not acknowledged; its ring is made on first
 *	need
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
 * struct totals - what a session has done in all
 * @messages: messages whose end of data has passed
 * @commands: command lines, refused ones included
 * @refused: command lines that were refused
 */
struct totals {
	u32 messages;
	u32 commands;
	u32 refused;
};

/**
 * struct guard - what is kept of a flow whose octets are read, or were
 * @ct: the connection, whose entry outlives the guard unless that is moved
 * @session: the protocol's state; %NULL where nothing is read any more
 * @ahead: octets of the client that passed ahead of a hole; %NULL without
 * @messages: what is gathered of its messages; %NULL unless somebody wants it
 * @hellos: the TLS handshake that is being read; %NULL without one
 * @id: the session's number in the log
 * @opened: when
 * @ended: when an end of data passed whose final reply is owed, or the reply came
 *	that was owed before it; 0: none is
 * @totals: what the session has done, once there is no @session
 * @unanswered: it began with payload, and the server was not heard yet
 * @closed: its end was told
 * @untracked: octets may have passed unseen, the place in both streams is lost
 * @strict: the server has answered a SYN of another connection, so numbers below
 *	those that are under way may be of that
 * @tls: the session begins with TLS
 * @blame: enum reason, for which it was reset
 * @tls_version: the version of TLS that the server has chosen; 0: none, or not
 *	known
 * @reversed: conntrack's original direction is that of the server
 * @settled: what comes is only counted, but for segments that begin or end
 *	something; see judge_settles()
 * @steady: stream_is_steady(), since the last segment that was judged
 * @strays: segments in a row that came from where the other side is, by enum
 *	direction
 * @strayed: when the last of them was counted, in jiffies
 * @recent: the last octets that the client sent of the message under way, up
 *	to @recent_length
 * @recent_length: how many
 * @side: indexed by enum direction
 *
 * All but @id is protected by @ct->lock; who has taken a guard from a connection
 * to move it to another is alone with it.
 */
struct guard {
	struct nf_conn *ct;
	struct session *session;
	struct ahead *ahead;
	struct messages *messages;
	struct hellos *hellos;
	u64 id;
	ktime_t opened;
	ktime_t ended;
	struct totals totals;
	bool unanswered;
	bool closed;
	bool untracked;
	bool strict;
	bool tls;
	bool reversed;
	bool settled;
	bool steady;
	u8 blame;
	u16 tls_version;
	u8 strays[2];
	u32 strayed[2];
	u8 recent_length;
	u8 recent[RECENT_MAX];
	struct side side[2];
};

struct guard *guard_open(struct nf_conn *ct, bool reversed);
void guard_move(struct guard *guard, struct nf_conn *ct, bool reversed);
int guard_grow(struct guard *guard, enum ring ring, unsigned int wanted);
void guard_shrink(struct guard *guard);
void guard_rest(struct guard *guard);
struct line *guard_line(struct guard *guard, enum direction direction);
void *guard_alloc(struct guard *guard, size_t octets);
void guard_free(struct guard *guard, void *object, size_t octets);
bool guard_is_committed(const struct guard *guard);
bool guard_is_quiet(const struct guard *guard);
bool guard_is_idle(const struct guard *guard);
size_t guard_memory(const struct guard *guard);
struct totals guard_totals(const struct guard *guard);
void guard_close(struct guard *guard);
int guard_init(void);
void guard_exit(void);

/**
 * guard_is_opaque() - are octets of a flow not read any more
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: true where they are not.
 */
static inline bool guard_is_opaque(const struct guard *guard)
{
	return !guard->session || session_is_opaque(guard->session);
}

/**
 * guard_is_finished() - have both ends said all
 * @guard: its guard
 *
 * Context: ct->lock held.
 * Return: true where they have.
 */
static inline bool guard_is_finished(const struct guard *guard)
{
	return guard->side[FROM_CLIENT].finished &&
	       guard->side[FROM_SERVER].finished;
}

/**
 * guard_is_bare() - is nothing kept but the guard itself
 * @guard: the guard
 *
 * Context: ct->lock held.
 * Return: true where no octet is read any more, and none that was is kept.
 */
static inline bool guard_is_bare(const struct guard *guard)
{
	const struct side *side = guard->side;

	return !guard->session && !guard->hellos && !guard->ahead &&
	       !side[FROM_CLIENT].line && !side[FROM_SERVER].line &&
	       !side[FROM_CLIENT].history.size &&
	       !side[FROM_SERVER].history.size;
}

#endif /* SMTPGUARD_GUARD_H */
