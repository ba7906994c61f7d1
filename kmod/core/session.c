// SPDX-License-Identifier: GPL-2.0
/*
 * The session: phases, and the replies that change them.
 *
 *                      334                        220
 *   PHASE_AUTH <--------------- PHASE_COMMAND ----------> PHASE_TLS
 *       |    line end               |     ^                   | 16 03
 *       +-------------------------->|     |                   v
 *                               354 |     | CRLF.CRLF    PHASE_OPAQUE
 *                                   v     |
 *                                 PHASE_BODY
 *
 * Only the server's reply changes a phase, never the client's command: DATA
 * that is answered by 503 opens nothing (CVE-2000-1022).  The other way round,
 * a client that has already sent octets behind DATA, AUTH or STARTTLS when
 * the reply comes had them read as commands, and the server reads them as
 * something else: such a session is reset (RFC 2920 section 3.1, CVE-2011-0411).
 *
 * From the end of data to its final reply the client may not learn of any
 * failure that the server does not know of, or it would send the message
 * again.  What would reset a session in that time condemns it: the client's
 * octets are overwritten until the reply has passed, and the next segment
 * after it resets.
 */
#include "session.h"

#define REPLY_READY		220
#define REPLY_AUTH_CONTINUE	334
#define REPLY_START_DATA	354

/* RFC 8446 section 5.1: a record of type handshake, legacy version 3.x */
static const u8 tls_record[] = { 0x16, 0x03 };

/*
 * @step's octets do not pass, unless that would hide the final reply to an
 * end of data: then the next segment does it.
 */
static void session_reset(struct session *session, const struct policy *policy,
			  struct step *step, enum reason reason)
{
	step->reason = reason;
	step->reset = false;
	if (policy->monitor) {
		step->reset = true;
		session_resync(session);
		return;
	}
	if (step->span == SPAN_REPLY || session_committed(session)) {
		session->phase = PHASE_CONDEMNED;
		session->command.reason = reason;
		return;
	}
	step->reset = true;
	session->phase = PHASE_CLOSED;
}

static bool session_await(struct session *session, const struct policy *policy,
			  struct step *step, enum reply_to kind)
{
	if (pending_push(&session->pending, kind))
		return true;
	session_reset(session, policy, step, REASON_PIPELINE);
	return false;
}

/* The client has spoken past the command that is just being answered. */
static bool session_spoken_past(const struct session *session)
{
	return pending_front(&session->pending) != REPLY_TO_NOTHING ||
	       command_open(&session->command);
}

static void session_body_begin(struct session *session, struct step *step)
{
	session->phase = PHASE_BODY;
	body_begin(&session->body);
	step->events |= STEP_DATA_BEGIN;
}

static u64 session_allowed(const struct session *session,
			   const struct policy *policy)
{
	if (session->recipients >= policy->max_recipients)
		return policy->verbs & ~VERB_BIT(VERB_RCPT);
	return policy->verbs;
}

static void session_count_recipients(struct session *session, u8 verb)
{
	if (verb == VERB_RCPT && session->recipients < U16_MAX)
		session->recipients++;
	else if (word_in_set(verb_flagged(VERB_OPENS_MAIL), verb))
		session->recipients = 0;
}

static void session_command_end(struct session *session,
				const struct policy *policy, struct step *step)
{
	enum reply_to kind = REPLY_TO_OTHER;

	if (step->refused) {
		if (step->reason == REASON_VERB && step->verb == VERB_RCPT &&
		    word_in_set(policy->verbs, VERB_RCPT))
			step->reason = REASON_RECIPIENTS;
	} else if (step->verb != VERB_COUNT) {
		kind = verb_table.rows[step->verb].value;
		session_count_recipients(session, step->verb);
	}
	if (!session_await(session, policy, step, kind))
		return;
	if (!step->refused)
		return;
	if (policy->refuse == REFUSE_RESET)
		session_reset(session, policy, step, step->reason);
	else if (policy->max_refused &&
		 session->command.refused > policy->max_refused)
		session_reset(session, policy, step, REASON_REFUSED);
}

static void session_feed_command(struct session *session,
				 const struct policy *policy, const u8 *data,
				 size_t length, struct step *step)
{
	command_feed(&session->command, policy,
		     session_allowed(session, policy), data, length, step);
	if (step->reset)
		session_reset(session, policy, step, step->reason);
	else if (step->events & STEP_COMMAND)
		session_command_end(session, policy, step);
	else if (step->mask_to > step->mask_from &&
		 policy->refuse == REFUSE_RESET)
		session_reset(session, policy, step, step->reason);
}

