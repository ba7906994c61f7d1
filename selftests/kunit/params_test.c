// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, written and read as sysfs does.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "closed.h"
#include "core/capability.h"
#include "core/verb.h"
#include "params.h"

#define TEXT_MAX	1024
#define ESMTP_VERBS \
	"HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS,ETRN," \
	"X-ANONYMOUSTLS,X-EXPS"

#define WITHOUT_ETRN \
	"HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS," \
	"X-ANONYMOUSTLS,X-EXPS"
#define WITHOUT_HELP \
	"HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,AUTH,STARTTLS,ETRN," \
	"X-ANONYMOUSTLS,X-EXPS"

#ifdef MODULE
#define PREFIX	""
#define parameters_begin	(THIS_MODULE->kp)
#define parameters_end		(THIS_MODULE->kp + THIS_MODULE->num_kp)
#else
#define PREFIX	KBUILD_MODNAME "."
extern const struct kernel_param __start___param[], __stop___param[];
#define parameters_begin	__start___param
#define parameters_end		__stop___param
#endif

static const struct kernel_param *parameter_find(struct kunit *test,
						 const char *name)
{
	const struct kernel_param *kp;
	char whole[64];

	snprintf(whole, sizeof(whole), PREFIX "%s", name);
	for (kp = parameters_begin; kp < parameters_end; kp++)
		if (!strcmp(kp->name, whole))
			return kp;
	KUNIT_FAIL_AND_ABORT(test, "%s", name);
	return NULL;
}

static int parameter_write(struct kunit *test, const char *name,
			   const char *value)
{
	const struct kernel_param *kp = parameter_find(test, name);
	int err;

	kernel_param_lock(THIS_MODULE);
	err = kp->ops->set(value, kp);
	kernel_param_unlock(THIS_MODULE);
	return err;
}

static void expect_reads(struct kunit *test, const char *name,
			 const char *value)
{
	const struct kernel_param *kp = parameter_find(test, name);
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int length;

	KUNIT_ASSERT_NOT_NULL(test, text);
	kernel_param_lock(THIS_MODULE);
	length = kp->ops->get(text, kp);
	kernel_param_unlock(THIS_MODULE);
	KUNIT_ASSERT_GT(test, length, 0);
	KUNIT_EXPECT_EQ(test, length, strlen(text));
	KUNIT_EXPECT_EQ(test, text[length - 1], '\n');
	text[length - 1] = '\0';
	KUNIT_EXPECT_STREQ_MSG(test, text, value, "%s", name);
	kunit_kfree(test, text);
}

static struct settings *settings_now(struct kunit *test)
{
	struct settings *settings = kunit_kmalloc(test, sizeof(*settings),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, settings);
	rcu_read_lock();
	*settings = *params_settings();
	rcu_read_unlock();
	return settings;
}

static int params_test_init(struct kunit *test)
{
	return params_init();
}

/* The module's own start comes after the tests, and begins with defaults. */
static void params_test_exit(struct kunit *test)
{
	parameter_write(test, "profile", "esmtp");
	parameter_write(test, "enabled", "Y");
	parameter_write(test, "namespaces", "init");
	parameter_write(test, "ports", "25");
	parameter_write(test, "mark", "0");
	parameter_write(test, "full", "defer");
}

/**
 * struct parameter_case - a value, and what comes of it
 * @parameter: its name
 * @value: what is written
 * @reads: what is read then; NULL where it is refused
 * @err: what the write returns
 */
struct parameter_case {
	const char *parameter;
	const char *value;
	const char *reads;
	int err;
};

