/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Community ID of a connection, by which programs that have seen the same
 * one know each other's records of it.
 */
#ifndef COMMUNITY_H
#define COMMUNITY_H

#include <stddef.h>
#include <stdint.h>

/* "1:", 28 characters of base64, and the end. */
#define COMMUNITY_MAX	31

/**
 * struct community_end - one end of a TCP connection
 * @address: 4 or 16 octets in network order
 * @port: in host order
 */
struct community_end {
	const uint8_t *address;
	uint16_t port;
};

void community_id(char text[COMMUNITY_MAX], const struct community_end *one,
		  const struct community_end *other, size_t address_length);

#endif /* COMMUNITY_H */
