/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The argument of BDAT (RFC 3030 section 2).
 */
#ifndef SMTPGUARD_CORE_CHUNK_H
#define SMTPGUARD_CORE_CHUNK_H

#include "step.h"

/**
 * enum chunk_state - where in the argument, "86 LAST" for one, its octets are
 * @CHUNK_BEGIN: before the size
 * @CHUNK_ZERO: behind a size of 0
 * @CHUNK_SIZE: in the size
 * @CHUNK_BLANK: behind the blank after the size
 * @CHUNK_L: behind L
 * @CHUNK_LA: behind LA
 * @CHUNK_LAS: behind LAS
 * @CHUNK_LAST: behind LAST
 * @CHUNK_CR: behind the CR of a line without LAST
 * @CHUNK_LAST_CR: behind the CR of one with it
 * @CHUNK_OCTETS: behind the line of one without LAST, in its octets
 * @CHUNK_LAST_OCTETS: behind the line of one with it
 */
enum chunk_state {
	CHUNK_BEGIN,
	CHUNK_ZERO,
	CHUNK_SIZE,
	CHUNK_BLANK,
	CHUNK_L,
	CHUNK_LA,
	CHUNK_LAS,
	CHUNK_LAST,
	CHUNK_CR,
	CHUNK_LAST_CR,
	CHUNK_OCTETS,
	CHUNK_LAST_OCTETS,
};

enum parse chunk_octet(u8 *state, u64 *size, u8 octet);

#endif /* SMTPGUARD_CORE_CHUNK_H */
