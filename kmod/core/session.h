/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One SMTP session: which phase it is in, and what each reply answers.
 */
#ifndef SMTPGUARD_CORE_SESSION_H
#define SMTPGUARD_CORE_SESSION_H

#include "body.h"
#include "command.h"
#include "pending.h"
#include "policy.h"
#include "reply.h"
#include "step.h"

/**
 * enum direction - who sends
 * @FROM_CLIENT: the side that opened the connection
 * @FROM_SERVER: the side that greets
 */
enum direction { FROM_CLIENT, FROM_SERVER };

/**
 * enum phase - how the client's octets are to be read
 * @PHASE_COMMAND: command lines
 * @PHASE_AUTH: one line of an AUTH exchange, asked for by a 334
 * @PHASE_BODY: a message, asked for by a 354
 * @PHASE_TLS: the first octets of a TLS handshake, asked for by a 220
 * @PHASE_OPAQUE: not at all, TLS or midstream=accept
 * @PHASE_UNKNOWN: not known until a reply tells
 * @PHASE_CONDEMNED: all are overwritten; the session is to be reset as soon as
 *	no final reply to an end of data is owed
 * @PHASE_CLOSED: the session was reset, nothing passes any more
 */
enum phase {
	PHASE_COMMAND,
	PHASE_AUTH,
	PHASE_BODY,
	PHASE_TLS,
	PHASE_OPAQUE,
	PHASE_UNKNOWN,
	PHASE_CONDEMNED,
	PHASE_CLOSED,
};

/**
 * struct session - all that is kept of a session from segment to segment
 * @pending: replies that are owed
 * @command: the client's line under way
 * @reply: the server's line under way
 * @recipients: RCPT commands since the last MAIL
 * @phase: enum phase
 * @resynced: the session was picked up after its start, so replies may come
 *	to commands that were never seen
 * @body: the message under way
 *
 * The caller sees to it that no two calls for one session run at once.
 *
 *	octets	member
 *	0-7	pending
 *	8-13	command
 *	14-19	reply
 *	20-21	recipients
 *	22	phase, resynced
 *	23	body
 */
struct session {
	struct pending pending;
	struct command command;
	struct reply reply;
	u16 recipients;
	u8 phase : 4;
	u8 resynced : 1;
	struct body body;
};

static_assert(sizeof(struct session) == 24, "flow state is 32 octets in all");

void session_open(struct session *session);
void session_resync(struct session *session);
bool session_segment(struct session *session, enum direction direction,
		     struct step *step);
void session_feed(struct session *session, const struct policy *policy,
		  enum direction direction, const u8 *data, size_t length,
		  struct step *step);

/**
 * session_committed() - is a final reply to an end of data owed
 * @session: the session
 *
 * Return: true where a reset could make the client send a message again that
 * the server has taken.
 */
static inline bool session_committed(const struct session *session)
{
	return pending_holds(&session->pending, REPLY_TO_END_OF_DATA);
}

#endif /* SMTPGUARD_CORE_SESSION_H */
