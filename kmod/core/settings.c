// SPDX-License-Identifier: GPL-2.0
/*
 * Text to settings, settings to text, and settings to policy.  A value is
 * taken whole or not at all: who writes one works on a copy.
 */
#include "capability.h"
#include "mechanism.h"
#include "settings.h"
#include "verb.h"

#define LIST_SEPARATORS		", \t\n"
#define EVERY_WORD		"all"
/* RFC 1035 section 2.3.4 */
#define DOMAIN_MAX		253

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
	"HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS,ETRN"
#define ESMTP_CAPABILITIES \
	"SIZE,8BITMIME,PIPELINING,ENHANCEDSTATUSCODES,DSN,SMTPUTF8," \
	"STARTTLS,AUTH,CHUNKING,BINARYMIME,HELP,ETRN,REQUIRETLS,LIMITS," \
	"DELIVERBY,MT-PRIORITY,FUTURERELEASE,NO-SOLICITING,PRDR," \
	"PIPECONNECT,X_PIPE_CONNECT"

static const struct profile_values profiles[] = {
	[PROFILE_ESMTP] = {
		.name		= "esmtp",
		.verbs		= ESMTP_VERBS,
		.capabilities	= ESMTP_CAPABILITIES,
		.greeting	= GREETING_KEEP,
	},
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

#define PROFILE_COUNT	(sizeof(profiles) / sizeof(profiles[0]))

static void *member(struct settings *settings,
		    const struct parameter *parameter)
{
	return (u8 *)settings + parameter->offset;
}

static const void *member_of(const struct settings *settings,
			     const struct parameter *parameter)
{
	return (const u8 *)settings + parameter->offset;
}

static const char *skip_separators(const char *text)
{
	return text + strspn(text, LIST_SEPARATORS);
}

/* The word behind the first one of a list, or the list's end. */
static const char *next_word(const char *text)
{
	return skip_separators(text + settings_word_length(text));
}

static int text_store(char *text, const char *value)
{
	size_t length = strlen(value);

	if (length >= SETTINGS_TEXT_MAX)
		return -EINVAL;
	memcpy(text, value, length + 1);
	return 0;
}

static int text_show(const char *text, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%s", text);
}

/* Decimal digits up to the value's or the list item's end. */
static int number_parse(const char *text, size_t length, unsigned int minimum,
			unsigned int maximum, unsigned int *number)
{
	bool in_range = true;
	size_t i;

	if (!length)
		return -EINVAL;
	*number = 0;
	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		*number = *number * 10 + text[i] - '0';
		if (*number > maximum) {
			*number = maximum;
			in_range = false;
		}
	}
	return in_range && *number >= minimum ? 0 : -ERANGE;
}

static int words_parse(const struct word_table *table, const char *text,
		       u64 *set, const char **wrong)
{
	*set = 0;
	for (text = skip_separators(text); *text; text = next_word(text)) {
		u8 row = word_find(table, text, settings_word_length(text));

		if (row == WORD_NONE) {
			*wrong = text;
			return -EINVAL;
		}
		*set |= 1ULL << row;
	}
	return 0;
}

static_assert(!offsetof(struct ports, text) &&
	      !offsetof(struct word_set, text) &&
	      !offsetof(struct domains, text), "a list begins with its text");

static int list_show(const struct settings *settings,
		     const struct parameter *parameter, char *buffer,
		     size_t size)
{
	return text_show(member_of(settings, parameter), buffer, size);
}

static int words_set(struct settings *settings,
		     const struct parameter *parameter, const char *value,
		     const char **wrong)
{
	struct word_set *words = member(settings, parameter);
	int err = words_parse(parameter->table, value, &words->set, wrong);

	return err ? err : text_store(words->text, value);
}

static int verbs_set(struct settings *settings,
		     const struct parameter *parameter, const char *value,
		     const char **wrong)
{
	u64 never = VERB_UNTRACKED | VERB_FOREIGN;
	const char *text;

	for (text = skip_separators(value); *text; text = next_word(text)) {
		if (!word_in_set(never, word_find(&verb_table, text,
						  settings_word_length(text))))
			continue;
		*wrong = text;
		return -EINVAL;
	}
	return words_set(settings, parameter, value, wrong);
}

