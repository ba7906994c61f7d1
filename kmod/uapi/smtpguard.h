/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What smtpguard and its tools say to each other over generic netlink: commands
 * that read the counters and the sessions of the caller's network namespace, and
 * one multicast group that carries the session log.
 *
 * New values are added before the __SMTPGUARD_*_MAX of their enum; none is
 * ever reused.  Documentation/netlink/specs/smtpguard.yaml has the same for the
 * kernel's tools/net/ynl.
 */
#ifndef _UAPI_SMTPGUARD_H
#define _UAPI_SMTPGUARD_H

#define SMTPGUARD_GENL_NAME		"smtpguard"
#define SMTPGUARD_GENL_VERSION		1
#define SMTPGUARD_GENL_GROUP_LOG	"log"

/**
 * enum smtpguard_command - generic netlink commands
 * @SMTPGUARD_CMD_UNSPEC: never sent
 * @SMTPGUARD_CMD_GET_STATS: request: no attributes; reply: one
 *	%SMTPGUARD_A_COUNTER for each counter, in a fixed order
 * @SMTPGUARD_CMD_EVENT: multicast to %SMTPGUARD_GENL_GROUP_LOG: one event
 * @SMTPGUARD_CMD_GET_FLOWS: dump: no attributes, CAP_NET_ADMIN; replies: one
 *	session under guard each: SESSION, CLIENT_ADDRESS, CLIENT_PORT,
 *	SERVER_ADDRESS, SERVER_PORT, the same of NAT, PHASE, MESSAGES, COMMANDS,
 *	REFUSALS, BYTES_TO_SERVER, BYTES_TO_CLIENT, MILLISECONDS since it was
 *	opened, SILENCE, MEMORY; in no order, and one may be there twice
 * @__SMTPGUARD_CMD_MAX: one more than the last
 */
enum smtpguard_command {
	SMTPGUARD_CMD_UNSPEC,
	SMTPGUARD_CMD_GET_STATS,
	SMTPGUARD_CMD_EVENT,
	SMTPGUARD_CMD_GET_FLOWS,

	__SMTPGUARD_CMD_MAX
};

/**
 * enum smtpguard_event - what an %SMTPGUARD_CMD_EVENT tells
 *
 * Every event carries NUMBER, TIME, SESSION, CLIENT_ADDRESS, CLIENT_PORT,
 * SERVER_ADDRESS and SERVER_PORT; the others it carries are named here.
 *
 * @SMTPGUARD_EVENT_UNSPEC: never sent
 * @SMTPGUARD_EVENT_OPEN: a session was taken under guard
 * @SMTPGUARD_EVENT_GREETING: one line of the greeting: CODE, TEXT
 * @SMTPGUARD_EVENT_COMMAND: a command line: VERB, TEXT, REFUSED if refused
 * @SMTPGUARD_EVENT_REPLY: one line of a reply: CODE, TEXT
 * @SMTPGUARD_EVENT_DATA_BEGIN: the server's 354 opened a message
 * @SMTPGUARD_EVENT_DATA_END: the end of data was forwarded: BYTES of the
 *	message with its end of data, SIZE, DECLARED if MAIL declared one,
 *	SEGMENTS the end of data came in
 * @SMTPGUARD_EVENT_TLS_START: the session went into TLS and is opaque now
 * @SMTPGUARD_EVENT_REFUSAL: something was refused: VERDICT, REASON, and VERB
 *	or TEXT where it was a command or a capability
 * @SMTPGUARD_EVENT_CLOSE: the session ended: MESSAGES, COMMANDS, REFUSALS,
 *	BYTES_TO_SERVER, BYTES_TO_CLIENT, MILLISECONDS, UNANSWERED if so
 * @__SMTPGUARD_EVENT_MAX: one more than the last
 */
enum smtpguard_event {
	SMTPGUARD_EVENT_UNSPEC,
	SMTPGUARD_EVENT_OPEN,
	SMTPGUARD_EVENT_GREETING,
	SMTPGUARD_EVENT_COMMAND,
	SMTPGUARD_EVENT_REPLY,
	SMTPGUARD_EVENT_DATA_BEGIN,
	SMTPGUARD_EVENT_DATA_END,
	SMTPGUARD_EVENT_TLS_START,
	SMTPGUARD_EVENT_REFUSAL,
	SMTPGUARD_EVENT_CLOSE,

	__SMTPGUARD_EVENT_MAX
};

