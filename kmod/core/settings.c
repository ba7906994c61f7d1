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
 * struct profile_values - what a profile sets
 * @monitor: see struct policy
 * @values: of parameters, where they are not the defaults
 */
struct profile_values {
	bool monitor;
	const char *values[PARAMETER_COUNT];
};

static const struct profile_values profiles[PROFILE_CUSTOM] = {
	[PROFILE_MAILGUARD].values = {
		[PARAMETER_VERBS] = "HELO,MAIL,RCPT,DATA,RSET,NOOP,QUIT",
		[PARAMETER_CAPABILITIES] = "",
		[PARAMETER_GREETING] = "mask",
	},
	[PROFILE_MONITOR].monitor = true,
};

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

static bool is_sign(char octet)
{
	return octet == '+' || octet == '-';
}

static bool is_same_word(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (word_upper(a[i]) != word_upper(b[i]))
			return false;
	return true;
}

/* A word with the sign that is before it, if one is. */
struct signed_word {
	char sign;
	const char *name;
	size_t length;
};

static struct signed_word signed_word(const char *text)
{
	bool sign = is_sign(*text);

	return (struct signed_word) {
		.sign = sign ? *text : '\0',
		.name = text + sign,
		.length = settings_word_length(text) - sign,
	};
}

/*
 * What is in no table needs a sign, so that a word that is misspelt is told of
 * and not allowed.
 */
static bool may_be_listed(const struct word_table *table, u64 never,
			  const char *text, bool changes)
{
	struct signed_word word = signed_word(text);
	u8 row = word_find(table, word.name, word.length);

	if (changes != !!word.sign && word.sign != '+')
		return false;
	if (row != WORD_NONE)
		return !word_in_set(never, row);
	return word.sign && extra_fits(table, word.name, word.length);
}

/* A list that begins with a sign would change another one. */
static int list_add(char *text, const struct word_table *table,
		    const struct signed_word *word)
{
	bool known = word_find(table, word->name, word->length) != WORD_NONE;
	size_t length = strlen(text);
	int added = snprintf(text + length, SETTINGS_TEXT_MAX - length,
			     "%s%s%.*s", length || !known ? "," : "",
			     known ? "" : "+", (int)word->length, word->name);

	return added < (int)(SETTINGS_TEXT_MAX - length) ? 0 : -EINVAL;
}

/* From the separator before it on; of the first word, to the one behind it. */
static void list_cut(char *text, size_t at, size_t length)
{
	size_t from = at;
	size_t to = at + length;

	while (from && strchr(LIST_SEPARATORS, text[from - 1]))
		from--;
	if (!from && text[to] && !is_sign(*next_word(text + at)))
		to = next_word(text + at) - text;
	memmove(text + from, text + to, strlen(text + to) + 1);
}

static void list_remove(char *text, const struct signed_word *word)
{
	const char *at = skip_separators(text);

	while (*at) {
		struct signed_word other = signed_word(at);

		if (other.length == word->length &&
		    is_same_word(other.name, word->name, word->length)) {
			list_cut(text, at - text, settings_word_length(at));
			at = skip_separators(text);
		} else {
			at = next_word(at);
		}
	}
}

/* "+VRFY -ETRN" */
static int list_change(char *text, const struct word_table *table,
		       const char *value)
{
	for (value = skip_separators(value); *value; value = next_word(value)) {
		struct signed_word word = signed_word(value);
		int err = 0;

		list_remove(text, &word);
		if (word.sign == '+')
			err = list_add(text, table, &word);
		if (err)
			return err;
	}
	return 0;
}

/* The words of a list that are in a table, and those that are in none. */
static int list_parse(const char *text, const struct word_table *table,
		      u64 *set, struct extra *extra)
{
	*set = 0;
	extra_clear(extra);
	for (text = skip_separators(text); *text; text = next_word(text)) {
		struct signed_word word = signed_word(text);
		u8 row = word_find(table, word.name, word.length);

		if (row != WORD_NONE)
			*set |= 1ULL << row;
		else if (!extra_add(extra, word.name, word.length))
			return -EINVAL;
	}
	return 0;
}