static const struct parameter_case parameter_table[] = {
	{ "profile", "mailguard", "mailguard" },
	{ "profile", "monitor\n", "monitor" },
	{ "profile", "custom", NULL, -EINVAL },
	{ "profile", "", NULL, -EINVAL },
	{ "profile", "ESMTP", NULL, -EINVAL },
	{ "enabled", "N", "N" },
	{ "enabled", "0\n", "N" },
	{ "enabled", "y", "Y" },
	{ "enabled", "2", NULL, -EINVAL },
	{ "enabled", "", NULL, -EINVAL },
	{ "ports", "25,587 2525\n", "25,587 2525" },
	{ "ports", "", "" },
	{ "ports", "\t\n", "" },
	{ "ports", "1,65535", "1,65535" },
	{ "ports", "0", NULL, -ERANGE },
	{ "ports", "25,65536", NULL, -ERANGE },
	{ "ports", "smtp", NULL, -EINVAL },
	{ "ports", "25,-1", NULL, -EINVAL },
	{ "ports", "+25", NULL, -EINVAL },
	{ "ports", "25x", NULL, -EINVAL },
	{ "ports", "25;587", NULL, -EINVAL },
	{ "ports", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
	  "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16" },
	{ "ports", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", NULL,
	  -EINVAL },
	{ "namespaces", "all", "all" },
	{ "namespaces", "none", NULL, -EINVAL },
	{ "mark", "16/240", "0x10/0xf0" },
	{ "mark", "0xFFFFFFFF", "0xffffffff" },
	{ "mark", "", "0" },
	{ "mark", "010", NULL, -EINVAL },
	{ "mark", "0/1", NULL, -EINVAL },
	{ "mark", "1/2", NULL, -EINVAL },
	{ "mark", "1/", NULL, -EINVAL },
	{ "mark", "0x100000000", NULL, -ERANGE },
	{ "mark", "1/0x100000000", NULL, -ERANGE },
	{ "verbs", "HELO,MAIL,RCPT,DATA,QUIT", "HELO,MAIL,RCPT,DATA,QUIT" },
	{ "verbs", "helo mail\t,, rcpt\n", "helo mail\t,, rcpt" },
	{ "verbs", "", "" },
	{ "verbs", "HELO,HELLO", NULL, -EINVAL },
	{ "verbs", "HEL", NULL, -EINVAL },
	{ "verbs", "HELO,+HELLO", "HELO,+HELLO" },
	{ "verbs", ",+X-FOO", ",+X-FOO" },
	{ "verbs", "HELO,-MAIL", NULL, -EINVAL },
	{ "verbs", "HELO,+HELX", NULL, -EINVAL },
	{ "verbs", "+", NULL, -EINVAL },
	{ "verbs", "+-", NULL, -EINVAL },
	{ "verbs", "+EXDATA", NULL, -EINVAL },
	{ "verbs", "+XEXCH50", NULL, -EINVAL },
	{ "verbs", "+X_FOO", NULL, -EINVAL },
	{ "verbs", "+VRFY EXPN", NULL, -EINVAL },
	{ "verbs", "+VRFY -etrn", WITHOUT_ETRN ",VRFY" },
	{ "verbs", "+x-foo,+EXPN", ESMTP_VERBS ",+x-foo,EXPN" },
	{ "verbs", "+HELP", WITHOUT_HELP ",HELP" },
	{ "verbs", "-X-FOO", ESMTP_VERBS },
	{ "verbs", "+A1,+A2,+A3,+A4,+A5,+A6,+A7,+A8,+A9,+B1,+B2,+B3,+B4,+B5,+B6,+B7",
	  ESMTP_VERBS ",+A1,+A2,+A3,+A4,+A5,+A6,+A7,+A8,+A9,+B1,+B2,+B3,+B4,+B5,+B6,+B7" },
	{ "verbs", "+A1,+A2,+A3,+A4,+A5,+A6,+A7,+A8,+A9,+B1,+B2,+B3,+B4,+B5,+B6,+B7,+B8",
	  NULL, -EINVAL },
	{ "capabilities", "SIZE,+XOORG", "SIZE,+XOORG" },
	{ "capabilities", "SIZE,XOORG", NULL, -EINVAL },
	{ "capabilities", "SIZE,+DSN2", NULL, -EINVAL },
	{ "auth_mechanisms", "+PLAIN", NULL, -EINVAL },
	{ "verbs", "HELO;MAIL", NULL, -EINVAL },
	{ "verbs", "HELO,BDAT,TURN", "HELO,BDAT,TURN" },
	{ "verbs", "XEXCH50", NULL, -EINVAL },
	{ "verbs", "HELO,PROXY", NULL, -EINVAL },
	{ "verbs", "GET", NULL, -EINVAL },
	{ "capabilities", "SIZE,8BITMIME", "SIZE,8BITMIME" },
	{ "capabilities", "", "" },
	{ "capabilities", "SIZE,QUANTUM", NULL, -EINVAL },
	{ "greeting", "mask\n", "mask" },
	{ "greeting", "MASK", NULL, -EINVAL },
	{ "greeting", "", NULL, -EINVAL },
	{ "refuse", "reset", "reset" },
	{ "refuse", "drop", NULL, -EINVAL },
	{ "starttls", "deny", "deny" },
	{ "starttls", "require", "require" },
	{ "starttls", "requirex", NULL, -EINVAL },
	{ "tls_ports", "465,10465", "465,10465" },
	{ "tls_ports", "tls", NULL, -EINVAL },
	{ "auth", "tls-only", "tls-only" },
	{ "auth", "deny", "deny" },
	{ "auth", "never", NULL, -EINVAL },
	{ "auth_mechanisms", "PLAIN,scram-sha-256", "PLAIN,scram-sha-256" },
	{ "auth_mechanisms", "all", "all" },
	{ "auth_mechanisms", "", "" },
	{ "security_layers", "accept", "accept" },
	{ "security_layers", "deny", NULL, -EINVAL },
	{ "auth_mechanisms", "PLAIN,all", NULL, -EINVAL },
	{ "pipelining", "reset", "reset" },
	{ "pipelining", "refuse", NULL, -EINVAL },
	{ "command_order", "refuse", "refuse" },
	{ "special_characters", "refuse", "refuse" },
	{ "source_routes", "refuse", "refuse" },
	{ "percent_hack", "refuse", "refuse" },
	{ "percent_hack", "reset", NULL, -EINVAL },
	{ "relay_domains", "example.org Example.NET,example.org",
	  "example.org Example.NET,example.org" },
	{ "relay_domains", "", "" },
	{ "relay_domains", "example_org", NULL, -EINVAL },
	{ "relay_domains", ".example.org", NULL, -EINVAL },
	{ "relay_domains", "example.org.", NULL, -EINVAL },
	{ "bare_newline", "defang", "defang" },
	{ "bare_newline", "mask", NULL, -EINVAL },
	{ "desync", "log", "log" },
	{ "desync", "accept", NULL, -EINVAL },
	{ "end_of_data", "accept", "accept" },
	{ "end_of_data", "mask", NULL, -EINVAL },
	{ "midstream", "reset", "reset" },
	{ "midstream", "drop", NULL, -EINVAL },
	{ "max_command_line", "512", "512" },
	{ "max_command_line", "16000", "16000" },
	{ "max_command_line", "511", NULL, -ERANGE },
	{ "max_command_line", "16001", NULL, -ERANGE },
	{ "max_command_line", "0x400", NULL, -EINVAL },
	{ "max_command_line", "-1", NULL, -EINVAL },
	{ "max_command_line", "", NULL, -EINVAL },
	{ "max_command_line", "99999999999999999999", NULL, -ERANGE },
	{ "max_reply_line", "\t512\t\n", "512" },
	{ "max_reply_line", "511", NULL, -ERANGE },
	{ "max_reply_line", "4001", NULL, -ERANGE },
	{ "max_text_line", "1000", "1000" },
	{ "max_text_line", "999", NULL, -ERANGE },
	{ "max_recipients", "100", "100" },
	{ "max_recipients", "0", "0" },
	{ "max_recipients", "1", NULL, -ERANGE },
	{ "max_recipients", "99", NULL, -ERANGE },
	{ "max_recipients", "65536", NULL, -ERANGE },
	{ "max_command_line", "0", NULL, -ERANGE },
	{ "max_refused", "0", "0" },
	{ "max_refused", "65535", "65535" },
	{ "max_refused", "65536", NULL, -ERANGE },
	{ "max_path", "255", NULL, -ERANGE },
	{ "max_path", "2000", "2000" },
	{ "max_header", "0", "0" },
	{ "max_header", "65536", NULL, -ERANGE },
	{ "max_whole_line", "0", "0" },
	{ "max_whole_line", "65536", NULL, -ERANGE },
	{ "max_errors", "10", "10" },
	{ "max_messages", "100", "100" },
	{ "max_memory", "1", "1" },
	{ "max_memory", "0", NULL, -ERANGE },
	{ "full", "pass", "pass" },
	{ "full", "drop", NULL, -EINVAL },
	{ "max_unacknowledged", "65535", "65535" },
	{ "max_unacknowledged", "2047", NULL, -ERANGE },
	{ "log_envelope", "hash", "hash" },
	{ "log_envelope", "none", NULL, -EINVAL },
};

