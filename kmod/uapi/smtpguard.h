/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What smtpguard and its tools say to each other over generic netlink: commands
 * that read the counters and the sessions of the caller's network namespace, and
 * three multicast groups: %SMTPGUARD_GENL_GROUP_LOG carries all that sessions say
 * and what becomes of it, line by line, %SMTPGUARD_GENL_GROUP_MESSAGES one record
 * for each message and each TLS handshake, %SMTPGUARD_GENL_GROUP_ALERTS what was
 * refused or reset, but for hidden capabilities, sessions that ended before the
 * final reply to an end of data, and what servers do not offer any more.
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
#define SMTPGUARD_GENL_GROUP_MESSAGES	"messages"
#define SMTPGUARD_GENL_GROUP_ALERTS	"alerts"

/**
 * enum smtpguard_command - generic netlink commands
 * @SMTPGUARD_CMD_UNSPEC: never sent
 * @SMTPGUARD_CMD_GET_STATS: request: no attributes; reply: one
 *	%SMTPGUARD_A_COUNTER for each counter, in a fixed order
 * @SMTPGUARD_CMD_EVENT: multicast to one of the groups: one event
 * @SMTPGUARD_CMD_GET_FLOWS: dump: no attributes, CAP_NET_ADMIN; replies: one
 *	session under guard each: SESSION, CLIENT_ADDRESS, CLIENT_PORT,
 *	SERVER_ADDRESS, SERVER_PORT, the same of NAT, PHASE, TLS_VERSION where it is
 *	known, MESSAGES, COMMANDS,
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
 * Every event carries GROUP, NUMBER and TIME, and if it is of a session SESSION,
 * CLIENT_ADDRESS, CLIENT_PORT, SERVER_ADDRESS and SERVER_PORT; the others it
 * carries are named here.
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
 * @SMTPGUARD_EVENT_REFUSAL: something was refused: VERDICT, REASON, SIDE, OFFSET,
 *	PHASE, PARAMETER and SETTING where one decided, PROFILE, and VERB or
 *	TEXT where it was a command or a capability
 * @SMTPGUARD_EVENT_CLOSE: the session ended: MESSAGES, COMMANDS, REFUSALS,
 *	BYTES_TO_SERVER, BYTES_TO_CLIENT, MILLISECONDS, UNANSWERED if so
 * @SMTPGUARD_EVENT_MESSAGE: a mail transaction is over, or the session is in TLS
 *	from now on: RESULT, TLS if so, and as far as they are known HELO, INDEX,
 *	SENDER, RECIPIENT, HASHED, TRUNCATED, RECIPIENTS, ACCEPTED, REJECTED,
 *	MASKED, CODE and REPLY, of one that came to its end DATA_END's and
 *	MICROSECONDS; NAT_CLIENT_ADDRESS and its kin where there is NAT, ZONE and
 *	MARK where they are not 0
 * @SMTPGUARD_EVENT_PARAMETER: somebody has changed a parameter; of no session, in
 *	the initial network namespace alone, by %SMTPGUARD_GENL_GROUP_ALERTS
 *	alone: PARAMETER, FORMER, SETTING, UID
 * @SMTPGUARD_EVENT_TLS: what a TLS handshake said in clear, by
 *	%SMTPGUARD_GENL_GROUP_LOG and by %SMTPGUARD_GENL_GROUP_MESSAGES: RESULT; of the
 *	client's hello TLS_OFFERED, TLS_SNI, TLS_ALPN_OFFERED, TRUNCATED; of the
 *	server's TLS_VERSION, TLS_CIPHER, TLS_ALPN; TLS_RETRY, TLS_ALERT; and
 *	MESSAGE's NAT_CLIENT_ADDRESS and its kin, ZONE and MARK
 * @SMTPGUARD_EVENT_WITHDRAWAL: a server does not offer what it offered the last time,
 *	by %SMTPGUARD_GENL_GROUP_ALERTS alone: CAPABILITY; and MESSAGE's
 *	NAT_CLIENT_ADDRESS and its kin, ZONE and MARK
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
	SMTPGUARD_EVENT_MESSAGE,
	SMTPGUARD_EVENT_PARAMETER,
	SMTPGUARD_EVENT_TLS,
	SMTPGUARD_EVENT_WITHDRAWAL,

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
 * @SMTPGUARD_A_NUMBER: u32: counts all events of the group in the network
 *	namespace; a gap is a number of events that were lost
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
 * @SMTPGUARD_A_TRUNCATED: flag: TEXT, an address or a name was longer
 * @SMTPGUARD_A_REFUSED: flag: the command was refused
 * @SMTPGUARD_A_CODE: u16: reply code; of several final replies the highest
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
 * @SMTPGUARD_A_PARAMETER: string: the parameter that decided, or was changed
 * @SMTPGUARD_A_SETTING: string: its value, as sysfs shows it; not there where it
 *	was written just now
 * @SMTPGUARD_A_PROFILE: string: the profile in use, "custom" for none; likewise
 * @SMTPGUARD_A_SIDE: string: who said what was refused, "client" or "server"
 * @SMTPGUARD_A_OFFSET: u64: octets of that side before the one that shows it,
 *	counted from where the session was taken under guard
 * @SMTPGUARD_A_PHASE: string: how the client's octets were read then: "command",
 *	"proxy", "bdat", "chunk", "auth", "body", "tls", "opaque", "unknown",
 *	"condemned" or "closed"
 * @SMTPGUARD_A_GROUP: string: the name of the group by which the event came
 * @SMTPGUARD_A_RESULT: string: "answered" with the final reply; "unanswered" where
 *	the end of data has passed and the session ended before that;
 *	"abandoned" where it came to no end of data; "tls" where no message is
 *	seen any more. Of a TLS handshake "agreed", where the server's hello was
 *	read; "alert", where a fatal one came in its place; "declined", where the
 *	server answered in clear; "ended", where the session ended before it;
 *	"unread", where it could not be read
 * @SMTPGUARD_A_INDEX: u32: the transaction's number in its session, from 1 on,
 *	counted while somebody listens
 * @SMTPGUARD_A_HELO: octets of the name that the client gave last
 * @SMTPGUARD_A_SENDER: octets of the address that MAIL named, without brackets; or
 *	its hash, see HASHED
 * @SMTPGUARD_A_RECIPIENT: octets of the address that a RCPT named, likewise; there
 *	are up to seven of these
 * @SMTPGUARD_A_HASHED: flag: addresses are hashes, equal where they are, until the
 *	module is loaded anew
 * @SMTPGUARD_A_RECIPIENTS: u32: RCPT commands
 * @SMTPGUARD_A_ACCEPTED: u32: those of them that got a 2yz
 * @SMTPGUARD_A_REJECTED: u32: those that got another reply
 * @SMTPGUARD_A_MASKED: u64: octets of the client's that were overwritten from MAIL
 *	to the end of data
 * @SMTPGUARD_A_REPLY: octets of the last line of the final reply; several in LMTP;
 *	of a transaction that was abandoned, of the last 4yz or 5yz
 * @SMTPGUARD_A_MICROSECONDS: u64: from the end of data to the last final reply
 * @SMTPGUARD_A_TLS: flag: the session is in TLS
 * @SMTPGUARD_A_NAT_CLIENT_ADDRESS: 4 or 16 octets in network order: the client, as
 *	the server sees it
 * @SMTPGUARD_A_NAT_CLIENT_PORT: u16 in host order
 * @SMTPGUARD_A_NAT_SERVER_ADDRESS: 4 or 16 octets in network order: the server
 *	that answers
 * @SMTPGUARD_A_NAT_SERVER_PORT: u16 in host order
 * @SMTPGUARD_A_ZONE: u16: conntrack's zone
 * @SMTPGUARD_A_MARK: u32: conntrack's mark
 * @SMTPGUARD_A_FORMER: string: the value that a parameter had before
 * @SMTPGUARD_A_UID: u32: number of the user who wrote it, as the initial user
 *	namespace has it
 * @SMTPGUARD_A_SILENCE: u64: milliseconds since the last packet
 * @SMTPGUARD_A_MEMORY: u64: octets of memory that a session takes
 * @SMTPGUARD_A_TLS_OFFERED: u16: the highest version that the client speaks, 0x0304
 *	for TLS 1.3
 * @SMTPGUARD_A_TLS_VERSION: u16: the version that the server has chosen
 * @SMTPGUARD_A_TLS_CIPHER: u16: the cipher suite that it has chosen
 * @SMTPGUARD_A_TLS_SNI: octets of the name of the server that the client wants; not
 *	printable by nature; at most 255
 * @SMTPGUARD_A_TLS_ALPN_OFFERED: octets of the name of a protocol that the client
 *	offers, likewise; there are several of these, of 64 octets in all
 * @SMTPGUARD_A_TLS_ALPN: octets of the name of the one that the server has chosen;
 *	below TLS 1.3
 * @SMTPGUARD_A_TLS_RETRY: flag: the server has asked for another hello first
 * @SMTPGUARD_A_TLS_ALERT: u16: the last alert that the server has sent in clear
 * @SMTPGUARD_A_CAPABILITY: string: "STARTTLS" or "CHUNKING"
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
	SMTPGUARD_A_PARAMETER,
	SMTPGUARD_A_SETTING,
	SMTPGUARD_A_PROFILE,
	SMTPGUARD_A_SIDE,
	SMTPGUARD_A_OFFSET,
	SMTPGUARD_A_PHASE,
	SMTPGUARD_A_GROUP,
	SMTPGUARD_A_RESULT,
	SMTPGUARD_A_INDEX,
	SMTPGUARD_A_HELO,
	SMTPGUARD_A_SENDER,
	SMTPGUARD_A_RECIPIENT,
	SMTPGUARD_A_HASHED,
	SMTPGUARD_A_RECIPIENTS,
	SMTPGUARD_A_ACCEPTED,
	SMTPGUARD_A_REJECTED,
	SMTPGUARD_A_MASKED,
	SMTPGUARD_A_REPLY,
	SMTPGUARD_A_MICROSECONDS,
	SMTPGUARD_A_TLS,
	SMTPGUARD_A_NAT_CLIENT_ADDRESS,
	SMTPGUARD_A_NAT_CLIENT_PORT,
	SMTPGUARD_A_NAT_SERVER_ADDRESS,
	SMTPGUARD_A_NAT_SERVER_PORT,
	SMTPGUARD_A_ZONE,
	SMTPGUARD_A_MARK,
	SMTPGUARD_A_FORMER,
	SMTPGUARD_A_UID,
	SMTPGUARD_A_SILENCE,
	SMTPGUARD_A_MEMORY,
	SMTPGUARD_A_TLS_OFFERED,
	SMTPGUARD_A_TLS_VERSION,
	SMTPGUARD_A_TLS_CIPHER,
	SMTPGUARD_A_TLS_SNI,
	SMTPGUARD_A_TLS_ALPN_OFFERED,
	SMTPGUARD_A_TLS_ALPN,
	SMTPGUARD_A_TLS_RETRY,
	SMTPGUARD_A_TLS_ALERT,
	SMTPGUARD_A_CAPABILITY,

	__SMTPGUARD_A_MAX
};

#define SMTPGUARD_A_MAX (__SMTPGUARD_A_MAX - 1)

#endif /* _UAPI_SMTPGUARD_H */
