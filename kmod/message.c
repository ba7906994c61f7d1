// SPDX-License-Identifier: GPL-2.0
/*
 * One record for each mail transaction: what is gathered of it from MAIL on, and
 * told when its final reply has come, or it is over without.
 *
 * A client may say the next MAIL before the final reply to the message before
 * (RFC 2920), so a session has several at a time.  Replies come in order, so the
 * one that is due is always of the oldest transaction that is not told yet.
 *
 * Nothing is kept where nobody listened when MAIL was said.  All of it runs with
 * the flow's ct->lock held; the functions that others call assert it.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "core/address.h"
#include "events.h"
#include "message.h"
#include "packet.h"
#include "params.h"

/* Octets of a hash as it is told. */
#define HASH_LENGTH		16

/* Replies of which one means that a transaction is under way. */
#define IN_TRANSACTION \
	(1 << REPLY_TO_RCPT | 1 << REPLY_TO_RCPT_OVER | 1 << REPLY_TO_DATA | \
	 1 << REPLY_TO_CHUNK | 1 << REPLY_TO_END_OF_DATA)

/* Of no use to who knows only hashes.  Does not change after message_init(). */
static siphash_key_t message_key;

/* One that does not fit is left out, and so are those behind it. */
static void texts_add(struct texts *texts, const u8 *text, size_t length)
{
	if (texts->count == TEXTS_MAX ||
	    texts->used + 1 + length > TEXTS_OCTETS_MAX)
		return;
	texts->octets[texts->used] = length;
	memcpy(texts->octets + texts->used + 1, text, length);
	texts->used += 1 + length;
	texts->count++;
}

static void texts_clear(struct texts *texts)
{
	texts->used = 0;
	texts->count = 0;
}

/* Domains are the same in either case (RFC 5321 section 2.3.11). */
static void message_lower_domain(u8 *address, size_t length)
{
	struct stretch domain = address_domain(address, length);
	size_t i;

	for (i = 0; i < domain.length; i++)
		address[domain.at + i] = tolower(address[domain.at + i]);
}

static void message_add_hash(struct message *message, const u8 *address,
			     size_t length)
{
	char text[HASH_LENGTH + 1];
	u8 lowered[TEXT_MAX];

	if (!length) {
		texts_add(&message->addresses, address, 0);
		return;
	}
	memcpy(lowered, address, length);
	message_lower_domain(lowered, length);
	snprintf(text, sizeof(text), "%016llx",
		 siphash(lowered, length, &message_key));
	texts_add(&message->addresses, (const u8 *)text, HASH_LENGTH);
}

/* What a line of MAIL or RCPT names. */
static void message_add_address(struct message *message,
				const struct line *line)
{
	struct stretch address;
	size_t length;

	if (!line || message->envelope == LOG_ENVELOPE_OFF)
		return;
	address = address_of_line(line->text, line->length);
	length = min_t(size_t, address.length, TEXT_MAX);
	if (length < address.length ||
	    (line->truncated && address.at + length == line->length))
		message->truncated = true;
	if (message->envelope == LOG_ENVELOPE_HASH)
		message_add_hash(message, line->text + address.at, length);
	else
		texts_add(&message->addresses, line->text + address.at, length);
}

static void message_note_reply(struct message *message, u16 code,
			       const struct line *line)
{
	message->code = max(message->code, code);
	if (line)
		texts_add(&message->replies, line->text,
			  min_t(size_t, line->length, TEXT_MAX));
}

/* Of a transaction that comes to no end, the last that went wrong is told. */
static void message_note_failure(struct message *message,
				 const struct step *step,
				 const struct line *line)
{
	if (step->code / 100 < 4)
		return;
	message->code = 0;
	texts_clear(&message->replies);
	message_note_reply(message, step->code, line);
}

static void message_tell(const struct guard *guard,
			 const struct message *message, const char *result)
{
	const struct event event = {
		.kind = SMTPGUARD_EVENT_MESSAGE,
		.message = message,
		.result = result,
	};

	events_send(guard->ct, guard, &event);
}

/* Tells the oldest, and forgets it. */
static void message_finish(struct guard *guard, const char *result)
{
	struct messages *messages = guard->messages;
	struct message *message = messages->first;

	message_tell(guard, message, result);
	messages->first = message->next;
	if (!messages->first)
		messages->last = NULL;
	messages->count--;
	guard_free(guard, message, sizeof(*message));
}

