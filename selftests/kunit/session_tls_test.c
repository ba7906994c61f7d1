// SPDX-License-Identifier: GPL-2.0
/*
 * STARTTLS (RFC 3207), sessions that are TLS from their first octet on (RFC
 * 8314 section 3.3), and what tries to pass for TLS (RFC 8446 section 5.1).
 */
#include "core/verb.h"
#include "dialogue.h"
#include "policies.h"

/* The least that is a ClientHello, and what shows a ServerHello. */
#define HELLO				"\x16\x03\x01\0\x04\001abc"
#define ANSWER				"\x16\x03\x03\x02\0\002"

static void deny_starttls(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_STARTTLS));
}

static void require_starttls(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_AUTH) | VERB_OPENS_MAIL);
}

static const struct dialogue starttls_table[] = {
	{ "STARTTLS ends the inspection",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("220 go\r\n"),
		CLIENT(HELLO),
		SERVER(ANSWER "\n250-\n250 VRFY\n"),
		CLIENT("\r\nVRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "STARTTLS,220,tls" },
	{ "a 220 of several lines opens TLS at its last",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("220-go\r\n220 on\r\n"),
		CLIENT(HELLO), SERVER(ANSWER), CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "STARTTLS,220-,220,tls" },
	{ "nothing in TLS ends TLS",
	  .opening = in_tls,
	  .turns = {
		CLIENT(HELLO),
		SERVER(ANSWER "\n354 go\r\n220 mx\r\n250-mx\r\n250 VRFY\r\n"),
		CLIENT("\r\n.\r\nVRFY\r\nBDAT 5\r\nGET /\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "tls" },
	{ "STARTTLS that is put off does not",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("454 later\r\n"),
		CLIENT_AS("VRFY a\r\n", "XXXXXX\r\n"),
		SERVER("500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "STARTTLS,454,!VRFY,500" },
	{ "a command behind one that is put off is a command",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\nNOOP\r\n"),
		SERVER("454 later\r\n250 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "STARTTLS,NOOP,454,250,!VRFY" },
	{ "250 to STARTTLS opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "STARTTLS,250,!VRFY" },
	{ "220 that answers no STARTTLS opens nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "220 to the command before does not either",
	  .opening = greeted,
	  .turns = {
		CLIENT("RSET\r\nSTARTTLS\r\n"),
		SERVER("220 a\r\n220 go\r\n"),
		CLIENT(HELLO), SERVER(ANSWER), CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "RSET,STARTTLS,220,220,tls" },
	{ "an alert before its answer does not end it",
	  .opening = in_tls,
	  .turns = {
		CLIENT(HELLO),
		SERVER("\x15\x03\x03\0\x02\001p" ANSWER),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "tls" },
	{ "a hello in the frame of SSL 2 is one",
	  .opening = in_tls,
	  .turns = {
		CLIENT("\x80\x09\001\x03\001abcdef"), SERVER(ANSWER),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "tls" },
	{ "a hello that is answered in clear opens nothing",
	  .opening = in_tls,
	  .turns = {
		CLIENT("\x16\x03\x01\x02\0\001"),
		SERVER("550 Handshake error\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("STARTTLS\r\n"), SERVER("220 go\r\n"),
		CLIENT(HELLO), SERVER(ANSWER),
	  },
	  .phase = PHASE_OPAQUE, .reason = REASON_VERB,
	  .trace = "550,!VRFY,500,STARTTLS,220,tls" },
	{ "nor does one that fails in an alert",
	  .opening = in_tls,
	  .turns = {
		CLIENT(HELLO),
		SERVER("\x15\x03\x03\0\x02\002(550 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "550,!VRFY" },
};

static const struct dialogue injection_table[] = {
	{ "CVE-2011-0411: a command behind STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\nRSET\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_RESET("\x16\x03\x01", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "STARTTLS,RSET,sync,220,reset" },
	{ "CVE-2011-0411: half a command behind STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\nR"),
		SERVER("220 go\r\n"),
		SERVER_RESET("\x16", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "STARTTLS,sync,220,reset" },
	{ "CVE-2011-0411: an empty line behind STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_RESET(HELLO, ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "STARTTLS,unknown,sync,220,reset" },
	{ "a handshake that does not wait is another protocol",
	  .opening = greeted,
	  .turns = { CLIENT_RESET("STARTTLS\r\n" HELLO, "STARTTLS\r\n") },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "STARTTLS,reset" },
	{ "a reply behind the one to STARTTLS resets",
	  .opening = greeted,
	  .turns = {
		CLIENT("STARTTLS\r\n"),
		SERVER_RESET("220 go\r\n250 a\r\n", "220 go\r\n"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "STARTTLS,220,reset" },
	{ "a reply to a ClientHello with a line in it resets",
	  .opening = in_tls,
	  .turns = {
		CLIENT("\x16\x03\x01\x02\0\001\nVRFY\n"),
		SERVER_RESET("250 ok\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "a command where the handshake should be resets",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET("EHLO c\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "so does a handshake of another version",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET("\x16\x02\r\n", "\x16") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "so does a record that is no ClientHello",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET("\x16\x03\x01\x02\x00\x02",
				  "\x16\x03\x01\x02\x00") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "so do octets behind its records",
	  .opening = in_tls,
	  .turns = { CLIENT_RESET(HELLO "VRFY\r\n", HELLO) },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "so does a server's hello before the client's is whole",
	  .opening = in_tls,
	  .turns = {
		CLIENT("\x16\x03\x01\0\x04\001ab"),
		SERVER_RESET(ANSWER, "\x16\x03\x03\x02\0"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "a server that speaks first resets",
	  .opening = in_tls,
	  .turns = { SERVER_RESET("\x16\x03", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
};

static const struct dialogue policy_table[] = {
	{ "starttls=deny hides and refuses it",
	  .change = deny_starttls,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250 STARTTLS\r\n",
			  "250-mx\r\n250 SXXXXXXX\r\n"),
		CLIENT_AS("STARTTLS\r\n", "XXXXXXXX\r\n"),
		SERVER("500 what\r\n"),
		CLIENT("MAIL\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "starttls=deny, and a 220 all the same",
	  .change = deny_starttls, .opening = greeted,
	  .turns = {
		CLIENT_AS("STARTTLS\r\n", "XXXXXXXX\r\n"),
		SERVER("220 go\r\n"),
		CLIENT_RESET(HELLO, ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_FOREIGN,
	  .trace = "!STARTTLS,220,reset" },
	{ "starttls=require has no MAIL and no AUTH in clear",
	  .change = require_starttls, .opening = greeted,
	  .turns = {
		CLIENT_AS("MAIL FROM:<a>\r\nAUTH PLAIN AA==\r\n",
			  "XXXXXXXXXXXXX\r\nXXXXXXXXXXXXXXX\r\n"),
		SERVER("500 what\r\n500 what\r\n"),
		CLIENT("STARTTLS\r\n"),
		SERVER("220 go\r\n"),
		CLIENT(HELLO), SERVER(ANSWER), CLIENT("MAIL\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .reason = REASON_VERB },
	{ "nor any kin of MAIL",
	  .change = require_starttls, .opening = greeted,
	  .turns = { CLIENT_AS("SEND a\r\nSOML a\r\nSAML a\r\n",
			       "SXXXXX\r\nSXXXXX\r\nSXXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!SEND,!SOML,!SAML" },
	{ "starttls=require shows STARTTLS and hides AUTH",
	  .change = require_starttls, .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
			  "250-mx\r\n250-XXXXXXXXXX\r\n250 STARTTLS\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,250-,hidden,250-,250" },
};

static const struct dialogue tls_port_table[] = {
	{ "TLS from the first octet on",
	  .start = START_TLS,
	  .turns = {
		CLIENT(HELLO),
		SERVER(ANSWER "\n354 go\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "tls" },
	{ "a greeting there resets",
	  .start = START_TLS,
	  .turns = { SERVER_RESET("220 mx\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "a reply there resets",
	  .start = START_TLS,
	  .turns = { CLIENT(HELLO), SERVER_RESET("220 mx\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
	{ "a command there resets",
	  .start = START_TLS,
	  .turns = { CLIENT_RESET("EHLO c\r\n", "") },
	  .phase = PHASE_CLOSED, .reason = REASON_NOT_TLS,
	  .trace = "reset" },
};

KUNIT_ARRAY_PARAM(starttls, starttls_table, dialogue_name);
KUNIT_ARRAY_PARAM(injection, injection_table, dialogue_name);
KUNIT_ARRAY_PARAM(policy, policy_table, dialogue_name);
KUNIT_ARRAY_PARAM(tls_port, tls_port_table, dialogue_name);

static struct kunit_case session_tls_cases[] = {
	DIALOGUES(starttls, starttls_starts_tls_or_nothing),
	DIALOGUES(injection, nothing_gets_in_before_or_behind_the_handshake),
	DIALOGUES(policy, starttls_is_allowed_denied_or_required),
	DIALOGUES(tls_port, a_port_of_tls_has_tls_alone),
	{}
};

static struct kunit_suite session_tls_suite = {
	.name = "smtpguard_session_tls",
	.test_cases = session_tls_cases,
};

kunit_test_suite(session_tls_suite);
