/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's generic netlink family.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <libmnl/libmnl.h>
#include <stdint.h>

/* Room for the longest message: all counters. */
#define NETLINK_BUFFER	65536

/** enum netlink_group - multicast groups of the family */
enum netlink_group {
	NETLINK_LOG,
	NETLINK_MESSAGES,
	NETLINK_ALERTS,

	NETLINK_GROUPS
};

extern const char *const netlink_group_names[NETLINK_GROUPS];

/**
 * struct netlink - an open socket and what the kernel said of the family
 * @socket: the socket
 * @family: the family's number
 * @groups: their numbers, by enum netlink_group; 0 for one that is not there
 * @buffer: the message being sent or received
 */
struct netlink {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t groups[NETLINK_GROUPS];
	char buffer[NETLINK_BUFFER];
};

int netlink_open(struct netlink *netlink);
void netlink_close(struct netlink *netlink);
int netlink_request(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		    void *data);
int netlink_dump(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		 void *data);
int netlink_join(struct netlink *netlink, unsigned int groups);

#endif /* NETLINK_H */
