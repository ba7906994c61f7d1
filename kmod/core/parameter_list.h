/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of parameters: id, name, member of struct settings, part,
 * default, what it takes, and help.  The enum, the table, the parameters of the
 * module, the tool's help, the manual page and the check of what is written
 * about them are made of it.
 *
 * The part is BOX where no profile sets it, CHOICE where it also says which
 * connections are guarded, POLICY where a profile sets it: to the default, but
 * for what the profile's row in settings.c says.  Words of which one is
 * taken stand in the order of the parameter's enum.
 *
 * To add a parameter, add its row here, its member to struct policy or struct
 * settings, and what reads it; then tell of it in Documentation/parameters.rst,
 * where selftests/lint looks for it.
 *
 * Who includes this defines PARAMETER, and the kinds if it needs them.  There
 * is no guard: each include is another use.
 */
PARAMETER(PROFILE, profile, profile, BOX, "esmtp",
	  PROFILES("esmtp", "mailguard", "monitor"),
	  "sets all that it governs")
PARAMETER(ENABLED, enabled, policy.enabled, CHOICE, "Y",
	  OTHER(enabled_set, enabled_show, "Y or N"),
	  "N passes everything")
PARAMETER(NAMESPACES, namespaces, namespaces, CHOICE, "init",
	  ONE_OF_2("init", "all"),
	  "network namespaces where ports are guarded")
PARAMETER(PORTS, ports, ports, CHOICE, "25",
	  OTHER(ports_set, list_show, "up to 16 ports from 1 to 65535"),
	  "TCP destination ports whose new connections are guarded")
PARAMETER(MARK, mark, mark, CHOICE, "0",
	  OTHER(mark_set, mark_show,
		"a value within its mask, as 0x10/0xf0 or 16, or 0 for none"),
	  "conntrack mark of connections that are guarded, too")
PARAMETER(TLS_PORTS, tls_ports, tls_ports, BOX, "465",
	  OTHER(ports_set, list_show, "up to 16 ports from 1 to 65535"),
	  "those of the ports where a session begins with TLS")
PARAMETER(PROXY_PROTOCOL, proxy_protocol, policy.proxy_protocol, BOX, "refuse",
	  ONE_OF_2("accept", "refuse"),
	  "what a header of the PROXY protocol gets")
PARAMETER(MAX_MEMORY, max_memory, max_memory, BOX, "256",
	  NUMBER(1, 65535),
	  "MiB that all sessions may take; where it is not set, no more than a sixteenth of RAM")
PARAMETER(FULL, full, full, BOX, "defer",
	  ONE_OF_2("defer", "pass"),
	  "what a new session gets that there is no memory for")
PARAMETER(MAX_UNACKNOWLEDGED, max_unacknowledged, max_unacknowledged, BOX, "32768",
	  NUMBER(2048, 65535),
	  "octets of commands or lines of a message under way in a session")
PARAMETER(LOG_ENVELOPE, log_envelope, log_envelope, BOX, "plain",
	  ONE_OF_3("plain", "hash", "off"),
	  "how the log tells senders and recipients")
PARAMETER(VERBS, verbs, verbs, POLICY,
	  "HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS,ETRN,"
	  "X-ANONYMOUSTLS,X-EXPS",
	  WORDS(verbs_set, verb_table,
		"a list of verbs, or changes to it as +VRFY -ETRN +XWORD"),
	  "verbs that may pass")
PARAMETER(CAPABILITIES, capabilities, capabilities, POLICY,
	  "SIZE,8BITMIME,PIPELINING,ENHANCEDSTATUSCODES,DSN,SMTPUTF8,"
	  "STARTTLS,AUTH,CHUNKING,BINARYMIME,HELP,ETRN,REQUIRETLS,LIMITS,"
	  "DELIVERBY,MT-PRIORITY,FUTURERELEASE,NO-SOLICITING,PRDR,"
	  "X-ANONYMOUSTLS,X-EXPS",
	  WORDS(capabilities_set, capability_table,
		"a list of EHLO keywords, or changes to it as +VRFY -ETRN +XWORD"),
	  "EHLO keywords that clients may see")
PARAMETER(GREETING, greeting, policy.greeting, POLICY, "keep",
	  ONE_OF_2("keep", "mask"),
	  "what becomes of the greeting's text")
PARAMETER(REFUSE, refuse, policy.refuse, POLICY, "mask",
	  ONE_OF_2("mask", "reset"),
	  "what a refused command gets")
PARAMETER(STARTTLS, starttls, policy.starttls, POLICY, "allow",
	  ONE_OF_3("allow", "deny", "require"),
	  "how TLS is treated; deny refuses it, require refuses MAIL and AUTH in clear")
