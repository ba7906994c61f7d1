// SPDX-License-Identifier: GPL-2.0
/*
 * Segmentation never matters.  The input is that of both.c, and held against
 * each other are its segments as they are, in twos, and every octet a segment:
 * all must forward the same, tell the same, and end in the same state.
 */
#include "wire.h"

/* Everything, each piece in segments of at most @size octets. */
static void run(struct wire *wire, const struct policy *policy,
		struct input input, size_t size)
{
	wire_open(wire, policy, input_octet(&input) % 3);
	while (input.length && !wire->reset) {
		u8 head = input_octet(&input);
		struct input piece = input_take(&input,
						1 + (head & WIRE_LENGTH_BITS));

		while (piece.length) {
			struct input segment = input_take(&piece, size);

			wire_segment(wire, head & ~WIRE_LENGTH_BITS ? FROM_SERVER :
								 FROM_CLIENT,
				     segment.data, segment.length);
		}
	}
}

/* Reset, or with the next segment. */
static bool is_over(const struct wire *wire)
{
	return wire->reset || (wire->session.phase == PHASE_CONDEMNED &&
			       !session_committed(&wire->session));
}

/* But for what is counted of the segments. */
static bool sessions_agree(struct session a, struct session b)
{
	memset(&a.body, 0, sizeof(a.body));
	b.body = a.body;
	return !memcmp(&a, &b, sizeof(a));
}

static void compare(const struct wire *a, const struct wire *b)
{
	size_t common = a->length < b->length ? a->length : b->length;

	/* where it ends, part of the last segment may pass in one of them */
	rule(!memcmp(a->octets, b->octets, common),
	     "any cuts forward the same octets");
	rule(is_over(a) == is_over(b), "any cuts reset, or none does");
	if (is_over(a))
		return;
	rule(a->length == b->length, "any cuts forward as many octets");
	rule(a->resynced == b->resynced, "any cuts lose the thread, or none");
	/* how much of a segment is read anew depends on the cuts */
	if (a->resynced)
		return;
	rule(a->events == b->events, "any cuts tell the same");
	rule(sessions_agree(a->session, b->session),
	     "any cuts leave the session the same");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	const struct policy *policy;
	static struct wire whole, twos, octets;

	if (length > INPUT_MAX)
		return 0;
	policy = input_policy(&input);
	run(&whole, policy, input, INPUT_MAX);
	run(&twos, policy, input, 2);
	run(&octets, policy, input, 1);
	compare(&whole, &octets);
	compare(&twos, &octets);
	return 0;
}