static int mechanisms_set(struct settings *settings,
			  const struct parameter *parameter, const char *value,
			  const char **wrong)
{
	struct word_set *words = member(settings, parameter);

	if (strcmp(value, EVERY_WORD))
		return words_set(settings, parameter, value, wrong);
	words->set = MECHANISMS_ALL;
	return text_store(words->text, value);
}

static int ports_set(struct settings *settings,
		     const struct parameter *parameter, const char *value,
		     const char **wrong)
{
	struct ports *ports = member(settings, parameter);
	const char *text;

	ports->count = 0;
	for (text = skip_separators(value); *text; text = next_word(text)) {
		unsigned int port;
		int err = number_parse(text, settings_word_length(text), 1,
				       U16_MAX, &port);

		if (!err && ports->count == SETTINGS_PORTS_MAX)
			err = -EINVAL;
		if (err) {
			*wrong = text;
			return err;
		}
		ports->port[ports->count++] = port;
	}
	return text_store(ports->text, value);
}

static unsigned int digit_value(char octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	if (octet >= 'a' && octet <= 'f')
		return octet - 'a' + 10;
	if (octet >= 'A' && octet <= 'F')
		return octet - 'A' + 10;
	return U8_MAX;
}

/* Of 32 bits; what begins with 0 would be octal to some and not to others. */
static int mark_number(const char *text, size_t length, u32 *number)
{
	bool hexadecimal = length > 2 && !strncmp(text, "0x", 2);
	unsigned int base = hexadecimal ? 16 : 10;
	u64 value = 0;
	size_t i;

	if (!length || (text[0] == '0' && length > 1 && !hexadecimal))
		return -EINVAL;
	for (i = hexadecimal ? 2 : 0; i < length; i++) {
		unsigned int digit = digit_value(text[i]);

		if (digit >= base)
			return -EINVAL;
		if (value <= U32_MAX)
			value = value * base + digit;
	}
	*number = value;
	return value <= U32_MAX ? 0 : -ERANGE;
}

static int mark_parse(struct mark *mark, const char *value, const char **wrong)
{
	size_t length = strcspn(value, "/");
	int err = mark_number(value, length, &mark->value);

	if (err || !value[length])
		return err;
	*wrong = value + length + 1;
	return mark_number(*wrong, strlen(*wrong), &mark->mask);
}

static int mark_set(struct settings *settings,
		    const struct parameter *parameter, const char *value,
		    const char **wrong)
{
	struct mark *mark = member(settings, parameter);
	int err;

	mark->value = 0;
	mark->mask = 0;
	if (!*value || !strcmp(value, "0"))
		return 0;
	mark->mask = U32_MAX;
	err = mark_parse(mark, value, wrong);
	if (err)
		return err;
	*wrong = value;
	/* a connection that nobody marked is not meant, nor is none at all */
	return mark->value && !(mark->value & ~mark->mask) ? 0 : -EINVAL;
}

static int mark_show(const struct settings *settings,
		     const struct parameter *parameter, char *buffer,
		     size_t size)
{
	const struct mark *mark = member_of(settings, parameter);

	if (!mark->mask)
		return text_show("0", buffer, size);
	if (mark->mask == U32_MAX)
		return snprintf(buffer, size, "0x%x", mark->value);
	return snprintf(buffer, size, "0x%x/0x%x", mark->value, mark->mask);
}

static bool is_domain_octet(char octet)
{
	return (octet >= 'a' && octet <= 'z') ||
	       (octet >= 'A' && octet <= 'Z') ||
	       (octet >= '0' && octet <= '9') || octet == '-' || octet == '.';
}

static bool is_domain(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!is_domain_octet(text[i]))
			return false;
	return length <= DOMAIN_MAX && text[0] != '.' &&
	       text[length - 1] != '.';
}

/* Puts a name where its order is; one that is there already changes nothing. */
static void domains_insert(struct domains *domains, const char *name)
{
	u8 at = domains->table.count;
	u8 i;

	for (i = 0; i < domains->table.count; i++)
		if (!strcmp(domains->rows[i].name, name))
			return;
	while (at && strcmp(domains->rows[at - 1].name, name) > 0) {
		domains->rows[at] = domains->rows[at - 1];
		at--;
	}
	domains->rows[at] = (struct word){ .name = name };
	domains->table.count++;
}

