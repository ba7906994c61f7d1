/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The capabilities (EHLO keywords, RFC 5321 section 4.1.1.1) that smtpguard
 * knows.  One that is in no row is never shown: what it would let a client
 * send is not understood.
 */
#ifndef SMTPGUARD_CORE_CAPABILITY_H
#define SMTPGUARD_CORE_CAPABILITY_H

#include "policy.h"
#include "word.h"

/* Behind the code of a reply, and what separates it from the text. */
#define REPLY_TEXT_AT	4

extern const struct word_table capability_table;

u64 capability_set_for_verbs(u64 announced, u64 verbs);
bool capability_is(u8 row, const char *name);
bool capability_is_shown(const struct policy *policy, const char *name);
u8 capability_of_line(const u8 *line, size_t length);

#endif /* SMTPGUARD_CORE_CAPABILITY_H */
