/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the session log, read from netlink and written for people and for
 * programs.
 */
#ifndef EVENT_H
#define EVENT_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdio.h>

#include "json.h"
#include "uapi/smtpguard.h"

/**
 * struct event - an event as it was received
 * @message: all of it
 * @attribute: by enum smtpguard_attribute: checked, or NULL; of several of one
 *	type the last
 */
struct event {
	const struct nlmsghdr *message;
	const struct nlattr *attribute[__SMTPGUARD_A_MAX];
};

void event_parse(struct event *event, const struct nlmsghdr *message);
bool event_known(const struct event *event);
unsigned long long event_number(const struct event *event, int attribute);
const char *event_string(const struct event *event, int attribute);
const char *event_name(const struct event *event);
void event_add(const struct event *event, int type, struct json *json);
void event_add_as(const struct event *event, int type, struct json *json,
		  const char *name);
void event_print_time(unsigned long long nanoseconds, FILE *out);
void event_print(const struct event *event, FILE *out);
void event_print_told(const struct event *event, FILE *out);
void event_each(const struct event *event,
		void (*take)(void *context, const char *name,
			     const void *octets, size_t length),
		void *context);
void event_print_json(const struct event *event, FILE *out);
void event_print_count_lost(unsigned int count, FILE *out);
void event_print_lost(unsigned int count, FILE *out);
void event_print_lost_json(unsigned int count, FILE *out);

#endif /* EVENT_H */