/* The names lie one after the other: no longer, in all, than the text. */
static void domains_build(struct domains *domains)
{
	const char *text = skip_separators(domains->text);
	char *name = domains->names;

	domains->table.rows = domains->rows;
	domains->table.count = 0;
	while (*text) {
		size_t length = settings_word_length(text);
		size_t i;

		for (i = 0; i < length; i++)
			name[i] = word_upper(text[i]);
		name[length] = '\0';
		domains_insert(domains, name);
		name += length + 1;
		text = next_word(text);
	}
}

static int domains_set(struct settings *settings,
		       const struct parameter *parameter, const char *value,
		       const char **wrong)
{
	struct domains *domains = member(settings, parameter);
	unsigned int count = 0;
	const char *text;

	for (text = skip_separators(value); *text; text = next_word(text)) {
		if (is_domain(text, settings_word_length(text)) &&
		    count++ < SETTINGS_DOMAINS_MAX)
			continue;
		*wrong = text;
		return -EINVAL;
	}
	return text_store(domains->text, value);
}

static int word_set(struct settings *settings,
		    const struct parameter *parameter, const char *value,
		    const char **wrong)
{
	u8 *choice = member(settings, parameter);
	u8 i;

	for (i = 0; parameter->words[i]; i++) {
		if (strcmp(parameter->words[i], value))
			continue;
		*choice = i;
		return 0;
	}
	return -EINVAL;
}

static int word_show(const struct settings *settings,
		     const struct parameter *parameter, char *buffer,
		     size_t size)
{
	const u8 *choice = member_of(settings, parameter);

	return text_show(parameter->words[*choice], buffer, size);
}

static int number_set(struct settings *settings,
		      const struct parameter *parameter, const char *value,
		      const char **wrong)
{
	u16 *number = member(settings, parameter);
	unsigned int parsed;
	int err = number_parse(value, strlen(value), parameter->minimum,
			       parameter->maximum, &parsed);

	if (!err)
		*number = parsed;
	return err;
}

static int number_show(const struct settings *settings,
		       const struct parameter *parameter, char *buffer,
		       size_t size)
{
	const u16 *number = member_of(settings, parameter);

	return snprintf(buffer, size, "%u", *number);
}

/* What the kernel's own switches take. */
static int enabled_set(struct settings *settings,
		       const struct parameter *parameter, const char *value,
		       const char **wrong)
{
	static const char *const words[] = {
		"N", "Y", "n", "y", "0", "1", "off", "on",
	};
	u8 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], value))
			continue;
		settings->policy.enabled = i & 1;
		return 0;
	}
	return -EINVAL;
}

static int enabled_show(const struct settings *settings,
			const struct parameter *parameter, char *buffer,
			size_t size)
{
	return text_show(settings->policy.enabled ? "Y" : "N", buffer, size);
}

/* Everything that a profile governs, from its row or from the defaults. */
static int profile_apply(struct settings *settings, u8 profile)
{
	const struct profile_values *values = &profiles[profile];
	bool enabled = settings->policy.enabled;
	const char *wrong;
	int err;

	settings->policy = (struct policy){
		.enabled		= enabled,
		.greeting		= values->greeting,
		.monitor		= values->monitor,
		.refuse			= REFUSE_MASK,
		.starttls		= STARTTLS_ALLOW,
		.auth			= AUTH_ALLOW,
		.pipelining		= PIPELINING_ACCEPT,
		.command_order		= CHECK_ACCEPT,
		.special_characters	= CHECK_ACCEPT,
		.source_routes		= CHECK_ACCEPT,
		.percent_hack		= CHECK_ACCEPT,
		.proxy_protocol		= settings->policy.proxy_protocol,
		.end_of_data		= END_OF_DATA_DEFANG,
		.bare_newline		= BARE_NEWLINE_ACCEPT,
		.desync			= DESYNC_LOG,
		.midstream		= MIDSTREAM_RESYNC,
		.max_command_line	= 2048,
		.max_reply_line		= 2048,
		.max_text_line		= 1000,
		.max_path		= 1024,
		.max_recipients		= 1000,
		.max_refused		= 20,
	};
	settings->profile = profile;
	settings->mechanisms.set = MECHANISMS_ALL;
	settings->relay_domains.text[0] = '\0';
	err = text_store(settings->mechanisms.text, EVERY_WORD);
	if (!err)
		err = words_set(settings, &settings_parameters[PARAMETER_VERBS],
				values->verbs, &wrong);
	if (!err)
		err = words_set(settings,
				&settings_parameters[PARAMETER_CAPABILITIES],
				values->capabilities, &wrong);
	return err;
}