static void parameter_case_name(const struct parameter_case *parameter_case,
				char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s=%*pE is %s",
		 parameter_case->parameter,
		 (int)strlen(parameter_case->value), parameter_case->value,
		 parameter_case->err ? "refused" : "taken");
}

KUNIT_ARRAY_PARAM(parameter, parameter_table, parameter_case_name);

static void a_value_is_taken_or_changes_nothing(struct kunit *test)
{
	const struct parameter_case *parameter_case = test->param_value;
	struct settings *before = settings_now(test);
	struct settings *after;

	KUNIT_EXPECT_EQ(test,
			parameter_write(test, parameter_case->parameter,
					parameter_case->value),
			parameter_case->err);
	if (!parameter_case->err) {
		expect_reads(test, parameter_case->parameter,
			     parameter_case->reads);
		return;
	}
	after = settings_now(test);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, sizeof(*before)), 0);
}

/* Each of them, as Documentation has them. */
static const struct parameter_case default_table[] = {
	{ "profile", NULL, "esmtp" },
	{ "enabled", NULL, "Y" },
	{ "namespaces", NULL, "init" },
	{ "ports", NULL, "25" },
	{ "mark", NULL, "0" },
	{ "full", NULL, "defer" },
	{ "verbs", NULL, ESMTP_VERBS },
	{ "greeting", NULL, "keep" },
	{ "refuse", NULL, "mask" },
	{ "starttls", NULL, "allow" },
	{ "end_of_data", NULL, "defang" },
	{ "midstream", NULL, "resync" },
	{ "max_command_line", NULL, "2048" },
	{ "max_reply_line", NULL, "2048" },
	{ "max_text_line", NULL, "1000" },
	{ "max_recipients", NULL, "0" },
	{ "max_refused", NULL, "0" },
	{ "auth", NULL, "allow" },
	{ "auth_mechanisms", NULL, "all" },
	{ "security_layers", NULL, "refuse" },
	{ "pipelining", NULL, "accept" },
	{ "command_order", NULL, "accept" },
	{ "special_characters", NULL, "accept" },
	{ "source_routes", NULL, "accept" },
	{ "percent_hack", NULL, "accept" },
	{ "relay_domains", NULL, "" },
	{ "bare_newline", NULL, "accept" },
	{ "desync", NULL, "reset" },
	{ "max_path", NULL, "1024" },
	{ "max_header", NULL, "512" },
	{ "max_whole_line", NULL, "90" },
	{ "max_errors", NULL, "0" },
	{ "max_messages", NULL, "0" },
};

