/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of reasons: id, slug, what it says to people, and the parameter
 * that decides; empty where none does, or not always the same.  The slug goes
 * over generic netlink; the tool knows the rest.  To add a reason, add its row
 * here.  A slug is never given another meaning.
 *
 * Who includes this defines REASON.  There is no guard: each include is another
 * use.
 */
REASON(NONE, "none", "not refused", "")
REASON(VERB, "verb", "verb not allowed", "verbs")
REASON(COMMAND_LINE, "command_line", "command line too long", "max_command_line")
REASON(RECIPIENTS, "recipients", "too many recipients", "max_recipients")
/* some servers end the line there */
REASON(BARE_CR, "bare_cr", "CR inside a command line", "")
/* BDAT or XEXCH50 */
REASON(UNMASKABLE, "unmaskable", "verb not allowed and cannot be masked", "verbs")
REASON(REFUSED, "refused", "too many refused commands", "max_refused")
/* more than any client sends */
REASON(PIPELINE, "pipeline", "too many commands under way", "")
/*
 * octets after DATA, AUTH or STARTTLS that the server then took for message,
 * response or handshake (RFC 2920 section 3.1)
 */
REASON(SYNC, "sync", "client did not wait for the reply", "")
REASON(REPLY, "reply", "354 that answers no DATA", "")
/* RFC 3207 */
REASON(NOT_TLS, "not_tls", "no TLS handshake after STARTTLS", "")
REASON(END_OF_DATA, "end_of_data", "ambiguous end of data", "end_of_data")
REASON(CAPABILITY, "capability", "capability hidden", "capabilities")
REASON(MIDSTREAM, "midstream", "first seen after its start", "midstream")
REASON(UNVERIFIABLE, "unverifiable", "repeat of octets no longer known", "")
REASON(FOREIGN, "foreign", "not SMTP", "")
REASON(BARE_LF, "bare_lf", "LF without a CR before it", "bare_newline")
/* 8 bits without SMTPUTF8 */
REASON(OCTET, "octet", "NUL or 8-bit octet in a command", "")
REASON(PATH, "path", "path too long", "max_path")
REASON(SPECIAL_CHARACTER, "special_character", "special character in a path", "special_characters")
REASON(SOURCE_ROUTE, "source_route", "source route", "source_routes")
REASON(PERCENT_HACK, "percent_hack", "route in a local part", "percent_hack")
REASON(RELAY, "relay", "domain not among relay_domains", "relay_domains")
REASON(ORDER, "order", "command out of order", "command_order")
REASON(MECHANISM, "mechanism", "AUTH mechanism not allowed", "auth_mechanisms")
REASON(PROXY, "proxy", "PROXY header, see proxy_protocol", "proxy_protocol")
/* 3yz: octets that are no command are to follow */
REASON(EXTRA, "extra", "verb added to verbs asks for more", "verbs")
/* RFC 3030 */
REASON(CHUNK, "chunk", "BDAT whose size cannot be told", "")
REASON(CHUNKING, "chunking", "BDAT to a server that offers no CHUNKING", "")
REASON(NO_RECIPIENT, "no_recipient", "BDAT without a recipient", "")
REASON(CHUNK_REFUSED, "chunk_refused", "chunk refused by the server while it came", "")
REASON(BROKEN_OFF, "broken_off", "command in a message that the server broke off", "")
REASON(DESYNC, "desync", "server ended the message elsewhere", "desync")
REASON(ERRORS, "errors", "too many errors", "max_errors")
REASON(MESSAGES, "messages", "too many messages", "max_messages")
/* octets after its end had passed as part of it */
REASON(AHEAD, "ahead", "message ended in a hole", "")
REASON(ACKNOWLEDGMENT, "acknowledgment", "acknowledges what was not said here", "")
/* where only the other side is */
/* some servers run its rest */
REASON(RESPONSE, "response", "AUTH response that is not base64, or too long", "")
/* RFC 4422 section 3.7 */
REASON(LAYER, "layer", "security layer of AUTH, see security_layers", "security_layers")
REASON(ORIGIN, "origin", "comes from where its side is not", "")

#undef REASON
