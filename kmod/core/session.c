// SPDX-License-Identifier: GPL-2.0
/*
 * The session: phases, and the replies that change them.
 *
 *                      334                        220
 *   PHASE_AUTH <--------------- PHASE_COMMAND ----------> PHASE_TLS
 *       |    line end            | |     ^ ^                  | a hello of
 *       +------------------------|-|---->| |                  v both sides
 *                           BDAT | | 354 | | CRLF.CRLF   PHASE_OPAQUE
 *                                v v     | |
 *      PHASE_BDAT, then PHASE_CHUNK     PHASE_BODY
 *
 * Only the server's reply changes a phase: DATA that is answered by 503 opens
 * nothing (CVE-2000-1022).  BDAT does not wait for one, so it passes only to a
 * server that has said it takes chunks, and a reply that denies it while the
 * chunk comes ends the session.  The other way round, a client that has already
 * sent octets behind DATA, AUTH or STARTTLS when the reply comes had them read as
 * commands, and the server reads them as something else: such a session is reset
 * (RFC 2920 section 3.1, CVE-2011-0411).
 *
 * From the end of data to its final reply the client may not learn of any
 * failure that the server does not know of, or it would send the message
 * again.  What would reset a session in that time condemns it: the client's
 * octets are overwritten until the reply has passed, and the next segment
 * after it resets.
 */
#include "character.h"
#include "chunk.h"
#include "exchange.h"
#include "handshake.h"
#include "proxy.h"
#include "session.h"

/* So many commands in a row that a server does not know are no commands. */
#define UNKNOWN_MAX		5

#define KIB			1024

/* Of a line that is too long, what repeats may add to one by joining others. */
#define LOOSE_SHARE		16

/* Octets that many lines have fewer of. */
#define SHORT_LINE		256

/* Octets of a message that are looked at for one step. */
#define STEP_MAX		8192

/* Octets of the line that ends a message: a dot and CRLF. */
#define LAST_LINE_LENGTH	3

/* A client waits for the reply to these (RFC 2920 section 3.1). */
#define SYNC_POINTS \
	(1 << REPLY_TO_GREETING | 1 << REPLY_TO_EHLO | 1 << REPLY_TO_LHLO | \
	 1 << REPLY_TO_DATA | 1 << REPLY_TO_AUTH | 1 << REPLY_TO_STARTTLS | \
	 1 << REPLY_TO_XCLIENT | 1 << REPLY_TO_TURN | 1 << REPLY_TO_LAST)

/* A reply to these is never taken for one that did not come. */
#define MUST_BE_ANSWERED \
	(1 << REPLY_TO_GREETING | 1 << REPLY_TO_EHLO | 1 << REPLY_TO_LHLO | \
	 1 << REPLY_TO_AUTH | 1 << REPLY_TO_STARTTLS | 1 << REPLY_TO_XCLIENT | \
	 1 << REPLY_TO_TURN | 1 << REPLY_TO_END_OF_DATA | 1 << REPLY_TO_CHUNK)

#define HELLO_REPLIES \
	(1 << REPLY_TO_HELO | 1 << REPLY_TO_EHLO | 1 << REPLY_TO_LHLO)

/*
 * Their replies decide whether BDAT is a command, and what a chunk is, or may be
 * taken for its own.
 */
#define BDAT_WAITS_FOR \
	(HELLO_REPLIES | 1 << REPLY_TO_DATA | 1 << REPLY_TO_AUTH | \
	 1 << REPLY_TO_STARTTLS | 1 << REPLY_TO_XCLIENT | 1 << REPLY_TO_TURN | \
	 1 << REPLY_TO_EMPTY | 1 << REPLY_TO_BROKEN_OFF)

/**
 * struct context - one call of session_feed()
 * @session: the session
 * @policy: what is allowed
 * @step: what becomes of the octets
 * @data: the octets
 * @length: how many
 */
struct context {
	struct session *session;
	const struct policy *policy;
	struct step *step;
	const u8 *data;
	size_t length;
};

/* One more; a count stops at its maximum. */
static void count_one(u32 *count)
{
	if (*count < U32_MAX)
		(*count)++;
}

/*
 * The last octet of the step is the one that is to blame, and does not pass: were
 * it a line's end, the server would execute the line.  That of a line that is only
 * one too many does, or both ends would wait for each other.
 */
static void session_condemn(struct context *context, enum reason reason)
{
	struct session *session = context->session;
	struct step *step = context->step;
	size_t last = step->length - 1;

	session->waiting = session->phase == PHASE_CHUNK ||
			   (session->phase == PHASE_BDAT &&
			    step->span == SPAN_REPLY);
	session->phase = PHASE_CONDEMNED;
	session->reason = reason;
	if (step->span == SPAN_REPLY || step->events & STEP_COMMAND)
		return;
	if (step->mask_from == step->mask_to) {
		step->filler = COMMAND_FILLER;
		step->mask_from = last;
	}
	step->mask_to = step->length;
}

/*
 * The step's octets do not pass, unless that would hide the final reply to an
 * end of data: then the next segment does it.
 */
static void session_reset(struct context *context, enum reason reason)
{
	struct session *session = context->session;
	struct step *step = context->step;

	step->reason = reason;
	step->reset = false;
	if (context->policy->monitor) {
		step->reset = true;
		session_resync(session);
		return;
	}
	if (step->span == SPAN_REPLY || session_committed(session)) {
		session_condemn(context, reason);
		return;
	}
	step->reset = true;
	session_close(session);
}

static void session_enter(struct session *session, enum phase phase)
{
	memset(&session->command, 0, sizeof(session->command));
	session->phase = phase;
	session->number = 0;
	session->at = 0;
}

static bool session_await(struct context *context, enum reply_to kind)
{
	if (pending_push(&context->session->pending, kind))
		return true;
	session_reset(context, REASON_PIPELINE);
	return false;
}

/* The client has spoken past the command that is just being answered. */
static bool session_spoken_past(const struct session *session)
{
	return pending_front(&session->pending) != REPLY_TO_NOTHING ||
	       session->phase != PHASE_COMMAND ||
	       command_open(&session->command);
}

static void session_data_begin(struct context *context)
{
	context->step->events |= STEP_DATA_BEGIN;
	context->session->octets = 0;
	context->session->framing = 0;
}

static void session_body_begin(struct context *context)
{
	session_enter(context->session, PHASE_BODY);
	context->session->broken_off = false;
	newline_begin(&context->session->newline, context->session->newline.kind);
	body_begin(&context->session->body);
	context->session->header = HEADER_BEGIN;
	session_data_begin(context);
}

/*
 * More is only told: a server may take more than was declared, and refuses
 * what it does not take (RFC 1870 section 6).
 */
static void session_weigh(struct context *context)
{
	const struct session *session = context->session;
	u64 size = session_message_size(session);

	if (session->declared && size > session->declared)
		context->step->events |= STEP_OVER_DECLARED;
	if (session->limit && size > session->limit)
		context->step->events |= STEP_OVER_LIMIT;
}

/* What follows is of another message and other recipients. */
static void session_chunks_end(struct session *session)
{
	session->in_chunks = false;
	session->named = false;
}

static void session_data_end(struct context *context, u8 segments)
{
	struct session *session = context->session;

	session_weigh(context);
	context->step->events |= STEP_DATA_END;
	context->step->segments = segments;
	session->in_mail = false;
	session_chunks_end(session);
	count_one(&session->messages);
}

/*
 * Verbs that have no place before the greeting, or in or out of a mail.  What
 * came before a session was picked up is not known.
 */
static u64 session_out_of_order(const struct context *context)
{
	const struct session *session = context->session;
	u64 verbs = 0;

	if (session->resynced)
		return 0;
	if (session->in_mail || !session->greeted)
		verbs |= VERB_OPENS_MAIL;
	if (!session->in_mail)
		verbs |= VERB_NEEDS_MAIL;
	return verbs;
}

static bool session_may_be_proxied(const struct context *context)
{
	const struct session *session = context->session;

	return context->policy->proxy_protocol == CHECK_ACCEPT &&
	       !session->commands && !session->turned && !session->resynced;
}

