/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of reasons: id, slug, and what it says to people.  The slug goes
 * over generic netlink; the tool knows the sentences.  To add a reason, add its
 * row here.  A slug is never given another meaning.
 *
 * Who includes this defines REASON.  There is no guard: each include is another
 * use.
 */
REASON(NONE, "none", "not refused")
REASON(VERB, "verb", "verb not allowed")
/* max_command_line */
REASON(COMMAND_LINE, "command_line", "command line too long")
/* max_recipients */
REASON(RECIPIENTS, "recipients", "too many recipients")
/* some servers end the line there */
REASON(BARE_CR, "bare_cr", "CR inside a command line")
/* BDAT or XEXCH50 */
REASON(UNMASKABLE, "unmaskable", "verb not allowed and cannot be masked")
/* max_refused */
REASON(REFUSED, "refused", "too many refused commands")
/* more than any client sends */
REASON(PIPELINE, "pipeline", "too many commands under way")
/*
 * octets after DATA, AUTH or STARTTLS that the server then took for message,
 * response or handshake (RFC 2920 section 3.1)
 */
REASON(SYNC, "sync", "client did not wait for the reply")
REASON(REPLY, "reply", "354 that answers no DATA")
/* RFC 3207 */
REASON(NOT_TLS, "not_tls", "no TLS handshake after STARTTLS")
REASON(END_OF_DATA, "end_of_data", "ambiguous end of data")
REASON(CAPABILITY, "capability", "capability hidden")
REASON(MIDSTREAM, "midstream", "first seen after its start")
REASON(UNVERIFIABLE, "unverifiable", "repeat of octets no longer known")
REASON(FOREIGN, "foreign", "not SMTP")
REASON(BARE_LF, "bare_lf", "LF without a CR before it")
/* 8 bits without SMTPUTF8 */
REASON(OCTET, "octet", "NUL or 8-bit octet in a command")
/* max_path */
REASON(PATH, "path", "path too long")
REASON(SPECIAL_CHARACTER, "special_character", "special character in a path")
REASON(SOURCE_ROUTE, "source_route", "source route")
REASON(PERCENT_HACK, "percent_hack", "route in a local part")
REASON(RELAY, "relay", "domain not among relay_domains")
/* command_order */
REASON(ORDER, "order", "command out of order")
/* auth_mechanisms */
REASON(MECHANISM, "mechanism", "AUTH mechanism not allowed")
/* proxy_protocol */
REASON(PROXY, "proxy", "PROXY header, see proxy_protocol")
/* 3yz: octets that are no command are to follow */
REASON(EXTRA, "extra", "verb added to verbs asks for more")
/* RFC 3030 */
REASON(CHUNK, "chunk", "BDAT whose size cannot be told")
REASON(CHUNKING, "chunking", "BDAT to a server that offers no CHUNKING")
REASON(NO_RECIPIENT, "no_recipient", "BDAT without a recipient")
REASON(CHUNK_REFUSED, "chunk_refused", "chunk refused by the server while it came")
REASON(BROKEN_OFF, "broken_off", "command in a message that the server broke off")
REASON(DESYNC, "desync", "server ended the message elsewhere")
/* max_errors */
REASON(ERRORS, "errors", "too many errors")
/* max_messages */
REASON(MESSAGES, "messages", "too many messages")
/* octets after its end had passed as part of it */
REASON(AHEAD, "ahead", "message ended in a hole")
REASON(ACKNOWLEDGMENT, "acknowledgment", "acknowledges what was not said here")
/* where only the other side is */
/* some servers run its rest */
REASON(RESPONSE, "response", "AUTH response that is not base64, or too long")
/* RFC 4422 section 3.7 */
REASON(LAYER, "layer", "security layer of AUTH, which security_layers=accept lets pass unread")
REASON(ORIGIN, "origin", "comes from where its side is not")

#undef REASON
