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
 * @mixed: each as it last passed in a repeat
 * @length: how many
 * @base: how many are acknowledged
 */
struct stream {
	struct history history;
	u16 *ring;
	u32 start;
	u8 octets[OCTETS_MAX];
	u8 kinds[OCTETS_MAX];
	u8 mixed[OCTETS_MAX];
	size_t length;
	size_t base;
};

/* Octets that are known, whatever was noted after the ring was full. */
static size_t stream_known(const struct stream *stream)
{
	return stream->history.next - stream->start;
}

/* Is the octet the dot of what some server may take for an end of data? */
static bool is_end(const struct stream *stream, const u8 *octets, size_t at)
{
	size_t before = at;

	if (octets[at] != '.' || stream->kinds[at] == KIND_ANY ||
	    at + 1 >= stream->length || !is_break(octets[at + 1]))
		return false;
	while (before && !octets[before - 1])
		before--;
	return !before || is_line_end(octets[before - 1]);
}

/*
 * Whatever the receiver makes of the copies that pass: it ends where what was
 * forwarded first does.  No message lies right behind a chunk.
 */
static void stream_judge(const struct stream *stream)
{
	size_t at;

	for (at = 0; at < stream->length; at++)
		rule(is_end(stream, stream->mixed, at) ==
		     is_end(stream, stream->octets, at),
		     "no mix of copies ends elsewhere");
}

static enum history_verdict expected(const struct stream *stream, size_t at,
				     u8 octet)
{
	if (octet == stream->octets[at])
		return HISTORY_EQUAL;
	switch (stream->kinds[at]) {
	case KIND_ANY:
		return HISTORY_EQUAL;
	case KIND_MASKED:
		return HISTORY_REWRITE;
	default:
		return HISTORY_DIFFERENT;
	}
}

/* An octet of a message may be another one, and another one may not pass. */
static void stream_hold(struct stream *stream, size_t at, u8 octet,
			enum history_verdict verdict)
{
	enum history_verdict wanted = expected(stream, at, octet);

	if (stream->kinds[at] != KIND_BODY) {
		rule(verdict == wanted,
		     "a repeat is what it was, or it is found out");
		return;
	}
	rule(verdict == wanted || verdict == HISTORY_ALIKE,
	     "text is repeated as it was, or so that it makes no difference");
	if (verdict == HISTORY_ALIKE)
		stream->mixed[at] = octet;
}

/* As body_scan() tells them, which stops where there are too many. */
static size_t find_dots(struct dots *dots, const u8 *octets, size_t length)
{
	size_t at;

	dots_clear(dots);
	for (at = 0; at < length && dots_have_room(dots); at++) {
		if (octets[at] != '.')
			continue;
		dots_add(dots, !at || is_break(octets[at - 1]) ?
			 at | DOTS_BEHIND_BREAK : at);
	}
	return at;
}

static void stream_note_body(struct stream *stream, const u8 *octets,
			     size_t length)
{
	struct history *history = &stream->history;
	struct dots dots;
	size_t part;

	for (; length; octets += part, length -= part) {
		part = find_dots(&dots, octets, length);
		history_note_body(history, octets, part, &dots);
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
	memcpy(stream->mixed + stream->length, octets, length);
	stream->length = end;
	if (kind == KIND_EXACT)
		history_note_exact(history, input.data, length);
	else if (kind == KIND_MASKED)
		history_note_masked(history, filler, length);
	else if (kind == KIND_ANY)
		history_note_any(history, length);
	else
		stream_note_body(stream, input.data, length);
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
static void stream_repeat(struct stream *stream, u8 share,
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

		stream_hold(stream, at, octet,
			    history_compare(history, &cursor, octet,
					    &forwarded));
		rule(forwarded == stream->octets[at],
		     "what is overwritten is again, with the same");
	}
	rule(history_compare(history, &cursor, 'x', &(u8){ 0 }) ==
	     HISTORY_UNKNOWN, "what was not noted is not known");
	stream_judge(stream);
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