/* Has the message as many recipients as it may? */
static bool session_is_full(const struct context *context)
{
	u16 limit = context->policy->max_recipients;

	return limit && context->session->recipients >= limit;
}

static u64 session_allowed(const struct context *context)
{
	u64 verbs = context->policy->verbs;

	/* what cannot be masked is only counted: a reset would cost the mail */
	if (context->policy->command_order == CHECK_REFUSE)
		verbs &= ~session_out_of_order(context) | VERB_UNMASKABLE;
	if (session_may_be_proxied(context))
		verbs |= VERB_BIT(VERB_PROXY);
	return verbs;
}

/* Why a verb of the policy was refused all the same. */
static enum reason session_refusal(const struct context *context)
{
	const struct step *step = context->step;

	if (step->reason == REASON_VERB && step->verb == VERB_PROXY)
		return REASON_PROXY;
	if (step->reason == REASON_VERB &&
	    word_in_set(context->policy->verbs, step->verb))
		return REASON_ORDER;
	return step->reason;
}

static void session_note_verb(struct context *context, u8 verb)
{
	struct session *session = context->session;
	bool refused = context->step->refused;

	if (!refused && word_in_set(session_out_of_order(context), verb))
		context->step->events |= STEP_ORDER;
	if (word_in_set(VERB_SAYS_HELLO, verb))
		session->greeted = true;
	if (word_in_set(VERB_ENDS_MAIL | VERB_OPENS_MAIL, verb)) {
		session->in_mail = word_in_set(VERB_OPENS_MAIL, verb);
		session_chunks_end(session);
	}
	if (!refused && word_in_set(VERB_OPENS_MAIL, verb)) {
		session->recipients = 0;
		session->declared = session->parameter.value;
	}
	if (verb == VERB_RCPT)
		session->named = true;
	if (verb == VERB_RCPT && !refused && session->recipients < U16_MAX)
		session->recipients++;
}

/* Does the server read the verb, whatever was overwritten behind it? */
static bool session_verb_passed(const struct step *step)
{
	return step->verb != VERB_COUNT &&
	       !(step->refused && step->reason == REASON_VERB);
}

/*
 * A command whose argument was refused is still that command to the server, and
 * so is its reply.
 */
static enum reply_to session_owed(const struct step *step)
{
	enum reply_to kind = REPLY_TO_OTHER;

	if (step->events & STEP_EMPTY)
		return REPLY_TO_EMPTY;
	if (step->vouched)
		return REPLY_TO_EXTRA;
	if (step->refused && step->reason == REASON_RECIPIENTS)
		return REPLY_TO_RCPT_OVER;
	if (session_verb_passed(step))
		kind = verb_table.rows[step->verb].value;
	if (step->refused &&
	    (kind == REPLY_TO_OTHER || kind == REPLY_TO_NOTHING))
		return REPLY_TO_REFUSED;
	return kind;
}

static void session_refused(struct context *context)
{
	const struct policy *policy = context->policy;
	struct session *session = context->session;

	context->step->reason = session_refusal(context);
	count_one(&session->refused);
	/* clients that send more recipients than one message may have are honest */
	if (context->step->reason == REASON_RECIPIENTS) {
		count_one(&session->over);
		return;
	}
	if (policy->refuse == REFUSE_RESET)
		session_reset(context, context->step->reason);
	else if (policy->max_refused &&
		 session->refused - session->over > policy->max_refused)
		session_reset(context, REASON_REFUSED);
}

/* Is it known only later whether an end of a client's own way is one? */
static bool session_asks_newline(const struct policy *policy)
{
	return policy->bare_newline == BARE_NEWLINE_ACCEPT &&
	       policy->end_of_data != END_OF_DATA_ACCEPT;
}

/* Only a client that does so in DATA, too, ends its message in such a way. */
static void session_note_newline(struct context *context)
{
	struct newline *newline = &context->session->newline;
	const struct step *step = context->step;

	if (step->verb != VERB_DATA)
		return;
	newline_begin(newline, session_asks_newline(context->policy) ?
			       step->newline : NEWLINE_CRLF);
}

/* What an exchange, should one follow, has to know. */
static void session_note_auth(struct session *session, const struct step *step)
{
	session->layered = step->layered;
	session->auth_refused = step->refused;
}

static void session_command_end(struct context *context)
{
	const struct policy *policy = context->policy;
	struct session *session = context->session;
	const struct step *step = context->step;
	enum reply_to kind = session_owed(step);

	context->step->answers = kind;
	count_one(&session->commands);
	if (!step->refused && word_in_set(VERB_OPENS_MAIL, step->verb) &&
	    policy->max_messages && session->messages >= policy->max_messages) {
		session_reset(context, REASON_MESSAGES);
		return;
	}
	if (session_verb_passed(step))
		session_note_verb(context, step->verb);
	session_note_newline(context);
	seven_line_end(&session->seven,
		       word_in_set(VERB_OPENS_MAIL, step->verb));
	if (kind == REPLY_TO_AUTH)
		session_note_auth(session, step);
	if (kind != REPLY_TO_NOTHING && !session_await(context, kind))
		return;
	if (step->refused)
		session_refused(context);
}

/* Is the octet that @step ends with the blank behind an allowed BDAT? */
static bool session_is_bdat(const struct context *context)
{
	const struct command *command = &context->session->command;

	return command->verb == VERB_BDAT && !command->reason &&
	       command->state == COMMAND_ARGUMENT;
}

/* Is there a recipient, as far as the server has said? */
static bool session_has_recipient(const struct session *session)
{
	return session->named &&
	       (session->accepted ||
		pending_holds(&session->pending,
			      1 << REPLY_TO_MAIL | 1 << REPLY_TO_RCPT));
}

/*
 * Why a chunk may not follow.  A server that does not take it runs its octets as
 * commands, and once its line has passed it must too: whether its reply can be
 * waited for is asked before.
 */
static enum reason session_bdat_refusal(const struct session *session)
{
	const struct pending *pending = &session->pending;

	if (pending_holds(pending, BDAT_WAITS_FOR) || session->in_doubt)
		return REASON_SYNC;
	if (!session->chunking)
		return REASON_CHUNKING;
	if (!session_has_recipient(session))
		return REASON_NO_RECIPIENT;
	if (!pending_has_room(pending, REPLY_TO_CHUNK) ||
	    !pending_has_room(pending, REPLY_TO_END_OF_DATA))
		return REASON_PIPELINE;
	return REASON_NONE;
}

/*
 * A client that remembers what the server offered the last time (PIPECONNECT) has
 * not waited for the reply to EHLO.  Its chunk waits for it here.
 */
static bool session_bdat_waits(const struct context *context)
{
	const struct pending *pending = &context->session->pending;

	return !context->policy->monitor && !context->session->in_doubt &&
	       pending_holds(pending, BDAT_WAITS_FOR & HELLO_REPLIES) &&
	       !pending_holds(pending, BDAT_WAITS_FOR & ~HELLO_REPLIES);
}

static void session_bdat_judge(struct context *context)
{
	struct session *session = context->session;
	enum reason reason = session_bdat_refusal(session);

	session->waiting = reason == REASON_SYNC && session_bdat_waits(context);
	if (!reason || session->waiting)
		return;
	if (reason == REASON_SYNC)
		context->step->events |= STEP_SYNC;
	session_reset(context, reason);
}

static void session_bdat_begin(struct context *context)
{
	session_enter(context->session, PHASE_BDAT);
	if (context->data[context->step->length - 1] == ' ')
		session_bdat_judge(context);
	else
		session_reset(context, REASON_CHUNK);
}

/*
 * Octets of a command line have been taken.  What ended the path may be the
 * blank before the first parameter.
 */
static void session_read_parameters(struct context *context, bool parameters)
{
	struct size_walk *walk = &context->session->parameter;
	size_t at = parameters ? 0 : context->step->length - 1;

	if (!parameters)
		memset(walk, 0, sizeof(*walk));
	for (; at < context->step->length; at++)
		size_parameter_octet(walk, context->data[at]);
}

