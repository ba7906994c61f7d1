// SPDX-License-Identifier: GPL-2.0
/*
 * Turns the steps of the core into counters and into events of the session
 * log.  The text of a line is gathered over segments, and only while somebody
 * follows the log.  What an AUTH exchange carries is withheld here.
 *
 * All of it runs with the flow's ct->lock held; the functions that others call
 * assert it.
 */
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "core/capability.h"
#include "core/character.h"
#include "events.h"
#include "hellos.h"
#include "log.h"
#include "message.h"
#include "offers.h"
#include "packet.h"
#include "params.h"
#include "stats.h"

/* By enum reason; their sentences are the tool's. */
static const struct {
	const char *slug;
	const char *parameter;
} reasons[] = {
#define REASON(id, slug, sentence, parameter)	{ slug, parameter },
#include "core/reason_list.h"
};

/**
 * log_slug() - the name of a reason
 * @reason: enum reason
 *
 * Return: it, as events have it.
 */
const char *log_slug(u8 reason)
{
	return reasons[reason].slug;
}

/* Counters that follow from one bit of a step. */
static const struct {
	u32 events;
	unsigned int counter;
} step_counters[] = {
	{ STEP_DATA_END,		COUNTER_MESSAGES },
	{ STEP_TLS_START,		COUNTER_SESSIONS_TLS },
	{ STEP_AMBIGUOUS,		COUNTER_ENDS_OF_DATA_AMBIGUOUS },
	{ STEP_CAPABILITY_HIDDEN,	COUNTER_CAPABILITIES_HIDDEN },
	{ STEP_GREETING_MASKED,		COUNTER_GREETINGS_MASKED },
	{ STEP_LONG_LINE,		COUNTER_LINES_OVER_LIMIT },
	{ STEP_LONG_HEADER,		COUNTER_HEADERS_OVER_LIMIT },
	{ STEP_UNEXPECTED,		COUNTER_REPLIES_UNEXPECTED },
	{ STEP_SYNC,			COUNTER_SYNCS_VIOLATED },
	{ STEP_ORDER,			COUNTER_COMMANDS_OUT_OF_ORDER },
	{ STEP_DESYNC,			COUNTER_SESSIONS_DESYNCHRONISED },
	{ STEP_TURN,			COUNTER_SESSIONS_TURNED },
	{ STEP_BARE_NEWLINE,		COUNTER_NEWLINES_BARE },
	{ STEP_OVER_DECLARED,		COUNTER_MESSAGES_OVER_DECLARED },
	{ STEP_OVER_LIMIT,		COUNTER_MESSAGES_OVER_LIMIT },
};

static void line_add(struct line *line, const u8 *data, size_t length)
{
	u16 at = line->length;
	size_t i;

	for (i = 0; i < length && at < LINE_TEXT_MAX; i++) {
		line->text[at] = data[i];
		/* the next one overwrites an end */
		at += !is_line_end(data[i]);
	}
	line->length = at;
	while (i < length)
		line->truncated |= !is_line_end(data[i++]);
}

static void line_clear(struct line *line)
{
	line->length = 0;
	line->truncated = false;
	line->masked = false;
}

/* @before: octets of its side before the step. */
static void line_note_mask(struct line *line, const struct step *step,
			   u64 before)
{
	if (line->masked || step->mask_from == step->mask_to)
		return;
	line->masked = true;
	line->mask = before + step->mask_from;
}

static void line_cut(struct line *line, u16 length)
{
	if (line->length <= length)
		return;
	line->length = length;
	line->truncated = true;
}

/* Of "AUTH PLAIN AHRlc3Q=" only the mechanism may be told. */
static void line_cut_auth(struct line *line)
{
	u16 words = 0;
	u16 at;

	for (at = 0; at < line->length; at++) {
		bool blank = line->text[at] == ' ' || line->text[at] == '\t';
		bool was = !at || line->text[at - 1] == ' ' ||
			   line->text[at - 1] == '\t';

		if (!blank && was && ++words == 3) {
			line_cut(line, at);
			return;
		}
	}
}

static bool line_has_verb(const struct line *line, u16 at, u8 verb)
{
	const char *name = verb_name(verb);
	size_t length = strlen(name);

	return line->length - at >= length &&
	       strncasecmp(line->text + at, name, length) == 0;
}

/* Of "MAIL FROM:<a@example>" all that may be told is whose it is. */
static void line_cut_envelope(struct line *line, u8 verb)
{
	u16 at = 0;

	if (!line_has_verb(line, 0, verb)) {
		line_cut(line, 0);
		return;
	}
	while (at < line->length && line->text[at] != ':' &&
	       line->text[at] != '<')
		at++;
	if (word_in_set(VERB_OPENS_MAIL | VERB_BIT(VERB_RCPT), verb))
		line_cut(line, min_t(u16, at + 1, line->length));
	else
		line_cut(line, strlen(verb_name(verb)));
}

