/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One SMTP session: which phase it is in, and what each reply answers.
 */
#ifndef SMTPGUARD_CORE_SESSION_H
#define SMTPGUARD_CORE_SESSION_H

#include "body.h"
#include "command.h"
#include "handshake.h"
#include "late.h"
#include "newline.h"
#include "offer.h"
#include "pending.h"
#include "policy.h"
#include "reply.h"
#include "seven.h"
#include "size.h"
#include "step.h"

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
 * @PHASE_TLS: a TLS handshake up to the server's hello, asked for by a 220
 * @PHASE_OPAQUE: not at all, TLS, midstream=accept or security_layers=accept
 * @PHASE_UNKNOWN: not at all until it is known how, see late.h
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
 * @octets: octets of the message under way, its end of data included
 * @framing: those of @octets that only quote a dot or end the message
 * @declared: the size that the last MAIL declared (RFC 1870); 0: none
 * @limit: the size of the largest message that the server takes, as it
 *	announced it; 0: no limit, or not known
 * @number: PHASE_BDAT, PHASE_CHUNK: octets of the chunk that are to come;
 *	PHASE_PROXY: a length that is being read; PHASE_AUTH: octets of the
 *	line
 * @parameter: the walk through the parameters of a MAIL under way
 * @keyword: the walk through the capabilities of a reply under way
 * @seven: what MAILs have said of the bits of their messages
 * @commands: command lines, refused ones included
 * @refused: command lines that were refused
 * @over: those of them that were one recipient too many
 * @messages: messages whose end of data has passed
 * @errors: 5yz replies
 * @body: PHASE_BODY: the message under way
 * @handshake: PHASE_TLS, PHASE_UNKNOWN: the handshake under way
 * @command: PHASE_COMMAND: the client's line under way; PHASE_BODY: that of a
 *	message broken off
 * @late: PHASE_UNKNOWN: the search for the phase
 * @reply: the server's line under way
 * @recipients: RCPT commands since the last MAIL, refused ones left out
 * @accepted: RCPT commands of the transaction that got a 2yz
 * @finals: replies that the end of data which is being answered still gets,
 *	the one under way included; 0: not known before the first of them
 * @phase: enum phase
 * @at: PHASE_BDAT, PHASE_CHUNK: enum chunk_state; PHASE_PROXY: octets of the
 *	header that have come; PHASE_AUTH: enum exchange_state
 * @header: PHASE_BODY: enum header_state
 * @reason: PHASE_CONDEMNED: enum reason, why
 * @unknown: replies 500 or 502 in a row to commands that were forwarded
 * @resynced: the session was picked up after its start, so replies may come
 *	to commands that were never seen
 * @lmtp: LHLO was accepted (RFC 2033)
 * @turned: client and server have changed places
 * @greeted: HELO, EHLO or LHLO was said
 * @in_mail: a mail transaction is open (RFC 5321 section 3.3)
 * @in_chunks: its message has begun with BDAT and not ended
 * @layered: the mechanism of the last AUTH may have a security layer
 * @auth_refused: what followed that AUTH was refused
 * @layer_next: the server has accepted it, and the client said nothing since
 * @chunk_refused: a chunk of it got a 4yz or 5yz
 * @named: a recipient of the transaction was named, wherever its reply is
 * @chunking: the last 2yz to EHLO or LHLO showed CHUNKING to the client
 * @offered: the reply to EHLO or LHLO under way does
 * @ehlo_refused: the last reply to EHLO was no 2yz
 * @offer: the walk through what the server offers in the reply under way
 * @waiting: a reply must tell first what the client's next octets are, so they are
 *	dropped, and come again: BDAT behind an EHLO that is not answered, what is
 *	behind an end of data that not every server takes for one.
 *	PHASE_CONDEMNED: they are of a chunk that the server may read as commands
 * @newline: how the client has ended DATA; PHASE_BODY: the walk through the message
 *	of a client that ends its lines in a way of its own
 * @broken_off: the server has refused the message before its end, and may read the
 *	rest of it as commands; until the next message begins
 * @in_doubt: a reply may have been taken for that to another command
 * @unheard: PHASE_UNKNOWN: the server has not acknowledged all that the client
 *	has said
 * @pending: replies that are owed; PHASE_UNKNOWN: that are, if what the client
 *	said were commands
 *
 * The caller sees to it that no two calls for one session run at once.
 */
struct session {
	u64 octets;
	u64 framing;
	u64 declared;
	u64 limit;
	u64 number;
	struct size_walk parameter;
	struct size_walk keyword;
	struct seven seven;
	u32 commands;
	u32 refused;
	u32 over;
	u32 messages;
	u32 errors;
	union {
		struct body body;
		struct handshake handshake;
	};
	union {
		struct command command;
		struct late late;
	};
	struct reply reply;
	u16 recipients;
	u16 accepted;
	u16 finals;
	u8 phase;
	u8 at;
	u8 header;
	u8 reason;
	u8 unknown;
	bool resynced;
	bool lmtp;
	bool turned;
	bool greeted;
	bool in_mail;
	bool in_chunks;
	bool layered;
	bool auth_refused;
	bool layer_next;
	bool chunk_refused;
	bool named;
	bool chunking;
	bool offered;
	bool ehlo_refused;
	struct offer_walk offer;
	bool waiting;
	struct newline newline;
	bool broken_off;
	bool in_doubt;
	bool unheard;
	struct pending pending;
};

