// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that do not speak SMTP: HTTP (RFC 9112 section 3, RFC 9113 section
 * 3.4), SSH (RFC 4253 section 4.2), TLS on a port in clear (RFC 8446 section
 * 5.1).
 */
#include "dialogue.h"
#include "policies.h"

/* A client that does not wait for a greeting, and is not let through to it. */
#define FIRST_LINE(sentence, octets, others) {				\
	sentence,							\
	.turns = { CLIENT_RESET(octets "\r\n", others) },		\
	.phase = PHASE_CLOSED, .reason = REASON_FOREIGN,		\
	.trace = "reset" }

static const struct dialogue first_line_table[] = {
	FIRST_LINE("HTTP with CONNECT", "CONNECT x:25 HTTP/1.1", "XXXXXXX"),
	FIRST_LINE("HTTP with DELETE", "DELETE / HTTP/1.1", "DXXXXX"),
	FIRST_LINE("HTTP with GET", "GET / HTTP/1.1", "XXX"),
	FIRST_LINE("HTTP with HEAD", "HEAD / HTTP/1.1", "HEXX"),
	FIRST_LINE("HTTP with OPTIONS", "OPTIONS * HTTP/1.1", "XXXXXXX"),
	FIRST_LINE("HTTP with PATCH", "PATCH / HTTP/1.1", "XXXXX"),
	FIRST_LINE("HTTP with POST", "POST / HTTP/1.1", "XXXX"),
	FIRST_LINE("the preface of HTTP/2", "PRI * HTTP/2.0", "XXX"),
	FIRST_LINE("HTTP with PUT", "PUT / HTTP/1.1", "XXX"),
	FIRST_LINE("HTTP with TRACE", "TRACE / HTTP/1.1", "XXXXX"),
	FIRST_LINE("HTTP in small letters", "get / http/1.0", "XXX"),
	FIRST_LINE("HTTP without a target", "GET", "XXX"),
	FIRST_LINE("SSH", "SSH-2.0-OpenSSH_9.2", "SXX"),
	FIRST_LINE("SSH in small letters", "ssh-", "sXX"),
};

static const struct dialogue foreign_table[] = {
	{ "a TLS ClientHello before the greeting",
	  .turns = { CLIENT_RESET("\x16\x03\x01\x02\x00\x01", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "reset" },
	{ "a TLS ClientHello behind the greeting",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_RESET("\x16\x03\x01\x02\x00\x01", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "greeting,220,reset" },
	{ "a NUL that begins a line",
	  .opening = greeted,
	  .turns = { CLIENT_AS("NOOP\r\n\0NOOP\r\n\x01\r\nNOOP\r\n",
			       "NOOP\r\nXXXXX\r\nX\r\nNOOP\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "NOOP,!unknown,!unknown,NOOP" },
	{ "HTTP behind the greeting",
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT_RESET("GET / HTTP/1.1\r\nHost: x\r\n", "XXX"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "greeting,220,reset" },
	{ "HTTP behind an empty line and a command",
	  .turns = {
		CLIENT_RESET("\r\nNOOP\r\nPOST /\r\n", "\r\nNOOP\r\nXXXX"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "unknown,NOOP,reset" },
	{ "verbs that only resemble them are refused",
	  .opening = greeted,
	  .turns = { CLIENT_AS("GETS\r\nHEADS x\r\nSSH2\r\nxSSH-\r\nPU T\r\n",
			       "XXXX\r\nHEXXXXX\r\nSXXX\r\nxXXXX\r\nXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!unknown,!unknown,!unknown,!unknown,!unknown" },
	{ "control octets behind the first are text",
	  .opening = greeted,
	  .turns = { CLIENT("NOOP \x16\x03\x01\x1f\r\n") },
	  .phase = PHASE_COMMAND, .trace = "NOOP" },
	{ "a client that writes mail about HTTP",
	  .opening = in_message,
	  .turns = { CLIENT("GET / HTTP/1.1\r\n\x16\x03\x01\r\n.\r\n") },
	  .phase = PHASE_COMMAND, .trace = "end" },
};

KUNIT_ARRAY_PARAM(first_line, first_line_table, dialogue_name);
KUNIT_ARRAY_PARAM(foreign, foreign_table, dialogue_name);

static struct kunit_case session_foreign_cases[] = {
	DIALOGUES(first_line, another_protocol_is_reset_at_its_first_word),
	DIALOGUES(foreign, another_protocol_is_known_where_it_begins_a_line),
	{}
};

static struct kunit_suite session_foreign_suite = {
	.name = "smtpguard_session_foreign",
	.test_cases = session_foreign_cases,
};

kunit_test_suite(session_foreign_suite);
