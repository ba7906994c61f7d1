// SPDX-License-Identifier: GPL-2.0
/*
 * Each segment lies in memory of its own size, so that AddressSanitizer sees
 * every octet that is read too many.
 */
#include "core/chunk.h"
#include "wire.h"

static bool is_given_up(const struct session *session)
{
	return session->phase == PHASE_CONDEMNED ||
	       session->phase == PHASE_CLOSED;
}

/* Values that the enums have. */
static void wire_check_session(const struct wire *wire)
{
	const struct session *session = &wire->session;
	const struct command *command = &session->command;
	u16 body = session->body.state;

	rule(session->phase <= PHASE_CLOSED, "the phase is in its enum");
	rule(session->pending.used <= PENDING_RUNS,
	     "no more replies are owed than there is room for");
	if (wire->policy->monitor)
		rule(!is_given_up(session), "monitor gives no session up");
	if (session->phase == PHASE_COMMAND) {
		rule(command->state <= COMMAND_MASKED &&
		     command->reason < REASON_COUNT &&
		     (command->verb < VERB_COUNT ||
		      command->verb == WORD_NONE) &&
		     command->path.part <= PATH_DOMAIN,
		     "the command's states are in their enums");
	}
	if (session->phase == PHASE_UNKNOWN)
		rule(session->late.place <= LATE_AFTER_READY &&
		     session->late.verb <= VERB_COUNT + 1 &&
		     (session->late.place || !session->pending.used),
		     "the search's states are in their enums");
	if (session->phase == PHASE_BODY)
		rule((body & BODY_TEXT) == BODY_TEXT && body < BODY_LAX_END * 2,
		     "the body's state is in its enum");
	if (session->phase == PHASE_BDAT || session->phase == PHASE_CHUNK)
		rule(session->at <= CHUNK_LAST_OCTETS,
		     "the chunk's state is in its enum");
	rule(session->refused <= session->commands,
	     "no more refused commands than commands");
}

static bool step_masks(const struct step *step)
{
	return step->mask_to > step->mask_from;
}

/* What gives a session up does not pass, be it a line's end. */
static bool wire_blames(const struct wire *wire, const struct step *step,
			size_t at)
{
	return !wire->condemned && is_given_up(&wire->session) &&
	       at == step->length - 1;
}

/* Where the ends cannot follow only the session knows. */
static bool wire_is_broken(const struct wire *wire)
{
	return wire->lost || wire->policy->monitor ?
		wire->session.broken_off : wire->ends.broken;
}

/* One octet, and verbs of a message that the server has refused already. */
static void wire_check_message_mask(const struct wire *wire,
				    const struct step *step, const u8 *data)
{
	size_t length = step->mask_to - step->mask_from;

	if (step->filler != COMMAND_FILLER) {
		rule(length == 1, "of a message one octet is overwritten");
		return;
	}
	rule(wire_is_broken(wire), "no verb is looked for in a message");
	rule(!memchr(data + step->mask_from, '\n', length) &&
	     !memchr(data + step->mask_from, '\r', length),
	     "no line end of a message is overwritten with a verb");
}

/* Which octets may be overwritten depends on what they are part of. */
static void wire_check_mask(const struct wire *wire, const struct step *step,
			    const u8 *data)
{
	bool defangs = step->span == SPAN_COMMAND &&
		       wire->policy->bare_newline == BARE_NEWLINE_DEFANG;
	size_t at;

	if (step->span == SPAN_REPLY && step->filler == '4') {
		rule(step->mask_to - step->mask_from == 1 &&
		     data[step->mask_from] == '5',
		     "of a reply that is put off a 5 becomes a 4");
		return;
	}
	rule(step->filler && strchr("X *x", step->filler), "a known filler");
	switch (step->span) {
	case SPAN_BODY:
	case SPAN_BODY_EXACT:
		wire_check_message_mask(wire, step, data);
		return;
	case SPAN_CHUNK:
	case SPAN_OPAQUE:
		rule(wire->session.phase == PHASE_CONDEMNED,
		     "what is not looked at passes");
		return;
	}
	for (at = step->mask_from; at < step->mask_to; at++) {
		if (wire_blames(wire, step, at))
			continue;
		rule(data[at] != '\r', "no CR of a line is overwritten");
		rule(data[at] != '\n' || defangs,
		     "no LF of a line is overwritten");
	}
}