static void session_feed_command(struct context *context)
{
	struct session *session = context->session;
	const struct policy *policy = context->policy;
	bool parameters = command_in_parameters(&session->command);
	bool opens_mail = command_opens_mail(&session->command);
	struct step *step = context->step;

	session->command.full = session_is_full(context);
	command_feed(&session->command, policy, session_allowed(context),
		     context->data, context->length, step);
	session_read_parameters(context, parameters);
	if (opens_mail)
		seven_read(&session->seven, context->data, step->length);
	if (step->reset) {
		session_reset(context, step->reason);
	} else if (step->events & STEP_COMMAND) {
		session_command_end(context);
	} else if (step->mask_to > step->mask_from &&
		   policy->refuse == REFUSE_RESET) {
		session_reset(context, step->reason);
	} else if (session_is_bdat(context)) {
		session_bdat_begin(context);
	}
}

static bool session_keeps_sync(struct context *context)
{
	/* the header of a load balancer does not wait for the greeting */
	if (context->policy->pipelining == PIPELINING_ACCEPT ||
	    session_may_be_proxied(context) ||
	    !pending_holds(&context->session->pending, SYNC_POINTS))
		return true;
	context->step->length = 1;
	context->step->events |= STEP_SYNC;
	session_reset(context, REASON_SYNC);
	return false;
}

static void session_feed_proxy(struct context *context)
{
	struct session *session = context->session;

	context->step->span = SPAN_HEADER;
	context->step->length = 1;
	switch (proxy_octet(&session->at, &session->number, context->data[0])) {
	case PARSE_MORE:
		return;
	case PARSE_DONE:
		session->commands = 1;
		session_enter(session, PHASE_COMMAND);
		return;
	default:
		session_reset(context, REASON_FOREIGN);
	}
}

/* Octets that are not looked at. */
static void session_pass(struct context *context)
{
	context->step->span = SPAN_OPAQUE;
	context->step->length = context->length;
}

/*
 * No line, but a length of four octets: what is behind it is signed or enciphered,
 * and the same behind the next.  Whoever has authenticated could say so for
 * nothing.
 */
static void session_feed_layer(struct context *context)
{
	if (context->policy->security_layers == CHECK_ACCEPT) {
		session_enter(context->session, PHASE_OPAQUE);
		session_pass(context);
		return;
	}
	context->step->length = 1;
	session_reset(context, REASON_LAYER);
}

static void session_feed_first(struct context *context)
{
	struct session *session = context->session;
	bool layer = session->layer_next && !context->data[0];

	session->layer_next = false;
	if (layer) {
		session_feed_layer(context);
		return;
	}
	if (!session_keeps_sync(context))
		return;
	if (context->data[0] != '\r' || !session_may_be_proxied(context) ||
	    command_open(&session->command)) {
		session_feed_command(context);
		return;
	}
	session_enter(session, PHASE_PROXY);
	session_feed_proxy(context);
}

/* Behind the last octet of a chunk is a command. */
static void session_chunk_end(struct context *context)
{
	struct session *session = context->session;

	if (session->number)
		return;
	if (session->at == CHUNK_LAST_OCTETS)
		session_data_end(context, 1);
	session_enter(session, PHASE_COMMAND);
}

/* The line of a BDAT is whole; its octets follow. */
static void session_bdat_end(struct context *context)
{
	struct session *session = context->session;
	struct step *step = context->step;
	bool last = session->at == CHUNK_LAST_OCTETS;

	step->events |= STEP_COMMAND;
	step->verb = VERB_BDAT;
	count_one(&session->commands);
	session_note_verb(context, VERB_BDAT);
	if (!session->in_chunks)
		session_data_begin(context);
	session->in_chunks = true;
	session->phase = PHASE_CHUNK;
	if (!session_await(context, last ? REPLY_TO_END_OF_DATA :
					   REPLY_TO_CHUNK))
		return;
	session_chunk_end(context);
}

static void session_feed_bdat(struct context *context)
{
	struct session *session = context->session;
	struct step *step = context->step;

	step->span = SPAN_COMMAND;
	while (step->length < context->length) {
		enum parse parse = chunk_octet(&session->at, &session->number,
					       context->data[step->length]);

		step->length++;
		if (parse == PARSE_MORE)
			continue;
		if (parse == PARSE_DONE)
			session_bdat_end(context);
		else
			session_reset(context, REASON_CHUNK);
		return;
	}
}

static void session_feed_chunk(struct context *context)
{
	struct session *session = context->session;
	struct step *step = context->step;

	step->span = SPAN_CHUNK;
	step->length = context->length < session->number ?
		context->length : session->number;
	session_count_chunk(session, step->length);
	session_chunk_end(context);
}

/* The server answers a line of an exchange, be it overwritten or not. */
static void session_exchange_end(struct context *context)
{
	struct session *session = context->session;
	struct step *step = context->step;

	step->length++;
	step->events |= STEP_SECRET;
	if (session->at == EXCHANGE_MASKED)
		step->reason = REASON_RESPONSE;
	session_enter(session, PHASE_COMMAND);
	session_await(context, REPLY_TO_AUTH);
}

static void session_feed_auth(struct context *context)
{
	struct session *session = context->session;
	struct step *step = context->step;

	step->span = SPAN_SECRET;
	step->filler = EXCHANGE_FILLER;
	while (step->length < context->length) {
		u8 octet = context->data[step->length];
		bool mask;

		if (octet == '\n') {
			session_exchange_end(context);
			return;
		}
		mask = exchange_octet(&session->at, &session->number, octet);
		if (step_take(step, mask))
			return;
		if (!mask)
			continue;
		step->reason = REASON_RESPONSE;
		if (context->policy->refuse != REFUSE_RESET)
			continue;
		session_reset(context, REASON_RESPONSE);
		return;
	}
}

/* Overwrites the last octet of the step, which then is text. */
static void session_defang(struct context *context, enum reason reason)
{
	struct step *step = context->step;

	step->reason = reason;
	step->filler = ' ';
	step->mask_from = step->length - 1;
	step->mask_to = step->length;
	body_defang(&context->session->body);
}

static void session_ambiguous(struct context *context, enum body_mark mark)
{
	u8 treatment = context->policy->end_of_data;

	context->step->events |= STEP_AMBIGUOUS;
	if (treatment == END_OF_DATA_ACCEPT)
		return;
	/* the CR that completed it may have been forwarded already */
	if (treatment == END_OF_DATA_RESET || mark == BODY_MARK_AMBIGUOUS_CR)
		session_reset(context, REASON_END_OF_DATA);
	else
		session_defang(context, REASON_END_OF_DATA);
}

static void session_bare_newline(struct context *context, enum body_mark mark)
{
	u8 treatment = context->policy->bare_newline;

	context->step->events |= STEP_BARE_NEWLINE;
	if (treatment == BARE_NEWLINE_RESET)
		session_reset(context, mark == BODY_MARK_BARE_LF ?
			      REASON_BARE_LF : REASON_BARE_CR);
	else if (mark == BODY_MARK_BARE_LF)
		session_defang(context, REASON_BARE_LF);
}

static void session_body_end(struct context *context)
{
	struct session *session = context->session;

	/* where the header was depends on the cuts from here on */
	session->header = HEADER_BEGIN;
	/* the dot of the last line has been counted */
	session->framing += LAST_LINE_LENGTH - 1;
	session_data_end(context, body_segments(&session->body));
	session_enter(session, PHASE_COMMAND);
	session_await(context, session->broken_off ? REPLY_TO_BROKEN_OFF :
						     REPLY_TO_END_OF_DATA);
}

/*
 * Octets of a message up to the next of the two places where it becomes too long: a
 * server that has had enough of it may read what is left from the middle of a line
 * on as if that were the begin of one.  So may one that has had enough of a line.
 */
static u64 session_room(const struct session *session,
			const struct policy *policy)
{
	u64 size = session_message_size(session);
	u64 header = (u64)policy->max_header * KIB;
	u64 room = U64_MAX;

	if (size < session->limit)
		room = session->limit - size;
	if (header_is_open(session->header) && session->octets < header &&
	    header - session->octets < room)
		room = header - session->octets;
	return room;
}

