// SPDX-License-Identifier: GPL-2.0
/*
 * The cheapest mail server: takes every command, and forgets each message.
 *
 *	sink PORT
 *
 * Prints how many messages and octets of them it got when its standard input
 * ends. A message ends with CRLF.CRLF at the end of what was read: nobody
 * here sends anything behind that before the reply.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256
/* Of what is polled: the listener, standard input, and then connections. */
#define FIRST 2
#define ROOM 262144
#define TAIL 5

static const char end_of_data[] = "\r\n.\r\n";

struct session {
	bool message;
	size_t kept;
	char line[1024];
};

static struct pollfd polled[CONNECTIONS];
static struct session sessions[CONNECTIONS];
static unsigned int used;
static unsigned long messages;
static unsigned long octets;

static void reply(int client, const char *text)
{
	if (write(client, text, strlen(text)) < 0)
		return;
}

static const struct {
	const char *verb;
	const char *text;
} replies[] = {
	{ "EHLO", "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
		  "250 SIZE 1000000000\r\n" },
	{ "DATA", "354 go on\r\n" },
	{ "QUIT", "221 bye\r\n" },
	{ "", "250 fine\r\n" },
};

static void answer(int client, struct session *session)
{
	unsigned int i = 0;

	while (strncasecmp(session->line, replies[i].verb,
			   strlen(replies[i].verb)))
		i++;
	session->message = !strcmp(replies[i].verb, "DATA");
	session->kept = 0;
	reply(client, replies[i].text);
}

static void take_commands(int client, struct session *session,
			  const char *from, size_t count)
{
	while (count--) {
		if (session->kept < sizeof(session->line) - 1)
			session->line[session->kept++] = *from;
		session->line[session->kept] = 0;
		if (*from++ == '\n')
			answer(client, session);
	}
}

/* Keeps the last octets of the message in session->line. */
static void take_message(int client, struct session *session,
			 const char *from, size_t count)
{
	size_t old = session->kept;

	octets += count;
	if (count >= TAIL) {
		memcpy(session->line, from + count - TAIL, TAIL);
		session->kept = TAIL;
	} else {
		memcpy(session->line + old, from, count);
		session->kept = old + count;
		if (session->kept > TAIL) {
			memmove(session->line,
				session->line + session->kept - TAIL, TAIL);
			session->kept = TAIL;
		}
	}
	if (session->kept < TAIL || memcmp(session->line, end_of_data, TAIL))
		return;
	session->message = false;
	session->kept = 0;
	messages++;
	reply(client, "250 got it\r\n");
}

static void drop(unsigned int which)
{
	close(polled[which].fd);
	used--;
	polled[which] = polled[used];
	sessions[which] = sessions[used];
}

static void take(unsigned int which)
{
	struct session *session = &sessions[which];
	static char buffer[ROOM];
	ssize_t count = read(polled[which].fd, buffer, sizeof(buffer));

	if (count <= 0)
		drop(which);
	else if (session->message)
		take_message(polled[which].fd, session, buffer, count);
	else
		take_commands(polled[which].fd, session, buffer, count);
}

static void welcome(int listener)
{
	int client = accept(listener, NULL, NULL), one = 1;

	if (client < 0)
		return;
	if (used == CONNECTIONS) {
		close(client);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	polled[used] = (struct pollfd){ .fd = client, .events = POLLIN };
	memset(&sessions[used++], 0, sizeof(sessions[0]));
	reply(client, "220 sink.example ESMTP\r\n");
}

static int listener(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port) };
	int result = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(result, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(result, (void *)&address, sizeof(address)) ||
	    listen(result, CONNECTIONS)) {
		perror("sink");
		exit(1);
	}
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	polled[used++] = (struct pollfd){ .fd = listener(atoi(argv[1])),
					  .events = POLLIN };
	polled[used++] = (struct pollfd){ .fd = STDIN_FILENO,
					  .events = POLLIN };
	while (!polled[1].revents) {
		if (poll(polled, used, -1) < 0)
			continue;
		/* from the last: one that ends is replaced by the last */
		for (unsigned int i = used; i-- > FIRST;)
			if (polled[i].revents)
				take(i);
		if (polled[0].revents)
			welcome(polled[0].fd);
	}
	printf("%lu %lu\n", messages, octets);
	return 0;
}