/* The line is base64 or "*" and is never looked at (RFC 4954 section 4). */
static void session_feed_auth(struct session *session,
			      const struct policy *policy, const u8 *data,
			      size_t length, struct step *step)
{
	const u8 *end = memchr(data, '\n', length);

	step->span = SPAN_SECRET;
	step->length = end ? (size_t)(end - data) + 1 : length;
	if (!end)
		return;
	step->events |= STEP_SECRET;
	session->phase = PHASE_COMMAND;
	session_await(session, policy, step, REPLY_TO_AUTH);
}

static void session_ambiguous(struct session *session,
			      const struct policy *policy, struct step *step,
			      enum body_mark mark)
{
	step->events |= STEP_AMBIGUOUS;
	if (policy->end_of_data == END_OF_DATA_ACCEPT)
		return;
	/* the CR that completed it may have been forwarded already */
	if (policy->end_of_data == END_OF_DATA_RESET ||
	    mark == BODY_MARK_AMBIGUOUS_CR) {
		session_reset(session, policy, step, REASON_END_OF_DATA);
		return;
	}
	step->reason = REASON_END_OF_DATA;
	step->filler = ' ';
	step->mask_from = step->length - 1;
	step->mask_to = step->length;
	session->body.state = BODY_TEXT;
}

static void session_feed_body(struct session *session,
			      const struct policy *policy, const u8 *data,
			      size_t length, struct step *step)
{
	enum body_mark mark;

	step->span = SPAN_BODY;
	step->length = body_scan(&session->body, data, length, &mark);
	switch (mark) {
	case BODY_MARK_NONE:
		return;
	case BODY_MARK_END:
		step->events |= STEP_DATA_END;
		step->segments = session->body.segments;
		session->phase = PHASE_COMMAND;
		session->recipients = 0;
		session_await(session, policy, step, REPLY_TO_END_OF_DATA);
		return;
	default:
		session_ambiguous(session, policy, step, mark);
	}
}

/* body.segments counts the octets of the record header that have come. */
static void session_feed_tls(struct session *session,
			     const struct policy *policy, const u8 *data,
			     struct step *step)
{
	step->span = SPAN_OPAQUE;
	step->length = 1;
	if (data[0] != tls_record[session->body.segments]) {
		session_reset(session, policy, step, REASON_NOT_TLS);
		return;
	}
	if (++session->body.segments < sizeof(tls_record))
		return;
	session->phase = PHASE_OPAQUE;
	step->events |= STEP_TLS_START;
}

/* Everything but line ends, so that the server answers, if it does, 500. */
static void session_feed_condemned(const u8 *data, size_t length,
				   struct step *step)
{
	step->span = SPAN_COMMAND;
	step->filler = COMMAND_FILLER;
	while (step->length < length) {
		u8 octet = data[step->length];

		if (step_take(step, octet != '\r' && octet != '\n'))
			break;
	}
}

static void session_feed_client(struct session *session,
				const struct policy *policy, const u8 *data,
				size_t length, struct step *step)
{
	switch (session->phase) {
	case PHASE_COMMAND:
		session_feed_command(session, policy, data, length, step);
		return;
	case PHASE_AUTH:
		session_feed_auth(session, policy, data, length, step);
		return;
	case PHASE_BODY:
		session_feed_body(session, policy, data, length, step);
		return;
	case PHASE_TLS:
		session_feed_tls(session, policy, data, step);
		return;
	case PHASE_CONDEMNED:
		session_feed_condemned(data, length, step);
		return;
	default:
		step->span = SPAN_OPAQUE;
		step->length = length;
	}
}

/* A 354 that follows no DATA we know of, or not on its heels. */
static void session_start_data(struct session *session,
			       const struct policy *policy, struct step *step,
			       enum reply_to kind)
{
	bool expected = kind == REPLY_TO_DATA ||
			(session->resynced && kind == REPLY_TO_NOTHING);

	if (!expected) {
		session_reset(session, policy, step, REASON_REPLY);
	} else if (session_spoken_past(session)) {
		step->events |= STEP_SYNC;
		session_reset(session, policy, step, REASON_SYNC);
	} else {
		session_body_begin(session, step);
	}
}

static void session_enter(struct session *session, const struct policy *policy,
			  struct step *step, enum phase phase)
{
	if (session_spoken_past(session)) {
		step->events |= STEP_SYNC;
		session_reset(session, policy, step, REASON_SYNC);
		return;
	}
	session->phase = phase;
	session->body.segments = 0;
}

