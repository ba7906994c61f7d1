/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a server offers in its reply to EHLO, whatever the client is shown of it.
 */
#ifndef SMTPGUARD_CORE_OFFER_H
#define SMTPGUARD_CORE_OFFER_H

#include "types.h"

/** enum offer - capabilities that somebody in the path may have taken away */
enum offer {
	OFFER_STARTTLS,
	OFFER_CHUNKING,

	OFFER_COUNT
};

/** OFFERS_ALL - one bit for each of them */
#define OFFERS_ALL	((1 << OFFER_COUNT) - 1)

/**
 * struct offer_walk - the walk through the lines of a reply; all zero before them
 * @at: octets of the word that the line begins with
 * @out: those of enum offer that the word is not, one bit each
 * @over: it has ended
 * @found: those that lines before were
 */
struct offer_walk {
	u8 at;
	u8 out;
	bool over;
	u8 found;
};

void offer_line(struct offer_walk *walk);
void offer_octet(struct offer_walk *walk, u8 octet);
const char *offer_name(enum offer offer);

#endif /* SMTPGUARD_CORE_OFFER_H */
