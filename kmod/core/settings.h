/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parameters as text, and the policy that follows from them.
 */
#ifndef SMTPGUARD_CORE_SETTINGS_H
#define SMTPGUARD_CORE_SETTINGS_H

#include "extra.h"
#include "policy.h"
#include "word.h"

#define SETTINGS_PORTS_MAX	16
#define SETTINGS_DOMAINS_MAX	63
/* Values of an octet. */
#define SETTINGS_CANDIDATES	256
/* Octets of a list as it was written, with its end. */
#define SETTINGS_TEXT_MAX	512

/**
 * enum profile - rows of the profiles' table
 * @PROFILE_ESMTP: today's mail
 * @PROFILE_MAILGUARD: the seven commands of RFC 821 section 4.5.1
 * @PROFILE_MONITOR: decides as the first, and changes nothing
 * @PROFILE_CUSTOM: none of them, a value was changed
 */
enum profile {
	PROFILE_ESMTP,
	PROFILE_MAILGUARD,
	PROFILE_MONITOR,

	PROFILE_CUSTOM,
};

/**
 * enum namespaces - where the ports are guarded
 * @NAMESPACES_INIT: in the initial network namespace
 * @NAMESPACES_ALL: in every one
 */
enum namespaces { NAMESPACES_INIT, NAMESPACES_ALL };

/**
 * enum full - what a new session gets that there is no memory for
 * @FULL_DEFER: it waits
 * @FULL_PASS: it passes unguarded, to its end
 */
enum full { FULL_DEFER, FULL_PASS };

/**
 * enum log_envelope - how the log tells senders and recipients
 * @LOG_ENVELOPE_PLAIN: as they were said
 * @LOG_ENVELOPE_HASH: each as a hash, in records of messages alone
 * @LOG_ENVELOPE_OFF: not at all
 */
enum log_envelope { LOG_ENVELOPE_PLAIN, LOG_ENVELOPE_HASH, LOG_ENVELOPE_OFF };

/* What the kinds of parameters take, for people. */
#define TAKES_NUMBER(least, most)	"a number from " #least " to " #most
#define TAKES_LIMIT(most)		TAKES_NUMBER(0, most) ", 0 for no limit"
#define TAKES_LIMIT_FROM(least, most) \
	TAKES_NUMBER(least, most) ", or 0 for no limit"
#define TAKES_2(one, two)		one " or " two
#define TAKES_3(one, two, three)	one ", " two " or " three
#define TAKES_PROFILES			TAKES_3

/** enum parameter_index - rows of parameter_list.h */
enum parameter_index {
#define PARAMETER(id, name, member, part, standard, kind, help) PARAMETER_##id,
#include "parameter_list.h"

	PARAMETER_COUNT
};

/**
 * struct ports - a list of TCP ports
 * @text: as written; before all else, for list_show()
 * @count: how many
 * @port: in host order
 */
struct ports {
	char text[SETTINGS_TEXT_MAX];
	u8 count;
	u16 port[SETTINGS_PORTS_MAX];
};

/**
 * struct mark - which of the marks that a ruleset gives to connections
 * @value: what a mark is behind @mask; not 0, that is what most have
 * @mask: its bits that count; 0: none is looked at
 */
struct mark {
	u32 value;
	u32 mask;
};

/**
 * struct word_set - a list of words of a table
 * @text: as written; before all else, for list_show()
 * @set: one bit a row
 */
struct word_set {
	char text[SETTINGS_TEXT_MAX];
	u64 set;
};

/**
 * struct domains - a list of domains
 * @text: as written; before all else, for list_show()
 * @table: @rows
 * @rows: in ascending order, pointing into @names
 * @names: in capitals, each with its end
 */
struct domains {
	char text[SETTINGS_TEXT_MAX];
	struct word_table table;
	struct word rows[SETTINGS_DOMAINS_MAX];
	char names[SETTINGS_TEXT_MAX];
};

/**
 * struct settings - all parameters
 * @policy: what the core reads
 * @profile: enum profile
 * @namespaces: enum namespaces
 * @ports: destination ports whose new connections are picked up
 * @mark: connections that are picked up for it, whatever their port
 * @tls_ports: those of them where a session begins with TLS
 * @max_memory: MiB that all sessions may take
 * @full: enum full
 * @max_unacknowledged: octets of commands or lines of a message that one side
 *	of a session may have under way, and the marks among them
 * @log_envelope: enum log_envelope
 * @verbs: as written, before @policy.starttls takes any away
 * @capabilities: as written, before refused verbs take any away
 * @extra_verbs: those words of @verbs that are in no table
 * @extra_capabilities: those of @capabilities
 * @mechanisms: AUTH mechanisms
 * @relay_domains: domains that a RCPT may name
 * @candidates: by the lower octet of a port: 1 where a connection to one like that
 *	may be picked up, for its port or its mark
 *
 * Points into itself: copy it with settings_copy().
 */
struct settings {
	struct policy policy;
	u8 profile;
	u8 namespaces;
	struct ports ports;
	struct mark mark;
	struct ports tls_ports;
	u16 max_memory;
	u8 full;
	u16 max_unacknowledged;
	u8 log_envelope;
	struct word_set verbs;
	struct word_set capabilities;
	struct extra extra_verbs;
	struct extra extra_capabilities;
	struct word_set mechanisms;
	struct domains relay_domains;
	u8 candidates[SETTINGS_CANDIDATES];
};

/**
 * enum parameter_part - what a parameter is about
 * @PART_BOX: the box; no profile sets it
 * @PART_CHOICE: the same, and it says which connections are guarded
 * @PART_POLICY: what is allowed; a profile sets it
 */
enum parameter_part { PART_BOX, PART_CHOICE, PART_POLICY };

/**
 * struct parameter - one row of settings_parameters
 * @name: as in sysfs
 * @standard: the default
 * @takes: what it takes, for people
 * @set: writes a value into settings; 0, -EINVAL or -ERANGE, and the part of
 *	the value that is wrong
 * @show: writes the value as text
 * @offset: where in struct settings
 * @table: of a list of words
 * @minimum: of a number
 * @unlimited: a number may be 0, too, for no limit
 * @maximum: of a number
 * @words: of an enumeration, by value, NULL at the end
 * @part: see there
 */
struct parameter {
	const char *name;
	const char *standard;
	const char *takes;
	int (*set)(struct settings *settings, const struct parameter *parameter,
		   const char *value, const char **wrong);
	int (*show)(const struct settings *settings,
		    const struct parameter *parameter, char *buffer,
		    size_t size);
	size_t offset;
	const struct word_table *table;
	unsigned int minimum;
	bool unlimited;
	unsigned int maximum;
	const char *const *words;
	enum parameter_part part;
};

extern const struct parameter settings_parameters[PARAMETER_COUNT];

int settings_init(struct settings *settings);
void settings_copy(struct settings *to, const struct settings *from);
int settings_set(struct settings *settings, const struct parameter *parameter,
		 const char *value, const char **wrong);
int settings_show(const struct settings *settings,
		  const struct parameter *parameter, char *buffer,
		  size_t size);
const struct parameter *settings_find(const char *name);
bool settings_has_port(const struct ports *ports, u16 port);
size_t settings_word_length(const char *text);
const char *settings_profile(const struct settings *settings);
const char *settings_verb_decider(const struct settings *settings, u8 verb);
const char *settings_capability_decider(const struct settings *settings,
					u8 row);

#endif /* SMTPGUARD_CORE_SETTINGS_H */