static bool line_is_auth(const struct line *line)
{
	u16 at = 0;

	while (at < line->length &&
	       (line->text[at] == ' ' || line->text[at] == '\t'))
		at++;
	return line_has_verb(line, at, VERB_AUTH) ||
	       line_has_verb(line, at, VERB_X_EXPS);
}

static void line_withhold_command(const struct packet *packet,
				  struct line *line, const struct step *step)
{
	if (word_in_set(VERB_NAMES, step->verb) &&
	    params_settings()->log_envelope != LOG_ENVELOPE_PLAIN)
		line_cut_envelope(line, step->verb);
	else if (line_is_auth(line))
		line_cut_auth(line);
	else if (word_in_set(VERB_AUTHENTICATES, step->verb))
		/* what is before it is not known */
		line_cut(line, 0);
	else if (session_in_auth(packet->guard->session))
		line_cut(line, 0);
}

static const char *verdict_name(const struct packet *packet,
				const struct step *step)
{
	if (packet->policy->monitor)
		return "monitor";
	return step->reset ? "reset" : "mask";
}

static void send_event(const struct packet *packet, const struct event *event)
{
	events_send(packet->ct, packet->guard, event);
}

/* %NULL where somebody has written a parameter since the packet came. */
static const struct settings *log_settings(const struct packet *packet)
{
	const struct settings *settings = params_settings();

	return packet->policy == &settings->policy ? settings : NULL;
}

/* @line: what the step ended, if it did. */
static const char *log_decider(const struct settings *settings,
			       const struct step *step,
			       const struct line *line)
{
	if (settings && step->reason == REASON_VERB &&
	    step->events & STEP_COMMAND)
		return settings_verb_decider(settings, step->verb);
	if (settings && step->events & STEP_CAPABILITY_HIDDEN && line)
		return settings_capability_decider(settings,
						   capability_of_line(line->text,
								      line->length));
	return reasons[step->reason].parameter;
}

/*
 * The octet that shows it: the first that was overwritten of a line, or of the
 * step, or else its last.
 */
static u64 log_offset(const struct packet *packet, const struct step *step,
		      const struct line *line)
{
	u64 before = packet_side(packet)->octets;

	if (step->reset)
		return before + (step->length ? step->length - 1 : 0);
	if (line && line->masked)
		return line->mask;
	if (step->mask_to > step->mask_from)
		return before + step->mask_from;
	return before + step->length - 1;
}

static void log_refusal(const struct packet *packet, const struct step *step,
			const struct line *line)
{
	const struct settings *settings = log_settings(packet);
	struct event event = {
		.kind = SMTPGUARD_EVENT_REFUSAL,
		.verb = step->verb,
		.refused = step->events & STEP_COMMAND,
		.verdict = verdict_name(packet, step),
		.reason = log_slug(step->reason),
		/* a capability is hidden in each session */
		.alert = !(step->events & STEP_CAPABILITY_HIDDEN),
		.ground = {
			.settings = settings,
			.parameter = log_decider(settings, step, line),
			.side = packet->direction,
			.phase = step->phase,
			.offset = log_offset(packet, step, line),
		},
		.line = line,
	};

	send_event(packet, &event);
}

static void log_command(const struct packet *packet, const struct step *step,
			struct line *line)
{
	struct event event = {
		.kind = SMTPGUARD_EVENT_COMMAND,
		.verb = step->verb,
		.refused = step->refused,
		.line = line,
	};

	line_withhold_command(packet, line, step);
	send_event(packet, &event);
	/* log_reset() tells of a reset */
	if (step->refused && !step->reset)
		log_refusal(packet, step, line);
}

static void log_reply(const struct packet *packet, const struct step *step,
		      struct line *line)
{
	struct event event = {
		.kind = step->events & STEP_GREETING ?
			SMTPGUARD_EVENT_GREETING : SMTPGUARD_EVENT_REPLY,
		.code = step->code,
		.line = line,
	};

	/* "334 " and a challenge */
	if (step->code == REPLY_AUTH_CONTINUE)
		line_cut(line, 4);
	send_event(packet, &event);
}

static void log_simple(const struct packet *packet, enum smtpguard_event kind,
		       const struct step *step)
{
	struct event event = {
		.kind = kind,
		.segments = step->segments,
	};

	send_event(packet, &event);
}