static int profile_set(struct settings *settings,
		       const struct parameter *parameter, const char *value,
		       const char **wrong)
{
	u8 i;

	for (i = 0; i < PROFILE_COUNT; i++)
		if (!strcmp(profiles[i].name, value))
			return profile_apply(settings, i);
	return -EINVAL;
}

static int profile_show(const struct settings *settings,
			const struct parameter *parameter, char *buffer,
			size_t size)
{
	return text_show(settings_profile(settings), buffer, size);
}

/* What follows from the values taken together. */
static void settings_derive(struct settings *settings)
{
	struct policy *policy = &settings->policy;
	u64 verbs = settings->verbs.set;

	if (policy->starttls == STARTTLS_DENY)
		verbs &= ~VERB_BIT(VERB_STARTTLS);
	if (policy->starttls == STARTTLS_REQUIRE)
		verbs &= ~VERB_OPENS_MAIL;
	if (policy->starttls == STARTTLS_REQUIRE || policy->auth != AUTH_ALLOW)
		verbs &= ~VERB_BIT(VERB_AUTH);
	policy->verbs = verbs;
	policy->capabilities =
		capability_set_for_verbs(settings->capabilities.set, verbs);
	policy->mechanisms = settings->mechanisms.set;
	domains_build(&settings->relay_domains);
	policy->relay_domains = settings->relay_domains.table.count ?
		&settings->relay_domains.table : NULL;
}

static const char *const namespaces_words[] = { "init", "all", NULL };
static const char *const full_words[] = { "defer", "pass", NULL };
static const char *const check_words[] = { "accept", "refuse", NULL };
static const char *const greeting_words[] = { "keep", "mask", NULL };
static const char *const refuse_words[] = { "mask", "reset", NULL };
static const char *const auth_words[] = { "allow", "tls-only", "deny", NULL };
static const char *const pipelining_words[] = { "accept", "reset", NULL };
static const char *const desync_words[] = { "log", "reset", NULL };
static const char *const starttls_words[] = { "allow", "deny", "require", NULL };

static const char *const end_of_data_words[] = {
	"defang", "reset", "accept", NULL
};

static const char *const bare_newline_words[] = {
	"accept", "defang", "reset", NULL
};

static const char *const midstream_words[] = {
	"resync", "accept", "reset", NULL
};

#define OF_POLICY(member)	offsetof(struct settings, policy.member)

