/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The session log: events over generic netlink.
 */
#ifndef SMTPGUARD_EVENTS_H
#define SMTPGUARD_EVENTS_H

#include <linux/types.h>

#include "core/session.h"
#include "uapi/smtpguard.h"

struct guard;
struct line;
struct nf_conn;
struct settings;

/**
 * struct ground - on what a refusal stands
 * @settings: the settings in use; %NULL where they are others by now
 * @parameter: name of the parameter that decided; empty where none did
 * @side: who said what was refused
 * @phase: enum phase, in which it was read
 * @offset: octets of that side before the one that shows it
 */
struct ground {
	const struct settings *settings;
	const char *parameter;
	enum direction side;
	u8 phase;
	u64 offset;
};

/**
 * struct event - one event under construction
 * @kind: enum smtpguard_event; it decides which other members are told
 * @verb: enum verb
 * @refused: the command was refused
 * @code: reply code
 * @segments: segments of an end of data
 * @unanswered: an end of data got no final reply
 * @verdict: what became of what was refused
 * @reason: why, its slug
 * @ground: and on what ground
 * @line: text of a line, or NULL
 */
struct event {
	enum smtpguard_event kind;
	u8 verb;
	bool refused;
	u16 code;
	u8 segments;
	bool unanswered;
	const char *verdict;
	const char *reason;
	struct ground ground;
	const struct line *line;
};

bool events_wanted(const struct nf_conn *ct);
void events_send(const struct nf_conn *ct, const struct guard *guard,
		 const struct event *event);
int events_register(void);
void events_unregister(void);

#endif /* SMTPGUARD_EVENTS_H */
