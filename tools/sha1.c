// SPDX-License-Identifier: GPL-2.0
/*
 * SHA-1 (RFC 3174) of octets that are all there.  The names are the RFC's.
 */
#include <endian.h>
#include <string.h>

#include "sha1.h"

#define BLOCK		64
#define WORDS		5
#define ROUNDS		80
/* Where the length in bits stands in the last block. */
#define LENGTH_AT	(BLOCK - sizeof(uint64_t))

static uint32_t rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

static uint32_t mix(int t, uint32_t b, uint32_t c, uint32_t d)
{
	if (t < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void add_block(uint32_t h[WORDS], const uint8_t *block)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	uint32_t w[ROUNDS];
	int t;

	memcpy(w, block, BLOCK);
	for (t = 0; t < 16; t++)
		w[t] = be32toh(w[t]);
	for (; t < ROUNDS; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (t = 0; t < ROUNDS; t++) {
		uint32_t next = rotate(a, 5) + mix(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/* What is left, a bit behind it, and how many bits there were. */
static void add_last(uint32_t h[WORDS], const uint8_t *rest, size_t length,
		     uint64_t whole)
{
	uint64_t bits = htobe64(whole * 8);
	uint8_t block[BLOCK] = { 0 };

	memcpy(block, rest, length);
	block[length] = 0x80;
	if (length >= LENGTH_AT) {
		add_block(h, block);
		memset(block, 0, sizeof(block));
	}
	memcpy(block + LENGTH_AT, &bits, sizeof(bits));
	add_block(h, block);
}

/**
 * sha1() - compute the SHA-1 of octets
 * @digest: filled in
 * @octets: the octets
 * @length: how many
 */
void sha1(uint8_t digest[SHA1_SIZE], const void *octets, size_t length)
{
	uint32_t h[WORDS] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0
	};
	const uint8_t *at = octets;
	size_t left;
	int i;

	for (left = length; left >= BLOCK; left -= BLOCK, at += BLOCK)
		add_block(h, at);
	add_last(h, at, left, length);
	for (i = 0; i < WORDS; i++)
		h[i] = htobe32(h[i]);
	memcpy(digest, h, SHA1_SIZE);
}
