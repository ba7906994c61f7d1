// SPDX-License-Identifier: GPL-2.0
/*
 * Octets behind a hole pass before those in it.  Behind the policy and what is
 * sent, a message or a chunk, each piece is an octet, its length and whether
 * it comes before the nearest piece that does not, and its octets.  One
 * session reads the pieces in their order, and tells of each octet what it is;
 * another one gets them as they come.  Nothing that passes ahead may be
 * anything but text, whatever the hole turns out to hold.
 */
#include "core/ahead.h"
#include "core/session.h"
#include "input.h"

#define LENGTH_BITS	0x3f
#define AHEAD_BIT	0x80
#define PIECES_MAX	64
#define START		0xffffff00u
#define RING_SIZE	(2 * INPUT_MAX)
#define RING_AHEAD	(HISTORY_UNMARKED + HISTORY_STRIDE)
#define MAX_LINE	1000

/**
 * struct receiver - a session, and what it did with the octets
 * @session: the session
 * @octets: as they were forwarded
 * @spans: enum step_span of each
 * @masked: which were overwritten
 * @at: octets read in order
 * @reason: of the reset
 * @reset: it was reset
 */
struct receiver {
	struct session session;
	u8 octets[INPUT_MAX];
	u8 spans[INPUT_MAX];
	bool masked[INPUT_MAX];
	size_t at;
	u8 reason;
	bool reset;
};

/**
 * struct piece - octets that arrive together
 * @data: the octets
 * @from: octets before it
 * @first: it is not to wait for those before it
 * @landed: it passed before them
 */
struct piece {
	struct input data;
	size_t from;
	bool first;
	bool landed;
};

/**
 * struct stage - everything
 * @policy: what is allowed
 * @plain: reads in order
 * @early: reads as the pieces come
 * @ahead: the islands of @early
 * @history: what @early forwarded
 * @pieces: the pieces in their order
 * @count: how many
 */
struct stage {
	const struct policy *policy;
	struct receiver plain;
	struct receiver early;
	struct ahead ahead;
	struct history history;
	struct piece pieces[PIECES_MAX];
	size_t count;
};

/* Sequence numbers wrap, soon. */
static u32 number_of(size_t at)
{
	return START + at;
}

static void say(struct receiver *receiver, const struct policy *policy,
		enum direction direction, const char *text)
{
	size_t length = strlen(text);
	struct step step;
	size_t at;

	for (at = 0; at < length; at += step.length)
		session_feed(&receiver->session, policy, direction,
			     (const u8 *)text + at, length - at, &step);
}

static void receiver_open(struct receiver *receiver,
			  const struct policy *policy, u8 chunk)
{
	char line[32];

	memset(receiver, 0, sizeof(*receiver));
	session_open(&receiver->session);
	say(receiver, policy, FROM_SERVER, "220 a\r\n");
	say(receiver, policy, FROM_CLIENT, "EHLO a\r\n");
	say(receiver, policy, FROM_SERVER, "250-a\r\n250 CHUNKING\r\n");
	say(receiver, policy, FROM_CLIENT, "MAIL FROM:<a@b>\r\n");
	say(receiver, policy, FROM_SERVER, "250 ok\r\n");
	say(receiver, policy, FROM_CLIENT, "RCPT TO:<a@a.example>\r\n");
	say(receiver, policy, FROM_SERVER, "250 ok\r\n");
	snprintf(line, sizeof(line), "BDAT %u LAST\r\n", 8 * chunk);
	say(receiver, policy, FROM_CLIENT, chunk ? line : "DATA\r\n");
	if (!chunk)
		say(receiver, policy, FROM_SERVER, "354 go\r\n");
}

static void note(struct history *history, const struct step *step,
		 const u8 *data)
{
	size_t masked = step->mask_to - step->mask_from;
	size_t from = masked ? step->mask_from : step->length;
	size_t behind = from + masked;

	if (step->span == SPAN_CHUNK) {
		history_note_any(history, step->length);
		return;
	}
	if (step->span == SPAN_BODY)
		history_note_body(history, data, from, &step->dots);
	else
		history_note_exact(history, data, from);
	history_note_masked(history, step->filler, masked);
	/* behind what is overwritten a step of a message ends */
	history_note_exact(history, data + behind, step->length - behind);
}

static void receiver_take(struct receiver *receiver, const struct step *step,
			  const u8 *data)
{
	size_t i;

	for (i = 0; i < step->length; i++) {
		bool mask = i >= step->mask_from && i < step->mask_to;

		receiver->octets[receiver->at + i] = mask ? step->filler :
							    data[i];
		receiver->masked[receiver->at + i] = mask;
		receiver->spans[receiver->at + i] =
			step_is_of_body(step) ? SPAN_BODY : step->span;
	}
	receiver->at += step->length;
}

