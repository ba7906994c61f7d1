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
struct hello;
struct line;
struct message;
struct nf_conn;
struct parameter;
struct settings;

/**
 * enum event_group - who follows what
 * @GROUP_LOG: all that a session says, and what becomes of it
 * @GROUP_MESSAGES: one record for each message
 * @GROUP_ALERTS: what was refused or reset, or is out of the ordinary
 * @GROUP_COUNT: how many there are
 */
enum event_group {
	GROUP_LOG,
	GROUP_MESSAGES,
	GROUP_ALERTS,

	GROUP_COUNT
};

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
 * @alert: it is of %GROUP_ALERTS, too
 * @message: what was gathered of a message, or NULL
 * @capability: what a server does not offer any more
 * @hello: what was read of a TLS handshake, or NULL
 * @result: what became of one of these two
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
	bool alert;
	const struct message *message;
	const char *capability;
	const struct hello *hello;
	const char *result;
	const struct line *line;
};

u8 events_followed(const struct nf_conn *ct);
void events_lose(const struct nf_conn *ct, enum event_group group);
void events_send(const struct nf_conn *ct, const struct guard *guard,
		 const struct event *event);
void events_send_change(const struct parameter *parameter,
			const struct settings *before,
			const struct settings *after);
int events_register(void);
void events_unregister(void);

#endif /* SMTPGUARD_EVENTS_H */
