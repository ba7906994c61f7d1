// SPDX-License-Identifier: GPL-2.0
/*
 * A server that offered STARTTLS or CHUNKING, and does not any more, may have been
 * set so; or somebody between it and this router takes that out of its replies.
 */
#include "character.h"
#include "offer.h"
#include "word.h"

static const struct {
	const char *name;
	u8 length;
} offers[OFFER_COUNT] = {
	[OFFER_STARTTLS] = { "STARTTLS", 8 },
	[OFFER_CHUNKING] = { "CHUNKING", 8 },
};

/* What a capability ends with; '=' in the form of AUTH that came before RFC 2554. */
static bool ends_word(u8 octet)
{
	return is_blank(octet) || octet == '=' || is_line_end(octet);
}

static void offer_end(struct offer_walk *walk)
{
	enum offer offer;

	walk->over = true;
	for (offer = 0; offer < OFFER_COUNT; offer++)
		if (walk->at == offers[offer].length &&
		    !(walk->out & 1 << offer))
			walk->found |= 1 << offer;
}

/**
 * offer_line() - a line of the reply begins
 * @walk: what came before it
 */
void offer_line(struct offer_walk *walk)
{
	walk->at = 0;
	walk->out = 0;
	walk->over = false;
}

/**
 * offer_octet() - walk on by one octet behind the code of a line
 * @walk: what came before
 * @octet: the octet, the line's end included
 */
void offer_octet(struct offer_walk *walk, u8 octet)
{
	enum offer offer;

	if (walk->over)
		return;
	if (ends_word(octet)) {
		offer_end(walk);
		return;
	}
	for (offer = 0; offer < OFFER_COUNT; offer++)
		if (walk->at >= offers[offer].length ||
		    word_upper(octet) != offers[offer].name[walk->at])
			walk->out |= 1 << offer;
	if (walk->out != OFFERS_ALL)
		walk->at++;
	else
		walk->over = true;
}

/**
 * offer_name() - what a capability is called
 * @offer: the capability
 *
 * Return: its keyword.
 */
const char *offer_name(enum offer offer)
{
	return offers[offer].name;
}
