// SPDX-License-Identifier: GPL-2.0
/*
 * Dialogues, said turn by turn, each turn cut in some way.
 */
#include "cuts.h"
#include "dialogue.h"
#include "outcome.h"
#include "policies.h"

const struct turn greeted[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	{ }
};

const struct turn in_transaction[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
	SERVER("250 ok\r\n250 ok\r\n"),
	{ }
};

/* A server that takes chunks, and has taken a recipient. */
const struct turn in_chunking[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 CHUNKING\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
	SERVER("250 ok\r\n250 ok\r\n"),
	{ }
};

const struct turn chunking_message_sent[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 CHUNKING\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
	SERVER("250 ok\r\n250 ok\r\n"),
	CLIENT("BDAT 1 LAST\r\na"),
	{ }
};

const struct turn chunking_message_taken[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 CHUNKING\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
	SERVER("250 ok\r\n250 ok\r\n"),
	CLIENT("BDAT 1 LAST\r\na"),
	SERVER("250 queued\r\n"),
	{ }
};

const struct turn in_message[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
	SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
	{ }
};

const struct turn message_sent[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
	SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
	CLIENT("x\r\n.\r\n"),
	{ }
};

const struct turn message_taken[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 SIZE\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
	SERVER("250 ok\r\n250 ok\r\n354 go\r\n"),
	CLIENT("x\r\n.\r\n"),
	SERVER("250 queued\r\n"),
	{ }
};

const struct turn in_auth[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("AUTH LOGIN\r\n"),
	SERVER("334 VXNl\r\n"),
	{ }
};

const struct turn in_tls[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("STARTTLS\r\n"),
	SERVER("220 go\r\n"),
	{ }
};

/* Replies owed of two kinds in turn, which is a run each. */
#define EIGHT_RUNS	CLIENT("NOOP\r\nHELP\r\nNOOP\r\nHELP\r\n" \
			       "NOOP\r\nHELP\r\nNOOP\r\nHELP\r\n")
static_assert(PENDING_RUNS_MAX == 7 * 8);

const struct turn crowded[] = {
	SERVER("220 mx ESMTP\r\n"),
	EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS,
	EIGHT_RUNS,
	{ }
};

const struct turn crowded_chunking[] = {
	SERVER("220 mx ESMTP\r\n"),
	CLIENT("EHLO c\r\n"),
	SERVER("250-mx\r\n250 CHUNKING\r\n"),
	CLIENT("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
	SERVER("250 ok\r\n250 ok\r\n"),
	EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS, EIGHT_RUNS,
	EIGHT_RUNS,
	{ }
};

/**
 * struct talk - a dialogue under way
 * @opened: the session when its opening had been said
 * @session: the session
 * @policy: what is allowed
 * @outcome: what reached the other ends, of all turns
 */
struct talk {
	struct session opened;
	struct session session;
	struct policy policy;
	struct outcome outcome;
};

static void talk_start(struct talk *talk, enum dialogue_start start)
{
	switch (start) {
	case START_GREETING:
		session_open(&talk->session);
		return;
	case START_TLS:
		session_open_tls(&talk->session);
		return;
	case START_MIDSTREAM:
		session_resync(&talk->session);
		return;
	}
}

/* Nothing of a segment that resets passes, unless nothing may be changed. */
static bool talk_segment(struct kunit *test, struct talk *talk,
			 enum direction from, const u8 *segment, size_t length)
{
	bool monitored = talk->policy.monitor;
	struct outcome *outcome = &talk->outcome;
	size_t before = outcome->length;
	size_t at = 0;
	struct step step = { .reset = true };

	step.reason = session_segment(&talk->session, from);
	if (step.reason) {
		outcome_take(outcome, &step, segment, monitored);
		return true;
	}
	while (at < length && !session_withholds(&talk->session, from)) {
		session_feed(&talk->session, &talk->policy, from, segment + at,
			     length - at, &step);
		step_check(test, &step, length - at);
		outcome_take(outcome, &step, segment + at, monitored);
		at += step.length;
		if (!step.reset || monitored)
			continue;
		outcome->length = before;
		return true;
	}
	return false;
}

/* Says a turn, whose first octet is number @at of those that are cut. */
static bool talk_turn(struct kunit *test, struct talk *talk,
		      const struct turn *turn, struct cuts *cuts, size_t at)
{
	size_t end, from = at;
	bool reset = false;

	for (; at < from + turn->text.length && !reset; at = end) {
		u8 *piece;

		end = min(cuts_end(cuts, at), from + turn->text.length);
		/* of its own size, for KASAN to see a read beyond it */
		piece = kmemdup(turn->text.octets + at - from, end - at,
				GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, piece);
		reset = talk_segment(test, talk, turn->from, piece, end - at);
		kfree(piece);
	}
	return reset;
}

static void expect_seen(struct kunit *test, const struct outcome *outcome,
			const struct turn *turn, size_t before,
			unsigned int way)
{
	const struct text *expected = text_seen(&turn->text, &turn->seen);
	const u8 *seen = outcome->octets + before;
	size_t length = outcome->length - before;

	if (!turn->reset)
		KUNIT_ASSERT_EQ_MSG(test, length, expected->length,
				    "way %u of \"%s\"", way,
				    turn->text.octets);
	/* the fewer segments, the less has passed before the reset */
	KUNIT_ASSERT_LE_MSG(test, length, expected->length,
			    "way %u of \"%s\"", way, turn->text.octets);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(seen, expected->octets, length), 0,
			    "way %u of \"%s\": seen \"%*pE\"", way,
			    turn->text.octets, (int)length, seen);
}

