// SPDX-License-Identifier: GPL-2.0
/*
 * What follows a handshake is not looked at any more, so whoever could feign
 * one would be rid of the guard.  The header of the record and the type of
 * the message in it (RFC 8446 sections 4 and 5.1):
 *
 *	16 | 03 00..04 | length | 01
 *	handshake       2 octets  ClientHello
 */
#include "handshake.h"

#define VERSION_MAJOR		0x03
#define VERSION_MINOR_MAX	0x04
/* A record holds a message's header at least, and 2^14 octets at most. */
#define LENGTH_MIN		4
#define LENGTH_MAX		(1 << 14)
#define CLIENT_HELLO		0x01

/**
 * handshake_octet() - walk on by one octet
 * @at: how many came before
 * @length: the record's length, as far as it is known; begins as 0
 * @octet: the octet
 *
 * Return: PARSE_DONE with the last octet of these six.
 */
enum parse handshake_octet(u8 *at, u64 *length, u8 octet)
{
	switch ((*at)++) {
	case 0:
		return octet == HANDSHAKE_RECORD ? PARSE_MORE : PARSE_WRONG;
	case 1:
		return octet == VERSION_MAJOR ? PARSE_MORE : PARSE_WRONG;
	case 2:
		return octet <= VERSION_MINOR_MAX ? PARSE_MORE : PARSE_WRONG;
	case 3:
		*length = octet << 8;
		return *length <= LENGTH_MAX ? PARSE_MORE : PARSE_WRONG;
	case 4:
		*length += octet;
		return *length >= LENGTH_MIN && *length <= LENGTH_MAX ?
			PARSE_MORE : PARSE_WRONG;
	default:
		return octet == CLIENT_HELLO ? PARSE_DONE : PARSE_WRONG;
	}
}
