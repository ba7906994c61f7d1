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
#include "tally.h"

/**
 * enum direction - who sends
 * @FROM_CLIENT: the side that opened the connection
 * @FROM_SERVER: the side that it was opened to
 */
enum direction { FROM_CLIENT, FROM_SERVER };

/**
 * enum phase - how the client's octets are to be read
 * @PHASE_COMMAND: command lines
 * @PHASE_PROXY: a binary header before the first command
 * @PHASE_BDAT: the argument of BDAT
 * @PHASE_CHUNK: the octets that it announced
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
	PHASE_PROXY,
	PHASE_BDAT,
	PHASE_CHUNK,
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
 * @command: PHASE_COMMAND: the client's line under way; PHASE_CONDEMNED: why
 * @number: PHASE_BDAT, PHASE_CHUNK: octets of the chunk that are to come;
 *	PHASE_TLS, PHASE_PROXY: a length that is being read
 * @body: PHASE_BODY: the message under way
 * @reply: the server's line under way
 * @phase: enum phase
 * @resynced: the session was picked up after its start, so replies may come
 *	to commands that were never seen
 * @lmtp: LHLO was accepted (RFC 2033)
 * @turned: client and server have changed places
 * @at: PHASE_BDAT, PHASE_CHUNK: enum chunk_state; PHASE_TLS, PHASE_PROXY:
 *	octets of the header that have come
 *
 * The caller sees to it that no two calls for one session run at once.
 *
 *	octets	member
 *	0-7	pending
 *	8-15	command, number, body
 *	16-21	reply
 *	22	phase, resynced, lmtp, turned
 *	23	at
 */
struct session {
	struct pending pending;
	union {
		struct command command;
		u64 number;
		struct body body;
	};
	struct reply reply;
	u8 phase : 4;
	u8 resynced : 1;
	u8 lmtp : 1;
	u8 turned : 1;
	u8 at;
};

static_assert(sizeof(struct session) == 24, "flow state is 32 octets in all");

void session_open(struct session *session, struct tally *tally);
void session_open_tls(struct session *session, struct tally *tally);
void session_resync(struct session *session);
bool session_segment(struct session *session, enum direction direction,
		     struct step *step);
void session_feed(struct session *session, struct tally *tally,
		  const struct policy *policy, enum direction direction,
		  const u8 *data, size_t length, struct step *step);

enum step_span session_span_ahead(const struct session *session,
				  const struct policy *policy,
				  enum direction direction, u32 end);
void session_skip(struct session *session, struct tally *tally,
		  const struct policy *policy, size_t length,
		  const struct body_map *map, struct step *step);

/**
 * session_committed() - is a final reply to an end of data owed
 * @session: the session
 *
 * Return: true where a reset could make the client send a message again that
 * the server has taken.
 */
static inline bool session_committed(const struct session *session)
{
	return pending_holds(&session->pending, 1 << REPLY_TO_END_OF_DATA);
}

#endif /* SMTPGUARD_CORE_SESSION_H */