/* One piece in order; with @ahead islands that a message's end comes before. */
static void receiver_feed(struct receiver *receiver, const struct stage *stage,
			  struct input piece, const struct ahead *ahead,
			  struct history *history)
{
	struct step step;

	if (session_segment(&receiver->session, FROM_CLIENT, &step)) {
		rule(step.reset, "nothing is dropped where no reply has come");
		receiver->reset = true;
		receiver->reason = step.reason;
	}
	while (piece.length && !receiver->reset) {
		session_feed(&receiver->session, stage->policy, FROM_CLIENT,
			     piece.data, piece.length, &step);
		if (ahead && ahead->count && step_is_of_body(&step) &&
		    step.events & STEP_DATA_END) {
			step.reset = true;
			step.reason = REASON_AHEAD;
		}
		receiver->reset = step.reset;
		receiver->reason = step.reason;
		if (step.reset)
			return;
		if (history)
			note(history, &step, piece.data);
		receiver_take(receiver, &step, piece.data);
		input_take(&piece, step.length);
	}
}

static bool stage_land(struct stage *stage, struct piece *piece)
{
	size_t end = piece->from + piece->data.length - stage->early.at;
	struct landing landing;
	enum step_span span;
	u32 line;

	span = session_span_ahead(&stage->early.session, stage->policy,
				  FROM_CLIENT, end);
	if (span == SPAN_COMMAND ||
	    !landing_begin(&landing, &stage->ahead, number_of(piece->from)))
		return false;
	if (span == SPAN_CHUNK)
		landing_add_chunk(&landing, piece->data.length);
	else
		landing_add_body(&landing, piece->data.data,
				 piece->data.length, span == SPAN_BODY_EXACT,
				 MAX_LINE);
	if (!landing_is_noted(&landing) ||
	    (span != SPAN_CHUNK && !landing_is_harmless(&landing)))
		return false;
	line = landing_line(&landing, &stage->ahead, number_of(stage->early.at),
			    stage->early.session.body.line);
	if (span == SPAN_BODY && session_line_is_long(stage->policy, line))
		return false;
	landing_end(&landing, &stage->ahead);
	return true;
}

/* Is a place that is looked for the one that a repeat comes to? */
static void seek(const struct history *history, u32 sequence, u8 octet,
		 enum history_verdict wanted)
{
	struct history_cursor cursor;
	u8 forwarded;

	rule(history_seek(history, &cursor, sequence) <= HISTORY_STEPS_MAX,
	     "a place is found in few steps");
	rule(history_compare(history, &cursor, octet, &forwarded) == wanted,
	     "it is the right one");
}

/* The same octets again, all that @history holds. */
static void repeat_all(const struct history *history, const u8 *octets,
		       const bool *masked)
{
	u32 length = history->next - history->base;
	struct history_cursor cursor;
	u32 i;

	history_seek(history, &cursor, history->base);
	for (i = 0; i < length; i++) {
		u8 octet = masked && masked[i] ? '\0' : octets[i];
		u8 forwarded = octet;
		enum history_verdict verdict =
			history_compare(history, &cursor, octet, &forwarded);

		rule((octet == octets[i] ? verdict == HISTORY_EQUAL ||
					   verdict == HISTORY_ALIKE :
					   verdict == HISTORY_REWRITE) &&
		     forwarded == octets[i],
		     "a repeat is taken for one");
		seek(history, history->base + i, octet, verdict);
	}
}

static void stage_repeat_island(const struct stage *stage,
				const struct piece *piece)
{
	u32 first = number_of(piece->from);
	u32 next = number_of(piece->from + piece->data.length);
	const struct island *island = ahead_overlapping(&stage->ahead, first,
							next);
	struct history notes;

	rule(island, "what has passed ahead is known");
	ahead_history(&stage->ahead, island, &notes);
	rule(island->next == next, "what has landed is the end of an island");
	/* the island may begin with pieces before this one */
	repeat_all(&notes, piece->data.data - (u32)(first - island->first),
		   NULL);
}

/* The hole before an island is filled. */
static void stage_skip(struct stage *stage, const struct island *island,
		       const u8 *data)
{
	struct receiver *early = &stage->early;
	size_t length = island->next - island->first;
	struct history notes;
	struct step step;

	session_skip(&early->session, stage->policy, length, &island->map,
		     &step);
	rule(step.length == length, "an island is skipped as a whole");
	early->reset = step.reset;
	early->reason = step.reason;
	ahead_history(&stage->ahead, island, &notes);
	history_append(&stage->history, &notes);
	ahead_remove(&stage->ahead, island);
	if (!step.reset)
		receiver_take(early, &step, data);
}

