/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings that sysfs and the insmod line write and packets read.
 */
#ifndef SMTPGUARD_PARAMS_H
#define SMTPGUARD_PARAMS_H

#include <linux/types.h>

#include "core/policy.h"

#define PORTS_MAX	16
/* Octets of a list parameter as it was written, with its end. */
#define LIST_TEXT_MAX	512

/**
 * enum profile - rows of the profiles' table in params.c
 * @PROFILE_CUSTOM: none of them, a value was changed
 */
enum profile {
	PROFILE_ESMTP,
	PROFILE_MAILGUARD,
	PROFILE_MONITOR,

	PROFILE_CUSTOM,
};

/**
 * struct settings - all parameters, as written and as read
 * @policy: what the core reads
 * @profile: enum profile
 * @port_count: ports in use
 * @ports: destination ports whose new connections are picked up, host order
 * @verbs: verbs as written, before @policy.starttls takes any away
 * @capabilities: capabilities as written, before refused verbs take any away
 * @ports_text: @ports as written
 * @verbs_text: @verbs as written
 * @capabilities_text: @capabilities as written
 */
struct settings {
	struct policy policy;
	u8 profile;
	u8 port_count;
	u16 ports[PORTS_MAX];
	u64 verbs;
	u64 capabilities;
	char ports_text[LIST_TEXT_MAX];
	char verbs_text[LIST_TEXT_MAX];
	char capabilities_text[LIST_TEXT_MAX];
};

int params_init(void);
const struct settings *params_settings(void);
bool params_guard_port(const struct settings *settings, u16 port);
const char *params_profile(const struct settings *settings);

#endif /* SMTPGUARD_PARAMS_H */
