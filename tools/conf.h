/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of settings, see smtpguard.conf(5).
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>

#include "core/settings.h"
#include "params.h"

#define CONF_PATH	"/etc/smtpguard.conf"

/**
 * struct conf - what a file of settings says
 * @settings: all parameters: those that it does not name are as its profile,
 *	or the list of parameters, has them
 * @line: where each is set, from 1 on; 0 where it is not
 * @custom: it says profile = custom
 * @problems: things that are wrong in it, each of them told
 */
struct conf {
	struct settings settings;
	unsigned int line[PARAMETER_COUNT];
	bool custom;
	unsigned int problems;
};

bool conf_read(struct conf *conf, const char *path);
const char *conf_profile(const struct conf *conf);

#endif /* CONF_H */
