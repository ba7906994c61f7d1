// SPDX-License-Identifier: GPL-2.0
/*
 * Feeds a dialogue to the protocol core, as kmod/stream.c does with segments,
 * and notes what the core says of it.
 *
 * Why something is overwritten is known for certain only where its line ends:
 * a verb may be out of order instead of not allowed, what is hidden in a reply
 * may be of a capability, or of a greeting.  So the findings of a line are
 * settled at its end.
 */
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "core/capability.h"
#include "core/verb.h"
#include "rehearsal.h"

static const struct reason_row greeting_masked = {
	"greeting", "text of the greeting", "greeting",
};

/** struct told - a STEP_ bit, and what it says to people */
struct told {
	u32 bit;
	struct reason_row row;
};

static const struct told told[] = {
	{ STEP_DATA_BEGIN, { "", "message begins", "" } },
	{ STEP_DATA_END, { "", "end of data", "" } },
	{ STEP_TLS_START, { "", "TLS starts, nothing behind it is read", "" } },
	{ STEP_TURN, { "", "client and server change places", "" } },
	{ STEP_AMBIGUOUS, { "", "ambiguous end of data passes", "end_of_data" } },
	{ STEP_BARE_NEWLINE, { "", "CR or LF that stands alone passes",
			       "bare_newline" } },
	{ STEP_ORDER, { "", "command out of order passes", "command_order" } },
	{ STEP_UNEXPECTED, { "", "reply that answers nothing", "" } },
	{ STEP_OVER_DECLARED, { "", "more octets than MAIL declared", "" } },
	{ STEP_OVER_LIMIT, { "", "more octets than the server takes", "" } },
	{ STEP_LONG_LINE, { "", "line too long", "max_reply_line" } },
	{ STEP_LONG_HEADER, { "", "header too long", "max_header" } },
};

#define TOLD_COUNT	(sizeof(told) / sizeof(told[0]))

static const struct turn *current_turn(const struct rehearsal *rehearsal)
{
	return &rehearsal->dialogue->turns[rehearsal->turn];
}

static void add(struct rehearsal *rehearsal, const struct finding *finding)
{
	struct finding *findings = reallocarray(rehearsal->findings,
						rehearsal->count + 1,
						sizeof(*findings));

	if (!findings) {
		rehearsal->no_memory = true;
		return;
	}
	rehearsal->findings = findings;
	findings[rehearsal->count] = *finding;
	findings[rehearsal->count++].turn = rehearsal->turn;
}

/* A finding of one octet. */
static void add_at(struct rehearsal *rehearsal, enum effect effect, size_t at,
		   const struct reason_row *why)
{
	const struct finding finding = {
		.from = at,
		.to = at + 1,
		.effect = effect,
		.why = why,
		.parameter = why->parameter,
	};

	add(rehearsal, &finding);
}

/* What is overwritten in several steps is one finding. */
static bool extend(struct rehearsal *rehearsal, const struct finding *more)
{
	struct finding *last;

	if (!rehearsal->count)
		return false;
	last = &rehearsal->findings[rehearsal->count - 1];
	if (last->effect != more->effect || last->turn != rehearsal->turn ||
	    last->to != more->from || last->filler != more->filler ||
	    last->why != more->why)
		return false;
	last->to = more->to;
	return true;
}

static const struct reason_row *mask_reason(const struct rehearsal *rehearsal,
					    const struct step *step)
{
	if (step->reason)
		return &reason_rows[step->reason];
	if (step->span == SPAN_REPLY)
		return &reason_rows[REASON_CAPABILITY];
	return &reason_rows[rehearsal->session.reason];
}

static void add_mask(struct rehearsal *rehearsal, const struct step *step)
{
	struct finding finding = {
		.from = rehearsal->at + step->mask_from,
		.to = rehearsal->at + step->mask_to,
		.effect = EFFECT_MASK,
		.filler = step->filler,
		.why = mask_reason(rehearsal, step),
	};

	finding.parameter = finding.why->parameter;
	if (!extend(rehearsal, &finding))
		add(rehearsal, &finding);
}

/* The capability that the line names which ends at an octet of the turn. */
static u8 capability_named(const struct turn *turn, size_t end)
{
	const u8 *text = turn->octets + end;

	while (text > turn->octets && text[-1] != '\n')
		text--;
	return capability_of_line(text, turn->octets + end - text);
}

static void settle_command(struct rehearsal *rehearsal,
			   const struct step *step, struct finding *finding)
{
	if (!step->refused || finding->why != &reason_rows[REASON_VERB])
		return;
	finding->why = &reason_rows[step->reason];
	finding->parameter = step->reason == REASON_VERB ?
		settings_verb_decider(rehearsal->settings, step->verb) :
		finding->why->parameter;
}

