// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters.  A write builds whole new settings beside the ones in
 * use, and only if everything about them is right do they take their place;
 * packets see the old or the new, never a mixture.  There are two copies, so
 * nothing is ever allocated: not even a module that fails to load leaves
 * anything behind.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "core/capability.h"
#include "core/verb.h"
#include "params.h"

#define LIST_SEPARATORS		", \t\n"
/* Octets of a refused value that the kernel log repeats. */
#define VALUE_SHOWN		64

/*
 * The copies, and which one is in use.  Writers are serialised by the lock
 * that the kernel holds around every parameter's set and get.
 */
static struct settings settings_copies[2];
static struct settings __rcu *settings_used;

/**
 * struct parameter - one row of the table below
 * @name: as in sysfs
 * @takes: for the kernel log, what it takes
 * @set: writes a value into settings; 0, -EINVAL or -ERANGE
 * @show: writes the value as text
 * @offset: where in struct settings, for those who need it
 * @minimum: of a number
 * @maximum: of a number
 * @words: of an enumeration, by value, NULL at the end
 * @governed: a profile sets it
 */
struct parameter {
	const char *name;
	const char *takes;
	int (*set)(struct settings *settings, const struct parameter *parameter,
		   char *value);
	int (*show)(const struct settings *settings,
		    const struct parameter *parameter, char *buffer);
	size_t offset;
	unsigned int minimum;
	unsigned int maximum;
	const char *const *words;
	bool governed;
};

/**
 * struct profile_values - what a profile sets besides the defaults
 * @name: as in sysfs
 * @verbs: value of that parameter
 * @capabilities: value of that parameter
 * @greeting: enum greeting
 * @monitor: see struct policy
 */
struct profile_values {
	const char *name;
	const char *verbs;
	const char *capabilities;
	u8 greeting;
	bool monitor;
};

#define ESMTP_VERBS \
	"HELO,EHLO,MAIL,RCPT,DATA,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS,ETRN"
#define ESMTP_CAPABILITIES \
	"SIZE,8BITMIME,PIPELINING,ENHANCEDSTATUSCODES,DSN,SMTPUTF8," \
	"STARTTLS,AUTH,HELP,ETRN,REQUIRETLS,LIMITS,DELIVERBY,MT-PRIORITY," \
	"FUTURERELEASE,NO-SOLICITING"

static const struct profile_values profiles[] = {
	[PROFILE_ESMTP] = {
		.name		= "esmtp",
		.verbs		= ESMTP_VERBS,
		.capabilities	= ESMTP_CAPABILITIES,
		.greeting	= GREETING_KEEP,
	},
	/* RFC 821 section 4.5.1 */
	[PROFILE_MAILGUARD] = {
		.name		= "mailguard",
		.verbs		= "HELO,MAIL,RCPT,DATA,RSET,NOOP,QUIT",
		.capabilities	= "",
		.greeting	= GREETING_MASK,
	},
	[PROFILE_MONITOR] = {
		.name		= "monitor",
		.verbs		= ESMTP_VERBS,
		.capabilities	= ESMTP_CAPABILITIES,
		.greeting	= GREETING_KEEP,
		.monitor	= true,
	},
};

/* Parses a list of words of a table into a set. */
static int list_parse(const struct word_table *table, const char *text,
		      u64 *set)
{
	*set = 0;
	text += strspn(text, LIST_SEPARATORS);
	while (*text) {
		size_t length = strcspn(text, LIST_SEPARATORS);
		u8 row = word_find(table, text, length);

		if (row == WORD_NONE) {
			pr_warn("\"%.*s\" is not known\n",
				(int)min_t(size_t, length, VALUE_SHOWN), text);
			return -EINVAL;
		}
		*set |= 1ULL << row;
		text += length;
		text += strspn(text, LIST_SEPARATORS);
	}
	return 0;
}

static int text_store(char *text, const char *value)
{
	return strscpy(text, value, LIST_TEXT_MAX) < 0 ? -EINVAL : 0;
}