static void expect_defaults(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(default_table); i++)
		expect_reads(test, default_table[i].parameter,
			     default_table[i].reads);
}

static void defaults_are_the_profile_esmtp(struct kunit *test)
{
	expect_defaults(test);
}

static void a_profile_sets_what_it_governs_back(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parameter_table); i++)
		if (!parameter_table[i].err &&
		    strcmp(parameter_table[i].parameter, "profile"))
			parameter_write(test, parameter_table[i].parameter,
					parameter_table[i].value);
	expect_reads(test, "profile", "custom");
	/* these are nobody's but the administrator's */
	parameter_write(test, "enabled", "N");
	parameter_write(test, "namespaces", "all");
	parameter_write(test, "ports", "587");
	parameter_write(test, "mark", "1");
	parameter_write(test, "full", "pass");
	KUNIT_EXPECT_EQ(test, parameter_write(test, "profile", "esmtp"), 0);
	expect_reads(test, "enabled", "N");
	expect_reads(test, "namespaces", "all");
	expect_reads(test, "ports", "587");
	expect_reads(test, "mark", "0x1");
	expect_reads(test, "full", "pass");
	params_test_exit(test);
	expect_defaults(test);
}

static void a_governed_value_makes_the_profile_custom(struct kunit *test)
{
	parameter_write(test, "ports", "587");
	parameter_write(test, "enabled", "N");
	expect_reads(test, "profile", "esmtp");
	parameter_write(test, "max_refused", "5");
	expect_reads(test, "profile", "custom");
}

static void monitor_stays_monitor_whatever_is_changed(struct kunit *test)
{
	struct settings *settings;

	parameter_write(test, "profile", "monitor");
	parameter_write(test, "refuse", "reset");
	expect_reads(test, "profile", "monitor");
	settings = settings_now(test);
	KUNIT_EXPECT_TRUE(test, settings->policy.monitor);
	parameter_write(test, "profile", "mailguard");
	settings = settings_now(test);
	KUNIT_EXPECT_FALSE(test, settings->policy.monitor);
}

