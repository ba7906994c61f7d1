// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of replies that the server still owes: 16 nibbles, oldest lowest.
 * A kind is a nibble, and behind one that comes in runs are three more that
 * say how many; zero is the end:
 *
 *	nibble	0	4	5	6..8
 *		EHLO	MAIL	RCPT	40	DATA	0
 *
 * So there is room for what the longest pipelined group holds in sequence,
 * greeting, EHLO, MAIL, RCPTs and DATA, and for all the RCPTs anybody sends.
 * When runs alternate beyond that, replies of little consequence lose their
 * kind and join one run of %REPLY_TO_OTHER; a DATA behind them has its room.
 */
#include "pending.h"

#define NIBBLES		16
#define COUNT_NIBBLES	3
#define RESERVED	2

static bool comes_in_runs(enum reply_to kind)
{
	return kind >= REPLY_TO_LAST;
}

static bool has_consequence(enum reply_to kind)
{
	return !comes_in_runs(kind) && kind != REPLY_TO_MAIL;
}

static unsigned int run_nibbles(enum reply_to kind)
{
	return comes_in_runs(kind) ? 1 + COUNT_NIBBLES : 1;
}

static enum reply_to kind_at(const struct pending *pending, unsigned int at)
{
	return at < NIBBLES ? pending->queue >> 4 * at & 0xf : REPLY_TO_NOTHING;
}

static u16 count_at(const struct pending *pending, unsigned int at)
{
	return pending->queue >> 4 * (at + 1) & PENDING_RUN_MAX;
}

/* Where the queue ends; @last is where its last run begins. */
static unsigned int pending_end(const struct pending *pending,
				unsigned int *last)
{
	unsigned int at = 0;

	*last = NIBBLES;
	while (kind_at(pending, at)) {
		*last = at;
		at += run_nibbles(kind_at(pending, at));
	}
	return at;
}

static_assert(REPLY_TO_OTHER == 0xf, "any kind becomes it by setting bits");

static bool pending_add(struct pending *pending, unsigned int run)
{
	if (count_at(pending, run) == PENDING_RUN_MAX)
		return false;
	pending->queue += 1ULL << 4 * (run + 1);
	return true;
}

static bool pending_join(struct pending *pending, unsigned int run)
{
	if (!comes_in_runs(kind_at(pending, run)) || !pending_add(pending, run))
		return false;
	pending->queue |= (u64)REPLY_TO_OTHER << 4 * run;
	return true;
}

/* MAIL is put where the RCPTs behind it find room too. */
static unsigned int nibbles_wanted(enum reply_to kind)
{
	return RESERVED + 1 + COUNT_NIBBLES + (kind == REPLY_TO_MAIL);
}

/**
 * pending_push() - one more reply is owed
 * @pending: the queue
 * @kind: what it will answer
 *
 * Return: false where the queue is full and the reply was not noted.
 */
bool pending_push(struct pending *pending, enum reply_to kind)
{
	unsigned int last;
	unsigned int end = pending_end(pending, &last);

	if (comes_in_runs(kind) && kind_at(pending, last) == kind)
		return pending_add(pending, last);
	if (!has_consequence(kind) && end + nibbles_wanted(kind) > NIBBLES &&
	    pending_join(pending, last))
		return true;
	if (end + run_nibbles(kind) > NIBBLES)
		return false;
	pending->queue |= (u64)kind << 4 * end;
	if (comes_in_runs(kind))
		pending->queue |= 1ULL << 4 * (end + 1);
	return true;
}

/**
 * pending_has_room() - could one more reply be noted
 * @pending: the queue
 * @kind: what it would answer
 *
 * Return: what pending_push() would.
 */
bool pending_has_room(const struct pending *pending, enum reply_to kind)
{
	struct pending trial = *pending;

	return pending_push(&trial, kind);
}

/**
 * pending_front() - what the next reply answers
 * @pending: the queue
 *
 * Return: %REPLY_TO_NOTHING where no reply is owed.
 */
enum reply_to pending_front(const struct pending *pending)
{
	return kind_at(pending, 0);
}

/**
 * pending_pop() - the next reply has come
 * @pending: the queue
 *
 * Return: what it answers, %REPLY_TO_NOTHING where none was owed.
 */
enum reply_to pending_pop(struct pending *pending)
{
	enum reply_to kind = pending_front(pending);
	unsigned int bits = 4 * run_nibbles(kind);

	if (kind == REPLY_TO_NOTHING)
		return kind;
	if (comes_in_runs(kind) && count_at(pending, 0) > 1)
		pending->queue -= 1 << 4;
	else
		pending->queue >>= bits;
	return kind;
}

/**
 * pending_holds() - is a reply of one of some kinds owed
 * @pending: the queue
 * @kinds: one bit for each enum reply_to
 *
 * Return: true if so, wherever in the queue.
 */
bool pending_holds(const struct pending *pending, u16 kinds)
{
	unsigned int at = 0;

	while (kind_at(pending, at)) {
		if (kinds >> kind_at(pending, at) & 1)
			return true;
		at += run_nibbles(kind_at(pending, at));
	}
	return false;
}
