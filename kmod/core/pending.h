/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies that the server still owes, oldest first.  A pipelining client
 * (RFC 2920) may have hundreds of commands under way, but few of them change
 * what comes next; all others are mere counts between those few:
 *
 *	slot 0: 2 others, then DATA | slot 1: 0 others, then ... | 5 others
 *
 * So a bounded queue of u16 holds them all.
 */
#ifndef SMTPGUARD_CORE_PENDING_H
#define SMTPGUARD_CORE_PENDING_H

#include "types.h"

/**
 * enum reply_to - what a reply answers
 * @REPLY_TO_NOTHING: nothing is outstanding; an empty slot
 * @REPLY_TO_GREETING: the connection itself (RFC 5321 section 3.1)
 * @REPLY_TO_HELO: HELO
 * @REPLY_TO_EHLO: EHLO; the reply lists capabilities
 * @REPLY_TO_DATA: DATA; a 354 opens a message
 * @REPLY_TO_AUTH: AUTH or a line of its exchange; a 334 asks for a line
 * @REPLY_TO_STARTTLS: STARTTLS; a 220 opens TLS
 * @REPLY_TO_END_OF_DATA: an end of data; the message is the server's or the
 *	client's to keep by this reply, so nothing may stop it
 * @REPLY_TO_OTHER: any other command
 */
enum reply_to {
	REPLY_TO_NOTHING,
	REPLY_TO_GREETING,
	REPLY_TO_HELO,
	REPLY_TO_EHLO,
	REPLY_TO_DATA,
	REPLY_TO_AUTH,
	REPLY_TO_STARTTLS,
	REPLY_TO_END_OF_DATA,
	REPLY_TO_OTHER,
};

/** PENDING_SLOTS - replies other than %REPLY_TO_OTHER that may be owed */
#define PENDING_SLOTS		3
/** PENDING_OTHERS_MAX - replies to other commands that may be owed in a row */
#define PENDING_OTHERS_MAX	0x0fff

/**
 * struct pending - the queue
 * @slot: bits 15..12: enum reply_to, zero for an empty slot; bits 11..0: how
 *	many replies to other commands come before it
 * @others: replies to other commands after the last filled slot
 */
struct pending {
	u16 slot[PENDING_SLOTS];
	u16 others;
};

bool pending_push(struct pending *pending, enum reply_to kind);
enum reply_to pending_front(const struct pending *pending);
enum reply_to pending_pop(struct pending *pending);
bool pending_holds(const struct pending *pending, enum reply_to kind);

#endif /* SMTPGUARD_CORE_PENDING_H */