static void wire_check_step(struct wire *wire, const struct step *step,
			    const u8 *data, size_t length, bool committed)
{
	rule(step->length && step->length <= length,
	     "a step takes an octet, and no more than there are");
	rule(step->mask_from <= step->mask_to &&
	     step->mask_to <= step->length, "the mask is inside of its step");
	rule(step->span <= SPAN_OPAQUE && step->reason < REASON_COUNT &&
	     step->verb <= VERB_COUNT, "the step's values are in their enums");
	if (step_masks(step))
		wire_check_mask(wire, step, data);
	wire_check_session(wire);
	if (step->reset && !wire->policy->monitor)
		rule(!committed && !session_committed(&wire->session),
		     "no reset while a final reply is owed");
	if (step->reset && wire->policy->monitor) {
		wire->lost = true;
		wire->resynced = true;
	}
}

/* Where the session was not known to be before the step, it changes nothing. */
static void wire_check_late(const struct wire *wire, enum direction direction,
			    const struct step *step, const u8 *octets)
{
	bool reply = direction == FROM_SERVER && step->last &&
		     step->events & STEP_REPLY;
	bool line = direction == FROM_CLIENT &&
		    octets[step->length - 1] == '\n';

	rule(!step_masks(step) && !step->reset,
	     "while the phase is a guess nothing is overwritten or reset");
	rule(session_is_lost(&wire->session) || reply || line ||
	     step->events & STEP_TLS_START,
	     "only a reply, a line or TLS tells the phase");
}

/* A line break that became a blank does not make its line a refused one. */
static void wire_check_line(struct wire *wire, const struct step *step)
{
	if (step->reset) {
		/* monitor goes on somewhere in the stream */
		wire->masked = false;
		wire->crossed = false;
		return;
	}
	if (step->span != SPAN_COMMAND || is_given_up(&wire->session))
		return;
	wire->masked |= step_masks(step);
	wire->crossed |= step_masks(step) && step->filler == COMMAND_FILLER;
	if (!(step->events & STEP_COMMAND))
		return;
	rule(wire->masked || !step->refused, "what is refused is overwritten");
	rule(!wire->crossed || step->refused,
	     "what is not refused is not overwritten");
	wire->masked = false;
	wire->crossed = false;
}

/* Before a segment is fed: is it one of a message in which nothing is found? */
static void wire_take_text(struct wire *wire, enum direction direction,
			   const u8 *segment, size_t length)
{
	struct text *text = &wire->text;

	text->first = 0;
	text->dots_fed = 0;
	text->session = wire->session;
	if (session_is_client(&wire->session, direction) &&
	    !session_withholds(&wire->session, direction))
		text->first = session_takes_text(&text->session, wire->policy,
						 segment, length, &text->dots,
						 &text->long_lines);
	rule(text->first <= length, "no more is taken than there is");
	rule(text->first || !memcmp(&text->session, &wire->session,
				    sizeof(wire->session)),
	     "what takes nothing changes nothing");
}

/* A step of one, which begins at @at. */
static void wire_check_text(struct wire *wire, const struct step *step,
			    size_t at)
{
	struct text *text = &wire->text;
	unsigned int i;

	rule(step->span == SPAN_BODY && !step->events && !step->reason &&
	     !step_masks(step), "where text is taken nothing is found");
	rule(!at == (at < text->first) &&
	     (at || step->length == text->first),
	     "a step ends where a note of taken text does");
	rule(step->long_lines <= text->long_lines,
	     "long lines of taken text are counted");
	text->long_lines -= step->long_lines;
	for (i = 0; i < step->dots.count; i++, text->dots_fed++)
		rule(text->dots_fed < text->dots.count &&
		     dots_place(&text->dots, text->dots_fed) ==
		     at + dots_place(&step->dots, i),
		     "taken text has the dots that steps find");
}

/* Behind its last step. */
static void wire_end_text(const struct wire *wire)
{
	const struct text *text = &wire->text;

	rule(!memcmp(&text->session, &wire->session, sizeof(wire->session)) &&
	     text->dots_fed == text->dots.count && !text->long_lines,
	     "taken text leads to where its steps do");
}

/*
 * Feeds a segment; @masked is set where it is overwritten.  Returns octets that
 * pass, if there is no reset: others wait.
 */
