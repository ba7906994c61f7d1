// SPDX-License-Identifier: GPL-2.0
/*
 * One event at a time, in a buffer of its own.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "forged.h"

#define CLIENT_PORT	40000
#define SERVER_PORT	25

static char buffer[16384];
static struct nlmsghdr *message;
static struct event event;

static void put_address(int type, const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, address) != 1)
		abort();
	mnl_attr_put(message, type, family == AF_INET ? 4 : 16, address);
}

/**
 * forged_begin() - begin an event
 * @kind: enum smtpguard_event
 * @group: by which it comes
 * @nanoseconds: when
 */
void forged_begin(unsigned int kind, const char *group,
		  unsigned long long nanoseconds)
{
	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put_u32(message, SMTPGUARD_A_EVENT, kind);
	mnl_attr_put_strz(message, SMTPGUARD_A_GROUP, group);
	mnl_attr_put_u64(message, SMTPGUARD_A_TIME, nanoseconds);
}

/**
 * forged_session() - it is of a session
 * @session: its number, and the client's port is that much higher
 * @client: its address
 * @server: likewise
 */
void forged_session(unsigned long long session, const char *client,
		    const char *server)
{
	mnl_attr_put_u64(message, SMTPGUARD_A_SESSION, session);
	put_address(SMTPGUARD_A_CLIENT_ADDRESS, client);
	mnl_attr_put_u16(message, SMTPGUARD_A_CLIENT_PORT,
			 CLIENT_PORT + session);
	put_address(SMTPGUARD_A_SERVER_ADDRESS, server);
	mnl_attr_put_u16(message, SMTPGUARD_A_SERVER_PORT, SERVER_PORT);
}

/**
 * forged_number() - add a number
 * @type: enum smtpguard_attribute
 * @value: the number
 */
void forged_number(int type, unsigned long long value)
{
	mnl_attr_put_u64(message, type, value);
}

/**
 * forged_short() - add a number of 16 bits
 * @type: enum smtpguard_attribute
 * @value: the number
 */
void forged_short(int type, unsigned short value)
{
	mnl_attr_put_u16(message, type, value);
}

/**
 * forged_string() - add a string
 * @type: enum smtpguard_attribute
 * @value: the string
 */
void forged_string(int type, const char *value)
{
	mnl_attr_put_strz(message, type, value);
}

/**
 * forged_octets() - add octets
 * @type: enum smtpguard_attribute
 * @value: the octets, none of them NUL
 */
void forged_octets(int type, const char *value)
{
	mnl_attr_put(message, type, strlen(value), value);
}

/**
 * forged_flag() - add a flag
 * @type: enum smtpguard_attribute
 */
void forged_flag(int type)
{
	mnl_attr_put(message, type, 0, NULL);
}

/**
 * forged_end() - the event is whole
 *
 * Return: the event, until the next one is begun.
 */
struct event *forged_end(void)
{
	event_parse(&event, message);
	if (!event_known(&event))
		abort();
	return &event;
}