/* The last line of a reply has come, and it answers @kind. */
static void session_reply_end(struct session *session,
			      const struct policy *policy, struct step *step,
			      enum reply_to kind)
{
	if (kind == REPLY_TO_NOTHING)
		step->events |= STEP_UNEXPECTED;
	if (kind == REPLY_TO_GREETING && policy->greeting == GREETING_MASK)
		step->events |= STEP_GREETING_MASKED;
	if (session->phase == PHASE_CONDEMNED)
		return;
	if (kind == REPLY_TO_HELO || kind == REPLY_TO_EHLO)
		session->resynced = 0;
	if (step->code == REPLY_START_DATA)
		session_start_data(session, policy, step, kind);
	else if (step->code == REPLY_AUTH_CONTINUE && kind == REPLY_TO_AUTH)
		session_enter(session, policy, step, PHASE_AUTH);
	else if (step->code == REPLY_READY && kind == REPLY_TO_STARTTLS)
		session_enter(session, policy, step, PHASE_TLS);
}

/*
 * A whole reply was seen in a session whose phase is not known: what it asks
 * for is what comes next.
 */
static void session_found(struct session *session, struct step *step)
{
	session->phase = PHASE_COMMAND;
	session->resynced = 1;
	if (step->code == REPLY_START_DATA)
		session_body_begin(session, step);
	else if (step->code == REPLY_AUTH_CONTINUE)
		session->phase = PHASE_AUTH;
}

static void session_feed_reply(struct session *session,
			       const struct policy *policy, const u8 *data,
			       size_t length, struct step *step)
{
	enum reply_to kind = pending_front(&session->pending);

	reply_feed(&session->reply, policy, kind, data, length, step);
	if (!(step->events & STEP_REPLY))
		return;
	if (kind == REPLY_TO_GREETING)
		step->events |= STEP_GREETING;
	if (!step->last)
		return;
	if (session->phase == PHASE_UNKNOWN) {
		session_found(session, step);
		return;
	}
	pending_pop(&session->pending);
	session_reply_end(session, policy, step, kind);
}

static void session_feed_server(struct session *session,
				const struct policy *policy, const u8 *data,
				size_t length, struct step *step)
{
	switch (session->phase) {
	case PHASE_OPAQUE:
	case PHASE_CLOSED:
		step->span = SPAN_OPAQUE;
		step->length = length;
		return;
	case PHASE_TLS:
		/* in clear after the 220 the server has nothing more to say */
		step->span = SPAN_OPAQUE;
		step->length = length;
		session_reset(session, policy, step, REASON_NOT_TLS);
		return;
	default:
		session_feed_reply(session, policy, data, length, step);
	}
}

/**
 * session_open() - a session begins with its connection
 * @session: the session
 */
void session_open(struct session *session)
{
	memset(session, 0, sizeof(*session));
	pending_push(&session->pending, REPLY_TO_GREETING);
}

/**
 * session_resync() - a session is under way, or its thread was lost
 * @session: the session
 *
 * Everything passes until a reply of the server tells the phase.
 */
void session_resync(struct session *session)
{
	memset(session, 0, sizeof(*session));
	session->phase = PHASE_UNKNOWN;
}

/**
 * session_segment() - a new segment begins
 * @session: the session
 * @direction: who sends it
 * @step: set to what to say of it where it must not pass
 *
 * Call it once for each segment, before its first octet is fed.
 *
 * Return: true where the segment must not pass and the session be reset.
 */
bool session_segment(struct session *session, enum direction direction,
		     struct step *step)
{
	if (session->phase == PHASE_CONDEMNED && !session_committed(session)) {
		session->phase = PHASE_CLOSED;
		memset(step, 0, sizeof(*step));
		step->reset = true;
		step->reason = session->command.reason;
		return true;
	}
	if (direction == FROM_CLIENT && session->phase == PHASE_BODY)
		body_segment(&session->body);
	return false;
}

/**
 * session_feed() - read the next octets of a stream
 * @session: the session
 * @policy: what is allowed; must not change during the call
 * @direction: who sends them
 * @data: the octets, in order, none left out or repeated
 * @length: how many, at least one
 * @step: what becomes of the first octets; feed the rest in another call
 */
void session_feed(struct session *session, const struct policy *policy,
		  enum direction direction, const u8 *data, size_t length,
		  struct step *step)
{
	memset(step, 0, sizeof(*step));
	if (direction == FROM_CLIENT)
		session_feed_client(session, policy, data, length, step);
	else
		session_feed_server(session, policy, data, length, step);
}
