/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways of cutting octets into pieces.  What the core makes of a stream must
 * be the same for all of them.
 */
#ifndef SMTPGUARD_KUNIT_CUTS_H
#define SMTPGUARD_KUNIT_CUTS_H

#include <linux/prandom.h>
#include <linux/types.h>

/**
 * struct cuts - one way of cutting
 * @way: its number, below cuts_ways()
 * @length: octets in all
 * @random: for the ways that are random
 */
struct cuts {
	unsigned int way;
	size_t length;
	struct rnd_state random;
};

unsigned int cuts_ways(size_t length);
void cuts_begin(struct cuts *cuts, unsigned int way, size_t length);
size_t cuts_end(struct cuts *cuts, size_t at);

#endif /* SMTPGUARD_KUNIT_CUTS_H */