static int open_list_set(struct word_set *list, struct extra *extra,
			 const struct word_table *table, u64 never,
			 const char *value, const char **wrong)
{
	bool changes = is_sign(*value);
	const char *text;
	int err;

	for (text = skip_separators(value); *text; text = next_word(text)) {
		if (may_be_listed(table, never, text, changes))
			continue;
		*wrong = text;
		return -EINVAL;
	}
	err = changes ? list_change(list->text, table, value) :
			text_store(list->text, value);
	return err ? err : list_parse(list->text, table, &list->set, extra);
}

static int verbs_set(struct settings *settings,
		     const struct parameter *parameter, const char *value,
		     const char **wrong)
{
	return open_list_set(&settings->verbs, &settings->extra_verbs,
			     parameter->table, VERB_UNTRACKED | VERB_FOREIGN,
			     value, wrong);
}

static int capabilities_set(struct settings *settings,
			    const struct parameter *parameter,
			    const char *value, const char **wrong)
{
	return open_list_set(&settings->capabilities,
			     &settings->extra_capabilities, parameter->table,
			     0, value, wrong);
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
	int err = number_parse(value, strlen(value), 0, parameter->maximum,
			       &parsed);

	if (err)
		return err;
	if (parsed < parameter->minimum && (parsed || !parameter->unlimited))
		return -ERANGE;
	*number = parsed;
	return 0;
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

/* A value of our own. */
static int set_known(struct settings *settings,
		     const struct parameter *parameter, const char *value)
{
	const char *wrong;

	return parameter->set(settings, parameter, value, &wrong);
}

/* Everything that a profile governs, from its row or from the defaults. */
static int profile_apply(struct settings *settings)
{
	const struct profile_values *row = &profiles[settings->profile];
	unsigned int i;
	int err = 0;

	for (i = 0; i < PARAMETER_COUNT && !err; i++) {
		const struct parameter *parameter = &settings_parameters[i];
		const char *value = row->values[i];

		if (parameter->part == PART_POLICY)
			err = set_known(settings, parameter,
					value ? value : parameter->standard);
	}
	settings->policy.monitor = row->monitor;
	return err;
}

static int profile_set(struct settings *settings,
		       const struct parameter *parameter, const char *value,
		       const char **wrong)
{
	int err = word_set(settings, parameter, value, wrong);

	return err ? err : profile_apply(settings);
}

static int profile_show(const struct settings *settings,
			const struct parameter *parameter, char *buffer,
			size_t size)
{
	return text_show(settings_profile(settings), buffer, size);
}

/* The words of a copy are its own. */
static const struct word_table *derive_extra(const struct word_set *list,
					     const struct word_table *table,
					     struct extra *extra)
{
	u64 set;

	list_parse(list->text, table, &set, extra);
	return extra->table.count ? &extra->table : NULL;
}

static void derive_candidates(struct settings *settings)
{
	const struct ports *ports = &settings->ports;
	u8 i;

	/* a mark may be on any of them */
	memset(settings->candidates, settings->mark.mask != 0,
	       sizeof(settings->candidates));
	for (i = 0; i < ports->count; i++)
		settings->candidates[ports->port[i] % SETTINGS_CANDIDATES] = 1;
}

/* What follows from the values taken together. */
static void settings_derive(struct settings *settings)
{
	struct policy *policy = &settings->policy;
	u64 verbs = settings->verbs.set;

	if (policy->starttls == STARTTLS_DENY)
		verbs &= ~VERB_STARTS_TLS;
	if (policy->starttls == STARTTLS_REQUIRE)
		verbs &= ~VERB_OPENS_MAIL;
	if (policy->starttls == STARTTLS_REQUIRE || policy->auth != AUTH_ALLOW)
		verbs &= ~VERB_AUTHENTICATES;
	policy->verbs = verbs;
	policy->capabilities =
		capability_set_for_verbs(settings->capabilities.set, verbs);
	policy->extra_verbs = derive_extra(&settings->verbs, &verb_table,
					   &settings->extra_verbs);
	policy->extra_capabilities =
		derive_extra(&settings->capabilities, &capability_table,
			     &settings->extra_capabilities);
	policy->mechanisms = settings->mechanisms.set;
	domains_build(&settings->relay_domains);
	policy->relay_domains = settings->relay_domains.table.count ?
		&settings->relay_domains.table : NULL;
	derive_candidates(settings);
}

/* The kinds of parameters: what they take, and how it is read and shown. */
#define OTHER(set_it, show_it, told) \
	.takes = told, .set = set_it, .show = show_it
#define WORDS(set_it, of, told) \
	OTHER(set_it, list_show, told), .table = &(of)
#define RANGE(told, least, most) \
	OTHER(number_set, number_show, told), .minimum = least, .maximum = most
#define NUMBER(least, most)	RANGE(TAKES_NUMBER(least, most), least, most)
#define LIMIT(most)		RANGE(TAKES_LIMIT(most), 0, most)
#define LIMIT_FROM(least, most) \
	RANGE(TAKES_LIMIT_FROM(least, most), least, most), .unlimited = true
#define ONE_OF(set_it, show_it, told, ...) \
	OTHER(set_it, show_it, told), \
	.words = (const char *const []){ __VA_ARGS__, NULL }
#define ONE_OF_2(one, two) \
	ONE_OF(word_set, word_show, TAKES_2(one, two), one, two)
#define ONE_OF_3(one, two, three) \
	ONE_OF(word_set, word_show, TAKES_3(one, two, three), one, two, three)
#define PROFILES(...) \
	ONE_OF(profile_set, profile_show, TAKES_PROFILES(__VA_ARGS__), \
	       __VA_ARGS__)

const struct parameter settings_parameters[PARAMETER_COUNT] = {
#define PARAMETER(id, called, member, of, value, kind, help) {			\
		.name = #called,						\
		.standard = value,						\
		.offset = offsetof(struct settings, member),			\
		.part = PART_##of,						\
		kind								\
	},
#include "parameter_list.h"
};