static size_t wire_feed(struct wire *wire, enum direction direction, u8 *segment,
			bool *masked, size_t length)
{
	const struct policy *policy = wire->policy;
	struct step step;
	size_t at;

	wire->judged = 0;
	for (at = 0; at < length && !wire->reset; at += step.length) {
		bool committed = session_committed(&wire->session);
		bool lost = session_is_lost(&wire->session);
		size_t i;

		if (session_withholds(&wire->session, direction))
			break;
		wire->condemned = is_given_up(&wire->session);
		session_feed(&wire->session, policy, direction, segment + at,
			     length - at, &step);
		wire_check_step(wire, &step, segment + at, length - at,
				committed);
		if (lost)
			wire_check_late(wire, direction, &step, segment + at);
		wire_check_line(wire, &step);
		if (wire->text.first)
			wire_check_text(wire, &step, at);
		if (!wire->condemned)
			wire->judged = at + step.length;
		wire->events |= step.events;
		if (policy->monitor)
			continue;
		wire->reset = step.reset;
		for (i = at + step.mask_from; i < at + step.mask_to; i++) {
			segment[i] = step.filler;
			masked[i] = true;
		}
	}
	return at;
}

static void wire_forward(struct wire *wire, enum direction direction,
			 const u8 *segment, const bool *masked, size_t length)
{
	size_t at;

	if (length <= sizeof(wire->octets) - wire->length) {
		memcpy(wire->octets + wire->length, segment, length);
		wire->length += length;
	}
	if (wire->lost || wire->policy->monitor)
		return;
	for (at = 0; at < length; at++) {
		wire->ends.condemned |= at >= wire->judged;
		ends_read(&wire->ends, direction, segment[at], masked[at]);
	}
	rule(ends_agree(&wire->ends, &wire->session),
	     "server and session take the octets for the same");
}

/**
 * wire_open() - a session begins
 * @wire: the wire
 * @policy: what is allowed
 * @opening: enum wire_opening
 */
void wire_open(struct wire *wire, const struct policy *policy, u8 opening)
{
	memset(&wire->session, 0, sizeof(wire->session));
	wire->policy = policy;
	wire->length = 0;
	wire->events = 0;
	wire->masked = false;
	wire->crossed = false;
	wire->lost = opening != WIRE_OPEN;
	wire->resynced = false;
	wire->reset = false;
	ends_open(&wire->ends, policy);
	session_open(&wire->session);
	if (opening == WIRE_OPEN_TLS)
		session_open_tls(&wire->session);
	if (opening == WIRE_MIDSTREAM)
		session_resync(&wire->session);
}

/**
 * wire_segment() - one segment arrives
 * @wire: the wire; nothing happens once it is reset
 * @direction: who sends it
 * @data: its octets
 * @length: how many; none are no segment
 */
void wire_segment(struct wire *wire, enum direction direction, const u8 *data,
		  size_t length)
{
	bool *masked = NULL;
	u8 *segment = NULL;

	if (wire->reset || !length)
		return;
	wire_take_text(wire, direction, data, length);
	wire->reset = session_segment(&wire->session, direction);
	if (wire->reset)
		goto closed;
	masked = calloc(length, sizeof(*masked));
	segment = malloc(length);
	rule(masked && segment, "there is memory");
	memcpy(segment, data, length);
	length = wire_feed(wire, direction, segment, masked, length);
	if (wire->text.first)
		wire_end_text(wire);
	if (!wire->reset && length)
		wire_forward(wire, direction, segment, masked, length);
	free(segment);
	free(masked);
closed:
	if (wire->reset && !wire->lost)
		rule(!ends_owe_final(&wire->ends),
		     "no reset while a server has to say what it took");
}

/**
 * wire_play() - one end says what the input says, the other what it wants to
 * @wire: the session
 * @input: segments: an octet, their length and whether the other end speaks
 *	before them, then where it does an octet that says how, and their octets
 * @from: the end that the input is of
 * @before: makes the other end speak
 */
void wire_play(struct wire *wire, struct input *input, enum direction from,
	       void (*before)(struct wire *wire, u8 choice))
{
	while (input->length && !wire->reset) {
		u8 head = input_octet(input);
		struct input segment;

		if (head & ~WIRE_LENGTH_BITS)
			before(wire, input_octet(input));
		segment = input_take(input, 1 + (head & WIRE_LENGTH_BITS));
		wire_segment(wire, from, segment.data, segment.length);
	}
}
