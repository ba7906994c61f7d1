// SPDX-License-Identifier: GPL-2.0
/*
 * AUTH (RFC 4954 section 4): an exchange of lines of base64, and what is left to
 * refuse.  Mechanisms are in mechanism_test.c, single lines in exchange_test.c.
 */
#include "core/capability.h"
#include "core/settings.h"
#include "core/verb.h"
#include "dialogue.h"
#include "policies.h"

static const struct dialogue auth_table[] = {
	{ "AUTH in several steps",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH LOGIN\r\n"),
		SERVER("334 VXNl\r\n"),
		CLIENT("dGVz\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT("c2Vj\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,334,secret,334,secret,235,!VRFY" },
	{ "AUTH in one step",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH PLAIN AGEAYg==\r\n"),
		SERVER("235 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,235,!VRFY" },
	{ "an initial response is one word of base64",
	  .opening = greeted,
	  .turns = {
		CLIENT_AS("AUTH PLAIN VRFY EXPN QUIT\r\n",
			  "AUTH PLAIN VRFY XXXXXXXXX\r\n"),
		SERVER("501 no\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RESPONSE,
	  .trace = "!AUTH,501" },
	{ "an empty initial response, and one step",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH EXTERNAL =\r\n"),
		SERVER("334 \r\n"),
		CLIENT("YQ==\r\n"),
		SERVER("235 ok\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "AUTH,334,secret,235" },
	{ "an empty line of the exchange",
	  .opening = in_auth,
	  .turns = {
		CLIENT("\r\n"),
		SERVER("334\r\n"),
		CLIENT("\n"),
		SERVER("535 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,334,secret,535,!VRFY" },
	{ "a 334 of several lines asks for one",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH X\r\n"),
		SERVER("334-a\r\n334 b\r\n"),
		CLIENT_AS("VRFY\r\nVRFY\r\n", "VRFY\r\nXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,334-,334,secret,!VRFY" },
	{ "* gives the exchange up",
	  .opening = in_auth,
	  .turns = {
		CLIENT("*\r\n"),
		SERVER("501 ok\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,501,!VRFY" },
	{ "a line of the exchange that looks like a verb passes",
	  .opening = in_auth,
	  .turns = {
		CLIENT("VRFY\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT_AS("BDAT 5\n", "BDAT**\n"),
		SERVER("501 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,334,secret,501,!VRFY" },
	{ "but no line with an argument",
	  .opening = in_auth,
	  .turns = {
		CLIENT_AS("VRFY root\r\n", "VRFY*****\r\n"),
		SERVER("501 no\r\n"),
		CLIENT("NOOP\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RESPONSE,
	  .trace = "secret,501,NOOP" },
	{ "nor what is behind a bare CR",
	  .opening = in_auth,
	  .turns = {
		CLIENT_AS("*\rVRFY\r\n", "*\r****\r\n"),
		SERVER("501 no\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_RESPONSE,
	  .trace = "secret,501" },
	{ "only one line of it does",
	  .opening = in_auth,
	  .turns = {
		CLIENT_AS("dGVz\r\nVRFY\r\n", "dGVz\r\nXXXX\r\n"),
		SERVER("535 no\r\n500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "secret,!VRFY,535,500" },
	{ "what is sent ahead of the next 334 resets",
	  .opening = in_auth,
	  .turns = {
		CLIENT("dGVz\r\nNOOP\r\n"),
		SERVER("334 UGFz\r\n"),
		CLIENT_RESET("c2Vj\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "secret,NOOP,sync,334,reset" },
	{ "so does what is sent ahead of the first",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH LOGIN\r\nd"),
		SERVER("334 VXNl\r\n"),
		CLIENT_RESET("GVz\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC,
	  .trace = "AUTH,sync,334,reset" },
	{ "354 in an exchange opens no message, and resets",
	  .opening = in_auth,
	  .turns = {
		CLIENT("dGVz\r\n"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "secret,354,reset" },
	{ "AUTH that is refused asks for nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH LOGIN\r\n"),
		SERVER("504 no\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
	{ "334 that answers no AUTH asks for nothing",
	  .opening = greeted,
	  .turns = {
		CLIENT("NOOP\r\n"),
		SERVER("334 VXNl\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB },
};

/* As auth=tls-only and auth=deny do: in clear they are the same. */
static void no_auth_in_clear(struct policy *policy)
{
	policy_refuse(policy, VERB_BIT(VERB_AUTH));
}

static void accept_layers(struct policy *policy)
{
	policy->security_layers = CHECK_ACCEPT;
}

static const struct dialogue layer_table[] = {
	{ "a security layer resets, and the reason names what lets it pass",
	  .opening = greeted,
	  .turns = {
		CLIENT("AUTH GSSAPI YQ==\r\n"), SERVER("235 ok\r\n"),
		CLIENT_RESET("\0\0\0\005abcde", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_LAYER,
	  .trace = "AUTH,235,reset" },
	{ "it passes unread where it may",
	  .change = accept_layers, .opening = greeted,
	  .turns = {
		CLIENT("AUTH DIGEST-MD5\r\n"), SERVER("334 x\r\n"),
		CLIENT("YQ==\r\n"), SERVER("235 ok\r\n"),
		CLIENT("\0\0\0\005VRFY\n"), SERVER("250-\r\n354 go\r\n"),
		CLIENT("VRFY\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "AUTH,334,secret,235" },
	{ "there is none behind a mechanism that has none",
	  .change = accept_layers, .opening = greeted,
	  .turns = {
		CLIENT("AUTH PLAIN YQ==\r\n"), SERVER("235 ok\r\n"),
		CLIENT_AS("\0\0\0\005abcde\r\n", "XXXXXXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,235,!unknown" },
	{ "nor where the client goes on with a line",
	  .change = accept_layers, .opening = greeted,
	  .turns = {
		CLIENT("AUTH GSSAPI YQ==\r\n"), SERVER("235 ok\r\n"),
		CLIENT("NOOP\r\n"),
		CLIENT_AS("\0\0\0\005abcde\r\n", "XXXXXXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "AUTH,235,NOOP,!unknown" },
};

static const struct dialogue refused_table[] = {
	{ "AUTH is hidden and refused in clear",
	  .change = no_auth_in_clear,
	  .turns = {
		SERVER("220 mx\r\n"),
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250-AUTH X\r\n250-AUTH=X\r\n250 SIZE\r\n",
			  "250-mx\r\n250-XXXXXX\r\n250-XXXXXX\r\n250 SIZE\r\n"),
		CLIENT_AS("AUTH PLAIN AA==\r\n", "XXXXXXXXXXXXXXX\r\n"),
		SERVER("500 what\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "greeting,220,EHLO,250-,hidden,250-,hidden,250-,250,!AUTH,500" },
	{ "a response to a 334 that comes all the same is a command",
	  .change = no_auth_in_clear, .opening = greeted,
	  .turns = {
		CLIENT_AS("AUTH X\r\n", "XXXXXX\r\n"),
		SERVER("334 a\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!AUTH,334,!VRFY" },
	{ "inside of TLS nothing is seen, AUTH neither",
	  .change = no_auth_in_clear, .opening = in_tls,
	  .turns = {
		CLIENT("\x16\x03\x01\0\x04\001abc"),
		SERVER("\x16\x03\x03\0\x04\002"),
		CLIENT("AUTH X\r\n"),
	  },
	  .phase = PHASE_OPAQUE, .trace = "tls" },
};

KUNIT_ARRAY_PARAM(auth, auth_table, dialogue_name);
KUNIT_ARRAY_PARAM(layer, layer_table, dialogue_name);
KUNIT_ARRAY_PARAM(refused, refused_table, dialogue_name);

/* @name=@value has AUTH and STARTTLS in clear, or has not. */
static void expect_auth_in_clear(struct kunit *test, const char *name,
				 const char *value, bool allowed,
				 bool tls_allowed)
{
	struct settings *settings = kunit_kzalloc(test, sizeof(*settings),
						  GFP_KERNEL);
	const char *wrong;
	u64 verbs;

	KUNIT_ASSERT_NOT_NULL(test, settings);
	KUNIT_ASSERT_EQ(test, settings_init(settings), 0);
	KUNIT_ASSERT_EQ(test, settings_set(settings, settings_find(name),
					   value, &wrong), 0);
	verbs = settings->policy.verbs;
	KUNIT_EXPECT_EQ(test, word_in_set(verbs, VERB_AUTH), allowed);
	KUNIT_EXPECT_EQ(test, word_in_set(verbs, VERB_STARTTLS), tls_allowed);
	KUNIT_EXPECT_EQ(test, capability_is_shown(&settings->policy, "AUTH"),
			allowed);
}

static void parameters_say_whether_auth_is_in_clear(struct kunit *test)
{
	expect_auth_in_clear(test, "auth", "allow", true, true);
	expect_auth_in_clear(test, "auth", "tls-only", false, true);
	expect_auth_in_clear(test, "auth", "deny", false, true);
	expect_auth_in_clear(test, "starttls", "require", false, true);
	expect_auth_in_clear(test, "starttls", "deny", true, false);
}

/* For the log, which must not tell what a client says then. */
static void secrets_are_expected_while_auth_is_under_way(struct kunit *test)
{
	static const struct {
		enum direction from;
		const char *line;
		bool in_auth;
	} lines[] = {
		{ FROM_CLIENT, "HELO\n", false },
		{ FROM_SERVER, "220 mx\n", false },
		{ FROM_SERVER, "250 mx\n", false },
		{ FROM_CLIENT, "AUTH\n", true },
		{ FROM_CLIENT, "c2VjcmV0\n", true },
		{ FROM_SERVER, "535 no\n", false },
		{ FROM_SERVER, "500 what\n", false },
	};
	struct session session = { };
	struct policy policy;
	struct step step;
	unsigned int i;

	policy_default(&policy);
	session_open(&session);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *line = lines[i].line;
		size_t length = strlen(line);
		size_t at;

		for (at = 0; at < length; at += step.length)
			session_feed(&session, &policy, lines[i].from,
				     line + at, length - at, &step);
		KUNIT_EXPECT_EQ_MSG(test, session_in_auth(&session),
				    lines[i].in_auth, "behind \"%s\"", line);
	}
}

static struct kunit_case session_auth_cases[] = {
	DIALOGUES(auth, auth_exchanges_are_base64),
	DIALOGUES(layer, security_layers_are_refused_or_not_read),
	DIALOGUES(refused, auth_is_refused_in_clear),
	KUNIT_CASE(parameters_say_whether_auth_is_in_clear),
	KUNIT_CASE(secrets_are_expected_while_auth_is_under_way),
	{}
};

static struct kunit_suite session_auth_suite = {
	.name = "smtpguard_session_auth",
	.test_cases = session_auth_cases,
};

kunit_test_suite(session_auth_suite);