static int verbs_set(struct settings *settings,
		     const struct parameter *parameter, char *value)
{
	u64 untracked = verb_flagged(VERB_UNTRACKED);
	int err = list_parse(&verb_table, value, &settings->verbs);
	u8 verb;

	if (err)
		return err;
	for (verb = 0; verb < VERB_COUNT; verb++) {
		if (!word_in_set(settings->verbs & untracked, verb))
			continue;
		pr_warn("verb %s cannot be allowed\n", verb_name(verb));
		return -EINVAL;
	}
	return text_store(settings->verbs_text, value);
}

static int verbs_show(const struct settings *settings,
		      const struct parameter *parameter, char *buffer)
{
	return sprintf(buffer, "%s\n", settings->verbs_text);
}

static int capabilities_set(struct settings *settings,
			    const struct parameter *parameter, char *value)
{
	int err = list_parse(&capability_table, value, &settings->capabilities);

	return err ? err : text_store(settings->capabilities_text, value);
}

static int capabilities_show(const struct settings *settings,
			     const struct parameter *parameter, char *buffer)
{
	return sprintf(buffer, "%s\n", settings->capabilities_text);
}

static int port_add(struct settings *settings, const char *text, size_t length)
{
	char number[8];
	u16 port;
	int err;

	if (length >= sizeof(number) || settings->port_count == PORTS_MAX)
		return -EINVAL;
	memcpy(number, text, length);
	number[length] = '\0';
	err = isdigit(number[0]) ? kstrtou16(number, 10, &port) : -EINVAL;
	if (err)
		return err;
	if (!port)
		return -ERANGE;
	settings->ports[settings->port_count++] = port;
	return 0;
}

static int ports_set(struct settings *settings,
		     const struct parameter *parameter, char *value)
{
	const char *text = value + strspn(value, LIST_SEPARATORS);

	settings->port_count = 0;
	while (*text) {
		size_t length = strcspn(text, LIST_SEPARATORS);
		int err = port_add(settings, text, length);

		if (err)
			return err;
		text += length;
		text += strspn(text, LIST_SEPARATORS);
	}
	return text_store(settings->ports_text, value);
}

static int ports_show(const struct settings *settings,
		      const struct parameter *parameter, char *buffer)
{
	return sprintf(buffer, "%s\n", settings->ports_text);
}

static int word_set(struct settings *settings,
		    const struct parameter *parameter, char *value)
{
	u8 *member = (u8 *)settings + parameter->offset;
	u8 i;

	for (i = 0; parameter->words[i]; i++) {
		if (strcmp(parameter->words[i], value))
			continue;
		*member = i;
		return 0;
	}
	return -EINVAL;
}

static int word_show(const struct settings *settings,
		     const struct parameter *parameter, char *buffer)
{
	const u8 *member = (const u8 *)settings + parameter->offset;

	return sprintf(buffer, "%s\n", parameter->words[*member]);
}

static int number_set(struct settings *settings,
		      const struct parameter *parameter, char *value)
{
	u16 *member = (u16 *)((u8 *)settings + parameter->offset);
	unsigned long number;
	int err;

	if (!isdigit(value[0]))
		return -EINVAL;
	err = kstrtoul(value, 10, &number);
	if (err)
		return err;
	if (number < parameter->minimum || number > parameter->maximum)
		return -ERANGE;
	*member = number;
	return 0;
}

static int number_show(const struct settings *settings,
		       const struct parameter *parameter, char *buffer)
{
	const u16 *member =
		(const u16 *)((const u8 *)settings + parameter->offset);

	return sprintf(buffer, "%u\n", *member);
}

static int enabled_set(struct settings *settings,
		       const struct parameter *parameter, char *value)
{
	return kstrtobool(value, &settings->policy.enabled);
}

static int enabled_show(const struct settings *settings,
			const struct parameter *parameter, char *buffer)
{
	return sprintf(buffer, "%c\n", settings->policy.enabled ? 'Y' : 'N');
}