/* The octets of a step, as they are forwarded. */
static void session_read_lines(struct context *context)
{
	struct body *body = &context->session->body;
	u16 max_line = context->policy->max_text_line;
	struct step *step = context->step;
	bool mask = step->mask_to > step->mask_from;

	step->long_lines = body_read_lines(body, context->data,
					   step->length - mask, max_line);
	if (mask)
		body_read_lines(body, &step->filler, 1, max_line);
}

/* The octets of a step, as they are forwarded: has no empty line come in time? */
static void session_read_header(struct context *context)
{
	struct session *session = context->session;
	u64 header = (u64)context->policy->max_header * KIB;
	struct step *step = context->step;
	bool mask = step->mask_to > step->mask_from;
	size_t end = mask ? step->mask_from : step->length;
	size_t at = 0;

	/* that of a message broken off is not cut at the header's first CR */
	while (at < end && header_is_open(session->header))
		at += header_read(&session->header, context->data + at,
				  end - at);
	if (mask)
		session->header = header_octet(session->header, step->filler);
	if (!header || !header_is_open(session->header) ||
	    session->octets < header)
		return;
	session->header = HEADER_OVER;
	step->events |= STEP_LONG_HEADER;
}

/* What of a message is asked for besides its end. */
static u8 session_body_care(const struct session *session,
			    const struct policy *policy)
{
	u8 care = 0;

	if (session_is_too_long(session, policy))
		care |= BODY_CARE_DOTS;
	if (policy->bare_newline != BARE_NEWLINE_ACCEPT)
		care |= BODY_CARE_LINES;
	if (session->seven.message)
		care |= BODY_CARE_SEVEN;
	return care;
}

/* Scans octets behind those of the step, and takes them into it. */
static enum body_mark session_scan(struct context *context, u8 care,
				   size_t length)
{
	const u8 *data = context->data + context->step->length;
	struct body *body = &context->session->body;
	struct dots *dots = &context->step->dots;
	enum body_mark mark;

	context->step->length +=
		care ? body_scan_careful(body, care, data, length, dots, &mark) :
		       body_scan(body, data, length, dots, &mark);
	body->last = context->data[context->step->length - 1];
	context->session->framing += dots->quoting;
	return mark;
}

/*
 * Does the octet make a line of the message a command, or is it behind one that
 * does?  A verb does not pass whole, so no server runs it, whatever it takes for a
 * line's end, or for blanks before it, and if it counts no NULs or CRs.
 */
static bool session_is_command(struct command *line, u8 octet)
{
	if (octet == '\n') {
		memset(line, 0, sizeof(*line));
		return false;
	}
	if (octet == '\r') {
		line->cr = 1;
		return false;
	}
	if (line->cr)
		line->state = COMMAND_VERB_MASKED;
	if (line->state == COMMAND_VERB_MASKED)
		return true;
	if (!octet || (!line->word.depth && octet <= ' '))
		return false;
	word_step(&verb_table, &line->word, octet);
	if (word_match(&verb_table, &line->word) == WORD_NONE)
		return false;
	line->state = COMMAND_VERB_MASKED;
	return true;
}

/*
 * The server has refused the message, and says no more, or something else, at its
 * end.  Nobody can know whether what comes is text to it or commands, so the text
 * passes, and what would be a command does not.
 */
static enum body_mark session_scan_broken_off(struct context *context, u8 care,
					      size_t length)
{
	struct session *session = context->session;
	enum body_mark mark = BODY_MARK_NONE;
	struct step *step = context->step;

	step->filler = COMMAND_FILLER;
	while (step->length < length && !mark) {
		u8 octet = context->data[step->length];
		bool masked = session->command.state == COMMAND_VERB_MASKED;

		if (step->mask_to > step->mask_from && is_line_end(octet))
			break;
		if (session->body.state & BODY_DOT_CR ||
		    !session_is_command(&session->command, octet)) {
			mark = session_scan(context, care, 1);
			continue;
		}
		if (!masked)
			step->reason = REASON_BROKEN_OFF;
		body_defang(&session->body);
		step_take(step, true);
	}
	return mark;
}

/* The end of a message whose client ends lines in a way of its own, perhaps. */
static void session_own_end(struct context *context)
{
	struct session *session = context->session;
	u8 length = newline_last_line(&session->newline, session->octets == 2);

	session->framing += length - (LAST_LINE_LENGTH - 1);
	session_body_end(context);
	/* that of a message broken off may never be answered */
	session->waiting = !context->policy->monitor && !session->broken_off;
}

/* Octets up to and with the first LF; all where there is none. */
static size_t line_or_all(const u8 *data, size_t length)
{
	return body_first_line(data, length) ?: length;
}

/* From one LF that repeats may not change to the next; 0: lines may be of any length. */
static u64 session_share(const struct policy *policy)
{
	return (u64)policy->max_whole_line * KIB / LOOSE_SHARE;
}

/*
 * Octets of so many up to an LF that repeats may not change, as one that ends a step
 * is, so that they cannot join lines to one that is much longer: it is the last
 * within @share octets of the one before, or the next.
 */
static size_t session_line_end(const struct context *context, size_t length,
			       u64 share)
{
	u32 loose = context->session->body.loose;
	size_t near = loose < share ? share - loose : 0;
	size_t last;

	if (length < near)
		return length;
	last = body_last_line(context->data, near);
	return last ?: near + line_or_all(context->data + near, length - near);
}

/* Octets of so many up to where the line becomes too long, or ends if it is. */
static size_t session_line_room(const struct context *context, size_t length)
{
	u64 whole = (u64)context->policy->max_whole_line * KIB;
	u32 line = context->session->body.line;

	if (!whole)
		return length;
	if (line >= whole)
		return line_or_all(context->data, length);
	if (whole - line < length)
		length = whole - line;
	return session_line_end(context, length,
				session_share(context->policy));
}

/*
 * Where the LF that has to end a step may be: most lines are short.  What is looked
 * through for it is little, as it is for each step.
 */
static size_t session_guess(const struct context *context, size_t length)
{
	u64 share = session_share(context->policy);
	u32 loose = context->session->body.loose;
	size_t near, begin, last;

	if (loose >= share || length < share - loose)
		return length;
	near = share - loose;
	begin = near > SHORT_LINE ? near - SHORT_LINE : 0;
	last = body_last_line(context->data + begin, near - begin);
	return last ? begin + last : length;
}

/*
 * Octets of those scanned up to where the header ends, or has its first CR, or
 * up to an LF that has to end the step: looked for behind the scan, so that no
 * octet is looked at again and again where steps are short.
 */
static size_t session_cut(const struct context *context, size_t length)
{
	u8 header = context->session->header;

	if (header_is_open(header))
		length = header_read(&header, context->data, length);
	return session_line_room(context, length);
}

/*
 * Takes octets of a message, up to the first that is to be judged.  Where the step
 * has to end sooner than the scan did, which is seldom, its octets are scanned once
 * more: to look for that place before would be to look at all octets in each step.
 */
static enum body_mark session_read_body(struct context *context)
{
	struct session *session = context->session;
	u64 room = session_room(session, context->policy);
	size_t length = room < context->length ? room : context->length;
	u8 care = session_body_care(session, context->policy);
	u64 framing = session->framing;
	struct body body = session->body;
	enum body_mark mark;
	size_t cut;

	if (length > STEP_MAX)
		length = STEP_MAX;
	if (session->newline.kind != NEWLINE_CRLF)
		length = 1;
	if (session->broken_off) {
		length = session_line_room(context, length);
		return session_scan_broken_off(context, care, length);
	}
	mark = session_scan(context, care, session_guess(context, length));
	cut = session_cut(context, context->step->length);
	if (cut == context->step->length)
		return mark;
	session->body = body;
	session->framing = framing;
	context->step->length = 0;
	return session_scan(context, care, cut);
}

