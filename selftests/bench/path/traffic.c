// SPDX-License-Identifier: GPL-2.0
/*
 * Mail from a client to a server that are two sockets of this one process, in the
 * network namespaces `client` and `server`, over the guarded port and another one
 * in turn.  A round is a line: nanoseconds of the processor over the guarded port,
 * over the other one, and of the bare scanner for the same octets.
 *
 *	traffic offload DEVICE GSO GRO
 *	traffic bulk KIND PIECE ROUNDS		a message that goes on
 *	traffic chunk|tls PIECE ROUNDS		what is not looked at
 *	traffic mails OCTETS ROUNDS		transactions of one session
 *	traffic sessions OCTETS ROUNDS		a mail each, or none where that is 0
 *
 * PIECE is what the scanner is given at once; of chunks and TLS it is given none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bodies.h"

#define SERVER_ADDRESS	"198.51.100.2"
#define PARAMETERS	"/sys/module/smtpguard_path/parameters/"
#define BODY_SIZE	(1 << 20)
#define WRITE_SIZE	(1 << 16)
/* What takes little is done so often for one sample. */
#define PASSES		4
#define SESSIONS	20
#define PATIENCE	5000 /* milliseconds */

enum { GUARDED, PLAIN, PORTS };

static const u16 ports[PORTS] = { 25, 26 };

struct talk {
	int client, server;
};

static u8 body[BODY_SIZE];
static u8 sink[1 << 18];
static int listeners[PORTS];
static int client_space, server_space;
static int clock_file, scan_file;
static char scan_line[64];

static void enter(int space)
{
	if (setns(space, CLONE_NEWNET))
		err(1, "setns");
}

static u64 read_number(int file)
{
	char text[32];
	ssize_t length = pread(file, text, sizeof(text) - 1, 0);

	if (length <= 0)
		err(1, "smtpguard_path");
	text[length] = '\0';
	return strtoull(text, NULL, 10);
}

static int new_socket(void)
{
	int one = 1, room = 1 << 20;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	if (poll(&poll_fd, 1, PATIENCE) != 1)
		errx(1, "nothing comes any more");
}

static struct sockaddr_in address_of(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(ports[port]),
	};

	inet_pton(AF_INET, SERVER_ADDRESS, &address.sin_addr);
	return address;
}

static void listen_on(int port)
{
	struct sockaddr_in address = address_of(port);
	int fd = new_socket();

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 16))
		err(1, "listen");
	listeners[port] = fd;
}

static struct talk open_talk(int port)
{
	struct sockaddr_in address = address_of(port);
	struct talk talk = { .client = new_socket() };

	if (connect(talk.client, (struct sockaddr *)&address,
		    sizeof(address)) && errno != EINPROGRESS)
		err(1, "connect");
	wait_for(listeners[port], POLLIN);
	talk.server = accept4(listeners[port], NULL, NULL, SOCK_NONBLOCK);
	if (talk.server < 0)
		err(1, "accept");
	return talk;
}