/* Everything that a profile governs, from its row or from the defaults. */
static int profile_apply(struct settings *settings, u8 profile)
{
	const struct profile_values *values = &profiles[profile];
	struct policy *policy = &settings->policy;
	int err;

	policy->greeting = values->greeting;
	policy->monitor = values->monitor;
	policy->refuse = REFUSE_MASK;
	policy->starttls = STARTTLS_ALLOW;
	policy->end_of_data = END_OF_DATA_DEFANG;
	policy->midstream = MIDSTREAM_RESYNC;
	policy->max_command_line = 2048;
	policy->max_reply_line = 2048;
	policy->max_text_line = 1000;
	policy->max_recipients = 1000;
	policy->max_refused = 20;
	settings->profile = profile;
	err = text_store(settings->verbs_text, values->verbs) ?:
	      text_store(settings->capabilities_text, values->capabilities) ?:
	      list_parse(&verb_table, values->verbs, &settings->verbs) ?:
	      list_parse(&capability_table, values->capabilities,
			 &settings->capabilities);
	return err;
}

static int profile_set(struct settings *settings,
		       const struct parameter *parameter, char *value)
{
	u8 i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].name, value))
			return profile_apply(settings, i);
	return -EINVAL;
}

static int profile_show(const struct settings *settings,
			const struct parameter *parameter, char *buffer)
{
	return sprintf(buffer, "%s\n", params_profile(settings));
}

/* What follows from the values taken together. */
static void settings_derive(struct settings *settings)
{
	struct policy *policy = &settings->policy;
	u64 verbs = settings->verbs;

	if (policy->starttls == STARTTLS_DENY)
		verbs &= ~VERB_BIT(VERB_STARTTLS);
	if (policy->starttls == STARTTLS_REQUIRE)
		verbs &= ~(VERB_BIT(VERB_AUTH) |
			   verb_flagged(VERB_OPENS_MAIL));
	policy->verbs = verbs;
	policy->capabilities =
		capability_set_for_verbs(settings->capabilities, verbs);
}

static const char *const greeting_words[] = { "keep", "mask", NULL };
static const char *const refuse_words[] = { "mask", "reset", NULL };
static const char *const starttls_words[] = {
	"allow", "deny", "require", NULL
};

static const char *const end_of_data_words[] = {
	"defang", "reset", "accept", NULL
};

static const char *const midstream_words[] = {
	"resync", "accept", "reset", NULL
};

enum {
	PARAMETER_PROFILE,
	PARAMETER_ENABLED,
	PARAMETER_PORTS,
	PARAMETER_VERBS,
	PARAMETER_CAPABILITIES,
	PARAMETER_GREETING,
	PARAMETER_REFUSE,
	PARAMETER_STARTTLS,
	PARAMETER_END_OF_DATA,
	PARAMETER_MIDSTREAM,
	PARAMETER_MAX_COMMAND_LINE,
	PARAMETER_MAX_REPLY_LINE,
	PARAMETER_MAX_TEXT_LINE,
	PARAMETER_MAX_RECIPIENTS,
	PARAMETER_MAX_REFUSED,
};

