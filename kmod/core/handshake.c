// SPDX-License-Identifier: GPL-2.0
/*
 * What follows a handshake is not looked at any more, so whoever could feign
 * one would be rid of the guard.  A client alone can: it says what looks like a
 * hello, the server refuses that in clear, and both go on in clear.  So there is
 * one only when the server's hello has answered the client's.  Records before
 * that (RFC 8446 sections 4, 5.1 and 6, RFC 5246 appendix E.2):
 *
 *	16 | 03 00..04 | length | 01 ...	ClientHello, or 02 for ServerHello
 *	15 | 03 00..04 | 00 02  | level, description	alert
 *	80 + length    | 01     | 03 00..03 ...	ClientHello in the frame of SSL 2
 */
#include "character.h"
#include "handshake.h"

#define RECORD_ALERT		0x15
/* The highest bit of the first octet, which the length shares. */
#define RECORD_SSL2		0x80
#define VERSION_MAJOR		0x03
#define VERSION_MINOR_MAX	0x04
#define SSL2_MINOR_MAX		0x03
#define CLIENT_HELLO		0x01
#define SERVER_HELLO		0x02

/* Octets of each kind of header; that of SSL 2 with its type and version. */
#define HEADER_LENGTH		5
/* A message's header at least, and 2^14 octets at most. */
#define LENGTH_MIN		4
#define LENGTH_MAX		(1 << 14)
#define ALERT_LENGTH		2
/* Type, version, and the lengths of three fields. */
#define SSL2_LENGTH_MIN		9
/* Of these type and version are of the header. */
#define SSL2_HEADER_OCTETS	3

static bool is_length(const struct handshake_record *record, u16 least)
{
	if (record->type == RECORD_ALERT)
		return record->left == ALERT_LENGTH;
	return record->left >= least && record->left <= LENGTH_MAX;
}

/* An octet of a header; @least is the least length of a record of the handshake. */
static bool record_header(struct handshake_record *record, u8 octet, u16 least)
{
	switch (record->at++) {
	case 0:
		record->type = octet;
		return octet == HANDSHAKE_RECORD || octet == RECORD_ALERT;
	case 1:
		return octet == VERSION_MAJOR;
	case 2:
		return octet <= VERSION_MINOR_MAX;
	case 3:
		record->left = octet << 8;
		return record->left <= (record->type == RECORD_ALERT ?
					ALERT_LENGTH : LENGTH_MAX);
	default:
		record->left += octet;
		return is_length(record, least);
	}
}

static bool ssl2_header(struct handshake_record *record, u8 octet)
{
	switch (record->at++) {
	case 0:
		record->type = RECORD_SSL2;
		record->left = (octet & ~RECORD_SSL2) << 8;
		return record->left <= LENGTH_MAX;
	case 1:
		record->left += octet;
		return record->left >= SSL2_LENGTH_MIN &&
		       record->left <= LENGTH_MAX;
	case 2:
		return octet == CLIENT_HELLO;
	case 3:
		return octet == VERSION_MAJOR;
	default:
		record->left -= SSL2_HEADER_OCTETS;
		return octet <= SSL2_MINOR_MAX;
	}
}

/* An octet behind the header. */
static void record_octet(struct handshake_record *record)
{
	if (!--record->left)
		record->at = 0;
}

static enum parse client_header(struct handshake *handshake, u8 octet)
{
	struct handshake_record *record = &handshake->client;
	u16 least = handshake->greeted ? 1 : LENGTH_MIN;
	bool is_right;

	if (record->at ? record->type == RECORD_SSL2 :
			 octet & RECORD_SSL2 && !handshake->spoken)
		is_right = ssl2_header(record, octet);
	else
		is_right = record_header(record, octet, least);
	handshake->spoken = true;
	if (!is_right)
		return PARSE_WRONG;
	if (record->at < HEADER_LENGTH)
		return PARSE_MORE;
	if (record->type == RECORD_SSL2)
		handshake->greeted = true;
	handshake->total += record->left;
	return handshake->total <= LENGTH_MAX ? PARSE_MORE : PARSE_WRONG;
}

/**
 * handshake_client() - walk on by one octet of the client
 * @handshake: what came before
 * @octet: the octet
 *
 * Return: PARSE_WRONG where it is none of a handshake before the server's hello.
 */
enum parse handshake_client(struct handshake *handshake, u8 octet)
{
	struct handshake_record *record = &handshake->client;

	if (is_line_end(octet))
		handshake->broken = true;
	if (record->at < HEADER_LENGTH)
		return client_header(handshake, octet);
	if (record->type == HANDSHAKE_RECORD && !handshake->greeted) {
		if (octet != CLIENT_HELLO)
			return PARSE_WRONG;
		handshake->greeted = true;
	}
	record_octet(record);
	return PARSE_MORE;
}

/**
 * handshake_server() - walk on by one octet of the server
 * @handshake: what came before
 * @octet: the octet
 *
 * Return: PARSE_DONE with the octet that shows its hello, behind a whole one of
 * the client; PARSE_WRONG where it is none of a handshake.
 */
enum parse handshake_server(struct handshake *handshake, u8 octet)
{
	struct handshake_record *record = &handshake->server;

	if (!handshake->spoken)
		return PARSE_WRONG;
	if (record->at < HEADER_LENGTH)
		return record_header(record, octet, LENGTH_MIN) ? PARSE_MORE :
								  PARSE_WRONG;
	if (record->type == HANDSHAKE_RECORD)
		return octet == SERVER_HELLO && handshake->greeted &&
		       !handshake->client.at ? PARSE_DONE : PARSE_WRONG;
	record_octet(record);
	return PARSE_MORE;
}

/**
 * handshake_is_declined() - does the server answer the client's hello in clear
 * @handshake: what came before
 * @octet: the server's next octet
 *
 * A server that took the hello for lines would answer each.  Without a line's end
 * in it there is none, so this is the one answer to all that the client has said,
 * and what the client says next begins a line, or goes on with one that is none of
 * a command.
 *
 * Return: true where it begins a reply, and the one that is certain to be owed.
 */
bool handshake_is_declined(const struct handshake *handshake, u8 octet)
{
	return handshake->clear && handshake->spoken && !handshake->broken &&
	       !handshake->server.at && octet >= '2' && octet <= '5';
}
