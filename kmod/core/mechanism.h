/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The AUTH mechanisms (RFC 4422) that a policy can name.
 */
#ifndef SMTPGUARD_CORE_MECHANISM_H
#define SMTPGUARD_CORE_MECHANISM_H

#include "word.h"

/** MECHANISMS_ALL - the set that holds even those that are in no row */
#define MECHANISMS_ALL	(~0ULL)

extern const struct word_table mechanism_table;

#endif /* SMTPGUARD_CORE_MECHANISM_H */
