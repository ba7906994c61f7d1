// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept for repeats.  The input is the ring's size and the first
 * sequence number, and then, each with its octets, what is done: octets are
 * noted, in one of four ways, acknowledged, or repeated, or the ring gets
 * other memory.  Beside the history lie all octets as they are, and for each
 * of them how it was noted.
 */
#include "core/character.h"
#include "core/history.h"
#include "input.h"

/* Rings without marks and with them. */
#define RING_SCALE	3
#define RING_MAX	(U8_MAX * RING_SCALE + 1)
#define LONG_LINE	20
/* An octet of the input stands for a run that is longer than an entry's. */
#define ANY_SCALE	100
#define OCTETS_MAX	(INPUT_MAX * ANY_SCALE)

enum kind { KIND_BODY, KIND_EXACT, KIND_MASKED, KIND_ANY };
enum action { NOTE_BODY, NOTE_EXACT, NOTE_MASKED, NOTE_ANY, ACKNOWLEDGE,
	      REPEAT, MOVE, ACTIONS };

/**
 * struct stream - a history, and all that it is about
 * @history: the history
 * @ring: its memory
 * @start: number of the first octet
 * @octets: as they were forwarded
 * @kinds: enum kind of each
 * @edges: may a line begin with each
 * @length: how many
 * @base: how many are acknowledged
 */
struct stream {
	struct history history;
	u16 *ring;
	u32 start;
	u8 octets[OCTETS_MAX];
	u8 kinds[OCTETS_MAX];
	bool edges[OCTETS_MAX + 1];
	size_t length;
	size_t base;
};

/* Octets that are known, whatever was noted after the ring was full. */
static size_t stream_known(const struct stream *stream)
{
	return stream->history.next - stream->start;
}

/* May a line begin behind this octet?  Then a dot or NUL there counts. */
static bool is_edge_behind(const struct stream *stream, size_t at)
{
	u8 octet = stream->octets[at];

	switch (stream->kinds[at]) {
	case KIND_MASKED:
		return false;
	case KIND_BODY:
		return is_line_end(octet) || (stream->edges[at] &&
					      (octet == '.' || !octet));
	default:
		return true;
	}
}

/* Octets of the same class make the same lines. */
static u8 class_of(u8 octet, bool edge)
{
	if (is_line_end(octet) || (edge && (octet == '.' || !octet)))
		return octet;
	return 'x';
}

static enum history_verdict expected(const struct stream *stream, size_t at,
				     u8 octet)
{
	bool edge = stream->edges[at];
	u8 forwarded = stream->octets[at];

	switch (stream->kinds[at]) {
	case KIND_ANY:
		return HISTORY_EQUAL;
	case KIND_EXACT:
		return octet == forwarded ? HISTORY_EQUAL : HISTORY_DIFFERENT;
	case KIND_MASKED:
		return octet == forwarded ? HISTORY_EQUAL : HISTORY_REWRITE;
	default:
		return class_of(octet, edge) == class_of(forwarded, edge) ?
			HISTORY_EQUAL : HISTORY_DIFFERENT;
	}
}

static void stream_note(struct stream *stream, enum kind kind, u8 filler,
			struct input input, size_t length)
{
	struct history *history = &stream->history;
	u8 *octets = stream->octets + stream->length;
	size_t end = stream->length + length;

	if (length > OCTETS_MAX - stream->length)
		return;
	memset(stream->kinds + stream->length, kind, length);
	memset(octets, filler, length);
	if (kind == KIND_BODY || kind == KIND_EXACT)
		memcpy(octets, input.data, length);
	for (; stream->length < end; stream->length++)
		stream->edges[stream->length + 1] =
			is_edge_behind(stream, stream->length);
	if (kind == KIND_EXACT)
		history_note_exact(history, input.data, length);
	else if (kind == KIND_MASKED)
		history_note_masked(history, filler, length);
	else if (kind == KIND_ANY)
		history_note_any(history, length);
	else
		rule(history_note_body(history, input.data, length,
				       LONG_LINE) <= length,
		     "no more long lines than octets");
	rule(history->broken || stream_known(stream) == stream->length,
	     "what is noted is known, or the history says that it is not");
}

