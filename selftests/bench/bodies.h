/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to measure with, the same on every machine and in every benchmark, in
 * the kernel and in user space.
 */
#ifndef SMTPGUARD_BENCH_BODIES_H
#define SMTPGUARD_BENCH_BODIES_H

#include "core/types.h"

/**
 * struct body_kind - a kind of message
 * @name: what it is called in results
 * @make: writes @length octets of one, without the end of data
 */
struct body_kind {
	const char *name;
	void (*make)(u8 *body, size_t length);
};

/**
 * enum body_kind_number - rows of body_kinds
 * @BODY_KIND_TEXT: words and lines as people write them, a dot in about 80 octets
 * @BODY_KIND_BASE64: an attachment
 * @BODY_KIND_HTML: a newsletter with its styles inside: 3 % dots, and some of them
 *	begin a line, so that they are doubled
 * @BODY_KIND_8BIT: lines of octets above 127
 * @BODY_KINDS: how many there are
 */
enum body_kind_number {
	BODY_KIND_TEXT,
	BODY_KIND_BASE64,
	BODY_KIND_HTML,
	BODY_KIND_8BIT,

	BODY_KINDS
};

extern const struct body_kind body_kinds[BODY_KINDS];

u32 bodies_random(u32 below);
void bodies_seed(void);
enum body_kind_number bodies_find(const char *name);

#endif /* SMTPGUARD_BENCH_BODIES_H */
