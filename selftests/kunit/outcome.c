// SPDX-License-Identifier: GPL-2.0
/*
 * Steps of the core, gathered.
 */
#include "core/verb.h"
#include "outcome.h"

static const struct {
	u32 event;
	const char *word;
} event_words[] = {
	/* these may come before the line's end, so they are told first */
	{ STEP_CAPABILITY_HIDDEN,	"hidden" },
	{ STEP_LONG_LINE,		"long" },
	{ STEP_UNEXPECTED,		"unexpected" },
	{ STEP_GREETING,		"greeting" },
	{ STEP_GREETING_MASKED,		"masked" },
	{ STEP_SECRET,			"secret" },
	{ STEP_DATA_BEGIN,		"begin" },
	{ STEP_DATA_END,		"end" },
	{ STEP_TLS_START,		"tls" },
	{ STEP_AMBIGUOUS,		"ambiguous" },
	{ STEP_SYNC,			"sync" },
	{ STEP_DESYNC,			"desync" },
	{ STEP_TURN,			"turn" },
	{ STEP_BARE_NEWLINE,		"bare" },
	{ STEP_ORDER,			"order" },
	{ STEP_OVER_DECLARED,		"declared" },
	{ STEP_OVER_LIMIT,		"limit" },
	{ STEP_LONG_HEADER,		"header" },
};

/* Append to the trace as much as there is room for. */
static __printf(2, 0) void outcome_append(struct outcome *outcome,
					  const char *format,
					  va_list arguments)
{
	outcome->trace_length +=
		vscnprintf(outcome->trace + outcome->trace_length,
			   OUTCOME_TRACE - outcome->trace_length, format,
			   arguments);
}

static __printf(2, 3) void outcome_tell(struct outcome *outcome,
					const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (outcome->trace_length)
		outcome_append(outcome, ",", arguments);
	outcome_append(outcome, format, arguments);
	va_end(arguments);
}

/**
 * outcome_make() - an outcome for as long as a test runs
 * @test: the test; it fails without memory
 *
 * Return: an empty outcome.
 */
struct outcome *outcome_make(struct kunit *test)
{
	struct outcome *outcome = kunit_kzalloc(test, sizeof(*outcome),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, outcome);
	return outcome;
}

/**
 * outcome_clear() - begin anew
 * @outcome: the outcome
 */
void outcome_clear(struct outcome *outcome)
{
	outcome->length = 0;
	outcome->reset = false;
	outcome->reason = REASON_NONE;
	outcome->trace_length = 0;
	outcome->trace[0] = '\0';
}

/**
 * outcome_take() - add a step
 * @outcome: the outcome
 * @step: the step
 * @data: its octets, as they were fed
 * @monitor: nothing is overwritten
 *
 * A command is told by its verb, with "!" before it if it was refused, a reply
 * by its code, with "-" behind it if more lines follow.
 */
void outcome_take(struct outcome *outcome, const struct step *step,
		  const u8 *data, bool monitor)
{
	u8 *to = outcome->octets + outcome->length;
	unsigned int i;

	if (WARN_ON(outcome->length + step->length > OUTCOME_OCTETS))
		return;
	memcpy(to, data, step->length);
	if (!monitor)
		memset(to + step->mask_from, step->filler,
		       step->mask_to - step->mask_from);
	outcome->length += step->length;
	if (step->reason)
		outcome->reason = step->reason;
	for (i = 0; i < ARRAY_SIZE(event_words); i++)
		if (step->events & event_words[i].event)
			outcome_tell(outcome, "%s", event_words[i].word);
	if (step->events & STEP_COMMAND)
		outcome_tell(outcome, "%s%s", step->refused ? "!" : "",
			     verb_name(step->verb));
	if (step->events & STEP_REPLY)
		outcome_tell(outcome, "%03u%s", step->code,
			     step->last ? "" : "-");
	if (!step->reset)
		return;
	outcome->reset = true;
	outcome_tell(outcome, "reset");
}

/**
 * outcome_passed() - did these octets pass
 * @outcome: the outcome
 * @text: the octets
 *
 * Return: true where they and no others passed.
 */
bool outcome_passed(const struct outcome *outcome, const struct text *text)
{
	return outcome->length == text->length &&
	       !memcmp(outcome->octets, text->octets, text->length);
}

/**
 * step_check() - fail a test whose step takes nothing, or more than there is,
 *	or masks what it does not take
 * @test: the test
 * @step: the step
 * @given: octets that were fed
 */
void step_check(struct kunit *test, const struct step *step, size_t given)
{
	KUNIT_ASSERT_GT(test, step->length, (size_t)0);
	KUNIT_ASSERT_LE(test, step->length, given);
	KUNIT_ASSERT_LE(test, step->mask_from, step->mask_to);
	KUNIT_ASSERT_LE(test, step->mask_to, step->length);
}