static void session_body_mark(struct context *context, enum body_mark mark)
{
	switch (mark) {
	case BODY_MARK_NONE:
		return;
	case BODY_MARK_END:
		session_body_end(context);
		return;
	case BODY_MARK_BARE_CR:
	case BODY_MARK_BARE_LF:
		session_bare_newline(context, mark);
		return;
	case BODY_MARK_DOT:
		/* there are many, and none is a fault */
		if (context->policy->end_of_data != END_OF_DATA_ACCEPT)
			session_defang(context, REASON_END_OF_DATA);
		return;
	default:
		session_ambiguous(context, mark);
	}
}

/* @open: the octets before have left open whether they end the message. */
static void session_judge_body(struct context *context, bool open,
			       enum body_mark mark)
{
	/* CRLF, dot, CR and CR: what comes tells whether that is the end */
	if (newline_is_open(&context->session->newline))
		mark = BODY_MARK_NONE;
	else if (open)
		mark = BODY_MARK_AMBIGUOUS_CR;
	session_body_mark(context, mark);
}

/*
 * The server reads what comes in the place of an octet that is overwritten.  But a
 * client is known by what it has said.
 */
static void session_reread_newline(struct context *context,
				   const struct newline *before)
{
	struct newline *newline = &context->session->newline;
	const struct step *step = context->step;

	if (step->mask_from == step->mask_to || context->policy->monitor ||
	    newline->kind == NEWLINE_CRLF)
		return;
	*newline = *before;
	newline_octet(newline, step->filler);
}

static void session_feed_body(struct context *context)
{
	struct session *session = context->session;
	struct newline before = session->newline;
	bool exact = session_in_exact_message(session, context->policy);
	bool open = newline_is_open(&session->newline);
	enum body_mark mark;

	context->step->span = exact ? SPAN_BODY_EXACT : SPAN_BODY;
	mark = session_read_body(context);
	session->octets += context->step->length;
	if (newline_octet(&session->newline, context->data[0]))
		session_own_end(context);
	else
		session_judge_body(context, open, mark);
	if (before.kind != NEWLINE_CRLF)
		session_reread_newline(context, &before);
	session_read_lines(context);
	if (session->phase == PHASE_BODY && header_is_open(session->header))
		session_read_header(context);
}

static void session_tls_begin(struct context *context)
{
	session_enter(context->session, PHASE_TLS);
	memset(&context->session->handshake, 0,
	       sizeof(context->session->handshake));
	context->session->handshake.clear = true;
}

/* Both sides have said hello. */
static void session_tls_start(struct context *context)
{
	struct session *session = context->session;

	session_enter(session, PHASE_OPAQUE);
	/* of a session picked up late it might have been one */
	memset(&session->reply, 0, sizeof(session->reply));
	context->step->events |= STEP_TLS_START;
}

static void session_feed_tls(struct context *context)
{
	struct step *step = context->step;

	step->span = SPAN_HEADER;
	while (step->length < context->length) {
		u8 octet = context->data[step->length++];

		if (handshake_client(&context->session->handshake, octet) ==
		    PARSE_MORE)
			continue;
		session_reset(context, REASON_NOT_TLS);
		return;
	}
}

/* Everything but line ends, so that the server answers, if it does, 500. */
static void session_feed_condemned(struct context *context)
{
	struct step *step = context->step;

	step->span = SPAN_COMMAND;
	step->filler = COMMAND_FILLER;
	while (step->length < context->length) {
		u8 octet = context->data[step->length];

		if (step_take(step, !is_line_end(octet)))
			break;
	}
}

/* The client's octets behind a 220: are they those of a TLS handshake? */
static void session_late_tls(struct context *context)
{
	struct session *session = context->session;
	size_t at;

	for (at = 0; at < context->length && session->late.ready; at++)
		session->late.ready = handshake_client(&session->handshake,
						       context->data[at]) ==
				      PARSE_MORE;
}

/*
 * The server's: does it answer with its hello?  As a line of a reply is what they
 * may be, too, no more are taken than one line has.
 */
static bool session_late_hello(struct context *context)
{
	struct session *session = context->session;
	enum parse parse = PARSE_MORE;
	size_t at = 0;

	while (at < context->length && parse == PARSE_MORE) {
		parse = handshake_server(&session->handshake,
					 context->data[at]);
		if (context->data[at++] == '\n')
			break;
	}
	context->length = at;
	session->late.ready = parse != PARSE_WRONG;
	return parse == PARSE_DONE;
}

/* The search for the phase is over: it is known what comes next. */
static void session_found(struct context *context, enum late_found found)
{
	struct session *session = context->session;
	enum newline_kind newline = NEWLINE_CRLF;

	if (session_asks_newline(context->policy))
		newline = session->late.begun ? session->late.newline :
						NEWLINE_ANY;
	newline_begin(&session->newline, newline);
	session_enter(session, PHASE_COMMAND);
	session->resynced = true;
	session->pending.used = 0;
	if (found == LATE_FOUND_MESSAGE)
		session_body_begin(context);
	else if (found == LATE_FOUND_EXCHANGE)
		session_enter(session, PHASE_AUTH);
	/* with what mechanism is not known */
	session->layered = found == LATE_FOUND_EXCHANGE;
}

/* A line that passed unread has been a command, and its reply is owed. */
static void session_late_command(struct context *context)
{
	u8 verb = context->session->late.verb - 1;

	session_found(context, LATE_FOUND_COMMAND);
	count_one(&context->session->commands);
	session_note_verb(context, verb);
	session_await(context, verb_table.rows[verb].value);
}

/* They pass; what they are is for the replies to tell. */
static void session_feed_late(struct context *context)
{
	struct session *session = context->session;

	session_pass(context);
	session_late_tls(context);
	if (late_client(&session->late, &session->pending,
			reply_open(&session->reply), context->data,
			&context->step->length))
		session_late_command(context);
}

static void session_feed_client(struct context *context)
{
	switch (context->session->phase) {
	case PHASE_COMMAND:
		session_feed_first(context);
		return;
	case PHASE_PROXY:
		session_feed_proxy(context);
		return;
	case PHASE_BDAT:
		session_feed_bdat(context);
		return;
	case PHASE_CHUNK:
		session_feed_chunk(context);
		return;
	case PHASE_AUTH:
		session_feed_auth(context);
		return;
	case PHASE_BODY:
		session_feed_body(context);
		return;
	case PHASE_TLS:
		session_feed_tls(context);
		return;
	case PHASE_UNKNOWN:
		session_feed_late(context);
		return;
	case PHASE_CONDEMNED:
		session_feed_condemned(context);
		return;
	default:
		session_pass(context);
	}
}

/*
 * What follows a reply that changes the phase.  Where the client has not
 * waited for it, false is returned, and the session is lost.
 */
static bool session_changes_phase(struct context *context)
{
	if (!session_spoken_past(context->session))
		return true;
	context->step->events |= STEP_SYNC;
	session_reset(context, REASON_SYNC);
	return false;
}

/* A 354 that follows no DATA we know of, or not on its heels. */
static void session_start_data(struct context *context, enum reply_to kind)
{
	const struct session *session = context->session;

	if (kind != REPLY_TO_DATA &&
	    !(session->resynced && kind == REPLY_TO_NOTHING))
		session_reset(context, REASON_REPLY);
	else if (session_changes_phase(context))
		session_body_begin(context);
}

/*
 * A server that reads the refused line with AUTH as two has had the first line of
 * the exchange: whether it reads another one is not known.
 */
static void session_exchange_begin(struct session *session)
{
	session_enter(session, PHASE_AUTH);
	if (session->auth_refused)
		session->at = EXCHANGE_MASKED;
}

/* Both begin again, as after the connection (XCLIENT, TURN). */
static void session_restart(struct context *context, bool turn)
{
	struct session *session = context->session;
	bool turned = session->turned ^ turn;

	if (!session_changes_phase(context)) {
		/* what the server says behind this reply are commands */
		if (session->phase == PHASE_CONDEMNED)
			session->turned = turned;
		return;
	}
	session_open(session);
	session->turned = turned;
	if (turn)
		context->step->events |= STEP_TURN;
	else
		pending_pop(&session->pending);
}

/*
 * One of the replies to an end of data: LMTP has one for each recipient that
 * was accepted (RFC 2033 section 4.2), PRDR these and one more after a 353.
 */