/* Nothing more of it is to come. */
static void message_finish_early(struct guard *guard)
{
	message_finish(guard, guard->messages->first->ended ? "unanswered" :
							      "abandoned");
}

static void message_finish_abandoned(struct guard *guard)
{
	const struct message *first;

	while ((first = guard->messages->first)) {
		if (!first->over || first->ended || first->mail_owed ||
		    first->owed)
			return;
		message_finish_early(guard);
	}
}

/* That whose commands the client says. */
static struct message *message_open(const struct guard *guard)
{
	struct message *last = guard->messages ? guard->messages->last : NULL;

	return last && !last->over ? last : NULL;
}

static struct messages *message_session(struct guard *guard)
{
	if (!guard->messages)
		guard->messages = guard_alloc(guard, sizeof(*guard->messages));
	return guard->messages;
}

static struct message *message_alloc(struct guard *guard)
{
	struct messages *messages = message_session(guard);

	if (!messages || messages->count == MESSAGES_MAX ||
	    (messages->count && messages->blind))
		return NULL;
	/* somebody began to listen in the middle of one */
	if (!messages->count &&
	    pending_holds(&guard->session->pending, IN_TRANSACTION))
		return NULL;
	return guard_alloc(guard, sizeof(struct message));
}

static void message_begin(struct guard *guard, const struct line *line)
{
	struct message *message = message_alloc(guard);
	struct messages *messages = guard->messages;

	if (!message) {
		events_lose(guard->ct, GROUP_MESSAGES);
		if (messages)
			messages->blind = true;
		return;
	}
	messages->blind = false;
	messages->count++;
	if (messages->last)
		messages->last->next = message;
	else
		messages->first = message;
	messages->last = message;
	message->index = ++messages->index;
	message->mail_owed = true;
	/* the first address is the sender's, or there is none */
	message->envelope = line ? params_settings()->log_envelope :
				   LOG_ENVELOPE_OFF;
	message_add_address(message, line);
}

static void message_hello(struct guard *guard, const struct line *line)
{
	struct messages *messages = message_session(guard);
	struct stretch name;

	if (!messages)
		return;
	messages->helo_length = 0;
	if (!line)
		return;
	name = name_of_line(line->text, line->length);
	messages->helo_length = min_t(size_t, name.length, TEXT_MAX);
	memcpy(messages->helo, line->text + name.at, messages->helo_length);
}

static void message_recipient(struct guard *guard, const struct step *step,
			      const struct line *line)
{
	struct message *message = message_open(guard);

	if (!message)
		return;
	message->recipients++;
	if (step->answers == REPLY_TO_RCPT || step->answers == REPLY_TO_RCPT_OVER)
		message->owed++;
	message_add_address(message, line);
}

/* Does the server read the verb, whatever was overwritten behind it? */
static bool message_verb_passed(const struct step *step)
{
	return !step->refused || (step->reason != REASON_VERB &&
				  step->reason != REASON_ORDER);
}

static void message_command(struct guard *guard, const struct step *step,
			    const struct line *line)
{
	struct message *message = message_open(guard);

	if (step->verb == VERB_RCPT)
		message_recipient(guard, step, line);
	if (!message_verb_passed(step) ||
	    !word_in_set(VERB_ENDS_MAIL | VERB_OPENS_MAIL, step->verb))
		return;
	if (message) {
		message->over = true;
		message_finish_abandoned(guard);
	}
	if (word_in_set(VERB_SAYS_HELLO, step->verb))
		message_hello(guard, line);
	else if (step->answers == REPLY_TO_MAIL)
		message_begin(guard, line);
}

/* All that was owed before has come, or is not missed any more. */
static void message_data_begin(struct guard *guard)
{
	struct message *message = message_open(guard);

	if (!message)
		return;
	while (guard->messages->first != message)
		message_finish_early(guard);
	message->mail_owed = false;
	message->owed = 0;
}

static void message_data_end(struct guard *guard, const struct step *step)
{
	const struct session *session = guard->session;
	struct message *message = message_open(guard);

	if (!message)
		return;
	message->over = true;
	message->ended = true;
	message->end = ktime_get();
	message->segments = step->segments;
	message->bytes = session->octets;
	message->size = session_message_size(session);
	message->declared = session->declared;
	/* the server has said so before, and may say no more */
	if (session_has_broken_off(session) && message->code &&
	    message == guard->messages->first)
		message_finish(guard, "answered");
}