/**
 * settings_init() - the defaults
 * @settings: set to them
 *
 * Return: 0, or a negative errno where a profile's own values are wrong.
 */
int settings_init(struct settings *settings)
{
	unsigned int i;
	int err = 0;

	memset(settings, 0, sizeof(*settings));
	for (i = 0; i < PARAMETER_COUNT && !err; i++)
		err = set_known(settings, &settings_parameters[i],
				settings_parameters[i].standard);
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
	if (parameter->part == PART_POLICY && !settings->policy.monitor)
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
	const struct parameter *row = &settings_parameters[PARAMETER_PROFILE];

	return settings->profile < PROFILE_CUSTOM ?
		row->words[settings->profile] : "custom";
}

/**
 * settings_verb_decider() - what refuses a verb
 * @settings: the settings
 * @verb: enum verb, one that they refuse
 *
 * Return: the name of the parameter: the list, or another that takes away what
 * the list has.
 */
const char *settings_verb_decider(const struct settings *settings, u8 verb)
{
	if (!word_in_set(settings->verbs.set, verb))
		return "verbs";
	if (word_in_set(VERB_AUTHENTICATES, verb) &&
	    settings->policy.starttls != STARTTLS_REQUIRE)
		return "auth";
	return "starttls";
}

/**
 * settings_capability_decider() - what hides a capability
 * @settings: the settings
 * @row: of capability_table, one of which they hide at least a word;
 *	%WORD_NONE for one that is in no row
 *
 * Return: the name of the parameter.
 */
const char *settings_capability_decider(const struct settings *settings,
					u8 row)
{
	if (!word_in_set(settings->capabilities.set, row))
		return "capabilities";
	if (word_in_set(settings->policy.capabilities, row))
		return "auth_mechanisms";
	return settings_verb_decider(settings,
				     capability_table.rows[row].value);
}