/* The one who sent the last closes last: no port of the client's waits. */
static void close_talk(struct talk talk)
{
	struct linger none = { .l_onoff = 1 };
	u8 octet;

	shutdown(talk.server, SHUT_WR);
	wait_for(talk.client, POLLIN);
	if (read(talk.client, &octet, 1))
		errx(1, "more than was said");
	shutdown(talk.client, SHUT_WR);
	wait_for(talk.server, POLLIN);
	if (read(talk.server, &octet, 1))
		errx(1, "more than was said");
	close(talk.client);
	setsockopt(talk.server, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(talk.server);
}

/* Reads all there is, up to so many octets. */
static size_t drain(int fd, size_t most)
{
	size_t total = 0;

	while (total < most) {
		size_t room = most - total < sizeof(sink) ? most - total :
							    sizeof(sink);
		ssize_t length = read(fd, sink, room);

		if (length < 0 && errno == EAGAIN)
			break;
		if (length <= 0)
			err(1, "a connection ended");
		total += length;
	}
	return total;
}

/* All of it to the other end, which reads it. */
static void transfer(int from, int to, const u8 *data, size_t length)
{
	size_t sent = 0, got = 0;

	while (got < length) {
		size_t piece = length - sent < WRITE_SIZE ? length - sent :
							    WRITE_SIZE;
		ssize_t wrote = piece ? write(from, data + sent, piece) : 0;
		size_t came;

		if (wrote > 0)
			sent += wrote;
		else if (wrote < 0 && errno != EAGAIN)
			err(1, "write");
		came = drain(to, length - got);
		got += came;
		if (!came && wrote <= 0)
			wait_for(to, POLLIN);
	}
}

static void say(int from, int to, const char *text)
{
	transfer(from, to, (const u8 *)text, strlen(text));
	if (memcmp(sink, text, strlen(text)))
		errx(1, "changed: %s", text);
}

/* What client and server say in turn, the server first. */
static void turns(struct talk talk, const char *const *texts)
{
	bool is_server = true;

	for (; *texts; texts++, is_server = !is_server)
		say(is_server ? talk.server : talk.client,
		    is_server ? talk.client : talk.server, *texts);
}

static const char *const hello[] = {
	"220 mx.example.com ESMTP ready\r\n", "EHLO client.example.net\r\n",
	"250-mx.example.com\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 STARTTLS\r\n",
	NULL,
};

/* These begin with the client. */
static const char *const envelope[] = {
	"", "MAIL FROM:<a@example.net>\r\n", "250 2.1.0 Ok\r\n",
	"RCPT TO:<b@example.com>\r\n", "250 2.1.5 Ok\r\n", NULL,
};

static const char *const data[] = {
	"", "DATA\r\n", "354 End data with <CR><LF>.<CR><LF>\r\n",
	"Subject: a\r\n\r\n", NULL,
};

static const char *const end_of_data[] = {
	"", "\r\n.\r\n", "250 2.0.0 Ok\r\n", NULL,
};

static const char *const bdat[] = { "", "BDAT 2000000000\r\n", NULL };

static const char *const starttls[] = {
	"", "STARTTLS\r\n", "220 2.0.0 Ready\r\n", NULL,
};

static const char *const quit[] = { "", "QUIT\r\n", "221 2.0.0 Bye\r\n", NULL };

static const char *const no_mail[] = {
	"220 mx.example.com ESMTP ready\r\n", "QUIT\r\n", "221 2.0.0 Bye\r\n",
	NULL,
};

static const u8 client_hello[] = {
	0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00,
};

static const u8 server_hello[] = {
	0x16, 0x03, 0x03, 0x00, 0x04, 0x02, 0x00, 0x00, 0x00,
};

static struct talk greeted(int port)
{
	struct talk talk = open_talk(port);

	turns(talk, hello);
	return talk;
}

static struct talk in_body(int port)
{
	struct talk talk = greeted(port);

	turns(talk, envelope);
	turns(talk, data);
	return talk;
}

static struct talk in_chunk(int port)
{
	struct talk talk = greeted(port);

	turns(talk, envelope);
	turns(talk, bdat);
	return talk;
}

static struct talk in_tls(int port)
{
	struct talk talk = greeted(port);

	turns(talk, starttls);
	transfer(talk.client, talk.server, client_hello, sizeof(client_hello));
	transfer(talk.server, talk.client, server_hello, sizeof(server_hello));
	return talk;
}

static void mail(struct talk talk, size_t octets)
{
	turns(talk, envelope);
	turns(talk, data);
	transfer(talk.client, talk.server, body, octets);
	turns(talk, end_of_data);
}

static void mailbox(struct talk talk, size_t octets)
{
	turns(talk, hello);
	mail(talk, octets);
	turns(talk, quit);
}

/* What is measured: @open is done once, if there is one, @once for each sample. */
struct work {
	struct talk (*open)(int port);
	void (*once)(int port, struct talk talk, size_t octets);
};

static void once_bulk(int port, struct talk talk, size_t octets)
{
	size_t i;

	(void)port;
	for (i = 0; i < PASSES; i++)
		transfer(talk.client, talk.server, body, octets);
}

static void once_mail(int port, struct talk talk, size_t octets)
{
	size_t i;

	(void)port;
	for (i = 0; i < (octets > WRITE_SIZE ? 1 : SESSIONS); i++)
		mail(talk, octets);
}

static void once_sessions(int port, struct talk none, size_t octets)
{
	size_t i;

	(void)none;
	for (i = 0; i < SESSIONS; i++) {
		struct talk talk = open_talk(port);

		if (octets)
			mailbox(talk, octets);
		else
			turns(talk, no_mail);
		close_talk(talk);
	}
}

static u64 bare_scan(void)
{
	if (!scan_line[0])
		return 0;
	if (write(scan_file, scan_line, strlen(scan_line)) < 0)
		err(1, "scan");
	return read_number(scan_file);
}

static u64 sample(const struct work *work, int port, struct talk talk,
		  size_t octets)
{
	u64 before = read_number(clock_file);

	work->once(port, talk, octets);
	return read_number(clock_file) - before;
}

/* One sample of each, neither of which is always the first. */
static void one_round(const struct work *work, const struct talk *talks,
		      size_t octets, bool is_swapped, u64 *taken)
{
	int i;

	for (i = 0; i < PORTS; i++) {
		int port = is_swapped ? PORTS - 1 - i : i;

		taken[port] = sample(work, port, talks[port], octets);
	}
}

static void measure(const struct work *work, size_t octets, int rounds)
{
	struct talk talks[PORTS] = { };
	u64 taken[PORTS];
	int port, round;

	for (port = 0; port < PORTS; port++)
		if (work->open)
			talks[port] = work->open(port);
	/* the first ones let windows open, and are not told */
	for (round = -3; round < rounds; round++) {
		one_round(work, talks, octets, round & 1, taken);
		if (round >= 0)
			printf("%llu %llu %llu\n",
			       (unsigned long long)taken[GUARDED],
			       (unsigned long long)taken[PLAIN],
			       (unsigned long long)bare_scan());
	}
}

static void make_body(const char *name)
{
	size_t kind;

	for (kind = 0; kind < BODY_KINDS; kind++)
		if (!strcmp(body_kinds[kind].name, name)) {
			body_kinds[kind].make(body, BODY_SIZE);
			return;
		}
	errx(1, "no such kind: %s", name);
}

static void set_feature(int fd, const char *device, u32 command, u32 value)
{
	struct ethtool_value feature = { .cmd = command, .data = value };
	struct ifreq request = { .ifr_data = (void *)&feature };

	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCETHTOOL, &request))
		err(1, "%s", device);
}