static void session_final_reply(struct context *context)
{
	struct session *session = context->session;

	if (context->step->code == REPLY_PRDR)
		session->finals = session->accepted + 2;
	else if (!session->finals)
		session->finals = session->lmtp && session->accepted ?
			session->accepted : 1;
	if (--session->finals)
		return;
	pending_pop(&session->pending);
	session->accepted = 0;
	session->chunk_refused = false;
}

static void session_desync(struct context *context)
{
	context->step->events |= STEP_DESYNC;
	context->step->reason = REASON_DESYNC;
	if (context->policy->desync == DESYNC_RESET)
		session_reset(context, REASON_DESYNC);
}

/*
 * The server does not know, one after the other, what we took for commands:
 * they are text of a message whose end it saw before we did.
 */
static void session_count_unknown(struct context *context, enum reply_to kind)
{
	struct session *session = context->session;
	u16 code = context->step->code;

	if (kind == REPLY_TO_REFUSED || kind == REPLY_TO_RCPT_OVER ||
	    kind == REPLY_TO_EMPTY || kind == REPLY_TO_BROKEN_OFF)
		return;
	if ((code != REPLY_UNKNOWN && code != REPLY_NOT_IMPLEMENTED) ||
	    !session->messages) {
		session->unknown = 0;
		return;
	}
	if (++session->unknown < UNKNOWN_MAX)
		return;
	session->unknown = 0;
	session_desync(context);
}

static bool session_in_chunks(const struct session *session)
{
	return session->in_chunks || session->phase == PHASE_BDAT;
}

static void session_count_error(struct context *context, enum reply_to kind)
{
	struct session *session = context->session;
	u16 limit = context->policy->max_errors;

	/* the client is told 4yz */
	if (context->step->code / 100 != 5 || kind == REPLY_TO_RCPT_OVER)
		return;
	count_one(&session->errors);
	/* chunks are not cut for a limit; the next one resets */
	if (limit && session->errors > limit && !session_in_chunks(session))
		session_reset(context, REASON_ERRORS);
}

/*
 * The server denies chunks: it reads their octets as commands.  One that takes
 * them says 501 or 503 where no recipient was accepted, and swallows the chunk all
 * the same, or where it has refused another one of the message before.
 */
static bool session_denies_chunks(const struct context *context,
				  enum reply_to kind)
{
	const struct session *session = context->session;

	if (kind != REPLY_TO_CHUNK && kind != REPLY_TO_END_OF_DATA)
		return false;
	switch (context->step->code) {
	case REPLY_UNKNOWN:
	case REPLY_NOT_IMPLEMENTED:
	case REPLY_NO_MAIL:
		return true;
	case REPLY_ARGUMENT:
	case REPLY_SEQUENCE:
		return session->accepted && !session->chunk_refused;
	default:
		return false;
	}
}

/* How the line under way begins was not read: it may be a command. */
static void session_lose_line(struct session *session)
{
	memset(&session->command, 0, sizeof(session->command));
	if (!body_at_line(&session->body))
		session->command.state = COMMAND_VERB_MASKED;
	else if (session->body.state & BODY_CR)
		session->command.cr = 1;
}

/* A reply in the middle of a message. */
static void session_interrupted(struct context *context)
{
	struct session *session = context->session;

	if (reply_is_positive(context->step->code)) {
		session_desync(context);
		return;
	}
	if (context->step->code / 100 < 4)
		return;
	session->broken_off = true;
	session_lose_line(session);
}

/* The server reads no line of an exchange any more. */
static void session_exchange_left(struct context *context)
{
	struct session *session = context->session;

	if (context->step->code / 100 == 3)
		return;
	if (reply_is_positive(context->step->code))
		session_desync(context);
	if (session->phase != PHASE_AUTH)
		return;
	if (session->at == EXCHANGE_BEGIN)
		session_enter(session, PHASE_COMMAND);
	else
		session->at = EXCHANGE_MASKED;
}

static void session_unasked(struct context *context)
{
	u16 code = context->step->code;

	if (code == REPLY_CLOSING)
		return;
	context->step->events |= STEP_UNEXPECTED;
	context->session->in_doubt = true;
	switch (context->session->phase) {
	case PHASE_BDAT:
	case PHASE_CHUNK:
		session_reset(context, REASON_CHUNK_REFUSED);
		return;
	case PHASE_AUTH:
		session_exchange_left(context);
		return;
	case PHASE_BODY:
		session_interrupted(context);
		return;
	default:
		return;
	}
}

static void session_greeted(struct context *context, bool lmtp)
{
	struct session *session = context->session;

	if (!reply_is_positive(context->step->code))
		return;
	session->resynced = false;
	session->lmtp = lmtp;
	session->chunking = session->offered;
	session->limit = session->keyword.value;
}

/*
 * What tells how many final replies follow an end of data; a condemned session
 * must wait for them, too.
 */
static void session_note_reply(struct context *context, enum reply_to kind)
{
	struct session *session = context->session;

	switch (kind) {
	case REPLY_TO_HELO:
	case REPLY_TO_EHLO:
	case REPLY_TO_LHLO:
		session_greeted(context, kind == REPLY_TO_LHLO);
		return;
	case REPLY_TO_MAIL:
		session->accepted = 0;
		if (reply_is_positive(context->step->code) &&
		    !pending_holds(&session->pending, 1 << REPLY_TO_MAIL))
			seven_accepted(&session->seven);
		session->chunk_refused = false;
		return;
	case REPLY_TO_RCPT:
	case REPLY_TO_RCPT_OVER:
		if (reply_is_positive(context->step->code) &&
		    session->accepted < U16_MAX - 2)
			session->accepted++;
		return;
	case REPLY_TO_CHUNK:
		if (context->step->code / 100 > 3)
			session->chunk_refused = true;
		return;
	default:
		return;
	}
}

/* What the last line of a reply to @kind changes. */
static void session_follow(struct context *context, enum reply_to kind)
{
	struct session *session = context->session;
	u16 code = context->step->code;

	if (code == REPLY_START_DATA) {
		session_start_data(context, kind);
		return;
	}
	switch (kind) {
	case REPLY_TO_EXTRA:
		if (code / 100 == 3)
			session_reset(context, REASON_EXTRA);
		return;
	case REPLY_TO_MAIL:
		/* unless the next one has been opened already */
		if (!reply_is_positive(code) &&
		    !pending_holds(&session->pending, 1 << REPLY_TO_MAIL))
			session->in_mail = false;
		return;
	case REPLY_TO_AUTH:
		if (code == REPLY_AUTH_CONTINUE &&
		    session_changes_phase(context))
			session_exchange_begin(session);
		session->layer_next = reply_is_positive(code) &&
				      session->layered &&
				      !session_spoken_past(session);
		return;
	case REPLY_TO_STARTTLS:
		if (code == REPLY_READY && session_changes_phase(context))
			session_tls_begin(context);
		return;
	case REPLY_TO_XCLIENT:
		if (code == REPLY_READY)
			session_restart(context, false);
		return;
	case REPLY_TO_TURN:
		if (reply_is_positive(code))
			session_restart(context, true);
		return;
	default:
		return;
	}
}

/* Has a reply told what the client's octets were held back for? */
static void session_stop_waiting(struct context *context)
{
	struct session *session = context->session;

	if (!session->waiting)
		return;
	if (session->phase == PHASE_BDAT)
		session_bdat_judge(context);
	else
		session->waiting = session_committed(session);
}

/*
 * Has a reply, once taken for that to @kind, been that to another command?  Where
 * none is owed then, none was missed, unless the line under way is answered too.
 */
static void session_doubt(struct session *session, enum reply_to kind)
{
	if (kind == REPLY_TO_NOTHING)
		return;
	if (kind == REPLY_TO_EMPTY || kind == REPLY_TO_BROKEN_OFF)
		session->in_doubt = true;
	if (session->pending.used)
		return;
	if (session->phase != PHASE_COMMAND || !command_open(&session->command))
		session->in_doubt = false;
}