static void mailguard_is_seven_verbs_and_a_masked_greeting(struct kunit *test)
{
	struct settings *settings;

	parameter_write(test, "profile", "mailguard");
	expect_reads(test, "verbs", "HELO,MAIL,RCPT,DATA,RSET,NOOP,QUIT");
	expect_reads(test, "capabilities", "");
	expect_reads(test, "greeting", "mask");
	settings = settings_now(test);
	KUNIT_EXPECT_EQ(test, hweight64(settings->policy.verbs), 7);
	KUNIT_EXPECT_EQ(test, settings->policy.capabilities, 0);
}

static bool is_allowed(struct kunit *test, u8 verb)
{
	return word_in_set(settings_now(test)->policy.verbs, verb);
}

static bool is_shown(struct kunit *test, const char *capability)
{
	return word_in_set(settings_now(test)->policy.capabilities,
			   word_find(&capability_table, capability,
				     strlen(capability)));
}

static void starttls_takes_verbs_away_and_gives_them_back(struct kunit *test)
{
	parameter_write(test, "starttls", "deny");
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_STARTTLS));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "STARTTLS"));
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_X_ANONYMOUSTLS));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "X-ANONYMOUSTLS"));
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_MAIL));
	parameter_write(test, "starttls", "require");
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_STARTTLS));
	KUNIT_EXPECT_TRUE(test, is_shown(test, "STARTTLS"));
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_X_ANONYMOUSTLS));
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_X_EXPS));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "X-EXPS"));
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_MAIL));
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_AUTH));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "AUTH"));
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_EHLO));
	/* what was written is what is read */
	expect_reads(test, "verbs", ESMTP_VERBS);
	parameter_write(test, "starttls", "allow");
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_MAIL));
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_AUTH));
	KUNIT_EXPECT_TRUE(test, is_shown(test, "AUTH"));
}

static void a_refused_verb_takes_its_capability_along(struct kunit *test)
{
	parameter_write(test, "verbs", "HELO,EHLO,AUTH");
	parameter_write(test, "capabilities", "SIZE,AUTH,CHUNKING,VRFY");
	KUNIT_EXPECT_TRUE(test, is_shown(test, "SIZE"));
	KUNIT_EXPECT_TRUE(test, is_shown(test, "AUTH"));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "CHUNKING"));
	KUNIT_EXPECT_FALSE(test, is_shown(test, "VRFY"));
	parameter_write(test, "verbs", "EHLO,VRFY");
	KUNIT_EXPECT_FALSE(test, is_shown(test, "AUTH"));
	KUNIT_EXPECT_TRUE(test, is_shown(test, "VRFY"));
}

/* What one write makes of the list that the one before left. */
static void a_list_is_changed_word_by_word(struct kunit *test)
{
	static const struct {
		const char *value;
		const char *reads;
	} steps[] = {
		{ "HELO MAIL", "HELO MAIL" },
		{ "+X-FOO", "HELO MAIL,+X-FOO" },
		{ "-MAIL", "HELO,+X-FOO" },
		/* what is read may be written, and is the same then */
		{ "-HELO", ",+X-FOO" },
		{ ",+X-FOO", ",+X-FOO" },
		{ "+helo", ",+X-FOO,helo" },
		{ "-x-foo", "helo" },
		{ "-HELO", "" },
		{ "+NOOP", "NOOP" },
		{ "-NOOP +XLOOP", ",+XLOOP" },
		{ "-XLOOP", "" },
		{ "HELO, MAIL, HELO, RCPT", "HELO, MAIL, HELO, RCPT" },
		{ "-HELO", "MAIL, RCPT" },
		{ "-RCPT", "MAIL" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KUNIT_EXPECT_EQ(test,
				parameter_write(test, "verbs", steps[i].value),
				0);
		expect_reads(test, "verbs", steps[i].reads);
	}
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_MAIL));
	KUNIT_EXPECT_FALSE(test, is_allowed(test, VERB_HELO));
}

static void words_in_no_table_are_allowed_until_they_are_taken(struct kunit *test)
{
	struct policy *policy = &settings_now(test)->policy;

	KUNIT_EXPECT_NULL(test, policy->extra_verbs);
	parameter_write(test, "verbs", "+x-foo");
	parameter_write(test, "capabilities", "+XB +xa");
	policy = &settings_now(test)->policy;
	KUNIT_ASSERT_NOT_NULL(test, policy->extra_verbs);
	KUNIT_EXPECT_EQ(test, policy->extra_verbs->count, 1);
	KUNIT_EXPECT_STREQ(test, policy->extra_verbs->rows[0].name, "X-FOO");
	KUNIT_ASSERT_NOT_NULL(test, policy->extra_capabilities);
	KUNIT_EXPECT_STREQ(test, policy->extra_capabilities->rows[0].name, "XA");
	KUNIT_EXPECT_STREQ(test, policy->extra_capabilities->rows[1].name, "XB");
	KUNIT_EXPECT_TRUE(test, is_allowed(test, VERB_MAIL));
	parameter_write(test, "profile", "esmtp");
	policy = &settings_now(test)->policy;
	KUNIT_EXPECT_NULL(test, policy->extra_verbs);
	KUNIT_EXPECT_NULL(test, policy->extra_capabilities);
}

