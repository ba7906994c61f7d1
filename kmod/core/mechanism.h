/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The AUTH mechanisms (RFC 4422) that a policy can name.
 */
#ifndef SMTPGUARD_CORE_MECHANISM_H
#define SMTPGUARD_CORE_MECHANISM_H

#include "word.h"

/** MECHANISMS_ALL - the set that holds even those that are in no row */
#define MECHANISMS_ALL	(~0ULL)

/** MECHANISM_LAYERED - value of a row with a security layer */
#define MECHANISM_LAYERED	1

extern const struct word_table mechanism_table;

bool mechanism_is_layered(u8 row);

#endif /* SMTPGUARD_CORE_MECHANISM_H */