/* The last line of a reply has come, and it answers @kind. */
static void session_reply_end(struct context *context, enum reply_to kind)
{
	struct session *session = context->session;
	bool denies = session_denies_chunks(context, kind);
	bool denied = denies && (session->phase == PHASE_BDAT ||
				 session->phase == PHASE_CHUNK);

	context->step->answers = kind;
	if (denies)
		session->chunking = false;
	if (kind == REPLY_TO_END_OF_DATA)
		session_final_reply(context);
	else if (kind != REPLY_TO_NOTHING)
		pending_pop(&session->pending);
	session_doubt(session, kind);
	if (kind == REPLY_TO_GREETING &&
	    context->policy->greeting == GREETING_MASK)
		context->step->events |= STEP_GREETING_MASKED;
	session_note_reply(context, kind);
	if (session->phase == PHASE_CONDEMNED)
		return;
	session_follow(context, kind);
	if (denied)
		session_reset(context, REASON_CHUNK_REFUSED);
	if (kind == REPLY_TO_NOTHING &&
	    (!session->resynced || session->phase == PHASE_AUTH ||
	     session_in_data(session)))
		session_unasked(context);
	if (session->phase == PHASE_CONDEMNED)
		return;
	session_stop_waiting(context);
	session_count_unknown(context, kind);
	session_count_error(context, kind);
}

/* A whole reply was seen in a session whose phase is not known. */
static void session_late_reply(struct context *context)
{
	struct session *session = context->session;
	enum reply_to kind = pending_front(&session->pending);
	enum late_found found;

	found = late_reply(&session->late, &session->pending,
			   context->step->code, session->unheard);
	memset(&session->handshake, 0, sizeof(session->handshake));
	if (found == LATE_FOUND_ANSWER || found == LATE_FOUND_COMMAND)
		session_note_reply(context, kind);
	if (found != LATE_FOUND_NOTHING && found != LATE_FOUND_ANSWER)
		session_found(context, found);
}

/* Octets of a reply have been taken. */
static void session_read_capability(struct context *context, bool capability)
{
	struct size_walk *walk = &context->session->keyword;
	size_t at;

	if (!capability) {
		walk->part = SIZE_PART_BEGIN;
		offer_line(&context->session->offer);
		return;
	}
	for (at = 0; at < context->step->length; at++) {
		size_keyword_octet(walk, context->data[at]);
		offer_octet(&context->session->offer, context->data[at]);
	}
}

/* What the reply under way answers; a guess is none. */
static enum reply_to session_answers(const struct session *session)
{
	return session->phase == PHASE_UNKNOWN ?
		REPLY_TO_NOTHING : pending_certain(&session->pending);
}

/*
 * A 354 that comes when the reply to another command is due: one of them was not
 * answered, or another one twice.  It is the last command's all the same, if that
 * is the only DATA under way, and nothing is passed over that something hangs on.
 */
static void session_realign(struct pending *pending)
{
	if (pending_holds(pending, MUST_BE_ANSWERED) ||
	    !pending_is_last(pending, REPLY_TO_DATA))
		return;
	while (pending_front(pending) != REPLY_TO_DATA)
		pending_pop(pending);
}

/*
 * What a reply that is whole answers.  DATA is never answered by a 2yz: that is one
 * too many.
 */
static enum reply_to session_answered(struct session *session, u16 code)
{
	enum reply_to kind;

	pending_drop_optional(&session->pending, code);
	if (code == REPLY_START_DATA)
		session_realign(&session->pending);
	kind = pending_front(&session->pending);
	return kind == REPLY_TO_DATA && reply_is_positive(code) ?
		REPLY_TO_NOTHING : kind;
}

/*
 * Does a reply tell what the server offers?  Where it has refused EHLO, whatever for,
 * and takes HELO, that is nothing.
 */
static bool session_tells_offers(struct session *session, enum reply_to kind,
				 bool good)
{
	switch (kind) {
	case REPLY_TO_EHLO:
		session->ehlo_refused = !good;
		return good;
	case REPLY_TO_LHLO:
		return good;
	case REPLY_TO_HELO:
		return good && session->ehlo_refused;
	default:
		return false;
	}
}

/* A guess which command has been answered tells nothing of the server. */
static void session_note_offers(struct context *context, enum reply_to certain)
{
	struct session *session = context->session;
	struct step *step = context->step;

	if (step->answers == certain && !session->in_doubt &&
	    session_tells_offers(session, certain,
				 reply_is_positive(step->code))) {
		step->events |= STEP_OFFERS;
		step->offers = session->offer.found;
	}
	memset(&session->offer, 0, sizeof(session->offer));
}

static void session_feed_reply(struct context *context)
{
	struct session *session = context->session;
	enum reply_to kind = session_answers(session);
	bool capability = reply_in_capability(&session->reply, kind);
	struct step *step = context->step;

	reply_feed(&session->reply, context->policy, kind, context->data,
		   context->length, step);
	session_read_capability(context, capability);
	if (step->events & STEP_CHUNKING)
		session->offered = true;
	if (!(step->events & STEP_REPLY))
		return;
	if (kind == REPLY_TO_GREETING)
		step->events |= STEP_GREETING;
	if (!step->last)
		return;
	if (session->phase == PHASE_UNKNOWN)
		session_late_reply(context);
	else
		session_reply_end(context,
				  session_answered(session, step->code));
	session_note_offers(context, kind);
	/* the next reply announces its own */
	session->keyword.value = 0;
	session->offered = false;
}

/* The server has answered the client's hello in clear: commands are next. */
static void session_tls_declined(struct context *context)
{
	session_enter(context->session, PHASE_COMMAND);
	if (session_await(context, REPLY_TO_OTHER))
		session_feed_reply(context);
}

static void session_feed_tls_server(struct context *context)
{
	struct handshake *handshake = &context->session->handshake;
	struct step *step = context->step;

	if (handshake_is_declined(handshake, context->data[0])) {
		session_tls_declined(context);
		return;
	}
	step->span = SPAN_HEADER;
	while (step->length < context->length) {
		u8 octet = context->data[step->length];

		if (step->length && handshake_is_declined(handshake, octet))
			return;
		step->length++;
		switch (handshake_server(handshake, octet)) {
		case PARSE_MORE:
			continue;
		case PARSE_DONE:
			session_tls_start(context);
			return;
		default:
			session_reset(context, REASON_NOT_TLS);
			return;
		}
	}
}

/* While it is not known what comes, TLS may. */
static void session_feed_late_server(struct context *context)
{
	if (context->session->late.ready && session_late_hello(context)) {
		session_pass(context);
		session_tls_start(context);
		return;
	}
	session_feed_reply(context);
}

static void session_feed_server(struct context *context)
{
	switch (context->session->phase) {
	case PHASE_OPAQUE:
	case PHASE_CLOSED:
		session_pass(context);
		return;
	case PHASE_TLS:
		session_feed_tls_server(context);
		return;
	case PHASE_UNKNOWN:
		session_feed_late_server(context);
		return;
	default:
		session_feed_reply(context);
	}
}

/* Nothing is under way, and no transaction open; what is limited goes on. */
static void session_begin(struct session *session, enum phase phase)
{
	struct session before = *session;

	memset(session, 0, sizeof(*session));
	session->phase = phase;
	session->commands = before.commands;
	session->refused = before.refused;
	session->over = before.over;
	session->messages = before.messages;
	session->errors = before.errors;
}

/**
 * session_open() - a session begins, with its greeting
 * @session: the session; all zero, unless it is of a connection that had one,
 *	whose counts of what policies limit go on
 */
void session_open(struct session *session)
{
	session_begin(session, PHASE_COMMAND);
	pending_push(&session->pending, REPLY_TO_GREETING);
}

/**
 * session_open_tls() - a session begins that has TLS from its first octet on
 * @session: the session, as for session_open()
 */
void session_open_tls(struct session *session)
{
	session_begin(session, PHASE_TLS);
}

/**
 * session_resync() - a session is under way, or its thread was lost
 * @session: the session, as for session_open()
 *
 * Everything passes until replies of the server have told the phase, see late.h.
 */
void session_resync(struct session *session)
{
	session_begin(session, PHASE_UNKNOWN);
}

