/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies that the server still owes, oldest first.  A pipelining client
 * (RFC 2920) may have a thousand commands under way, but they come in runs of
 * one kind.
 */
#ifndef SMTPGUARD_CORE_PENDING_H
#define SMTPGUARD_CORE_PENDING_H

#include "types.h"

/**
 * enum reply_to - what a reply answers
 * @REPLY_TO_NOTHING: nothing is outstanding
 * @REPLY_TO_GREETING: the connection itself (RFC 5321 section 3.1)
 * @REPLY_TO_HELO: HELO
 * @REPLY_TO_EHLO: EHLO; the reply lists capabilities
 * @REPLY_TO_LHLO: LHLO; it does too, and a 2yz makes the session LMTP
 * @REPLY_TO_MAIL: MAIL and its kin; anything but 2yz opens no transaction
 * @REPLY_TO_DATA: DATA; a 354 opens a message
 * @REPLY_TO_AUTH: AUTH, X-EXPS or a line of its exchange; a 334 asks for a line
 * @REPLY_TO_STARTTLS: STARTTLS, X-ANONYMOUSTLS; a 220 opens TLS
 * @REPLY_TO_XCLIENT: XCLIENT; a 220 greets anew
 * @REPLY_TO_TURN: ATRN, TURN; a 2yz makes client and server change places
 * @REPLY_TO_END_OF_DATA: an end of data; the message is the server's or the
 *	client's to keep by this reply, so nothing may stop it
 * @REPLY_TO_LAST: a command that must be the last of a pipelined group
 * @REPLY_TO_RCPT: RCPT; a 2yz accepts a recipient
 * @REPLY_TO_RCPT_OVER: a RCPT over max_recipients, overwritten; as RCPT, and a
 *	5yz is shown as 4yz
 * @REPLY_TO_CHUNK: BDAT without LAST
 * @REPLY_TO_REFUSED: a command whose verb was overwritten, or whose argument
 *	was and whose reply changes nothing
 * @REPLY_TO_EMPTY: an empty line, which servers may not answer, or with a 5yz
 * @REPLY_TO_BROKEN_OFF: the end of a message that the server has refused before,
 *	which it may not answer, or with a 4yz or 5yz
 * @REPLY_TO_EXTRA: a verb that is in no table; a 3yz asks for what is not
 *	understood
 * @REPLY_TO_OTHER: any other command
 */
enum reply_to {
	REPLY_TO_NOTHING,
	REPLY_TO_GREETING,
	REPLY_TO_HELO,
	REPLY_TO_EHLO,
	REPLY_TO_LHLO,
	REPLY_TO_MAIL,
	REPLY_TO_DATA,
	REPLY_TO_AUTH,
	REPLY_TO_STARTTLS,
	REPLY_TO_XCLIENT,
	REPLY_TO_TURN,
	REPLY_TO_END_OF_DATA,
	REPLY_TO_LAST,
	REPLY_TO_RCPT,
	REPLY_TO_RCPT_OVER,
	REPLY_TO_CHUNK,
	REPLY_TO_REFUSED,
	REPLY_TO_EMPTY,
	REPLY_TO_BROKEN_OFF,
	REPLY_TO_EXTRA,
	REPLY_TO_OTHER,
};

/**
 * PENDING_RUNS_MAX - runs that there is room for
 *
 * Eight transactions that a client pipelines, each with MAIL, RCPTs, chunks,
 * the last of them and RSET, and 2,000 recipients in all, take 47; a greeting,
 * EHLO and QUIT come beside them.
 */
#define PENDING_RUNS_MAX	56

/*
 * One more for what a reset has to wait for: an end of data whose command's line
 * has passed (BURL).
 */
#define PENDING_RUNS		(PENDING_RUNS_MAX + 1)

/**
 * struct pending_run - replies in a row to one kind of command
 * @kind: enum reply_to
 * @count: how many; of more than it can count there are several runs
 */
struct pending_run {
	u8 kind;
	u8 count;
};

/**
 * struct pending - the queue; all zero is an empty one
 * @runs: the runs, oldest first
 * @used: how many
 */
struct pending {
	struct pending_run runs[PENDING_RUNS];
	u8 used;
};

bool pending_push(struct pending *pending, enum reply_to kind);
bool pending_has_room(const struct pending *pending, enum reply_to kind);
enum reply_to pending_front(const struct pending *pending);
enum reply_to pending_pop(struct pending *pending);
bool pending_holds(const struct pending *pending, u32 kinds);
enum reply_to pending_certain(const struct pending *pending);
void pending_drop_optional(struct pending *pending, u16 code);
bool pending_is_last(const struct pending *pending, enum reply_to kind);

#endif /* SMTPGUARD_CORE_PENDING_H */