/* Says what is not cut, so that each way of cutting begins behind it. */
static void talk_open(struct kunit *test, struct talk *talk,
		      const struct dialogue *dialogue)
{
	const struct turn *turn = dialogue->opening;

	policy_default(&talk->policy);
	if (dialogue->change)
		dialogue->change(&talk->policy);
	talk_start(talk, dialogue->start);
	for (; turn && turn->text.octets; turn++) {
		size_t before = talk->outcome.length;
		struct cuts whole;

		cuts_begin(&whole, 0, turn->text.length);
		KUNIT_ASSERT_FALSE(test, talk_turn(test, talk, turn, &whole,
						   0));
		expect_seen(test, &talk->outcome, turn, before, 0);
	}
	talk->opened = talk->session;
}

static void talk_begin(struct talk *talk)
{
	talk->session = talk->opened;
	outcome_clear(&talk->outcome);
}

static size_t dialogue_length(const struct dialogue *dialogue)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < TURNS_MAX; i++)
		length += dialogue->turns[i].text.length;
	return length;
}

/* Returns how many octets passed in its last turn. */
static size_t talk_turns(struct kunit *test, struct talk *talk,
			 const struct dialogue *dialogue, unsigned int way)
{
	const struct turn *end = dialogue->turns + TURNS_MAX;
	const struct turn *turn = dialogue->turns;
	size_t before = 0, at = 0;
	struct cuts cuts;

	cuts_begin(&cuts, way, dialogue_length(dialogue));
	for (; turn < end && turn->text.octets; turn++) {
		bool reset;

		before = talk->outcome.length;
		reset = talk_turn(test, talk, turn, &cuts, at);
		KUNIT_ASSERT_EQ_MSG(test, reset, turn->reset,
				    "way %u of \"%s\"", way, turn->text.octets);
		expect_seen(test, &talk->outcome, turn, before, way);
		at += turn->text.length;
	}
	return talk->outcome.length - before;
}

/* Octets that pass in the last turn, if each is a segment of its own. */
static size_t last_seen(const struct dialogue *dialogue)
{
	const struct turn *turn = dialogue->turns;

	while (turn + 1 < dialogue->turns + TURNS_MAX && turn[1].text.octets)
		turn++;
	return text_seen(&turn->text, &turn->seen)->length;
}

/**
 * dialogue_name() - name a parameter of a test
 * @dialogue: the parameter
 * @name: set to its name
 */
void dialogue_name(const struct dialogue *dialogue, char *name)
{
	strscpy(name, dialogue->name, KUNIT_PARAM_DESC_SIZE);
}

/**
 * dialogue_at_every_cut() - run a dialogue, whole and at every cut
 * @test: the test, whose parameter the dialogue is
 */
void dialogue_at_every_cut(struct kunit *test)
{
	const struct dialogue *dialogue = test->param_value;
	struct talk *talk = kunit_kzalloc(test, sizeof(*talk), GFP_KERNEL);
	char *trace = kunit_kzalloc(test, OUTCOME_TRACE, GFP_KERNEL);
	unsigned int ways = cuts_ways(dialogue_length(dialogue));
	size_t passed = 0;
	unsigned int way;

	KUNIT_ASSERT_NOT_NULL(test, talk);
	KUNIT_ASSERT_NOT_NULL(test, trace);
	talk_open(test, talk, dialogue);
	for (way = 0; way < ways; way++) {
		talk_begin(talk);
		passed = max(passed, talk_turns(test, talk, dialogue, way));
		if (!way)
			strscpy(trace, dialogue->trace ?: talk->outcome.trace,
				OUTCOME_TRACE);
		KUNIT_ASSERT_STREQ(test, talk->outcome.trace, trace);
		KUNIT_ASSERT_EQ(test, talk->outcome.reason, dialogue->reason);
		KUNIT_ASSERT_EQ(test, talk->session.phase, dialogue->phase);
	}
	/* each octet a segment of its own is among the ways */
	KUNIT_EXPECT_EQ(test, passed, last_seen(dialogue));
}
