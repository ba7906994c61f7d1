// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard log: follows the session log until it is interrupted, or until
 * the module goes.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "eve.h"
#include "event.h"
#include "gap.h"
#include "journal.h"
#include "netlink.h"
#include "stall.h"
#include "subcommands.h"
#include "uapi/smtpguard.h"

/* How long a missing event may be underway. */
#define SETTLE_MILLISECONDS	1000
#define STALL_SECONDS_MAX	86400
#define NANOSECONDS		1000000000ULL

/**
 * struct writer - how events are printed
 * @print: writes one
 * @lost: tells that some are missing, and how many, 0 if that is not known yet
 */
struct writer {
	void (*print)(const struct event *event, FILE *out);
	void (*lost)(unsigned int count, FILE *out);
};

static const struct writer for_people = { event_print, event_print_lost };

static const struct writer for_programs = {
	event_print_json, event_print_lost_json
};

static const struct writer for_eve = { eve_print, eve_print_lost };

static const struct writer for_journal = { journal_print, journal_print_lost };

static struct stall stalled;

static void print_stall(const struct event *event, FILE *out)
{
	(void)out;
	stall_add(&stalled, event);
}

static void lose_stall(unsigned int count, FILE *out)
{
	stall_forget(&stalled);
	if (stalled.json)
		event_print_lost_json(count, out);
	else
		event_print_lost(count, out);
}

static const struct writer for_stall = { print_stall, lose_stall };

/**
 * struct follower - the log as it is followed
 * @netlink: where events come from
 * @gaps: which are missing, by enum netlink_group
 * @overrun: the kernel said that some did not fit, not yet how many
 * @unloaded: the module is gone
 * @passes_doubles: what comes by two groups is printed each time
 * @writer: how to print them
 */
struct follower {
	struct netlink netlink;
	struct gap gaps[NETLINK_GROUPS];
	bool overrun;
	bool unloaded;
	bool passes_doubles;
	const struct writer *writer;
};

/* Every line is written as a whole before the next event is read. */
static void end(int number)
{
	(void)number;
	_exit(STATUS_OK);
}

static void end_on_signals(void)
{
	struct sigaction action = { .sa_handler = end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int flush(void)
{
	if (journal_error())
		return journal_error();
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static void tell_lost(struct follower *follower, uint32_t count)
{
	follower->overrun = false;
	follower->writer->lost(count, stdout);
}

/* Nothing came for a while. */
static int settle(struct follower *follower)
{
	uint32_t lost = 0;
	int i;

	for (i = 0; i < NETLINK_GROUPS; i++)
		lost += gap_settle(&follower->gaps[i]);
	if (lost || follower->overrun)
		tell_lost(follower, lost);
	return flush();
}

static bool is_unsettled(const struct follower *follower)
{
	bool open = follower->overrun;
	int i;

	for (i = 0; i < NETLINK_GROUPS; i++)
		open = open || gap_open(&follower->gaps[i]);
	return open;
}

/* In which the numbers of an event are. */
static struct gap *find_gap(struct follower *follower,
			    const struct event *event)
{
	const char *group = event_string(event, SMTPGUARD_A_GROUP);
	int i;

	for (i = 0; i < NETLINK_GROUPS; i++)
		if (strcmp(group, netlink_group_names[i]) == 0)
			return &follower->gaps[i];
	return &follower->gaps[NETLINK_LOG];
}

/* It comes by two groups. */
static bool is_double(const struct follower *follower,
		      const struct event *event)
{
	return !follower->passes_doubles &&
	       event->attribute[SMTPGUARD_A_SESSION] &&
	       strcmp(event_string(event, SMTPGUARD_A_GROUP),
		      SMTPGUARD_GENL_GROUP_ALERTS) == 0;
}

static int read_event(const struct nlmsghdr *message,
		      struct follower *follower)
{
	struct event event;
	uint32_t lost = 0;

	event_parse(&event, message);
	if (event.attribute[SMTPGUARD_A_NUMBER])
		lost = gap_add(find_gap(follower, &event),
			       event_number(&event, SMTPGUARD_A_NUMBER));
	if (lost)
		tell_lost(follower, lost);
	if (!event_known(&event) || is_double(follower, &event))
		return flush() ? MNL_CB_ERROR : MNL_CB_OK;
	follower->writer->print(&event, stdout);
	return flush() ? MNL_CB_ERROR : MNL_CB_OK;
}

static bool names_family(const struct nlmsghdr *message)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_NAME &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			return strcmp(mnl_attr_get_str(attribute),
				      SMTPGUARD_GENL_NAME) == 0;
	return false;
}

static int read_message(const struct nlmsghdr *message, void *data)
{
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(message);
	struct follower *follower = data;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return MNL_CB_OK;
	if (message->nlmsg_type == follower->netlink.family &&
	    header->cmd == SMTPGUARD_CMD_EVENT)
		return read_event(message, follower);
	if (message->nlmsg_type == GENL_ID_CTRL &&
	    header->cmd == CTRL_CMD_DELFAMILY && names_family(message))
		follower->unloaded = true;
	return MNL_CB_OK;
}

static int receive(struct follower *follower)
{
	struct netlink *netlink = &follower->netlink;
	ssize_t length = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
					     sizeof(netlink->buffer));

	if (length < 0 && errno == ENOBUFS) {
		follower->overrun = true;
		return 0;
	}
	if (length < 0)
		return -errno;
	/* nobody asked for events: they answer no request of this socket */
	return mnl_cb_run(netlink->buffer, length, 0, 0, read_message,
			  follower) < 0 ? -EIO : 0;
}

static int check_stall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	stall_check(&stalled, now.tv_sec * NANOSECONDS + now.tv_nsec);
	return flush();
}

