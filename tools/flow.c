// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the module for its sessions.  It tells some of them twice, and in no
 * order; here they are put in that in which they began.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "flow.h"
#include "netlink.h"

/* By enum flow_number; as the attributes are called. */
const char *const flow_numbers[FLOW_NUMBERS] = {
	[FLOW_SESSION]		= "session",
	[FLOW_MILLISECONDS]	= "milliseconds",
	[FLOW_SILENCE]		= "silence",
	[FLOW_MESSAGES]		= "messages",
	[FLOW_COMMANDS]		= "commands",
	[FLOW_REFUSALS]		= "refusals",
	[FLOW_BYTES_TO_SERVER]	= "bytes_to_server",
	[FLOW_BYTES_TO_CLIENT]	= "bytes_to_client",
	[FLOW_MEMORY]		= "memory",
};

/* By enum flow_end; _address and _port are behind it. */
const char *const flow_ends[FLOW_ENDS] = {
	[FLOW_CLIENT]		= "client",
	[FLOW_SERVER]		= "server",
	[FLOW_NAT_CLIENT]	= "nat_client",
	[FLOW_NAT_SERVER]	= "nat_server",
};

static const uint16_t number_attributes[FLOW_NUMBERS] = {
	[FLOW_SESSION]		= SMTPGUARD_A_SESSION,
	[FLOW_MILLISECONDS]	= SMTPGUARD_A_MILLISECONDS,
	[FLOW_SILENCE]		= SMTPGUARD_A_SILENCE,
	[FLOW_MESSAGES]		= SMTPGUARD_A_MESSAGES,
	[FLOW_COMMANDS]		= SMTPGUARD_A_COMMANDS,
	[FLOW_REFUSALS]		= SMTPGUARD_A_REFUSALS,
	[FLOW_BYTES_TO_SERVER]	= SMTPGUARD_A_BYTES_TO_SERVER,
	[FLOW_BYTES_TO_CLIENT]	= SMTPGUARD_A_BYTES_TO_CLIENT,
	[FLOW_MEMORY]		= SMTPGUARD_A_MEMORY,
};

static const struct {
	uint16_t address;
	uint16_t port;
} end_attributes[FLOW_ENDS] = {
	[FLOW_CLIENT] = {
		SMTPGUARD_A_CLIENT_ADDRESS, SMTPGUARD_A_CLIENT_PORT
	},
	[FLOW_SERVER] = {
		SMTPGUARD_A_SERVER_ADDRESS, SMTPGUARD_A_SERVER_PORT
	},
	[FLOW_NAT_CLIENT] = {
		SMTPGUARD_A_NAT_CLIENT_ADDRESS, SMTPGUARD_A_NAT_CLIENT_PORT
	},
	[FLOW_NAT_SERVER] = {
		SMTPGUARD_A_NAT_SERVER_ADDRESS, SMTPGUARD_A_NAT_SERVER_PORT
	},
};

static uint64_t get_number(const struct nlattr *attribute)
{
	if (mnl_attr_validate(attribute, MNL_TYPE_U64) == 0)
		return mnl_attr_get_u64(attribute);
	if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
		return mnl_attr_get_u32(attribute);
	return 0;
}

static void get_address(const struct nlattr *attribute,
			struct flow_address *address)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	if (length != sizeof(struct in_addr) &&
	    length != sizeof(struct in6_addr))
		return;
	address->family = length == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	memcpy(address->octets, mnl_attr_get_payload(attribute), length);
}

static void read_attribute(const struct nlattr *attribute, struct flow *flow)
{
	uint16_t type = mnl_attr_get_type(attribute);
	int i;

	for (i = 0; i < FLOW_NUMBERS; i++)
		if (type == number_attributes[i])
			flow->number[i] = get_number(attribute);
	for (i = 0; i < FLOW_ENDS; i++) {
		if (type == end_attributes[i].address)
			get_address(attribute, &flow->end[i]);
		else if (type == end_attributes[i].port &&
			 mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
			flow->end[i].port = mnl_attr_get_u16(attribute);
	}
	if (type == SMTPGUARD_A_PHASE &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		snprintf(flow->phase, sizeof(flow->phase), "%s",
			 mnl_attr_get_str(attribute));
	if (type == SMTPGUARD_A_TLS_VERSION &&
	    mnl_attr_validate(attribute, MNL_TYPE_U16) == 0)
		flow->tls_version = mnl_attr_get_u16(attribute);
}

static struct flow *add(struct flows *flows)
{
	size_t room = flows->room ? flows->room * 2 : 64;
	struct flow *row;

	if (flows->count == flows->room) {
		row = reallocarray(flows->row, room, sizeof(*row));
		if (!row)
			return NULL;
		flows->row = row;
		flows->room = room;
	}
	row = &flows->row[flows->count++];
	memset(row, 0, sizeof(*row));
	return row;
}

static int read_flow(const struct nlmsghdr *message, void *context)
{
	const struct nlattr *attribute;
	struct flow *flow = add(context);

	if (!flow) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		read_attribute(attribute, flow);
	return MNL_CB_OK;
}

static int compare(const void *left, const void *right)
{
	uint64_t one = ((const struct flow *)left)->number[FLOW_SESSION];
	uint64_t other = ((const struct flow *)right)->number[FLOW_SESSION];

	return (one > other) - (one < other);
}

static void put_in_order(struct flows *flows)
{
	size_t count = 0;
	size_t i;

	if (flows->count)
		qsort(flows->row, flows->count, sizeof(*flows->row), compare);
	for (i = 0; i < flows->count; i++)
		if (!count || compare(&flows->row[i], &flows->row[count - 1]))
			flows->row[count++] = flows->row[i];
	flows->count = count;
}

/**
 * flows_read() - ask for the sessions of this network namespace
 * @flows: filled in, to be freed with flows_free(), even after a failure
 *
 * Return: 0, or a negative errno after a complaint.
 */
int flows_read(struct flows *flows)
{
	static struct netlink netlink;
	int err;

	memset(flows, 0, sizeof(*flows));
	err = netlink_open(&netlink);
	if (err)
		return err;
	err = netlink_dump(&netlink, SMTPGUARD_CMD_GET_FLOWS, read_flow, flows);
	netlink_close(&netlink);
	put_in_order(flows);
	return err;
}

/**
 * flows_free() - free sessions
 * @flows: what flows_read() filled in
 */
void flows_free(struct flows *flows)
{
	free(flows->row);
}

/**
 * flow_write_address() - write an address without its port
 * @text: where to
 * @size: room there
 * @address: the address; nothing is written of one that was not told
 */
void flow_write_address(char *text, size_t size,
			const struct flow_address *address)
{
	*text = '\0';
	if (address->family)
		inet_ntop(address->family, address->octets, text, size);
}

/**
 * flow_write_end() - write an address with its port
 * @text: where to
 * @size: room there
 * @address: the address
 */
void flow_write_end(char *text, size_t size, const struct flow_address *address)
{
	char host[INET6_ADDRSTRLEN];

	flow_write_address(host, sizeof(host), address);
	snprintf(text, size, address->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 host, address->port);
}