/* The octets around the place where the server saw an end that we did not. */
static void log_desync(const struct packet *packet, const struct step *step)
{
	const struct guard *guard = packet->guard;
	struct line line = { .length = guard->recent_length };

	memcpy(line.text, guard->recent, guard->recent_length);
	log_refusal(packet, step, &line);
}

/* Is anything refused by a step, and not reset, but a command line? */
static bool step_refuses_other(const struct step *step)
{
	if (step->events & STEP_DESYNC)
		return true;
	if (!step->reason || step->reset || step->events & STEP_COMMAND)
		return false;
	return step->reason == REASON_BROKEN_OFF ||
	       step->events & (STEP_CAPABILITY_HIDDEN | STEP_AMBIGUOUS |
			       STEP_BARE_NEWLINE | STEP_SECRET);
}

static void log_other_refusal(const struct packet *packet,
			      const struct step *step, const struct line *line)
{
	if (step->events & STEP_DESYNC)
		log_desync(packet, step);
	else
		log_refusal(packet, step,
			    step->events & STEP_CAPABILITY_HIDDEN ? line : NULL);
}

static bool step_ends_line(const struct step *step)
{
	return step->events & (STEP_COMMAND | STEP_SECRET | STEP_REPLY |
			       STEP_UNEXPECTED);
}

static void tell_events(const struct packet *packet, const struct step *step,
			struct line *line)
{
	if (step->events & STEP_COMMAND)
		log_command(packet, step, line);
	if (step->events & STEP_REPLY)
		log_reply(packet, step, line);
	if (step_refuses_other(step))
		log_other_refusal(packet, step, line);
	if (step->events & STEP_DATA_BEGIN)
		log_simple(packet, SMTPGUARD_EVENT_DATA_BEGIN, step);
	if (step->events & STEP_DATA_END)
		log_simple(packet, SMTPGUARD_EVENT_DATA_END, step);
	if (step->events & STEP_TLS_START)
		log_simple(packet, SMTPGUARD_EVENT_TLS_START, step);
}

static void tell_step(const struct packet *packet, const struct step *step,
		      const u8 *data)
{
	struct line *line = guard_line(packet->guard, packet->direction);

	if (!line) {
		stats_count(packet->net, COUNTER_EVENTS_LOST);
		message_step(packet, step, NULL);
		return;
	}
	if (step->span == SPAN_COMMAND || step->span == SPAN_REPLY) {
		line_add(line, data, step->length);
		line_note_mask(line, step, packet_side(packet)->octets);
	}
	/* it takes addresses out of lines, and they may be withheld then */
	message_step(packet, step, line);
	/* most who follow anything want records of messages alone */
	if (packet->groups & ~BIT(GROUP_MESSAGES))
		tell_events(packet, step, line);
	if (step_ends_line(step))
		line_clear(line);
}

/* To ask is dear, and a packet may be many steps. */
static bool log_is_followed(struct packet *packet)
{
	if (!packet->asked)
		packet->groups = events_followed(packet->ct);
	packet->asked = true;
	return packet->groups;
}

/* Most steps are octets of a message. */
static bool step_is_told(const struct step *step)
{
	return step->events || step->reason || step->span == SPAN_COMMAND ||
	       step->span == SPAN_REPLY;
}

static void count_command(const struct packet *packet, const struct step *step)
{
	if (step->refused)
		stats_refused_command(packet->net, step->verb, step->reason);
	else
		stats_command(packet->net, step->verb);
}

/* The last, where an end of data gets several. */
static bool step_is_final_reply(const struct session *session,
				const struct step *step)
{
	return step->events & STEP_REPLY && step->last &&
	       step->answers == REPLY_TO_END_OF_DATA &&
	       step->code != REPLY_PRDR && !session->finals;
}

/*
 * Chunks of the next message may have come before the final reply to this one
 * (RFC 3030 section 4.2): the server begins with that when it has sent this.
 */
static void count_final_reply(const struct packet *packet,
			      const struct step *step)
{
	const struct session *session = packet->guard->session;
	struct guard *guard = packet->guard;
	ktime_t now;

	/* the server asks for the next message: what it owed is not missed */
	if (step->events & STEP_DATA_BEGIN && step->events & STEP_REPLY)
		guard->ended = 0;
	if (step->events & STEP_DATA_END && !guard->ended)
		guard->ended = ktime_get();
	if (!guard->ended || !step_is_final_reply(session, step))
		return;
	now = ktime_get();
	stats_final_reply(packet->net, ktime_sub(now, guard->ended));
	guard->ended = pending_holds(&session->pending,
				     1 << REPLY_TO_END_OF_DATA) ? now : 0;
}

