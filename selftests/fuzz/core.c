// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing of the protocol core, with libFuzzer.  The input is a policy, and
 * two peers' octets in pieces: the first octet chooses parameters, then each
 * piece is its length and direction in one octet, and its octets.
 *
 * Held against each other are the pieces as they come, each a segment, and
 * every octet a segment: both must forward the same, tell the same, and end in
 * the same state, and whatever is forwarded has the length that it came with.
 * Sanitizers see the rest; each piece lies in memory of its own size.
 */
#include <stdlib.h>

#include "core/session.h"
#include "core/settings.h"

#define OCTETS_MAX	4096

/**
 * struct run - one way to cut the octets
 * @session: the session
 * @tally: its counts
 * @octets: what was forwarded, of both directions in their order
 * @length: how many
 * @events: STEP_ bits of all steps but those that end with a segment
 * @reset: the session was reset
 */
struct run {
	struct session session;
	struct tally tally;
	u8 octets[OCTETS_MAX];
	size_t length;
	u32 events;
	bool reset;
};

/* What a policy of each choice differs in from the default. */
static const char *const choices[][2] = {
	{ "profile", "esmtp" },
	{ "profile", "mailguard" },
	{ "end_of_data", "accept" },
	{ "end_of_data", "reset" },
	{ "bare_newline", "defang" },
	{ "bare_newline", "reset" },
	{ "command_order", "refuse" },
	{ "special_characters", "refuse" },
	{ "relay_domains", "a.example b.example" },
	{ "auth_mechanisms", "PLAIN SCRAM-SHA-256" },
	{ "pipelining", "reset" },
	{ "desync", "reset" },
	{ "proxy_protocol", "accept" },
	{ "starttls", "require" },
	{ "refuse", "reset" },
	{ "verbs", "EHLO,LHLO,MAIL,RCPT,DATA,BDAT,BURL,TURN,XCLIENT,AUTH" },
};

static void check(bool right)
{
	if (!right)
		abort();
}

static void settings_choose(struct settings *settings, u8 choice)
{
	const char *const *pair = choices[choice % 16];
	const char *wrong;

	check(!settings_init(settings));
	check(!settings_set(settings, settings_find(pair[0]), pair[1], &wrong));
	if (choice & 16)
		check(!settings_set(settings, settings_find("greeting"),
				    "mask", &wrong));
}

/* One segment; what it held is forwarded, or the session is reset. */
static void run_segment(struct run *run, const struct policy *policy,
			enum direction direction, const u8 *data,
			size_t length)
{
	u8 *segment = malloc(length);
	size_t at = 0;
	struct step step;

	check(segment);
	memcpy(segment, data, length);
	if (session_segment(&run->session, direction, &step))
		run->reset = true;
	while (at < length && !run->reset) {
		session_feed(&run->session, &run->tally, policy, direction,
			     segment + at, length - at, &step);
		check(step.length > 0 && step.length <= length - at);
		check(step.mask_from <= step.mask_to);
		check(step.mask_to <= step.length);
		memset(segment + at + step.mask_from, step.filler,
		       step.mask_to - step.mask_from);
		run->events |= step.events;
		run->reset = step.reset;
		at += step.length;
	}
	if (!run->reset) {
		memcpy(run->octets + run->length, segment, length);
		run->length += length;
	}
	free(segment);
}

/* The pieces, each in segments of at most @size octets. */
static void run_all(struct run *run, const struct policy *policy,
		    const u8 *data, size_t length, size_t size)
{
	size_t at = 0;

	session_open(&run->session, &run->tally);
	while (at < length && !run->reset) {
		size_t piece = 1 + (data[at] & 0x7f);
		enum direction direction = data[at] >> 7 ? FROM_SERVER :
							   FROM_CLIENT;
		size_t end;

		at++;
		end = length - at < piece ? length : at + piece;
		while (at < end && !run->reset) {
			size_t cut = end - at < size ? end - at : size;

			run_segment(run, policy, direction, data + at, cut);
			at += cut;
		}
		at = end;
	}
}

/* Reset, or with the next segment. */
static bool run_is_over(const struct run *run)
{
	return run->reset || (run->session.phase == PHASE_CONDEMNED &&
			      !session_committed(&run->session));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	static struct settings settings;
	static struct run whole, octets;
	size_t common;

	if (length < 2 || length > OCTETS_MAX)
		return 0;
	settings_choose(&settings, data[0]);
	memset(&whole, 0, sizeof(whole));
	memset(&octets, 0, sizeof(octets));
	run_all(&whole, &settings.policy, data + 1, length - 1, OCTETS_MAX);
	run_all(&octets, &settings.policy, data + 1, length - 1, 1);

	/* where it ends, part of the last segment may pass in one of them */
	common = whole.length < octets.length ? whole.length : octets.length;
	check(!memcmp(whole.octets, octets.octets, common));
	check(run_is_over(&whole) == run_is_over(&octets));
	if (run_is_over(&whole))
		return 0;
	check(whole.length == octets.length);
	check(whole.events == octets.events);
	check(!memcmp(&whole.tally, &octets.tally, sizeof(whole.tally)));
	check(whole.session.phase == octets.session.phase);
	check(whole.session.pending.queue == octets.session.pending.queue);
	return 0;
}
