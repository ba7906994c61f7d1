/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of the router asked for.  The core only reads it; whoever
 * calls the core sees to it that it does not change during the call.
 */
#ifndef SMTPGUARD_CORE_POLICY_H
#define SMTPGUARD_CORE_POLICY_H

#include "types.h"

/**
 * enum greeting - what becomes of the greeting's text
 * @GREETING_KEEP: it passes
 * @GREETING_MASK: it is overwritten
 */
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
 * enum end_of_data - what an ambiguous end of data gets
 * @END_OF_DATA_DEFANG: the octet that would complete it becomes a blank
 * @END_OF_DATA_RESET: the session is reset
 * @END_OF_DATA_ACCEPT: it passes
 */
enum end_of_data { END_OF_DATA_DEFANG, END_OF_DATA_RESET, END_OF_DATA_ACCEPT };

/**
 * enum midstream - what a flow gets that is first seen after its start
 * @MIDSTREAM_RESYNC: it passes until the server's replies tell the phase
 * @MIDSTREAM_ACCEPT: it passes
 * @MIDSTREAM_RESET: it is reset
 */
enum midstream { MIDSTREAM_RESYNC, MIDSTREAM_ACCEPT, MIDSTREAM_RESET };

/**
 * struct policy - decisions that the core reads
 * @verbs: allowed verbs, bits are rows of verb_table
 * @capabilities: capabilities the client may see, bits are rows of
 *	capability_table
 * @greeting: enum greeting
 * @refuse: enum refuse
 * @starttls: enum starttls; already worked into @verbs and @capabilities
 * @end_of_data: enum end_of_data
 * @midstream: enum midstream
 * @enabled: false: everything passes
 * @monitor: decide, but change nothing
 * @max_command_line: octets of a command line with its CRLF
 * @max_reply_line: octets of a reply line with its CRLF; beyond is counted
 * @max_text_line: octets of a message line with its CRLF; beyond is counted
 * @max_recipients: RCPT commands for one message
 * @max_refused: refused commands in one session; 0: no limit
 */
struct policy {
	u64 verbs;
	u64 capabilities;
	u8 greeting;
	u8 refuse;
	u8 starttls;
	u8 end_of_data;
	u8 midstream;
	bool enabled;
	bool monitor;
	u16 max_command_line;
	u16 max_reply_line;
	u16 max_text_line;
	u16 max_recipients;
	u16 max_refused;
};

#endif /* SMTPGUARD_CORE_POLICY_H */
