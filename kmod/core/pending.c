// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of replies that the server still owes.  What they answer must
 * never be guessed, so nothing is noted that there is no room for, and a
 * client that asks for more is given up.
 */
#include "pending.h"

/* Is one more reply of this kind one more of the last run? */
static bool pending_joins(const struct pending *pending, enum reply_to kind)
{
	const struct pending_run *last;

	if (!pending->used)
		return false;
	last = &pending->runs[pending->used - 1];
	return last->kind == kind && last->count < U8_MAX;
}

static bool pending_takes_run(const struct pending *pending, enum reply_to kind)
{
	return pending->used < (kind == REPLY_TO_END_OF_DATA ?
				PENDING_RUNS : PENDING_RUNS_MAX);
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
	if (pending_joins(pending, kind)) {
		pending->runs[pending->used - 1].count++;
		return true;
	}
	if (!pending_takes_run(pending, kind))
		return false;
	pending->runs[pending->used].kind = kind;
	pending->runs[pending->used].count = 1;
	pending->used++;
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
	return pending_takes_run(pending, kind) || pending_joins(pending, kind);
}

/**
 * pending_front() - what the next reply answers
 * @pending: the queue
 *
 * Return: %REPLY_TO_NOTHING where no reply is owed.
 */
enum reply_to pending_front(const struct pending *pending)
{
	return pending->used ? pending->runs[0].kind : REPLY_TO_NOTHING;
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

	if (kind == REPLY_TO_NOTHING || --pending->runs[0].count)
		return kind;
	pending->used--;
	memmove(pending->runs, pending->runs + 1,
		pending->used * sizeof(*pending->runs));
	return kind;
}

/**
 * pending_holds() - is a reply of one of some kinds owed
 * @pending: the queue
 * @kinds: one bit for each enum reply_to
 *
 * Return: true if so, wherever in the queue.
 */
bool pending_holds(const struct pending *pending, u32 kinds)
{
	unsigned int i;

	for (i = 0; i < pending->used; i++)
		if (kinds >> pending->runs[i].kind & 1)
			return true;
	return false;
}

/* May the server leave the command unanswered? */
static bool is_optional(enum reply_to kind)
{
	return kind == REPLY_TO_EMPTY || kind == REPLY_TO_BROKEN_OFF;
}

/* A reply of another kind answers what comes behind. */
static bool optional_takes(enum reply_to kind, u16 code)
{
	return code / 100 == 5 ||
	       (code / 100 == 4 && kind == REPLY_TO_BROKEN_OFF);
}

/**
 * pending_certain() - what the next reply answers, if it must be answered
 * @pending: the queue
 *
 * Return: the first kind that is not optional, %REPLY_TO_NOTHING where there is
 * none.
 */
enum reply_to pending_certain(const struct pending *pending)
{
	unsigned int i;

	for (i = 0; i < pending->used; i++)
		if (!is_optional(pending->runs[i].kind))
			return pending->runs[i].kind;
	return REPLY_TO_NOTHING;
}

/**
 * pending_drop_optional() - a reply has come: what was not answered will not be
 * @pending: the queue; its front is set to what the reply answers
 * @code: the reply
 */
void pending_drop_optional(struct pending *pending, u16 code)
{
	while (is_optional(pending_front(pending)) &&
	       !optional_takes(pending_front(pending), code))
		pending_pop(pending);
}

/**
 * pending_is_last() - is one reply of a kind owed, behind all the others
 * @pending: the queue
 * @kind: what it answers
 *
 * Return: true if so, and no other of this kind is owed.
 */
bool pending_is_last(const struct pending *pending, enum reply_to kind)
{
	unsigned int i;

	for (i = 0; i + 1 < pending->used; i++)
		if (pending->runs[i].kind == kind)
			return false;
	return pending->used && pending->runs[i].kind == kind &&
	       pending->runs[i].count == 1;
}
