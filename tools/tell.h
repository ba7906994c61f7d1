/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a dialogue, for people, and for programs.
 */
#ifndef TELL_H
#define TELL_H

#include "rehearsal.h"

void tell_begin(const struct dialogue *dialogue, bool more);
void tell_turn(const struct rehearsal *rehearsal, size_t number);
void tell_finding(const struct settings *settings,
		  const struct finding *finding);
void tell_end(const struct rehearsal *rehearsal);
void tell_summary(const struct rehearsal *rehearsal);
void tell_json(const struct rehearsal *rehearsal);

#endif /* TELL_H */
