// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured, and how many instructions the machine took for it, as a
 * line of JSON:
 *
 *	client mail ADDRESS PORT COUNT SIZE text|base64
 *	client loop TURNS	two instructions a turn
 *	client idle SECONDS
 *
 * Each mail has a connection of its own, and one command waits for the reply to
 * the one before. Once the mail is over the machine has some time for what it
 * put off.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/types.h"
#include "meter.h"

#define LINE 76
#define SETTLE_USEC 300000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char end_of_data[] = "\r\n.\r\n";
static const char header[] =
	"From: <a@client.example>\r\nTo: <b@server.example>\r\n"
	"Subject: measured\r\nMIME-Version: 1.0\r\n";
static const char *const kinds[][2] = {
	{ "text", "Content-Type: text/plain\r\n\r\n" },
	{ "base64", "Content-Type: application/octet-stream\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n" },
};

static u32 seed = 1;

static u32 random_below(u32 limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % limit;
}

static void die(const char *what)
{
	fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Of no word is a command made; one in twelve ends a sentence. */
static const char *const words[] = {
	"the", "of", "and", "to", "in", "is", "you", "that", "it", "he", "was",
	"for", "on", "are", "as", "with", "his", "they", "at", "be", "this",
	"have", "from", "or", "one", "had", "by", "word", "but", "not", "what",
	"all", "were", "we", "when", "your", "can", "said", "there", "use", "an",
	"each", "which", "she", "do", "how", "their", "if", "will", "up",
	"other", "about", "out", "many", "then", "them", "these", "so", "some",
	"her", "would", "make", "like", "him", "into", "time", "has", "look",
};

static void text_line(char *line)
{
	unsigned int at = 0;

	while (at < LINE) {
		const char *word = words[random_below(COUNT(words))];

		while (*word && at < LINE - 1)
			line[at++] = *word++;
		if (at < LINE - 1 && !random_below(12))
			line[at++] = '.';
		line[at] = at < LINE - 1 ? ' ' : 'a';
		at++;
	}
}

static void base64_line(char *line)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned int at = 0; at < LINE; at++)
		line[at] = letters[random_below(64)];
}

/* A message of that kind with its end, as it goes to the server. */
static char *message(const char *kind, size_t *size)
{
	size_t room = *size + sizeof(header) + 256, at;
	bool text = !strcmp(kind, "text");
	char *octets = malloc(room + LINE);

	if (!octets)
		die("no memory");
	at = sprintf(octets, "%s%s", header, kinds[!text][1]);
	while (at + LINE + 2 <= *size) {
		(text ? text_line : base64_line)(octets + at);
		at += LINE;
		octets[at++] = '\r';
		octets[at++] = '\n';
	}
	/* the last line's end is the first of the end of data */
	memcpy(octets + at - 2, end_of_data, sizeof(end_of_data) - 1);
	*size = at - 2 + sizeof(end_of_data) - 1;
	return octets;
}

/* Wait for a whole reply and hold it to that digit. */
static void expect(int server, char digit)
{
	char reply[4096];
	size_t got = 0;

	for (;;) {
		ssize_t more = read(server, reply + got,
				    sizeof(reply) - 1 - got);
		char *last;

		if (more <= 0)
			die("no reply");
		got += more;
		reply[got] = 0;
		if (reply[got - 1] != '\n')
			continue;
		reply[got - 1] = 0;
		last = strrchr(reply, '\n');
		last = last ? last + 1 : reply;
		reply[got - 1] = '\n';
		if (strlen(last) > 3 && last[3] != '-')
			break;
	}
	if (reply[0] == digit)
		return;
	fprintf(stderr, "client: reply: %s", reply);
	exit(1);
}

static void say(int server, const char *octets, size_t count)
{
	while (count) {
		ssize_t done = write(server, octets, count);

		if (done <= 0)
			die("write");
		octets += done;
		count -= done;
	}
}

static void command(int server, const char *line, char digit)
{
	say(server, line, strlen(line));
	expect(server, digit);
}

static void mail(const struct sockaddr_in *address, const char *octets,
		 size_t size)
{
	int server = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (server < 0 || connect(server, (const void *)address,
				  sizeof(*address)))
		die("connect");
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	expect(server, '2');
	command(server, "EHLO client.example\r\n", '2');
	command(server, "MAIL FROM:<a@client.example>\r\n", '2');
	command(server, "RCPT TO:<b@server.example>\r\n", '2');
	command(server, "DATA\r\n", '3');
	say(server, octets, size);
	expect(server, '2');
	command(server, "QUIT\r\n", '2');
	close(server);
}

static void result(const struct meter *start, size_t octets)
{
	long long busy = meter_busy(start);

	printf("{\"instructions\": %lld, \"elapsed\": %lld, \"sent\": %zu}\n",
	       busy, meter_clock() - start->clock, octets);
}

static void send_mail(char **arguments)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned int count = atoi(arguments[2]);
	size_t size = atol(arguments[3]);
	char *octets = message(arguments[4], &size);
	struct meter start;

	address.sin_port = htons(atoi(arguments[1]));
	if (inet_pton(AF_INET, arguments[0], &address.sin_addr) != 1)
		die(arguments[0]);
	start = meter_read();
	for (unsigned int i = 0; i < count; i++)
		mail(&address, octets, size);
	usleep(SETTLE_USEC);
	result(&start, size * count);
}

static void loop(char **arguments)
{
	struct meter start = meter_read();
	unsigned long turns = atol(arguments[0]);

	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r" (turns) : : "cc");
	result(&start, 0);
}

static void idle(char **arguments)
{
	struct meter start = meter_read();

	usleep(atof(arguments[0]) * 1000000);
	result(&start, 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int count;
		void (*run)(char **arguments);
	} verbs[] = {
		{ "mail", 5, send_mail },
		{ "loop", 1, loop },
		{ "idle", 1, idle },
	};

	for (unsigned int i = 0; i < COUNT(verbs); i++) {
		if (argc != verbs[i].count + 2 ||
		    strcmp(argv[1], verbs[i].name))
			continue;
		verbs[i].run(argv + 2);
		return 0;
	}
	return 2;
}
