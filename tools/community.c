// SPDX-License-Identifier: GPL-2.0
/*
 * Community ID, version 1, seed 0 (https://github.com/corelight/community-id-spec):
 * the same whichever end is named first.
 */
#include <netinet/in.h>
#include <string.h>

#include "community.h"
#include "sha1.h"

#define SEED_SIZE	2
#define ADDRESS_MAX	16
#define PORTS_SIZE	4
#define TUPLE_MAX	(SEED_SIZE + 2 * ADDRESS_MAX + 2 + PORTS_SIZE)

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three octets are four characters; of the last three one is missing. */
static void write_base64(char *text, const uint8_t digest[SHA1_SIZE])
{
	uint8_t octets[SHA1_SIZE + 1] = { 0 };
	size_t i;

	memcpy(octets, digest, SHA1_SIZE);
	for (i = 0; i < sizeof(octets); i += 3) {
		*text++ = alphabet[octets[i] >> 2];
		*text++ = alphabet[(octets[i] << 4 | octets[i + 1] >> 4) & 63];
		*text++ = alphabet[(octets[i + 1] << 2 |
				    octets[i + 2] >> 6) & 63];
		*text++ = alphabet[octets[i + 2] & 63];
	}
	text[-1] = '=';
	*text = '\0';
}

static size_t put_port(uint8_t *at, uint16_t port)
{
	at[0] = port >> 8;
	at[1] = port;
	return 2;
}

/* The lower end is the first. */
static int compare(const struct community_end *one,
		   const struct community_end *other, size_t length)
{
	int order = memcmp(one->address, other->address, length);

	return order ? order : one->port - other->port;
}

/**
 * community_id() - name a TCP connection
 * @text: filled in
 * @one: one end
 * @other: the other
 * @address_length: octets of both addresses
 */
void community_id(char text[COMMUNITY_MAX], const struct community_end *one,
		  const struct community_end *other, size_t address_length)
{
	uint8_t tuple[TUPLE_MAX] = { 0 };
	uint8_t digest[SHA1_SIZE];
	size_t at = SEED_SIZE;

	if (compare(one, other, address_length) > 0) {
		const struct community_end *first = other;

		other = one;
		one = first;
	}
	memcpy(tuple + at, one->address, address_length);
	at += address_length;
	memcpy(tuple + at, other->address, address_length);
	at += address_length;
	tuple[at++] = IPPROTO_TCP;
	tuple[at++] = 0;
	at += put_port(tuple + at, one->port);
	at += put_port(tuple + at, other->port);
	sha1(digest, tuple, at);
	memcpy(text, "1:", 2);
	write_base64(text + 2, digest);
}