static void a_list_may_be_511_octets_long(struct kunit *test)
{
	char *text = kunit_kmalloc(test, TEXT_MAX, GFP_KERNEL);
	struct settings *before, *after;

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, ',', TEXT_MAX);
	memcpy(text, "HELO", 4);
	text[SETTINGS_TEXT_MAX - 1] = '\0';
	KUNIT_EXPECT_EQ(test, parameter_write(test, "verbs", text), 0);
	expect_reads(test, "verbs", text);
	before = settings_now(test);
	text[SETTINGS_TEXT_MAX - 1] = ',';
	text[SETTINGS_TEXT_MAX] = '\0';
	KUNIT_EXPECT_EQ(test, parameter_write(test, "verbs", text), -EINVAL);
	after = settings_now(test);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, sizeof(*before)), 0);
}

static void only_the_ports_that_are_set_are_guarded(struct kunit *test)
{
	struct settings *settings;

	parameter_write(test, "ports", "25,65535");
	settings = settings_now(test);
	KUNIT_EXPECT_TRUE(test, settings_has_port(&settings->ports, 25));
	KUNIT_EXPECT_TRUE(test, settings_has_port(&settings->ports, 65535));
	KUNIT_EXPECT_FALSE(test, settings_has_port(&settings->ports, 0));
	KUNIT_EXPECT_FALSE(test, settings_has_port(&settings->ports, 587));
	parameter_write(test, "ports", "");
	settings = settings_now(test);
	KUNIT_EXPECT_FALSE(test, settings_has_port(&settings->ports, 25));
}

static void end_connection(const struct nf_conn *ct)
{
	rcu_read_lock();
	closed_add(ct, false);
	rcu_read_unlock();
}

/* Others may have begun unseen between the same ends only where none was. */
static void what_is_over_is_forgotten_with_other_choices(struct kunit *test)
{
	static const struct parameter_case choosing[] = {
		{ "enabled", "N" },
		{ "namespaces", "all" },
		{ "ports", "25,587" },
		{ "mark", "0x10" },
	};
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ct);
	write_pnet(&ct->ct_net, &init_net);
	end_connection(ct);
	parameter_write(test, "refuse", "reset");
	KUNIT_EXPECT_TRUE(test, closed_has(ct, false));
	for (i = 0; i < ARRAY_SIZE(choosing); i++) {
		end_connection(ct);
		parameter_write(test, choosing[i].parameter,
				choosing[i].value);
		KUNIT_EXPECT_FALSE_MSG(test, closed_has(ct, false), "%s",
				       choosing[i].parameter);
	}
}

static struct kunit_case params_cases[] = {
	KUNIT_CASE(defaults_are_the_profile_esmtp),
	KUNIT_CASE_PARAM(a_value_is_taken_or_changes_nothing,
			 parameter_gen_params),
	KUNIT_CASE(a_profile_sets_what_it_governs_back),
	KUNIT_CASE(a_governed_value_makes_the_profile_custom),
	KUNIT_CASE(monitor_stays_monitor_whatever_is_changed),
	KUNIT_CASE(mailguard_is_seven_verbs_and_a_masked_greeting),
	KUNIT_CASE(starttls_takes_verbs_away_and_gives_them_back),
	KUNIT_CASE(a_refused_verb_takes_its_capability_along),
	KUNIT_CASE(a_list_is_changed_word_by_word),
	KUNIT_CASE(words_in_no_table_are_allowed_until_they_are_taken),
	KUNIT_CASE(a_list_may_be_511_octets_long),
	KUNIT_CASE(only_the_ports_that_are_set_are_guarded),
	KUNIT_CASE(what_is_over_is_forgotten_with_other_choices),
	{}
};

static struct kunit_suite params_suite = {
	.name = "smtpguard_params",
	.init = params_test_init,
	.exit = params_test_exit,
	.test_cases = params_cases,
};

kunit_test_suite(params_suite);