void session_open(struct session *session);
void session_open_tls(struct session *session);
void session_resync(struct session *session);
void session_ignore(struct session *session);
void session_acknowledge(struct session *session, bool all);
void session_missed(struct session *session);
void session_close(struct session *session);
bool session_is_idle(const struct session *session);
enum reason session_segment(struct session *session, enum direction direction);
void session_feed(struct session *session, const struct policy *policy,
		  enum direction direction, const u8 *data, size_t length,
		  struct step *step);
size_t session_takes_text(struct session *session, const struct policy *policy,
			  const u8 *data, size_t length, struct dots *dots,
			  u32 *long_lines);

bool session_in_exact_message(const struct session *session,
			      const struct policy *policy);
enum step_span session_span_ahead(const struct session *session,
				  const struct policy *policy,
				  enum direction direction, u32 end);
void session_skip(struct session *session, const struct policy *policy,
		  size_t length, const struct body_map *map, struct step *step);

/* Does this side give the commands now? */
static inline bool session_is_client(const struct session *session,
				     enum direction direction)
{
	enum direction client = session->turned ? FROM_SERVER : FROM_CLIENT;

	return direction == client;
}

/**
 * session_withholds() - must octets wait for a reply
 * @session: the session
 * @direction: who sends them
 *
 * Ask for each segment, and behind each step.
 *
 * Return: true where no further octet may pass; it is fed when it comes again.
 */
static inline bool session_withholds(const struct session *session,
				     enum direction direction)
{
	return session->waiting && session_is_client(session, direction);
}

/**
 * session_chunk_left() - how much of a chunk is to come
 * @session: the session
 * @direction: who sends
 *
 * Return: how many of the next octets are of one.
 */
static inline u64 session_chunk_left(const struct session *session,
				     enum direction direction)
{
	return session->phase == PHASE_CHUNK &&
	       session_is_client(session, direction) ? session->number : 0;
}

/**
 * session_count_chunk() - octets of a chunk pass
 * @session: the session
 * @length: how many, not more than session_chunk_left() was
 */
static inline void session_count_chunk(struct session *session, u64 length)
{
	session->number -= length;
	session->octets += length;
}

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

/**
 * session_in_auth() - is a reply to AUTH, or to a line of its exchange, owed
 * @session: the session
 *
 * Return: true where the client's next line may be a secret that it does not
 * wait to be asked for.
 */
static inline bool session_in_auth(const struct session *session)
{
	return pending_holds(&session->pending, 1 << REPLY_TO_AUTH);
}

/**
 * session_message_size() - the size of the message whose end has come
 * @session: the session
 *
 * Return: it, as RFC 1870 section 5 counts it.
 */
static inline u64 session_message_size(const struct session *session)
{
	return session->octets - session->framing;
}

/**
 * session_is_opaque() - has it been given up to read the session
 * @session: the session
 *
 * Return: true behind STARTTLS, and after session_ignore().
 */
static inline bool session_is_opaque(const struct session *session)
{
	return session->phase == PHASE_OPAQUE;
}

/**
 * session_is_closed() - was the session reset
 * @session: the session
 *
 * Return: true where nothing of it may pass any more.
 */
static inline bool session_is_closed(const struct session *session)
{
	return session->phase == PHASE_CLOSED;
}

/**
 * session_is_lost() - is it not known yet how to read the session
 * @session: the session
 *
 * Return: true from session_resync() until replies have told.
 */
static inline bool session_is_lost(const struct session *session)
{
	return session->phase == PHASE_UNKNOWN;
}

/**
 * session_in_message() - are the client's octets those of a message
 * @session: the session
 *
 * Return: true between a 354 and the end of data.
 */
static inline bool session_in_message(const struct session *session)
{
	return session->phase == PHASE_BODY;
}

/**
 * session_line_is_long() - may a server read a line in pieces
 * @policy: what is allowed
 * @length: octets of the line that have come, or may have
 *
 * Return: true if so.
 */
static inline bool session_line_is_long(const struct policy *policy, u32 length)
{
	return policy->max_whole_line && length / 1024 >= policy->max_whole_line;
}

/**
 * session_is_too_long() - may the server read the rest of a message anew
 * @session: the session, in a message
 * @policy: what is allowed
 *
 * Return: true where its header, its line or all of it has as many octets as may
 * be.
 */
static inline bool session_is_too_long(const struct session *session,
				       const struct policy *policy)
{
	return session->header == HEADER_OVER ||
	       session_line_is_long(policy, session->body.line) ||
	       (session->limit &&
		session_message_size(session) >= session->limit);
}

/**
 * session_has_broken_off() - may the server run octets of a message as commands
 * @session: the session
 *
 * Return: true from the refusal of a message before its end to the begin of the
 * next one.
 */
static inline bool session_has_broken_off(const struct session *session)
{
	return session->broken_off;
}

/**
 * session_in_data() - are the client's octets no lines of commands
 * @session: the session
 *
 * Return: true in a message, and in a chunk of one.
 */
static inline bool session_in_data(const struct session *session)
{
	return session->phase == PHASE_BODY || session->phase == PHASE_CHUNK;
}

#endif /* SMTPGUARD_CORE_SESSION_H */
