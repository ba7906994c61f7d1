/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line of an AUTH exchange (RFC 4954 section 4).
 */
#ifndef SMTPGUARD_CORE_EXCHANGE_H
#define SMTPGUARD_CORE_EXCHANGE_H

#include "types.h"

/**
 * EXCHANGE_LINE_MAX - octets of a line, its end not counted
 *
 * A ticket of Kerberos has 65,535 at most, before base64.
 */
#define EXCHANGE_LINE_MAX	131072

/** EXCHANGE_FILLER - is no base64, so the server answers 501 */
#define EXCHANGE_FILLER		'*'

/**
 * enum exchange_state - what a line has been so far
 * @EXCHANGE_BEGIN: nothing
 * @EXCHANGE_BASE64: base64
 * @EXCHANGE_CANCEL: "*", which gives the exchange up
 * @EXCHANGE_CR: one of these, and CR
 * @EXCHANGE_MASKED: neither, and all to its end is overwritten
 */
enum exchange_state {
	EXCHANGE_BEGIN,
	EXCHANGE_BASE64,
	EXCHANGE_CANCEL,
	EXCHANGE_CR,
	EXCHANGE_MASKED,
};

bool exchange_octet(u8 *state, u64 *length, u8 octet);

#endif /* SMTPGUARD_CORE_EXCHANGE_H */
