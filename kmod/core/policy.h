/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of the router asked for.  The core only reads it; whoever
 * calls the core sees to it that it does not change during the call.
 * Documentation/parameters.rst says what each is for.
 */
#ifndef SMTPGUARD_CORE_POLICY_H
#define SMTPGUARD_CORE_POLICY_H

#include "types.h"

struct word_table;

/** enum greeting - does the greeting's text pass, or is it overwritten */
enum greeting { GREETING_KEEP, GREETING_MASK };

/**
 * enum refuse - what a refused command gets
 * @REFUSE_MASK: it is overwritten in place, the server answers 5xx
 * @REFUSE_RESET: the session is reset
 */
enum refuse { REFUSE_MASK, REFUSE_RESET };

/**
 * enum starttls - how TLS is treated (RFC 3207)
 * @STARTTLS_ALLOW: a session may go into TLS
 * @STARTTLS_DENY: it may not
 * @STARTTLS_REQUIRE: it must before MAIL or AUTH
 */
enum starttls { STARTTLS_ALLOW, STARTTLS_DENY, STARTTLS_REQUIRE };

/**
 * enum auth - how AUTH is treated (RFC 4954)
 * @AUTH_ALLOW: it passes
 * @AUTH_TLS_ONLY: not in clear
 * @AUTH_DENY: not at all, as far as it can be seen
 */
enum auth { AUTH_ALLOW, AUTH_TLS_ONLY, AUTH_DENY };

/** enum check - is what a parameter is about let through, or refused */
enum check { CHECK_ACCEPT, CHECK_REFUSE };

/** enum pipelining - octets behind a sync point (RFC 2920 section 3.1) */
enum pipelining { PIPELINING_ACCEPT, PIPELINING_RESET };

/** enum desync - the server has another view of where a message ends */
enum desync { DESYNC_LOG, DESYNC_RESET };

/**
 * enum end_of_data - what an ambiguous end of data gets
 * @END_OF_DATA_DEFANG: the octet that would complete it becomes a blank
 * @END_OF_DATA_RESET: the session is reset
 * @END_OF_DATA_ACCEPT: it passes
 */
enum end_of_data { END_OF_DATA_DEFANG, END_OF_DATA_RESET, END_OF_DATA_ACCEPT };

/**
 * enum bare_newline - what a CR or LF gets that stands alone
 * @BARE_NEWLINE_ACCEPT: it passes
 * @BARE_NEWLINE_DEFANG: an LF becomes a blank
 * @BARE_NEWLINE_RESET: the session is reset
 */
enum bare_newline {
	BARE_NEWLINE_ACCEPT,
	BARE_NEWLINE_DEFANG,
	BARE_NEWLINE_RESET,
};

/**
 * enum midstream - what a flow gets that is first seen after its start
 * @MIDSTREAM_RESYNC: it passes until the server's replies have told the phase
 * @MIDSTREAM_ACCEPT: it passes
 * @MIDSTREAM_RESET: it is reset
 */
enum midstream { MIDSTREAM_RESYNC, MIDSTREAM_ACCEPT, MIDSTREAM_RESET };

/**
 * struct policy - decisions that the core reads
 * @verbs: allowed verbs, bits are rows of verb_table
 * @capabilities: capabilities the client may see, bits are rows of
 *	capability_table
 * @extra_verbs: allowed verbs that are in no row of it; NULL: none
 * @extra_capabilities: likewise, capabilities
 * @mechanisms: AUTH mechanisms, bits are rows of mechanism_table; all ones
 *	allow those that are in no row, too
 * @relay_domains: domains that a RCPT may name; NULL: any
 * @greeting: enum greeting
 * @refuse: enum refuse
 * @starttls: enum starttls; already worked into @verbs and @capabilities
 * @auth: enum auth; likewise
 * @pipelining: enum pipelining
 * @security_layers: enum check
 * @command_order: enum check
 * @special_characters: enum check
 * @source_routes: enum check
 * @percent_hack: enum check
 * @proxy_protocol: enum check
 * @end_of_data: enum end_of_data
 * @bare_newline: enum bare_newline
 * @desync: enum desync
 * @midstream: enum midstream
 * @enabled: false: everything passes
 * @monitor: decide, but change nothing
 * @max_command_line: octets of a command line with its CRLF
 * @max_reply_line: octets of a reply line with its CRLF; beyond is counted
 * @max_text_line: octets of a message line with its CRLF; beyond is counted
 * @max_path: octets of a path with its brackets
 * @max_whole_line: KiB of a line of a message; beyond, dots that end it are
 *	overwritten
 * @max_header: KiB of a message's header; beyond, dots that end lines are
 *	overwritten behind; 0: no limit
 * @max_recipients: RCPT commands for one message; 0: no limit
 * @max_refused: refused commands in one session; 0: no limit
 * @max_errors: 5yz replies in one session; 0: no limit
 * @max_messages: messages in one session; 0: no limit
 */
struct policy {
	u64 verbs;
	u64 capabilities;
	u64 mechanisms;
	const struct word_table *extra_verbs;
	const struct word_table *extra_capabilities;
	const struct word_table *relay_domains;
	u8 greeting;
	u8 refuse;
	u8 starttls;
	u8 auth;
	u8 pipelining;
	u8 security_layers;
	u8 command_order;
	u8 special_characters;
	u8 source_routes;
	u8 percent_hack;
	u8 proxy_protocol;
	u8 end_of_data;
	u8 bare_newline;
	u8 desync;
	u8 midstream;
	bool enabled;
	bool monitor;
	u16 max_command_line;
	u16 max_reply_line;
	u16 max_text_line;
	u16 max_path;
	u16 max_header;
	u16 max_whole_line;
	u16 max_recipients;
	u16 max_refused;
	u16 max_errors;
	u16 max_messages;
};

/* Nothing on the wire may change, whatever goes wrong. */
static inline bool policy_only_watches(const struct policy *policy)
{
	return !policy->enabled || policy->monitor;
}

#endif /* SMTPGUARD_CORE_POLICY_H */