static struct parameter parameters[] = {
	[PARAMETER_PROFILE] = {
		.name	= "profile",
		.takes	= "esmtp, mailguard or monitor",
		.set	= profile_set,
		.show	= profile_show,
	},
	[PARAMETER_ENABLED] = {
		.name	= "enabled",
		.takes	= "Y or N",
		.set	= enabled_set,
		.show	= enabled_show,
	},
	[PARAMETER_PORTS] = {
		.name	= "ports",
		.takes	= "up to 16 ports from 1 to 65535",
		.set	= ports_set,
		.show	= ports_show,
	},
	[PARAMETER_VERBS] = {
		.name	= "verbs",
		.takes	= "a list of verbs",
		.set	= verbs_set,
		.show	= verbs_show,
		.governed = true,
	},
	[PARAMETER_CAPABILITIES] = {
		.name	= "capabilities",
		.takes	= "a list of EHLO keywords",
		.set	= capabilities_set,
		.show	= capabilities_show,
		.governed = true,
	},
	[PARAMETER_GREETING] = {
		.name	= "greeting",
		.takes	= "keep or mask",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, policy.greeting),
		.words	= greeting_words,
		.governed = true,
	},
	[PARAMETER_REFUSE] = {
		.name	= "refuse",
		.takes	= "mask or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, policy.refuse),
		.words	= refuse_words,
		.governed = true,
	},
	[PARAMETER_STARTTLS] = {
		.name	= "starttls",
		.takes	= "allow, deny or require",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, policy.starttls),
		.words	= starttls_words,
		.governed = true,
	},
	[PARAMETER_END_OF_DATA] = {
		.name	= "end_of_data",
		.takes	= "defang, reset or accept",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, policy.end_of_data),
		.words	= end_of_data_words,
		.governed = true,
	},
	[PARAMETER_MIDSTREAM] = {
		.name	= "midstream",
		.takes	= "resync, accept or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, policy.midstream),
		.words	= midstream_words,
		.governed = true,
	},
	[PARAMETER_MAX_COMMAND_LINE] = {
		.name	= "max_command_line",
		.takes	= "a number from 512 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, policy.max_command_line),
		.minimum = 512,
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_REPLY_LINE] = {
		.name	= "max_reply_line",
		.takes	= "a number from 512 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, policy.max_reply_line),
		.minimum = 512,
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_TEXT_LINE] = {
		.name	= "max_text_line",
		.takes	= "a number from 1000 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, policy.max_text_line),
		.minimum = 1000,
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_RECIPIENTS] = {
		.name	= "max_recipients",
		.takes	= "a number from 100 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, policy.max_recipients),
		.minimum = 100,
		.maximum = 65535,
		.governed = true,
	},
	/* struct command counts no further */
	[PARAMETER_MAX_REFUSED] = {
		.name	= "max_refused",
		.takes	= "a number from 0 to 254, 0 for no limit",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, policy.max_refused),
		.minimum = 0,
		.maximum = 254,
		.governed = true,
	},
};

static int settings_init(struct settings *settings)
{
	settings->policy.enabled = true;
	settings->ports[0] = 25;
	settings->port_count = 1;
	return text_store(settings->ports_text, "25") ?:
	       profile_apply(settings, PROFILE_ESMTP);
}

/*
 * The settings in use, for their writers.  The insmod line is parsed before
 * any code of the module runs, so the first who asks makes the defaults.
 */
static struct settings *settings_get(void)
{
	struct settings *settings = rcu_dereference_protected(settings_used, 1);

	if (settings)
		return settings;
	settings = &settings_copies[0];
	if (WARN_ON(settings_init(settings)))
		return NULL;
	settings_derive(settings);
	rcu_assign_pointer(settings_used, settings);
	return settings;
}

static struct settings *settings_spare(const struct settings *used)
{
	return &settings_copies[used == &settings_copies[0]];
}

static int parameter_set(const char *value, const struct kernel_param *kp)
{
	const struct parameter *parameter = kp->arg;
	struct settings *used = settings_get();
	struct settings *next;
	char text[LIST_TEXT_MAX];
	int err = -EINVAL;

	if (!used)
		return -EINVAL;
	next = settings_spare(used);
	*next = *used;
	if (strscpy(text, value, sizeof(text)) >= 0)
		err = parameter->set(next, parameter, strim(text));
	if (err) {
		pr_warn("%s: \"%.*s\" is not accepted, it takes %s\n",
			parameter->name, VALUE_SHOWN, strim(text),
			parameter->takes);
		return err;
	}
	/* a box that was told to change nothing must not begin to */
	if (parameter->governed && !next->policy.monitor)
		next->profile = PROFILE_CUSTOM;
	settings_derive(next);
	rcu_assign_pointer(settings_used, next);
	/* nobody reads the old copy when it is written again */
	synchronize_rcu();
	return 0;
}

static int parameter_get(char *buffer, const struct kernel_param *kp)
{
	const struct parameter *parameter = kp->arg;
	const struct settings *settings = settings_get();

	return settings ? parameter->show(settings, parameter, buffer) :
			  -EINVAL;
}

static const struct kernel_param_ops parameter_ops = {
	.set = parameter_set,
	.get = parameter_get,
};