const struct parameter settings_parameters[PARAMETER_COUNT] = {
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
		.chooses = true,
	},
	[PARAMETER_NAMESPACES] = {
		.name	= "namespaces",
		.takes	= "init or all",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, namespaces),
		.words	= namespaces_words,
		.chooses = true,
	},
	[PARAMETER_PORTS] = {
		.name	= "ports",
		.takes	= "up to 16 ports from 1 to 65535",
		.set	= ports_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, ports),
		.chooses = true,
	},
	[PARAMETER_MARK] = {
		.name	= "mark",
		.takes	= "a value within its mask, as 0x10/0xf0 or 16, or 0 for none",
		.set	= mark_set,
		.show	= mark_show,
		.offset	= offsetof(struct settings, mark),
		.chooses = true,
	},
	[PARAMETER_TLS_PORTS] = {
		.name	= "tls_ports",
		.takes	= "up to 16 ports from 1 to 65535",
		.set	= ports_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, tls_ports),
	},
	[PARAMETER_PROXY_PROTOCOL] = {
		.name	= "proxy_protocol",
		.takes	= "accept or refuse",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(proxy_protocol),
		.words	= check_words,
	},
	[PARAMETER_MAX_MEMORY] = {
		.name	= "max_memory",
		.takes	= "a number from 1 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, max_memory),
		.minimum = 1,
		.maximum = 65535,
	},
	[PARAMETER_FULL] = {
		.name	= "full",
		.takes	= "defer or pass",
		.set	= word_set,
		.show	= word_show,
		.offset	= offsetof(struct settings, full),
		.words	= full_words,
	},
	[PARAMETER_MAX_UNACKNOWLEDGED] = {
		.name	= "max_unacknowledged",
		.takes	= "a number from 2048 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= offsetof(struct settings, max_unacknowledged),
		.minimum = 2048,
		.maximum = 65535,
	},
	[PARAMETER_VERBS] = {
		.name	= "verbs",
		.takes	= "a list of verbs",
		.set	= verbs_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, verbs),
		.table	= &verb_table,
		.governed = true,
	},
	[PARAMETER_CAPABILITIES] = {
		.name	= "capabilities",
		.takes	= "a list of EHLO keywords",
		.set	= words_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, capabilities),
		.table	= &capability_table,
		.governed = true,
	},
	[PARAMETER_GREETING] = {
		.name	= "greeting",
		.takes	= "keep or mask",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(greeting),
		.words	= greeting_words,
		.governed = true,
	},
	[PARAMETER_REFUSE] = {
		.name	= "refuse",
		.takes	= "mask or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(refuse),
		.words	= refuse_words,
		.governed = true,
	},
	[PARAMETER_STARTTLS] = {
		.name	= "starttls",
		.takes	= "allow, deny or require",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(starttls),
		.words	= starttls_words,
		.governed = true,
	},
	[PARAMETER_AUTH] = {
		.name	= "auth",
		.takes	= "allow, tls-only or deny",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(auth),
		.words	= auth_words,
		.governed = true,
	},
	[PARAMETER_AUTH_MECHANISMS] = {
		.name	= "auth_mechanisms",
		.takes	= "all, or a list of AUTH mechanisms",
		.set	= mechanisms_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, mechanisms),
		.table	= &mechanism_table,
		.governed = true,
	},
	[PARAMETER_PIPELINING] = {
		.name	= "pipelining",
		.takes	= "accept or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(pipelining),
		.words	= pipelining_words,
		.governed = true,
	},
	[PARAMETER_COMMAND_ORDER] = {
		.name	= "command_order",
		.takes	= "accept or refuse",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(command_order),
		.words	= check_words,
		.governed = true,
	},
	[PARAMETER_SPECIAL_CHARACTERS] = {
		.name	= "special_characters",
		.takes	= "accept or refuse",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(special_characters),
		.words	= check_words,
		.governed = true,
	},
	[PARAMETER_SOURCE_ROUTES] = {
		.name	= "source_routes",
		.takes	= "accept or refuse",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(source_routes),
		.words	= check_words,
		.governed = true,
	},
	[PARAMETER_PERCENT_HACK] = {
		.name	= "percent_hack",
		.takes	= "accept or refuse",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(percent_hack),
		.words	= check_words,
		.governed = true,
	},
	[PARAMETER_RELAY_DOMAINS] = {
		.name	= "relay_domains",
		.takes	= "up to 63 domains, or nothing for any",
		.set	= domains_set,
		.show	= list_show,
		.offset	= offsetof(struct settings, relay_domains),
		.governed = true,
	},
	[PARAMETER_END_OF_DATA] = {
		.name	= "end_of_data",
		.takes	= "defang, reset or accept",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(end_of_data),
		.words	= end_of_data_words,
		.governed = true,
	},
	[PARAMETER_BARE_NEWLINE] = {
		.name	= "bare_newline",
		.takes	= "accept, defang or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(bare_newline),
		.words	= bare_newline_words,
		.governed = true,
	},
	[PARAMETER_DESYNC] = {
		.name	= "desync",
		.takes	= "log or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(desync),
		.words	= desync_words,
		.governed = true,
	},
	[PARAMETER_MIDSTREAM] = {
		.name	= "midstream",
		.takes	= "resync, accept or reset",
		.set	= word_set,
		.show	= word_show,
		.offset	= OF_POLICY(midstream),
		.words	= midstream_words,
		.governed = true,
	},
	[PARAMETER_MAX_COMMAND_LINE] = {
		.name	= "max_command_line",
		.takes	= "a number from 512 to 16000",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_command_line),
		.minimum = 512,
		.maximum = 16000,
		.governed = true,
	},
	[PARAMETER_MAX_REPLY_LINE] = {
		.name	= "max_reply_line",
		.takes	= "a number from 512 to 4000",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_reply_line),
		.minimum = 512,
		.maximum = 4000,
		.governed = true,
	},
	[PARAMETER_MAX_TEXT_LINE] = {
		.name	= "max_text_line",
		.takes	= "a number from 1000 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_text_line),
		.minimum = 1000,
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_PATH] = {
		.name	= "max_path",
		.takes	= "a number from 256 to 2000",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_path),
		.minimum = 256,
		.maximum = 2000,
		.governed = true,
	},
	[PARAMETER_MAX_RECIPIENTS] = {
		.name	= "max_recipients",
		.takes	= "a number from 100 to 65535",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_recipients),
		.minimum = 100,
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_REFUSED] = {
		.name	= "max_refused",
		.takes	= "a number from 0 to 65535, 0 for no limit",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_refused),
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_ERRORS] = {
		.name	= "max_errors",
		.takes	= "a number from 0 to 65535, 0 for no limit",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_errors),
		.maximum = 65535,
		.governed = true,
	},
	[PARAMETER_MAX_MESSAGES] = {
		.name	= "max_messages",
		.takes	= "a number from 0 to 65535, 0 for no limit",
		.set	= number_set,
		.show	= number_show,
		.offset	= OF_POLICY(max_messages),
		.maximum = 65535,
		.governed = true,
	},
};

