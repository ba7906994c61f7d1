/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The router: segments go to the core, what it says is done and held to the
 * rules that every step must keep, and both ends read what is forwarded.
 */
#ifndef SMTPGUARD_FUZZ_WIRE_H
#define SMTPGUARD_FUZZ_WIRE_H

#include "ends.h"

/**
 * struct text - what session_takes_text() says of a segment
 * @session: a copy that took it
 * @dots: what it found
 * @long_lines: what it found, and steps have not yet
 * @first: what it returned
 * @dots_fed: dots that steps have found
 */
struct text {
	struct session session;
	struct dots dots;
	u32 long_lines;
	size_t first;
	unsigned int dots_fed;
};

/**
 * struct wire - one session and both its ends
 * @session: what the core keeps of it
 * @text: the same of a segment of text, which is taken at once besides
 * @policy: what is allowed
 * @ends: who read what is forwarded
 * @octets: what was forwarded, of both directions in their order; as much as
 *	an input can hold
 * @length: how many
 * @events: STEP_ bits of all steps
 * @masked: an octet of the client's line under way was overwritten
 * @crossed: with %COMMAND_FILLER
 * @condemned: the session was given up before the step under way
 * @judged: octets of the segment under way up to where it was
 * @lost: the session was picked up midstream; the ends cannot follow
 * @resynced: where monitor would have reset it, it was picked up anew
 * @reset: it was reset
 */
struct wire {
	struct session session;
	struct text text;
	const struct policy *policy;
	struct ends ends;
	u8 octets[INPUT_MAX];
	size_t length;
	u32 events;
	bool masked;
	bool crossed;
	bool condemned;
	size_t judged;
	bool lost;
	bool resynced;
	bool reset;
};

/* Of the octet before a segment: its length less one, beside one more bit. */
#define WIRE_LENGTH_BITS	0x7f

/** enum wire_opening - how a session begins */
enum wire_opening { WIRE_OPEN, WIRE_OPEN_TLS, WIRE_MIDSTREAM };

void wire_open(struct wire *wire, const struct policy *policy, u8 opening);
void wire_segment(struct wire *wire, enum direction direction, const u8 *data,
		  size_t length);
void wire_play(struct wire *wire, struct input *input, enum direction from,
	       void (*before)(struct wire *wire, u8 choice));

#endif /* SMTPGUARD_FUZZ_WIRE_H */