module_param_cb(profile, &parameter_ops, &parameters[PARAMETER_PROFILE], 0644);
MODULE_PARM_DESC(profile, "esmtp, mailguard or monitor; sets those below but enabled and ports (default esmtp)");
module_param_cb(enabled, &parameter_ops, &parameters[PARAMETER_ENABLED], 0644);
MODULE_PARM_DESC(enabled, "N passes everything (default Y)");
module_param_cb(ports, &parameter_ops, &parameters[PARAMETER_PORTS], 0644);
MODULE_PARM_DESC(ports, "TCP destination ports whose new connections are guarded (default 25)");
module_param_cb(verbs, &parameter_ops, &parameters[PARAMETER_VERBS], 0644);
MODULE_PARM_DESC(verbs, "allowed verbs (default by profile)");
module_param_cb(capabilities, &parameter_ops,
		&parameters[PARAMETER_CAPABILITIES], 0644);
MODULE_PARM_DESC(capabilities, "EHLO keywords that clients may see (default by profile)");
module_param_cb(greeting, &parameter_ops, &parameters[PARAMETER_GREETING],
		0644);
MODULE_PARM_DESC(greeting, "keep or mask (default by profile)");
module_param_cb(refuse, &parameter_ops, &parameters[PARAMETER_REFUSE], 0644);
MODULE_PARM_DESC(refuse, "what a refused command gets: mask or reset (default mask)");
module_param_cb(starttls, &parameter_ops, &parameters[PARAMETER_STARTTLS],
		0644);
MODULE_PARM_DESC(starttls, "allow, deny or require (default allow)");
module_param_cb(end_of_data, &parameter_ops,
		&parameters[PARAMETER_END_OF_DATA], 0644);
MODULE_PARM_DESC(end_of_data, "what an ambiguous end of data gets: defang, reset or accept (default defang)");
module_param_cb(midstream, &parameter_ops, &parameters[PARAMETER_MIDSTREAM],
		0644);
MODULE_PARM_DESC(midstream, "what a flow first seen after its start gets: resync, accept or reset (default resync)");
module_param_cb(max_command_line, &parameter_ops,
		&parameters[PARAMETER_MAX_COMMAND_LINE], 0644);
MODULE_PARM_DESC(max_command_line, "octets of a command line with CRLF (default 2048)");
module_param_cb(max_reply_line, &parameter_ops,
		&parameters[PARAMETER_MAX_REPLY_LINE], 0644);
MODULE_PARM_DESC(max_reply_line, "octets of a reply line with CRLF, more is counted (default 2048)");
module_param_cb(max_text_line, &parameter_ops,
		&parameters[PARAMETER_MAX_TEXT_LINE], 0644);
MODULE_PARM_DESC(max_text_line, "octets of a message line with CRLF, more is counted (default 1000)");
module_param_cb(max_recipients, &parameter_ops,
		&parameters[PARAMETER_MAX_RECIPIENTS], 0644);
MODULE_PARM_DESC(max_recipients, "RCPT commands for one message (default 1000)");
module_param_cb(max_refused, &parameter_ops,
		&parameters[PARAMETER_MAX_REFUSED], 0644);
MODULE_PARM_DESC(max_refused, "refused commands in a session before it is reset, 0 for no limit (default 20)");

/**
 * params_settings() - the settings in use
 *
 * Context: RCU read lock held, or a writer of parameters.
 * Return: never NULL once the module runs.
 */
const struct settings *params_settings(void)
{
	return rcu_dereference(settings_used);
}

/**
 * params_guard_port() - are connections to a port picked up
 * @settings: the settings
 * @port: TCP port in host order
 *
 * Return: true if so.
 */
bool params_guard_port(const struct settings *settings, u16 port)
{
	u8 i;

	for (i = 0; i < settings->port_count; i++)
		if (settings->ports[i] == port)
			return true;
	return false;
}

/**
 * params_profile() - the profile's name
 * @settings: the settings
 *
 * Return: "custom" where a value was changed since the profile was set.
 */
const char *params_profile(const struct settings *settings)
{
	return settings->profile < PROFILE_CUSTOM ?
		profiles[settings->profile].name : "custom";
}

/**
 * params_init() - make the defaults, unless the insmod line did
 *
 * Return: 0 or -EINVAL.
 */
int params_init(void)
{
	return settings_get() ? 0 : -EINVAL;
}