static void settle_reply(struct rehearsal *rehearsal, const struct step *step,
			 struct finding *finding)
{
	size_t last = rehearsal->at + step->length - 1;
	u8 row;

	if (step->events & STEP_CAPABILITY_HIDDEN) {
		row = capability_named(current_turn(rehearsal), last);
		finding->why = &reason_rows[REASON_CAPABILITY];
		finding->parameter =
			settings_capability_decider(rehearsal->settings, row);
		return;
	}
	/* only these two are overwritten besides */
	finding->why = reply_is_positive(step->code) ||
		       step->events & STEP_GREETING ?
		&greeting_masked : &reason_rows[REASON_RECIPIENTS];
	finding->parameter = finding->why->parameter;
}

/* A line has ended: it is known now what it was. */
static void settle(struct rehearsal *rehearsal, const struct step *step)
{
	u8 from = current_turn(rehearsal)->from;
	size_t i;

	for (i = rehearsal->line[from]; i < rehearsal->count; i++) {
		struct finding *finding = &rehearsal->findings[i];

		if (finding->effect != EFFECT_MASK ||
		    rehearsal->dialogue->turns[finding->turn].from != from)
			continue;
		if (step->span == SPAN_REPLY)
			settle_reply(rehearsal, step, finding);
		else
			settle_command(rehearsal, step, finding);
	}
	rehearsal->line[from] = rehearsal->count;
}

static void count(struct rehearsal *rehearsal, const struct step *step)
{
	if (step->events & STEP_COMMAND && step->refused)
		rehearsal->refused++;
	else if (step->events & STEP_COMMAND)
		rehearsal->commands++;
	if (step->events & STEP_CAPABILITY_HIDDEN)
		rehearsal->hidden++;
}

/* @condemned: the session was to be reset before. */
static void note(struct rehearsal *rehearsal, const struct step *step,
		 bool condemned)
{
	const struct session *session = &rehearsal->session;
	size_t last = rehearsal->at + step->length - 1;
	size_t i;

	if (step->mask_to > step->mask_from && !step->reset)
		add_mask(rehearsal, step);
	if (step->events & (STEP_COMMAND | STEP_SECRET | STEP_REPLY))
		settle(rehearsal, step);
	for (i = 0; i < TOLD_COUNT && !step->reason; i++)
		if (step->events & told[i].bit)
			add_at(rehearsal, EFFECT_TOLD, last, &told[i].row);
	if (step->reset)
		add_at(rehearsal, EFFECT_RESET, last,
		       &reason_rows[step->reason]);
	else if (session->phase == PHASE_CONDEMNED && !condemned)
		add_at(rehearsal, EFFECT_RESET_NEXT, last,
		       &reason_rows[session->reason]);
	else if (step->reason == REASON_DESYNC)
		add_at(rehearsal, EFFECT_TOLD, last,
		       &reason_rows[REASON_DESYNC]);
}

static void hold(struct rehearsal *rehearsal)
{
	const struct finding finding = {
		.from = rehearsal->at,
		.to = current_turn(rehearsal)->length,
		.effect = EFFECT_HOLD,
		.why = &reason_rows[REASON_NONE],
		.parameter = "",
	};

	add(rehearsal, &finding);
}

/* One turn crosses; false where it does not, and the session is reset. */
static bool cross(struct rehearsal *rehearsal)
{
	const struct policy *policy = &rehearsal->settings->policy;
	const struct turn *turn = current_turn(rehearsal);
	struct session *session = &rehearsal->session;
	enum reason reason = session_segment(session, turn->from);
	struct step step;

	rehearsal->at = 0;
	if (session_is_lost(session) && turn->from == FROM_SERVER)
		session_acknowledge(session, !turn->unheard);
	if (reason) {
		add_at(rehearsal, EFFECT_RESET, 0, &reason_rows[reason]);
		return false;
	}
	while (rehearsal->at < turn->length) {
		bool condemned = session->phase == PHASE_CONDEMNED;

		if (session_withholds(session, turn->from)) {
			hold(rehearsal);
			break;
		}
		session_feed(session, policy, turn->from,
			     turn->octets + rehearsal->at,
			     turn->length - rehearsal->at, &step);
		count(rehearsal, &step);
		note(rehearsal, &step, condemned);
		if (step.reset && !policy->monitor)
			return false;
		rehearsal->at += step.length;
	}
	return true;
}

/* What begins before it is seen. */
static void begin_late(struct rehearsal *rehearsal)
{
	const struct policy *policy = &rehearsal->settings->policy;
	struct session *session = &rehearsal->session;

	session_resync(session);
	if (policy->midstream == MIDSTREAM_ACCEPT)
		session_ignore(session);
	if (policy->midstream != MIDSTREAM_RESET)
		return;
	add_at(rehearsal, EFFECT_RESET, 0, &reason_rows[REASON_MIDSTREAM]);
	if (policy->monitor)
		return;
	rehearsal->reset = true;
	rehearsal->turn = 1;
}