/**
 * session_ignore() - nothing of the session is read any more
 * @session: the session
 */
void session_ignore(struct session *session)
{
	session->phase = PHASE_OPAQUE;
}

/**
 * session_acknowledge() - the server acknowledges what the client has said
 * @session: the session
 * @all: all of it, as is taken for granted where nobody says
 *
 * Call it for each segment of the server while session_is_lost(), before its
 * first octet is fed.
 */
void session_acknowledge(struct session *session, bool all)
{
	session->unheard = !all;
}

/**
 * session_missed() - the client was not as silent as session_acknowledge() said
 * @session: the session, of whose client nothing was fed since
 *
 * A session that was seen from its begin, or is over, stays as it is.
 */
void session_missed(struct session *session)
{
	switch (session->phase) {
	case PHASE_UNKNOWN:
		late_lose(&session->late, &session->pending);
		return;
	case PHASE_OPAQUE:
	case PHASE_CONDEMNED:
	case PHASE_CLOSED:
		return;
	default:
		if (session->resynced)
			session_resync(session);
	}
}

/**
 * session_close() - the session was reset
 * @session: the session
 */
void session_close(struct session *session)
{
	session->phase = PHASE_CLOSED;
}

/**
 * session_is_idle() - is nothing under way
 * @session: the session
 *
 * Of a session that was picked up late it is not known what is under way.
 *
 * Return: true where nothing would be lost if the session ended now: no line,
 * no reply, no transaction.
 */
bool session_is_idle(const struct session *session)
{
	return session->phase == PHASE_COMMAND && !session->resynced &&
	       !command_open(&session->command) &&
	       !reply_open(&session->reply) &&
	       pending_certain(&session->pending) == REPLY_TO_NOTHING &&
	       !session->in_mail && !session->in_chunks && !session->waiting;
}

/**
 * session_segment() - a new segment begins
 * @session: the session
 * @direction: who sends it
 *
 * Call it once for each segment, before its first octet is fed.
 *
 * Return: why the segment must not pass and the session be reset; else
 * %REASON_NONE.
 */
enum reason session_segment(struct session *session, enum direction direction)
{
	if (session->phase == PHASE_CONDEMNED && !session_committed(session)) {
		session_close(session);
		return session->reason;
	}
	if (session->phase == PHASE_BODY && session_is_client(session, direction))
		body_segment(&session->body);
	return REASON_NONE;
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
	struct context context = {
		.session = session,
		.policy = policy,
		.step = step,
		.data = data,
		.length = length,
	};

	step_clear(step);
	step->phase = session->phase;
	if (session_is_client(session, direction))
		session_feed_client(&context);
	else
		session_feed_server(&context);
}

/* So ends the last segment of most messages, which is not scanned in vain then. */
static bool ends_like_message(const u8 *data, size_t length)
{
	static const u8 last_line[LAST_LINE_LENGTH] = { '.', '\r', '\n' };

	return length >= LAST_LINE_LENGTH &&
	       !memcmp(data + length - LAST_LINE_LENGTH, last_line,
		       LAST_LINE_LENGTH);
}

/* So many octets need one LF that ends a note before their last, or none. */
static u64 session_text_max(const struct policy *policy)
{
	u64 share = session_share(policy);

	return share && share < STEP_MAX ? share : STEP_MAX;
}

/* Is there nothing to be asked of so many octets of a message but where it ends? */
static bool session_reads_text(const struct session *session,
			       const struct policy *policy, size_t length)
{
	return session_in_message(session) && !session->broken_off &&
	       length <= session_text_max(policy) &&
	       session->header == HEADER_END &&
	       session->newline.kind == NEWLINE_CRLF &&
	       length <= session_room(session, policy) &&
	       !session_line_is_long(policy, line_longer(session->body.line,
							 length)) &&
	       !session_body_care(session, policy);
}

/**
 * session_takes_text() - read a segment of a message, where that is all it takes
 * @session: the session
 * @policy: what is allowed
 * @data: what the client sends next: a whole segment
 * @length: how many octets, at least one
 * @dots: set to the dots among them
 * @long_lines: set to lines that ended in them and were longer than one should be
 *
 * Most segments of a message hold nothing that is to be judged. Does what
 * session_segment() and session_feed() would.
 *
 * Return: octets up to the LF that a repeat must not change, or all of them, see
 * session_line_end(); 0 where something may have to be judged, and nothing was
 * taken then.
 */
size_t session_takes_text(struct session *session, const struct policy *policy,
			  const u8 *data, size_t length, struct dots *dots,
			  u32 *long_lines)
{
	struct context rest = { .session = session, .policy = policy };
	u16 max_line = policy->max_text_line;
	struct body *body = &session->body;
	const struct body before = *body;
	enum body_mark mark;
	size_t first;

	if (!session_reads_text(session, policy, length) ||
	    ends_like_message(data, length))
		return 0;
	body_segment(body);
	if (body_scan(body, data, length, dots, &mark) < length || mark)
		goto undo;
	rest.data = data;
	first = session_line_room(&rest, length);
	*long_lines = body_read_lines(body, data, first, max_line);
	rest.data += first;
	if (session_line_room(&rest, length - first) < length - first)
		goto undo;
	*long_lines += body_read_lines(body, rest.data, length - first,
				       max_line);
	body->last = data[length - 1];
	session->framing += dots->quoting;
	session->octets += length;
	return first;
undo:
	*body = before;
	return 0;
}

/**
 * session_in_exact_message() - does every octet of the message under way count
 * @session: the session
 * @policy: what is allowed
 *
 * Return: true where more may be part of an end of data than a dot between two
 * breaks, or of a command, or tell where the header ends.
 */
bool session_in_exact_message(const struct session *session,
			      const struct policy *policy)
{
	return session_in_message(session) &&
	       (session_body_care(session, policy) || session->broken_off ||
		!header_has_cr(session->header));
}

/**
 * session_span_ahead() - may octets pass before those that precede them
 * @session: the session
 * @policy: what is allowed
 * @direction: who sends them
 * @end: octets from the next one that is to be fed to the end of them
 *
 * Return: SPAN_CHUNK if they are of a chunk; SPAN_BODY if they are of a
 * message unless it ends before them, SPAN_BODY_EXACT if they may be of its
 * header; SPAN_COMMAND if they may not.
 */
enum step_span session_span_ahead(const struct session *session,
				  const struct policy *policy,
				  enum direction direction, u32 end)
{
	if (!session_is_client(session, direction))
		return SPAN_COMMAND;
	if (session->phase == PHASE_CHUNK && end <= session->number)
		return SPAN_CHUNK;
	if (session->phase != PHASE_BODY || session->broken_off ||
	    session->newline.kind != NEWLINE_CRLF ||
	    session_body_care(session, policy) ||
	    end >= session_room(session, policy))
		return SPAN_COMMAND;
	/* where in them it ends is not known */
	return header_is_open(session->header) ? SPAN_BODY_EXACT : SPAN_BODY;
}

/**
 * session_skip() - octets that passed ahead are the next in order now
 * @session: the session
 * @policy: what is allowed
 * @length: how many, at least one
 * @map: octets of a message: what they do
 * @step: what becomes of them; they cannot be overwritten any more
 */
void session_skip(struct session *session, const struct policy *policy,
		  size_t length, const struct body_map *map, struct step *step)
{
	struct context context = {
		.session = session,
		.policy = policy,
		.step = step,
		.length = length,
	};
	u32 dots;

	step_clear(step);
	step->phase = session->phase;
	if (session->phase == PHASE_CHUNK) {
		session_feed_chunk(&context);
		return;
	}
	step->span = SPAN_BODY;
	step->length = length;
	if (session->phase == PHASE_BODY &&
	    body_apply(&session->body, map, &dots)) {
		session->octets += length;
		session->framing += dots;
		if (header_is_open(session->header))
			session->header = map->header[session->header];
		if (session->broken_off)
			session_lose_line(session);
		return;
	}
	step->reset = true;
	step->reason = REASON_AHEAD;
	if (policy->monitor)
		session_resync(session);
	else
		session_close(session);
}
