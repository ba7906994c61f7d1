/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What became of octets that the core was fed: those that passed, and the
 * events, in words.  Two ways of cutting a stream are held against each other
 * by it.
 */
#ifndef SMTPGUARD_KUNIT_OUTCOME_H
#define SMTPGUARD_KUNIT_OUTCOME_H

#include <kunit/test.h>

#include "core/step.h"
#include "text.h"

#define OUTCOME_OCTETS	16384
#define OUTCOME_TRACE	512

/**
 * struct outcome - what became of octets
 * @length: octets that passed
 * @octets: they, as they passed
 * @reset: a step said to reset
 * @reason: the last that was given
 * @trace_length: octets of @trace
 * @trace: the events in order, see outcome_take()
 */
struct outcome {
	size_t length;
	u8 octets[OUTCOME_OCTETS];
	bool reset;
	u8 reason;
	size_t trace_length;
	char trace[OUTCOME_TRACE];
};

struct outcome *outcome_make(struct kunit *test);
void outcome_clear(struct outcome *outcome);
void outcome_take(struct outcome *outcome, const struct step *step,
		  const u8 *data, bool monitor);
bool outcome_passed(const struct outcome *outcome, const struct text *text);
void step_check(struct kunit *test, const struct step *step, size_t given);

#endif /* SMTPGUARD_KUNIT_OUTCOME_H */