static void begin(struct rehearsal *rehearsal)
{
	const struct settings *settings = rehearsal->settings;
	const struct dialogue *dialogue = rehearsal->dialogue;
	struct session *session = &rehearsal->session;

	session_open(session);
	if (!rehearsal_is_guarded(rehearsal))
		session_ignore(session);
	else if (dialogue->late)
		begin_late(rehearsal);
	else if (settings_has_port(&settings->tls_ports, dialogue->port))
		session_open_tls(session);
}

/**
 * rehearsal_is_guarded() - is anything read
 * @rehearsal: a rehearsal with settings and a dialogue
 *
 * Return: false where the settings say that it passes as it is.
 */
bool rehearsal_is_guarded(const struct rehearsal *rehearsal)
{
	const struct settings *settings = rehearsal->settings;
	u16 port = rehearsal->dialogue->port;

	return settings->policy.enabled &&
	       (!port || settings_has_port(&settings->ports, port));
}

/**
 * rehearsal_run() - see what becomes of a dialogue
 * @rehearsal: filled in, to be freed with rehearsal_free(), even after a failure
 * @settings: the parameters
 * @dialogue: the dialogue
 *
 * Return: false after a complaint.
 */
bool rehearsal_run(struct rehearsal *rehearsal, const struct settings *settings,
		   const struct dialogue *dialogue)
{
	memset(rehearsal, 0, sizeof(*rehearsal));
	rehearsal->settings = settings;
	rehearsal->dialogue = dialogue;
	begin(rehearsal);
	while (rehearsal->turn < dialogue->count && !rehearsal->reset) {
		rehearsal->reset = !cross(rehearsal);
		rehearsal->turn++;
	}
	if (rehearsal->no_memory)
		complain("out of memory");
	return !rehearsal->no_memory;
}

/**
 * rehearsal_free() - free a rehearsal
 * @rehearsal: what rehearsal_run() filled in
 */
void rehearsal_free(struct rehearsal *rehearsal)
{
	free(rehearsal->findings);
}

/**
 * rehearsal_is_refusal() - is something refused of what was said
 * @finding: what was found
 *
 * Return: true if so; what is hidden of a server's greeting and capabilities is
 * no refusal.
 */
bool rehearsal_is_refusal(const struct finding *finding)
{
	return finding->effect >= EFFECT_RESET ||
	       (finding->effect == EFFECT_MASK &&
		finding->why != &greeting_masked &&
		finding->why != &reason_rows[REASON_CAPABILITY]);
}

/**
 * rehearsal_refuses() - was something refused of what a client or a server said
 * @rehearsal: one that was run
 *
 * Return: true if so, see rehearsal_is_refusal().
 */
bool rehearsal_refuses(const struct rehearsal *rehearsal)
{
	size_t i;

	for (i = 0; i < rehearsal->count; i++)
		if (rehearsal_is_refusal(&rehearsal->findings[i]))
			return true;
	return rehearsal->refused;
}

/**
 * rehearsal_first() - the first finding of a turn
 * @rehearsal: one that was run
 * @number: of the turn
 *
 * Return: its number; that of what is behind it, where it has none.
 */
size_t rehearsal_first(const struct rehearsal *rehearsal, size_t number)
{
	size_t low = 0, high = rehearsal->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rehearsal->findings[middle].turn < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * rehearsal_forwards() - does a turn arrive
 * @rehearsal: one that was run
 * @number: of the turn
 *
 * Return: false where it resets the session.
 */
bool rehearsal_forwards(const struct rehearsal *rehearsal, size_t number)
{
	return !rehearsal->reset || number + 1 < rehearsal->turn;
}

/**
 * rehearsal_forward() - what arrives of a turn
 * @rehearsal: one that was run
 * @number: of the turn, which rehearsal_forwards()
 * @octets: room for what was sent
 *
 * Return: how many octets arrive.
 */
size_t rehearsal_forward(const struct rehearsal *rehearsal, size_t number,
			 u8 *octets)
{
	const struct turn *turn = &rehearsal->dialogue->turns[number];
	size_t length = turn->length;
	size_t i;

	memcpy(octets, turn->octets, length);
	if (rehearsal->settings->policy.monitor)
		return length;
	for (i = rehearsal_first(rehearsal, number);
	     i < rehearsal->count && rehearsal->findings[i].turn == number;
	     i++) {
		const struct finding *finding = &rehearsal->findings[i];

		if (finding->effect == EFFECT_MASK)
			memset(octets + finding->from, finding->filler,
			       finding->to - finding->from);
		else if (finding->effect == EFFECT_HOLD)
			length = finding->from;
	}
	return length;
}