static int offload(const char *device, int gso, int gro)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	set_feature(fd, device, ETHTOOL_STSO, gso);
	set_feature(fd, device, ETHTOOL_SGSO, gso);
	set_feature(fd, device, ETHTOOL_SGRO, gro);
	return 0;
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void prepare(void)
{
	int port;

	client_space = open_or_die("/run/netns/client", O_RDONLY);
	server_space = open_or_die("/run/netns/server", O_RDONLY);
	clock_file = open_or_die(PARAMETERS "clock", O_RDONLY);
	scan_file = open_or_die(PARAMETERS "scan", O_RDWR);
	enter(server_space);
	for (port = 0; port < PORTS; port++)
		listen_on(port);
	enter(client_space);
}

static const struct work bulk = { in_body, once_bulk };
static const struct work chunk = { in_chunk, once_bulk };
static const struct work tls = { in_tls, once_bulk };
static const struct work mails = { greeted, once_mail };
static const struct work sessions = { NULL, once_sessions };

int main(int count, char **words)
{
	const char *word = count > 3 ? words[1] : "";

	if (!strcmp(word, "offload") && count == 5)
		return offload(words[2], atoi(words[3]), atoi(words[4]));
	prepare();
	if (!strcmp(word, "bulk") && count == 5) {
		make_body(words[2]);
		snprintf(scan_line, sizeof(scan_line), "%s %s", words[2],
			 words[3]);
		measure(&bulk, BODY_SIZE, atoi(words[4]));
		return 0;
	}
	make_body("text");
	if (!strcmp(word, "chunk"))
		measure(&chunk, BODY_SIZE, atoi(words[3]));
	else if (!strcmp(word, "tls"))
		measure(&tls, BODY_SIZE, atoi(words[3]));
	else if (!strcmp(word, "mails"))
		measure(&mails, atoi(words[2]), atoi(words[3]));
	else if (!strcmp(word, "sessions"))
		measure(&sessions, atoi(words[2]), atoi(words[3]));
	else
		errx(1, "see traffic.c");
	return 0;
}
