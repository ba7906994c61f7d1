/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The size that a server announces and a client declares (RFC 1870).
 */
#ifndef SMTPGUARD_CORE_SIZE_H
#define SMTPGUARD_CORE_SIZE_H

#include "types.h"

/**
 * enum size_part - where in a text its octets are
 * @SIZE_PART_OTHER: in a word that is not SIZE
 * @SIZE_PART_BEGIN: where a word may begin
 * @SIZE_PART_S: behind S
 * @SIZE_PART_SI: behind SI
 * @SIZE_PART_SIZ: behind SIZ
 * @SIZE_PART_SIZE: behind SIZE
 * @SIZE_PART_NUMBER: in the number
 */
enum size_part {
	SIZE_PART_OTHER,
	SIZE_PART_BEGIN,
	SIZE_PART_S,
	SIZE_PART_SI,
	SIZE_PART_SIZ,
	SIZE_PART_SIZE,
	SIZE_PART_NUMBER,
};

/**
 * struct size_walk - the walk through a text
 * @value: the last number so far, at most %U64_MAX; 0 if there was none, or
 *	something that is no number
 * @part: enum size_part
 */
struct size_walk {
	u64 value;
	u8 part;
};

void size_keyword_octet(struct size_walk *walk, u8 octet);
void size_parameter_octet(struct size_walk *walk, u8 octet);

#endif /* SMTPGUARD_CORE_SIZE_H */