/**
 * settings_init() - the defaults
 * @settings: set to them
 *
 * Return: 0, or a negative errno where a profile's own values are wrong.
 */
int settings_init(struct settings *settings)
{
	const char *wrong;
	int err;

	memset(settings, 0, sizeof(*settings));
	settings->policy.enabled = true;
	settings->policy.proxy_protocol = CHECK_REFUSE;
	settings->max_memory = 256;
	settings->max_unacknowledged = 32768;
	err = ports_set(settings, &settings_parameters[PARAMETER_PORTS], "25",
			&wrong);
	if (!err)
		err = ports_set(settings,
				&settings_parameters[PARAMETER_TLS_PORTS],
				"465", &wrong);
	if (!err)
		err = profile_apply(settings, PROFILE_ESMTP);
	settings_derive(settings);
	return err;
}

/**
 * settings_copy() - copy settings
 * @to: where to
 * @from: what
 */
void settings_copy(struct settings *to, const struct settings *from)
{
	*to = *from;
	settings_derive(to);
}

/**
 * settings_set() - write one parameter
 * @settings: settings that nobody reads yet; of no use if the value is wrong
 * @parameter: which
 * @value: without blanks around it
 * @wrong: set to the part of @value that is wrong
 *
 * Return: 0, -EINVAL, or -ERANGE for a number out of range.
 */
int settings_set(struct settings *settings, const struct parameter *parameter,
		 const char *value, const char **wrong)
{
	int err;

	*wrong = value;
	err = parameter->set(settings, parameter, value, wrong);
	if (err)
		return err;
	/* a box that was told to change nothing must not begin to */
	if (parameter->governed && !settings->policy.monitor)
		settings->profile = PROFILE_CUSTOM;
	settings_derive(settings);
	return 0;
}

/**
 * settings_show() - read one parameter
 * @settings: the settings
 * @parameter: which
 * @buffer: gets the value, terminated
 * @size: its size
 *
 * Return: octets of the value.
 */
int settings_show(const struct settings *settings,
		  const struct parameter *parameter, char *buffer, size_t size)
{
	return parameter->show(settings, parameter, buffer, size);
}

/**
 * settings_find() - find a parameter
 * @name: its name
 *
 * Return: its row, or NULL.
 */
const struct parameter *settings_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < PARAMETER_COUNT; i++)
		if (!strcmp(settings_parameters[i].name, name))
			return &settings_parameters[i];
	return NULL;
}

/**
 * settings_has_port() - is a port in a list
 * @ports: the list
 * @port: TCP port in host order
 *
 * Return: true if so.
 */
bool settings_has_port(const struct ports *ports, u16 port)
{
	u8 i;

	for (i = 0; i < ports->count; i++)
		if (ports->port[i] == port)
			return true;
	return false;
}

/**
 * settings_word_length() - octets of the first word of a list
 * @text: the list, not beginning with a separator
 *
 * Return: octets up to the next separator or the end.
 */
size_t settings_word_length(const char *text)
{
	return strcspn(text, LIST_SEPARATORS);
}

/**
 * settings_profile() - the profile's name
 * @settings: the settings
 *
 * Return: "custom" where a value was changed since the profile was set.
 */
const char *settings_profile(const struct settings *settings)
{
	return settings->profile < PROFILE_CUSTOM ?
		profiles[settings->profile].name : "custom";
}