static void stream_acknowledge(struct stream *stream, u8 share)
{
	size_t owed = stream->length - stream->base;

	stream->base += owed * share / U8_MAX;
	history_acknowledge(&stream->history, stream->start + stream->base,
			    stream->start + stream->length);
	rule(stream->base <= stream_known(stream) ||
	     stream->history.broken, "what is acknowledged is behind us");
	if (!stream->history.broken)
		rule(stream->history.base ==
		     (u32)(stream->start + stream->base),
		     "what is acknowledged is forgotten");
}

/* A repeat of what was forwarded, from anywhere to anywhere. */
static void stream_repeat(const struct stream *stream, u8 share,
			  struct input changes)
{
	const struct history *history = &stream->history;
	size_t known = stream_known(stream);
	struct history_cursor cursor;
	size_t at = history->base - stream->start;

	if (at > known)
		return;
	at += (known - at) * share / U8_MAX;
	rule(history_seek(history, &cursor, stream->start + at) <=
	     HISTORY_STEPS_MAX, "a place is found in few steps");
	for (; at < known; at++) {
		/* 0 leaves an octet as it is */
		u8 octet = stream->octets[at] ^ input_octet(&changes);
		u8 forwarded = stream->octets[at];
		enum history_verdict wanted = expected(stream, at, octet);

		rule(history_compare(history, &cursor, octet,
				     &forwarded) == wanted,
		     "a repeat is what it was, or it is found out");
		rule(forwarded == stream->octets[at],
		     "what is overwritten is again, with the same");
	}
	rule(history_compare(history, &cursor, 'x', &(u8){ 0 }) ==
	     HISTORY_UNKNOWN, "what was not noted is not known");
}

static u16 *ring_alloc(unsigned int size)
{
	u16 *ring = malloc(HISTORY_WORDS(size) * sizeof(*ring));

	rule(ring, "there is memory");
	return ring;
}

/* To a ring of as many more entries. */
static void stream_move(struct stream *stream, u8 more)
{
	u16 size = stream->history.size + more * RING_SCALE;
	u16 *ring;

	if (size > RING_MAX)
		size = stream->history.size;
	ring = ring_alloc(size);
	history_resize(&stream->history, ring, size);
	free(stream->ring);
	stream->ring = ring;
}

static void stream_act(struct stream *stream, struct input *input)
{
	u8 action = input_octet(input) % ACTIONS;
	u8 value = input_octet(input);
	struct input octets;

	switch (action) {
	case ACKNOWLEDGE:
		stream_acknowledge(stream, value);
		return;
	case MOVE:
		stream_move(stream, value);
		return;
	case NOTE_MASKED:
		stream_note(stream, KIND_MASKED, 'X', *input, value);
		return;
	case NOTE_ANY:
		stream_note(stream, KIND_ANY, 'a', *input, value * ANY_SCALE);
		return;
	case REPEAT:
		octets = input_take(input, input_octet(input));
		stream_repeat(stream, value, octets);
		return;
	default:
		octets = input_take(input, value);
		stream_note(stream, action == NOTE_BODY ? KIND_BODY :
							  KIND_EXACT,
			    0, octets, octets.length);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	static struct stream stream;
	u16 size;

	if (length > INPUT_MAX)
		return 0;
	size = 1 + input_octet(&input) * RING_SCALE;
	stream.ring = ring_alloc(size);
	/* near the wrap of sequence numbers, so that many cross it */
	stream.edges[0] = true;
	stream.start = -(u32)input_octet(&input);
	stream.length = 0;
	stream.base = 0;
	history_init(&stream.history, stream.ring, size);
	history_start(&stream.history, stream.start);
	while (input.length)
		stream_act(&stream, &input);
	stream_repeat(&stream, 0, input);
	free(stream.ring);
	return 0;
}