/* How long to wait for events; -1 for ever. */
static int patience(const struct follower *follower)
{
	return is_unsettled(follower) || stalled.due ? SETTLE_MILLISECONDS : -1;
}

static int follow(struct follower *follower)
{
	struct pollfd ready = {
		.fd = mnl_socket_get_fd(follower->netlink.socket),
		.events = POLLIN,
	};
	int err = 0;

	while (!err && !follower->unloaded) {
		int count = poll(&ready, 1, patience(follower));

		if (count < 0 && errno != EINTR)
			err = -errno;
		else if (count == 0)
			err = settle(follower);
		else if (count > 0)
			err = receive(follower);
		if (!err)
			err = check_stall();
	}
	return err;
}

static unsigned int chosen(const struct arguments *arguments)
{
	const unsigned int stalls = 1 << NETLINK_LOG | 1 << NETLINK_MESSAGES;
	unsigned int groups = arguments->lines << NETLINK_LOG |
			      arguments->messages << NETLINK_MESSAGES |
			      arguments->alerts << NETLINK_ALERTS;

	if (arguments->stall)
		return stalls;
	if (groups)
		return groups;
	return arguments->eve ? (1 << NETLINK_GROUPS) - 1 : 1 << NETLINK_LOG;
}

static const struct writer *choose_writer(const struct arguments *arguments)
{
	if (arguments->stall)
		return &for_stall;
	if (arguments->eve)
		return &for_eve;
	if (arguments->journal)
		return &for_journal;
	return arguments->json ? &for_programs : &for_people;
}

/* 0 where it is no number of seconds that makes sense. */
static unsigned int read_seconds(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long seconds = strtoul(text, NULL, 10);

	return digits && !text[digits] && seconds <= STALL_SECONDS_MAX ?
	       seconds : 0;
}

static bool is_understood(const struct arguments *arguments)
{
	bool has_group = arguments->lines || arguments->messages ||
			 arguments->alerts;
	unsigned int seconds;

	if (arguments->json + arguments->eve + arguments->journal > 1) {
		complain("log: --json, --eve and --journal exclude each other");
		return false;
	}
	if (!arguments->stall)
		return true;
	if (arguments->eve || arguments->journal || has_group) {
		complain("log: --stall tells its findings alone, with --json or without");
		return false;
	}
	seconds = read_seconds(arguments->stall);
	if (!seconds) {
		complain("log: --stall takes 1 to %u seconds",
			 STALL_SECONDS_MAX);
		return false;
	}
	stall_init(&stalled, seconds, arguments->json, stdout);
	return true;
}

/**
 * log_follow() - print events as they come
 * @arguments: none but options
 *
 * Return: exit status, if it ends other than by a signal.
 */
enum status log_follow(const struct arguments *arguments)
{
	static struct follower follower;
	int err;

	if (!is_understood(arguments))
		return STATUS_USAGE;
	follower.writer = choose_writer(arguments);
	/* EVE tells apart by the group what an event is */
	follower.passes_doubles = arguments->eve || !arguments->lines;
	if (arguments->journal && journal_open(JOURNAL_SOCKET) < 0)
		return STATUS_FAILED;
	if (netlink_open(&follower.netlink))
		return STATUS_FAILED;
	err = netlink_join(&follower.netlink, chosen(arguments));
	if (err)
		goto close;
	end_on_signals();
	err = follow(&follower);
	if (follower.unloaded)
		complain("log: the module was unloaded");
	else if (journal_error())
		complain("log: %s: %s", JOURNAL_SOCKET,
			 strerror(-journal_error()));
	else if (err && !ferror(stdout))
		complain("log: %s", strerror(-err));
close:
	netlink_close(&follower.netlink);
	return STATUS_FAILED;
}