/* A reply to an end of data: the last, or one of several. */
static void message_final_reply(struct guard *guard, const struct step *step,
				const struct line *line)
{
	struct message *message;

	/* replies were missed */
	while (!guard->messages->first->ended && guard->messages->first->next)
		message_finish_early(guard);
	if (step->code == REPLY_PRDR)
		return;
	message = guard->messages->first;
	if (!message->answered) {
		message->code = 0;
		texts_clear(&message->replies);
	}
	message->answered = true;
	message->answer = ktime_get();
	message_note_reply(message, step->code, line);
	if (!guard->session->finals)
		message_finish(guard, "answered");
}

static void message_recipient_reply(struct message *message,
				    const struct step *step,
				    const struct line *line)
{
	if (!message->owed)
		return;
	message->owed--;
	if (reply_is_positive(step->code))
		message->accepted++;
	else
		message->rejected++;
	message_note_failure(message, step, line);
}

static void message_mail_reply(struct message *message,
			       const struct step *step,
			       const struct line *line)
{
	message->mail_owed = false;
	message_note_failure(message, step, line);
	if (!reply_is_positive(step->code))
		message->over = true;
}

/* The last line of a reply has come. */
static void message_reply(struct guard *guard, const struct step *step,
			  const struct line *line)
{
	struct message *first = guard->messages->first;

	if (!first)
		return;
	switch (step->answers) {
	case REPLY_TO_MAIL:
		message_mail_reply(first, step, line);
		break;
	case REPLY_TO_RCPT:
	case REPLY_TO_RCPT_OVER:
		message_recipient_reply(first, step, line);
		break;
	case REPLY_TO_NOTHING:
	case REPLY_TO_DATA:
	case REPLY_TO_CHUNK:
		if (!first->ended)
			message_note_failure(first, step, line);
		break;
	case REPLY_TO_END_OF_DATA:
		message_final_reply(guard, step, line);
		return;
	default:
		return;
	}
	message_finish_abandoned(guard);
}

/* What comes is not seen, but that it does. */
static void message_tls_start(struct guard *guard)
{
	message_close(guard);
	message_tell(guard, NULL, "tls");
	message_free(guard);
}

static void message_note_mask(const struct guard *guard,
			      const struct step *step)
{
	struct message *message = message_open(guard);

	if (message && step->span != SPAN_REPLY)
		message->masked += step->mask_to - step->mask_from;
}

/**
 * message_step() - gather what a step tells of messages
 * @packet: the packet that it is part of
 * @step: the step
 * @line: the text of the line that it ends, or is in; %NULL where there was no
 *	memory for it
 *
 * Context: ct->lock and RCU read lock held.
 */
void message_step(const struct packet *packet, const struct step *step,
		  const struct line *line)
{
	struct guard *guard = packet->guard;

	lockdep_assert_held(&packet->ct->lock);
	if (!(packet->groups & BIT(GROUP_MESSAGES))) {
		message_free(guard);
		return;
	}
	if (step->events & STEP_COMMAND)
		message_command(guard, step, line);
	message_note_mask(guard, step);
	if (step->events & STEP_REPLY && step->last && guard->messages)
		message_reply(guard, step, line);
	/* a chunk follows whatever has been replied */
	if (step->events & STEP_DATA_BEGIN && step->events & STEP_REPLY)
		message_data_begin(guard);
	if (step->events & STEP_DATA_END)
		message_data_end(guard, step);
	if (step->events & STEP_TLS_START)
		message_tls_start(guard);
	if (session_is_lost(guard->session))
		message_close(guard);
}

/**
 * message_close() - no more is seen of the messages of a session
 * @guard: its guard
 *
 * Context: ct->lock held.
 */
void message_close(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	while (guard->messages && guard->messages->first)
		message_finish_early(guard);
}

/**
 * message_free() - forget all that was gathered
 * @guard: of this session
 *
 * Context: ct->lock held.
 */
void message_free(struct guard *guard)
{
	struct messages *messages = guard->messages;

	lockdep_assert_held(&guard->ct->lock);
	if (!messages)
		return;
	while (messages->first) {
		struct message *message = messages->first;

		messages->first = message->next;
		guard_free(guard, message, sizeof(*message));
	}
	guard->messages = NULL;
	guard_free(guard, messages, sizeof(*messages));
}

/**
 * message_init() - make it hard to guess whose hash is whose
 */
void message_init(void)
{
	get_random_bytes(&message_key, sizeof(message_key));
}