/**
 * enum smtpguard_attribute - attributes of all smtpguard messages
 * @SMTPGUARD_A_UNSPEC: never sent
 * @SMTPGUARD_A_PAD: alignment of 64-bit attributes
 * @SMTPGUARD_A_COUNTER: nested: NAME and VALUE of one counter
 * @SMTPGUARD_A_NAME: string: a counter's name
 * @SMTPGUARD_A_VALUE: u64: a counter's value
 * @SMTPGUARD_A_EVENT: u32: enum smtpguard_event
 * @SMTPGUARD_A_NUMBER: u32: counts all events of the network namespace; a
 *	gap is a number of events that were lost
 * @SMTPGUARD_A_TIME: u64: nanoseconds since the epoch
 * @SMTPGUARD_A_SESSION: u64: names the session, unique while it lives
 * @SMTPGUARD_A_CLIENT_ADDRESS: 4 or 16 octets in network order
 * @SMTPGUARD_A_CLIENT_PORT: u16 in host order
 * @SMTPGUARD_A_SERVER_ADDRESS: 4 or 16 octets in network order, as the client
 *	addressed it (before any DNAT)
 * @SMTPGUARD_A_SERVER_PORT: u16 in host order
 * @SMTPGUARD_A_VERB: string: the verb in capitals, "unknown" for one that is
 *	in no table
 * @SMTPGUARD_A_TEXT: octets as the peer sent them, without line end; not
 *	terminated, not printable by nature; at most 512
 * @SMTPGUARD_A_TRUNCATED: flag: TEXT was longer
 * @SMTPGUARD_A_REFUSED: flag: the command was refused
 * @SMTPGUARD_A_CODE: u16: reply code
 * @SMTPGUARD_A_BYTES: u64: octets of a message
 * @SMTPGUARD_A_SEGMENTS: u32: segments an end of data came in
 * @SMTPGUARD_A_VERDICT: string: "mask" or "reset"; "monitor" where nothing
 *	was changed
 * @SMTPGUARD_A_REASON: string: why something was refused: the slug of a row of
 *	core/reason_list.h, no sentence
 * @SMTPGUARD_A_MESSAGES: u32: messages whose end of data was forwarded
 * @SMTPGUARD_A_COMMANDS: u32: command lines, refused ones included
 * @SMTPGUARD_A_REFUSALS: u32: refused command lines
 * @SMTPGUARD_A_BYTES_TO_SERVER: u64: octets the client sent
 * @SMTPGUARD_A_BYTES_TO_CLIENT: u64: octets the server sent
 * @SMTPGUARD_A_MILLISECONDS: u64: from the first segment to the last
 * @SMTPGUARD_A_UNANSWERED: flag: an end of data was forwarded and the session
 *	ended before its final reply
 * @SMTPGUARD_A_SIZE: u64: octets of a message as RFC 1870 counts them, without
 *	quoting dots and end of data
 * @SMTPGUARD_A_DECLARED: u64: the size that was declared for it
 * @SMTPGUARD_A_PHASE: string: how the client's octets are read: "command",
 *	"proxy", "bdat", "chunk", "auth", "body", "tls", "opaque", "unknown",
 *	"condemned" or "closed"
 * @SMTPGUARD_A_NAT_CLIENT_ADDRESS: 4 or 16 octets in network order: the client, as
 *	the server sees it
 * @SMTPGUARD_A_NAT_CLIENT_PORT: u16 in host order
 * @SMTPGUARD_A_NAT_SERVER_ADDRESS: 4 or 16 octets in network order: the server
 *	that answers
 * @SMTPGUARD_A_NAT_SERVER_PORT: u16 in host order
 * @SMTPGUARD_A_SILENCE: u64: milliseconds since the last packet
 * @SMTPGUARD_A_MEMORY: u64: octets of memory that a session takes
 * @__SMTPGUARD_A_MAX: one more than the last
 */
enum smtpguard_attribute {
	SMTPGUARD_A_UNSPEC,
	SMTPGUARD_A_PAD,
	SMTPGUARD_A_COUNTER,
	SMTPGUARD_A_NAME,
	SMTPGUARD_A_VALUE,
	SMTPGUARD_A_EVENT,
	SMTPGUARD_A_NUMBER,
	SMTPGUARD_A_TIME,
	SMTPGUARD_A_SESSION,
	SMTPGUARD_A_CLIENT_ADDRESS,
	SMTPGUARD_A_CLIENT_PORT,
	SMTPGUARD_A_SERVER_ADDRESS,
	SMTPGUARD_A_SERVER_PORT,
	SMTPGUARD_A_VERB,
	SMTPGUARD_A_TEXT,
	SMTPGUARD_A_TRUNCATED,
	SMTPGUARD_A_REFUSED,
	SMTPGUARD_A_CODE,
	SMTPGUARD_A_BYTES,
	SMTPGUARD_A_SEGMENTS,
	SMTPGUARD_A_VERDICT,
	SMTPGUARD_A_REASON,
	SMTPGUARD_A_MESSAGES,
	SMTPGUARD_A_COMMANDS,
	SMTPGUARD_A_REFUSALS,
	SMTPGUARD_A_BYTES_TO_SERVER,
	SMTPGUARD_A_BYTES_TO_CLIENT,
	SMTPGUARD_A_MILLISECONDS,
	SMTPGUARD_A_UNANSWERED,
	SMTPGUARD_A_SIZE,
	SMTPGUARD_A_DECLARED,
	SMTPGUARD_A_PHASE,
	SMTPGUARD_A_NAT_CLIENT_ADDRESS,
	SMTPGUARD_A_NAT_CLIENT_PORT,
	SMTPGUARD_A_NAT_SERVER_ADDRESS,
	SMTPGUARD_A_NAT_SERVER_PORT,
	SMTPGUARD_A_SILENCE,
	SMTPGUARD_A_MEMORY,

	__SMTPGUARD_A_MAX
};

#define SMTPGUARD_A_MAX (__SMTPGUARD_A_MAX - 1)

#endif /* _UAPI_SMTPGUARD_H */
