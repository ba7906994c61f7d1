/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a TLS handshake really begin?
 */
#ifndef SMTPGUARD_CORE_HANDSHAKE_H
#define SMTPGUARD_CORE_HANDSHAKE_H

#include "step.h"

/** HANDSHAKE_RECORD - the first octet of one (RFC 8446 section 5.1) */
#define HANDSHAKE_RECORD	0x16

/**
 * struct handshake_record - one side's record under way
 * @left: its length, as far as it is known; behind its header octets to come
 * @at: octets of its header that have come; 0 between two records
 * @type: its first octet
 */
struct handshake_record {
	u16 left;
	u8 at;
	u8 type;
};

/**
 * struct handshake - what both sides have said of one; all zero at its begin
 * @client: the client's record
 * @server: the server's
 * @total: lengths of the client's records together
 * @spoken: the client has said something
 * @greeted: it has begun its hello
 * @broken: a CR or LF was among its octets
 * @clear: it has begun behind lines in clear
 */
struct handshake {
	struct handshake_record client;
	struct handshake_record server;
	u16 total;
	bool spoken;
	bool greeted;
	bool broken;
	bool clear;
};

enum parse handshake_client(struct handshake *handshake, u8 octet);
enum parse handshake_server(struct handshake *handshake, u8 octet);
bool handshake_is_declined(const struct handshake *handshake, u8 octet);

#endif /* SMTPGUARD_CORE_HANDSHAKE_H */
