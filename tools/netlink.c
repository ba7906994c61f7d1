// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink on libmnl.  Functions here complain themselves; what they
 * return only says whether they did.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "complain.h"
#include "netlink.h"
#include "uapi/smtpguard.h"

/* Octets of events that wait while the tool does not get to run. */
#define LOG_RECEIVE_BUFFER	(8 << 20)

const char *const netlink_group_names[NETLINK_GROUPS] = {
	[NETLINK_LOG]		= SMTPGUARD_GENL_GROUP_LOG,
	[NETLINK_MESSAGES]	= SMTPGUARD_GENL_GROUP_MESSAGES,
	[NETLINK_ALERTS]	= SMTPGUARD_GENL_GROUP_ALERTS,
};

static bool attribute_is(const struct nlattr *attribute, uint16_t type,
			 enum mnl_attr_data_type data_type)
{
	return mnl_attr_get_type(attribute) == type &&
	       mnl_attr_validate(attribute, data_type) == 0;
}

static void read_group(const struct nlattr *group, struct netlink *netlink)
{
	const struct nlattr *attribute;
	const char *name = NULL;
	uint32_t number = 0;
	int i;

	mnl_attr_for_each_nested(attribute, group) {
		if (attribute_is(attribute, CTRL_ATTR_MCAST_GRP_NAME,
				 MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(attribute);
		else if (attribute_is(attribute, CTRL_ATTR_MCAST_GRP_ID,
				      MNL_TYPE_U32))
			number = mnl_attr_get_u32(attribute);
	}
	for (i = 0; name && i < NETLINK_GROUPS; i++)
		if (strcmp(name, netlink_group_names[i]) == 0)
			netlink->groups[i] = number;
}

static int read_family(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute, *group;
	struct netlink *netlink = data;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr)) {
		if (attribute_is(attribute, CTRL_ATTR_FAMILY_ID, MNL_TYPE_U16))
			netlink->family = mnl_attr_get_u16(attribute);
		if (!attribute_is(attribute, CTRL_ATTR_MCAST_GROUPS,
				  MNL_TYPE_NESTED))
			continue;
		mnl_attr_for_each_nested(group, attribute)
			read_group(group, netlink);
	}
	return MNL_CB_OK;
}

static struct nlmsghdr *message_begin(struct netlink *netlink, uint16_t family,
				      uint8_t command, uint8_t version)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(netlink->buffer);
	struct genlmsghdr *header;

	message->nlmsg_type = family;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nlmsg_seq = time(NULL);
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = version;
	return message;
}

/* Sends a request and reads its answers, up to the one that says it was the last. */
static int talk(struct netlink *netlink, const struct nlmsghdr *message,
		mnl_cb_t answer, void *data)
{
	uint32_t sequence = message->nlmsg_seq;
	uint32_t port = mnl_socket_get_portid(netlink->socket);
	ssize_t length;
	int more;

	if (mnl_socket_sendto(netlink->socket, message,
			      message->nlmsg_len) < 0)
		return -errno;
	do {
		length = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
					     sizeof(netlink->buffer));
		if (length < 0)
			return -errno;
		more = mnl_cb_run(netlink->buffer, length, sequence, port,
				  answer, data);
	} while (more == MNL_CB_OK);
	return more < 0 ? -errno : 0;
}

static int resolve(struct netlink *netlink)
{
	struct nlmsghdr *message;
	int err;

	message = message_begin(netlink, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, SMTPGUARD_GENL_NAME);
	err = talk(netlink, message, read_family, netlink);
	if (err == -ENOENT)
		complain_not_loaded();
	else if (err)
		complain("cannot ask for netlink family %s: %s",
			 SMTPGUARD_GENL_NAME, strerror(-err));
	return err;
}

/**
 * netlink_open() - open a socket and find the module's family
 * @netlink: what to open
 *
 * Return: 0, or a negative errno after a complaint.
 */
int netlink_open(struct netlink *netlink)
{
	int err;

	netlink->family = 0;
	memset(netlink->groups, 0, sizeof(netlink->groups));
	netlink->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!netlink->socket) {
		err = -errno;
		complain("cannot open a netlink socket: %s", strerror(-err));
		return err;
	}
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		complain("cannot bind a netlink socket: %s", strerror(-err));
		goto close;
	}
	err = resolve(netlink);
	if (err)
		goto close;
	return 0;

close:
	mnl_socket_close(netlink->socket);
	return err;
}

/**
 * netlink_close() - close the socket
 * @netlink: what netlink_open() opened
 */
void netlink_close(struct netlink *netlink)
{
	mnl_socket_close(netlink->socket);
}

/**
 * netlink_request() - send a request without attributes, read the answer
 * @netlink: where to
 * @command: enum smtpguard_command
 * @answer: called with each message of the answer
 * @data: its second argument
 *
 * Return: 0, or a negative errno after a complaint.
 */
int netlink_request(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		    void *data)
{
	int err = talk(netlink,
		       message_begin(netlink, netlink->family, command,
				     SMTPGUARD_GENL_VERSION), answer, data);

	if (err)
		complain("the module did not answer: %s", strerror(-err));
	return err;
}

/**
 * netlink_dump() - send a request for all there is, read the answers
 * @netlink: where to
 * @command: enum smtpguard_command
 * @answer: called with each message of the answer
 * @data: its second argument
 *
 * Return: 0, or a negative errno after a complaint.
 */
int netlink_dump(struct netlink *netlink, uint8_t command, mnl_cb_t answer,
		 void *data)
{
	struct nlmsghdr *message;
	int err;

	message = message_begin(netlink, netlink->family, command,
				SMTPGUARD_GENL_VERSION);
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	err = talk(netlink, message, answer, data);
	if (err == -EPERM || err == -EACCES)
		complain("not permitted: it takes root (CAP_NET_ADMIN)");
	else if (err)
		complain("the module did not answer: %s", strerror(-err));
	return err;
}

static int join(struct netlink *netlink, uint32_t group)
{
	return mnl_socket_setsockopt(netlink->socket, NETLINK_ADD_MEMBERSHIP,
				     &group, sizeof(group)) < 0 ? -errno : 0;
}

/* As large as may be; what is lost all the same is told. */
static void enlarge(struct netlink *netlink)
{
	int descriptor = mnl_socket_get_fd(netlink->socket);
	int size = LOG_RECEIVE_BUFFER;
	int on = 1;

	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
	/* only then does the module learn, and count, what did not fit */
	mnl_socket_setsockopt(netlink->socket, NETLINK_BROADCAST_ERROR, &on,
			      sizeof(on));
}

static int join_groups(struct netlink *netlink, unsigned int groups)
{
	int err = 0;
	int i;

	for (i = 0; i < NETLINK_GROUPS && !err; i++) {
		if (!(groups >> i & 1))
			continue;
		err = netlink->groups[i] ? join(netlink, netlink->groups[i]) :
					   -ENOENT;
	}
	return err;
}

/**
 * netlink_join() - have the socket receive events
 * @netlink: an open socket
 * @groups: of which groups, bits by enum netlink_group
 *
 * It also receives what generic netlink says of families that come and go.
 *
 * Return: 0, or a negative errno after a complaint.
 */
int netlink_join(struct netlink *netlink, unsigned int groups)
{
	int err;

	enlarge(netlink);
	err = join_groups(netlink, groups);
	if (!err)
		err = join(netlink, GENL_ID_CTRL);
	if (err == -EPERM || err == -EACCES)
		complain("log: not permitted: it takes root (CAP_NET_ADMIN)");
	else if (err)
		complain("log: cannot join the group: %s", strerror(-err));
	return err;
}
