/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two hellos of a TLS handshake say in clear.
 */
#ifndef SMTPGUARD_CORE_HELLO_H
#define SMTPGUARD_CORE_HELLO_H

#include "types.h"

/** HELLO_NAME_MAX - octets of a server's name that are kept (RFC 6066) */
#define HELLO_NAME_MAX		255
/** HELLO_PROTOCOLS_MAX - octets of names of ALPN that are kept (RFC 7301) */
#define HELLO_PROTOCOLS_MAX	64
/** HELLO_FIELD_MAX - octets of a field that are looked at: a name is whole */
#define HELLO_FIELD_MAX		(5 + HELLO_NAME_MAX)
/** HELLO_HEADER_LENGTH - octets of a record before what it carries */
#define HELLO_HEADER_LENGTH	5

/**
 * enum hello_state - how far the hello of one side is
 * @HELLO_UNDER_WAY: not all of it has come
 * @HELLO_READ: it has
 * @HELLO_ALERT: a fatal alert came in its place
 * @HELLO_WRONG: it cannot be read
 */
enum hello_state {
	HELLO_UNDER_WAY,
	HELLO_READ,
	HELLO_ALERT,
	HELLO_WRONG,
};

/**
 * struct hello_protocols - names of ALPN, one behind the other
 * @used: octets of @octets
 * @octets: of each its length, and its octets
 */
struct hello_protocols {
	u8 used;
	u8 octets[HELLO_PROTOCOLS_MAX];
};

/**
 * struct hello_walk - the way through what one side says
 * @budget: octets that it may still say before its hello is whole
 * @record: octets of the record under way that are to come
 * @message: octets of the hello behind the field under way
 * @length: octets of that field
 * @come: those of them that have come
 * @extension: the type of the extension that it is
 * @field: enum hello_field
 * @again: the hello under way asks for another one
 * @level: that of the alert under way
 * @heads: octets that have come of the header of the next record
 * @header: those; else that of the record under way
 * @octets: the first that have come of the field
 */
struct hello_walk {
	u16 budget;
	u16 record;
	u16 message;
	u16 length;
	u16 come;
	u16 extension;
	u8 field;
	bool again;
	u8 level;
	u8 heads;
	u8 header[HELLO_HEADER_LENGTH];
	u8 octets[HELLO_FIELD_MAX];
};

/**
 * struct hello - what both sides have said
 * @walk: through what the client says, and from the server's first octet on through
 *	what that says
 * @client: enum hello_state
 * @server: enum hello_state
 * @answered: the server has said something
 * @retry: it has asked for another hello first (RFC 8446 section 4.1.4)
 * @seen: extensions that the hello under way has had, one bit for each that is read
 * @truncated: a name was longer than what is kept, or there were more of them
 * @alerted: the server has sent an alert
 * @alert: the last (RFC 8446 section 6)
 * @offered: the highest version that the client speaks
 * @version: the one that the server has chosen
 * @cipher: the cipher suite that it has chosen
 * @name_length: octets of @name; 0: the client named no server
 * @name: the server that it wants to reach
 * @protocols: what it wants to speak there
 * @protocol: what the server has chosen of that; below TLS 1.3
 */
struct hello {
	struct hello_walk walk;
	u8 client;
	u8 server;
	bool answered;
	bool retry;
	u8 seen;
	bool truncated;
	bool alerted;
	u8 alert;
	u16 offered;
	u16 version;
	u16 cipher;
	u8 name_length;
	u8 name[HELLO_NAME_MAX];
	struct hello_protocols protocols;
	struct hello_protocols protocol;
};

void hello_open(struct hello *hello);
void hello_client(struct hello *hello, const u8 *data, size_t length);
void hello_server(struct hello *hello, const u8 *data, size_t length);

/**
 * hello_is_over() - is nothing more to be read
 * @hello: what was read so far
 *
 * Return: true where the server's hello is whole, or will not be.
 */
static inline bool hello_is_over(const struct hello *hello)
{
	return hello->server != HELLO_UNDER_WAY;
}

/**
 * hello_is_known() - is there anything to tell
 * @hello: what was read so far
 *
 * Return: true where one of both hellos is whole.
 */
static inline bool hello_is_known(const struct hello *hello)
{
	return hello->client == HELLO_READ || hello->server == HELLO_READ;
}

/**
 * hello_first_protocol() - the first of some names of ALPN
 * @protocols: the names
 *
 * Return: its length, and behind that its octets; %NULL where there is none.
 */
static inline const u8 *hello_first_protocol(const struct hello_protocols *protocols)
{
	return protocols->used ? protocols->octets : NULL;
}

/**
 * hello_next_protocol() - the next of them
 * @protocols: the names
 * @protocol: one of them
 *
 * Return: as hello_first_protocol().
 */
static inline const u8 *hello_next_protocol(const struct hello_protocols *protocols,
					    const u8 *protocol)
{
	protocol += 1 + *protocol;
	return protocol < protocols->octets + protocols->used ? protocol : NULL;
}

#endif /* SMTPGUARD_CORE_HELLO_H */
