// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of replies that the server still owes, see pending.h.
 */
#include "pending.h"

static enum reply_to slot_kind(u16 slot)
{
	return slot >> 12;
}

static u16 slot_others(u16 slot)
{
	return slot & PENDING_OTHERS_MAX;
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
	int i;

	if (kind == REPLY_TO_OTHER) {
		if (pending->others == PENDING_OTHERS_MAX)
			return false;
		pending->others++;
		return true;
	}
	for (i = 0; i < PENDING_SLOTS; i++) {
		if (pending->slot[i])
			continue;
		pending->slot[i] = kind << 12 | pending->others;
		pending->others = 0;
		return true;
	}
	return false;
}

/**
 * pending_front() - what the next reply answers
 * @pending: the queue
 *
 * Return: %REPLY_TO_NOTHING where no reply is owed.
 */
enum reply_to pending_front(const struct pending *pending)
{
	if (pending->slot[0])
		return slot_others(pending->slot[0]) ?
			REPLY_TO_OTHER : slot_kind(pending->slot[0]);
	return pending->others ? REPLY_TO_OTHER : REPLY_TO_NOTHING;
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
	int i;

	if (kind == REPLY_TO_NOTHING)
		return kind;
	if (kind == REPLY_TO_OTHER) {
		if (pending->slot[0])
			pending->slot[0]--;
		else
			pending->others--;
		return kind;
	}
	for (i = 0; i < PENDING_SLOTS - 1; i++)
		pending->slot[i] = pending->slot[i + 1];
	pending->slot[PENDING_SLOTS - 1] = 0;
	return kind;
}

/**
 * pending_holds() - is a reply of this kind owed
 * @pending: the queue
 * @kind: any but %REPLY_TO_OTHER
 *
 * Return: true if so, wherever in the queue.
 */
bool pending_holds(const struct pending *pending, enum reply_to kind)
{
	int i;

	for (i = 0; i < PENDING_SLOTS; i++)
		if (slot_kind(pending->slot[i]) == kind)
			return true;
	return false;
}