PARAMETER(AUTH, auth, policy.auth, POLICY, "allow",
	  ONE_OF_3("allow", "tls-only", "deny"),
	  "how AUTH is treated; tls-only and deny refuse it in clear")
PARAMETER(AUTH_MECHANISMS, auth_mechanisms, mechanisms, POLICY, "all",
	  WORDS(mechanisms_set, mechanism_table, "all, or a list of AUTH mechanisms"),
	  "AUTH mechanisms that may be offered and used in clear")
PARAMETER(SECURITY_LAYERS, security_layers, policy.security_layers, POLICY,
	  "refuse",
	  ONE_OF_2("accept", "refuse"),
	  "what a session gets whose ends agreed on a security layer by AUTH")
PARAMETER(PIPELINING, pipelining, policy.pipelining, POLICY, "accept",
	  ONE_OF_2("accept", "reset"),
	  "what octets behind a sync point get")
PARAMETER(COMMAND_ORDER, command_order, policy.command_order, POLICY, "accept",
	  ONE_OF_2("accept", "refuse"),
	  "what commands out of order get")
PARAMETER(SPECIAL_CHARACTERS, special_characters, policy.special_characters,
	  POLICY, "accept",
	  ONE_OF_2("accept", "refuse"),
	  "what a path gets with characters that no atom has and shells do")
PARAMETER(SOURCE_ROUTES, source_routes, policy.source_routes, POLICY, "accept",
	  ONE_OF_2("accept", "refuse"),
	  "what a path gets that begins with a route")
PARAMETER(PERCENT_HACK, percent_hack, policy.percent_hack, POLICY, "accept",
	  ONE_OF_2("accept", "refuse"),
	  "what a path gets with a route in its local part")
PARAMETER(RELAY_DOMAINS, relay_domains, relay_domains, POLICY, "",
	  OTHER(domains_set, list_show, "up to 63 domains, or nothing for any"),
	  "domains that recipients may be in")
PARAMETER(END_OF_DATA, end_of_data, policy.end_of_data, POLICY, "defang",
	  ONE_OF_3("defang", "reset", "accept"),
	  "what an ambiguous end of data gets")
PARAMETER(BARE_NEWLINE, bare_newline, policy.bare_newline, POLICY, "accept",
	  ONE_OF_3("accept", "defang", "reset"),
	  "what a CR or LF gets that stands alone")
PARAMETER(DESYNC, desync, policy.desync, POLICY, "reset",
	  ONE_OF_2("log", "reset"),
	  "what a session gets whose server ends a message elsewhere")
PARAMETER(MIDSTREAM, midstream, policy.midstream, POLICY, "resync",
	  ONE_OF_3("resync", "accept", "reset"),
	  "what a session gets that is first seen after its start")
PARAMETER(MAX_COMMAND_LINE, max_command_line, policy.max_command_line, POLICY, "2048",
	  NUMBER(512, 16000),
	  "octets of a command line with its CRLF")
PARAMETER(MAX_REPLY_LINE, max_reply_line, policy.max_reply_line, POLICY, "2048",
	  NUMBER(512, 4000),
	  "octets of a reply line with its CRLF, more is counted")
PARAMETER(MAX_TEXT_LINE, max_text_line, policy.max_text_line, POLICY, "1000",
	  NUMBER(1000, 65535),
	  "octets of a message line with its CRLF, more is counted")
PARAMETER(MAX_HEADER, max_header, policy.max_header, POLICY, "512",
	  LIMIT(65535),
	  "KiB of a message's header, behind which dots at line ends are overwritten")
PARAMETER(MAX_WHOLE_LINE, max_whole_line, policy.max_whole_line, POLICY, "90",
	  LIMIT(65535),
	  "KiB of a message line, behind which a dot at its end is overwritten")
PARAMETER(MAX_PATH, max_path, policy.max_path, POLICY, "1024",
	  NUMBER(256, 2000),
	  "octets of a path with its brackets")
PARAMETER(MAX_RECIPIENTS, max_recipients, policy.max_recipients, POLICY, "0",
	  LIMIT_FROM(100, 65535),
	  "RCPT commands for one message, more are put off")
PARAMETER(MAX_REFUSED, max_refused, policy.max_refused, POLICY, "0",
	  LIMIT(65535),
	  "refused commands in a session before it is reset")
PARAMETER(MAX_ERRORS, max_errors, policy.max_errors, POLICY, "0",
	  LIMIT(65535),
	  "replies 5yz in a session before it is reset")
PARAMETER(MAX_MESSAGES, max_messages, policy.max_messages, POLICY, "0",
	  LIMIT(65535),
	  "messages in a session before it is reset")

#undef PARAMETER
