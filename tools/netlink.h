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

/**
 * struct netlink - an open socket and what the kernel said of the family
 * @socket: the socket
 * @family: the family's number
 * @log_group: number of the group that carries the session log
 * @buffer: the message being sent or received
 */
struct netlink {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t log_group;
	char buffer[NETLINK_BUFFER];
};

int netlink_open(struct netlink *netlink);
void netlink_close(struct netlink *netlink);
int netlink_request(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		    void *data);
int netlink_dump(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		 void *data);
int netlink_join_log(struct netlink *netlink);

#endif /* NETLINK_H */