static void count_step(const struct packet *packet, const struct step *step)
{
	unsigned int i;

	if (step->long_lines)
		stats_add(packet->net, COUNTER_LINES_OVER_LIMIT,
			  step->long_lines);
	if (step_refuses_other(step))
		stats_refused_other(packet->net, step->reason);
	if (!step->events)
		return;
	for (i = 0; i < ARRAY_SIZE(step_counters); i++)
		if (step->events & step_counters[i].events)
			stats_count(packet->net, step_counters[i].counter);
	if (step->events & STEP_COMMAND)
		count_command(packet, step);
	count_final_reply(packet, step);
	if (step->events & STEP_DATA_END) {
		stats_add(packet->net, COUNTER_MESSAGE_BYTES,
			  packet->guard->session->octets);
		if (step->segments > 1)
			stats_count(packet->net, COUNTER_ENDS_OF_DATA_SPLIT);
	}
}

/*
 * The last octets of what the client has sent of a message; none if they
 * passed ahead, for then they are not known any more.
 */
static void keep_recent(struct guard *guard, const u8 *data, size_t length)
{
	size_t kept;

	if (!data) {
		guard->recent_length = 0;
		return;
	}
	/* of most packets, and of a length that needs no call */
	if (length >= RECENT_MAX) {
		memcpy(guard->recent, data + length - RECENT_MAX, RECENT_MAX);
		guard->recent_length = RECENT_MAX;
		return;
	}
	kept = min_t(size_t, guard->recent_length, RECENT_MAX - length);
	memmove(guard->recent, guard->recent + guard->recent_length - kept,
		kept);
	memcpy(guard->recent + kept, data, length);
	guard->recent_length = kept + length;
}

/**
 * log_open() - a flow was taken under guard
 * @packet: its first packet
 */
void log_open(const struct packet *packet)
{
	struct event event = { .kind = SMTPGUARD_EVENT_OPEN };

	lockdep_assert_held(&packet->ct->lock);
	stats_count(packet->net, COUNTER_SESSIONS_OPENED);
	send_event(packet, &event);
}

/**
 * log_step() - count a step, and tell of it
 * @packet: the packet it is part of
 * @step: the step
 * @data: its octets, as the peer sent them; NULL if they passed ahead
 */
void log_step(struct packet *packet, const struct step *step, const u8 *data)
{
	lockdep_assert_held(&packet->ct->lock);
	count_step(packet, step);
	if (step_is_of_body(step))
		keep_recent(packet->guard, data, step->length);
	if (!step_is_told(step))
		return;
	if (log_is_followed(packet))
		tell_step(packet, step, data);
	else if (packet->guard->messages)
		message_free(packet->guard);
	if (step->events & STEP_OFFERS)
		offers_step(packet, step);
}

/**
 * log_text() - count octets of a message in which nothing was found
 * @guard: what is kept of the flow
 * @data: the octets
 * @length: how many
 * @long_lines: lines that ended in them and were longer than one should be
 *
 * Does what log_step() does of a step that is not told.
 */
void log_text(struct guard *guard, const u8 *data, size_t length,
	      u32 long_lines)
{
	lockdep_assert_held(&guard->ct->lock);
	if (long_lines)
		stats_add(nf_ct_net(guard->ct), COUNTER_LINES_OVER_LIMIT,
			  long_lines);
	keep_recent(guard, data, length);
}

/**
 * log_reset() - a session is being reset
 * @packet: the packet that did it
 * @step: what did it; not of any octets where it was the packet as such
 */
void log_reset(const struct packet *packet, const struct step *step)
{
	lockdep_assert_held(&packet->ct->lock);
	stats_reset(packet->net, step->reason);
	if (step->reason == REASON_FOREIGN)
		stats_count(packet->net, COUNTER_SESSIONS_FOREIGN);
	if (events_followed(packet->ct))
		log_refusal(packet, step, NULL);
}

/**
 * log_close() - a session has ended
 * @guard: its guard; it is told only once
 */
void log_close(struct guard *guard)
{
	struct nf_conn *ct = guard->ct;
	struct event event = {
		.kind = SMTPGUARD_EVENT_CLOSE,
		.unanswered = guard_is_committed(guard),
	};

	lockdep_assert_held(&ct->lock);
	if (guard->closed)
		return;
	guard->closed = true;
	event.alert = event.unanswered;
	stats_count(nf_ct_net(ct), COUNTER_SESSIONS_CLOSED);
	if (guard->messages)
		message_close(guard);
	hellos_close(guard);
	if (event.unanswered)
		stats_count(nf_ct_net(ct), COUNTER_ENDS_OF_DATA_UNANSWERED);
	events_send(ct, guard, &event);
}