static void stage_reach(struct stage *stage, const u8 *data)
{
	while (!stage->early.reset && stage->ahead.count) {
		u32 at = number_of(stage->early.at);
		const struct island *island = ahead_nearest(&stage->ahead, at);

		if (island->first != at)
			return;
		stage_skip(stage, island, data + stage->early.at);
	}
}

/* The pieces that come first, and then one that they have overtaken. */
static size_t stage_arrive(struct stage *stage, size_t from, const u8 *data)
{
	size_t behind = from + 1;
	size_t i;

	while (behind < stage->count && stage->pieces[behind].first)
		behind++;
	for (i = from + 1; i < behind; i++) {
		struct piece *piece = &stage->pieces[i];

		piece->landed = stage_land(stage, piece);
		if (piece->landed)
			stage_repeat_island(stage, piece);
	}
	for (i = from; i < behind && !stage->early.reset; i++) {
		struct piece *piece = &stage->pieces[i];

		if (!piece->landed)
			receiver_feed(&stage->early, stage, piece->data,
				      &stage->ahead, &stage->history);
		stage_reach(stage, data);
	}
	return behind;
}

static size_t stage_read(struct stage *stage, struct input *input, u8 *data)
{
	size_t length = 0;

	for (stage->count = 0; input->length && stage->count < PIECES_MAX;
	     stage->count++) {
		struct piece *piece = &stage->pieces[stage->count];
		u8 head = input_octet(input);

		piece->data = input_take(input, 1 + (head & LENGTH_BITS));
		memcpy(data + length, piece->data.data, piece->data.length);
		piece->data.data = data + length;
		piece->from = length;
		piece->first = head & AHEAD_BIT;
		piece->landed = false;
		length += piece->data.length;
		if (!piece->data.length)
			break;
	}
	return length;
}

static void stage_compare(const struct stage *stage)
{
	const struct receiver *plain = &stage->plain;
	const struct receiver *early = &stage->early;
	size_t common = plain->at < early->at ? plain->at : early->at;
	size_t i, at;

	rule(!memcmp(plain->octets, early->octets, common) &&
	     !memcmp(plain->masked, early->masked, common) &&
	     !memcmp(plain->spans, early->spans, common),
	     "octets that pass ahead change nothing");
	for (i = 0; i < stage->count && !early->reset; i++)
		for (at = stage->pieces[i].from; stage->pieces[i].landed &&
		     at < stage->pieces[i].from + stage->pieces[i].data.length;
		     at++)
			rule(at < plain->at && !plain->masked[at] &&
			     (plain->spans[at] == SPAN_BODY ||
			      plain->spans[at] == SPAN_CHUNK),
			     "only text passes ahead");
	if (early->reset) {
		rule(plain->reset || early->reason == REASON_AHEAD,
		     "a reset has the reason that it has in order");
		return;
	}
	rule(!plain->reset, "what resets in order does so ahead");
	rule(plain->at == early->at, "nothing that is allowed is lost");
	rule(plain->session.phase == early->session.phase &&
	     !memcmp(&plain->session.pending, &early->session.pending,
		     sizeof(plain->session.pending)),
	     "the session is the same, whatever passed ahead");
	rule(plain->session.header == early->session.header,
	     "the header is as long, whatever passed ahead");
	rule(plain->session.messages == early->session.messages,
	     "as many messages, whatever passed ahead");
	rule(!stage->ahead.count, "no island is left");
	repeat_all(&stage->history, early->octets, early->masked);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	static u16 ring[HISTORY_WORDS(RING_SIZE)];
	static u16 notes[HISTORY_WORDS(RING_AHEAD)];
	static u8 octets[INPUT_MAX];
	static struct stage stage;
	size_t at;
	u8 chunk;

	if (length > INPUT_MAX)
		return 0;
	stage.policy = input_policy(&input);
	chunk = input_octet(&input);
	/* what is not followed has no phase to be compared */
	if (stage.policy->monitor)
		return 0;
	receiver_open(&stage.plain, stage.policy, chunk);
	receiver_open(&stage.early, stage.policy, chunk);
	if (stage.plain.session.phase != (chunk ? PHASE_CHUNK : PHASE_BODY))
		return 0;
	history_init(&stage.history, ring, RING_SIZE);
	history_start(&stage.history, START);
	ahead_init(&stage.ahead, notes, RING_AHEAD);
	stage_read(&stage, &input, octets);
	for (at = 0; at < stage.count; at++)
		receiver_feed(&stage.plain, &stage, stage.pieces[at].data,
			      NULL, NULL);
	for (at = 0; at < stage.count && !stage.early.reset;)
		at = stage_arrive(&stage, at, octets);
	stage_compare(&stage);
	return 0;
}
