// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of very many SMTP sessions at once: writes their packets to the two
 * links of the router, in order, and keeps of each session no more than how far
 * its two streams are. Nobody reads what the router lets through.
 *
 *	forge CLIENT ADDRESS SERVER ADDRESS FIRST
 *
 * for network namespaces with an eth0 each, the router's hardware address there,
 * and the number of the first session. Then a command a line, and a line of JSON for each:
 *
 *	open idle|tls|body COUNT PORT	sessions up to there, as a group of its own
 *	measure GROUP KIND SPREAD COUNT	a packet (or two) of that kind so often, in
 *					turn in as many of the group's sessions
 *	run GROUP KIND SLICES	the same for so many slices of the clock
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/types.h"
#include "../rivals/meter.h"

#define FROM_CLIENT 0
#define FROM_SERVER 1
#define GROUPS 16
#define SEGMENT 1448
#define WINDOW 60000
/* One in so many is left out. */
#define TRIMMED 50
#define SLICE 4000000
/* 10.0.0.0/9 is behind the client, 10.200.0.1 behind the server. */
#define CLIENTS 0x0a000001u
#define SERVER 0x0ac80001u
/* So many sessions of each client's address. */
#define PORTS 20000
#define FIRST_PORT 20000

struct session {
	u32 client;
	u16 port;
	u16 server_port;
	u32 next[2];
};

struct group {
	struct session *sessions;
	unsigned int count;
};

struct link {
	int socket;
	struct ether_header ethernet;
};

/* What is behind Ethernet's header is aligned. */
struct frame {
	u16 unused;
	struct ether_header ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	char payload[SEGMENT];
};

struct kind {
	const char *name;
	unsigned int packets;
	void (*send)(struct session *session);
};

static struct link links[2];
static struct group groups[GROUPS];
static unsigned int group_count;
static unsigned int next_session;
static char body[SEGMENT];

static void die(const char *what)
{
	fprintf(stderr, "forge: %s: %s\n", what, strerror(errno));
	exit(1);
}

static u32 sum(u32 start, const void *octets, size_t count)
{
	const u8 *at = octets;

	for (; count > 1; count -= 2, at += 2)
		start += at[0] << 8 | at[1];
	return count ? start + (at[0] << 8) : start;
}

static u16 fold(u32 total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total);
}

static void put_checksums(struct frame *frame, size_t payload)
{
	u32 total;

	frame->ip.check = 0;
	frame->ip.check = fold(sum(0, &frame->ip, sizeof(frame->ip)));
	frame->tcp.check = 0;
	total = sum(IPPROTO_TCP + sizeof(frame->tcp) + payload,
		    &frame->ip.saddr, 8);
	frame->tcp.check = fold(sum(total, &frame->tcp,
				    sizeof(frame->tcp) + payload));
}

static void say(struct session *session, int side, int flags,
		const char *payload, size_t count)
{
	bool from_client = side == FROM_CLIENT;
	struct frame frame = {
		.ethernet = links[side].ethernet,
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_TCP, .frag_off = htons(IP_DF),
			.tot_len = htons(sizeof(frame.ip) + sizeof(frame.tcp) +
					 count),
			.saddr = htonl(from_client ? session->client : SERVER),
			.daddr = htonl(from_client ? SERVER : session->client),
		},
		.tcp = {
			.source = htons(from_client ? session->port :
					session->server_port),
			.dest = htons(from_client ? session->server_port :
				      session->port),
			.seq = htonl(session->next[side]),
			.doff = 5, .window = htons(WINDOW),
		},
	};
	const size_t begin = offsetof(struct frame, ethernet);
	size_t length = offsetof(struct frame, payload) - begin + count;

	frame.tcp.syn = !!(flags & TH_SYN);
	frame.tcp.psh = count > 0;
	frame.tcp.ack = !!(flags & TH_ACK);
	if (frame.tcp.ack)
		frame.tcp.ack_seq = htonl(session->next[!side]);
	memcpy(frame.payload, payload, count);
	put_checksums(&frame, count);
	if (write(links[side].socket, (char *)&frame + begin, length) !=
	    (ssize_t)length)
		die("write");
	session->next[side] += count + frame.tcp.syn;
}

static void line(struct session *session, int side, const char *text)
{
	say(session, side, TH_ACK, text, strlen(text));
}

static void acknowledge(struct session *session, int side)
{
	say(session, side, TH_ACK, "", 0);
}

static void converse(struct session *session, const char *command,
		     const char *reply)
{
	line(session, FROM_CLIENT, command);
	line(session, FROM_SERVER, reply);
}

static void open_idle(struct session *session)
{
	say(session, FROM_CLIENT, TH_SYN, "", 0);
	say(session, FROM_SERVER, TH_SYN | TH_ACK, "", 0);
	acknowledge(session, FROM_CLIENT);
	line(session, FROM_SERVER, "220 forged ESMTP\r\n");
	converse(session, "EHLO client.example\r\n",
		 "250-forged\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
	acknowledge(session, FROM_CLIENT);
}

static void open_tls(struct session *session)
{
	static const char hellos[2][11] = {
		"\x16\x03\x01\x00\x05\x01\x00\x00\x00\x00",
		"\x16\x03\x03\x00\x05\x02\x00\x00\x00\x00",
	};

	open_idle(session);
	converse(session, "STARTTLS\r\n", "220 go on\r\n");
	for (int side = 0; side < 2; side++)
		say(session, side, TH_ACK, hellos[side],
		    sizeof(hellos[side]) - 1);
	acknowledge(session, FROM_CLIENT);
}

static void open_body(struct session *session)
{
	open_idle(session);
	converse(session, "MAIL FROM:<a@client.example>\r\n", "250 fine\r\n");
	converse(session, "RCPT TO:<b@server.example>\r\n", "250 fine\r\n");
	converse(session, "DATA\r\n", "354 go on\r\n");
	line(session, FROM_CLIENT, "Subject: forged\r\n\r\n");
	acknowledge(session, FROM_SERVER);
}

static const struct kind openings[] = {
	{ "idle", 0, open_idle },
	{ "tls", 0, open_tls },
	{ "body", 0, open_body },
};

static void send_acknowledgment(struct session *session)
{
	acknowledge(session, FROM_CLIENT);
}

static void send_command(struct session *session)
{
	converse(session, "NOOP\r\n", "250 fine\r\n");
}

static void send_record(struct session *session)
{
	static const char record[SEGMENT] = "\x17\x03\x03\x05\xa3";

	say(session, FROM_CLIENT, TH_ACK, record, sizeof(record));
	acknowledge(session, FROM_SERVER);
}

static void send_body(struct session *session)
{
	say(session, FROM_CLIENT, TH_ACK, body, sizeof(body));
	acknowledge(session, FROM_SERVER);
}

static const struct kind kinds[] = {
	{ "ack", 1, send_acknowledgment },
	{ "command", 2, send_command },
	{ "tls", 2, send_record },
	{ "body", 2, send_body },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct kind *find(const struct kind *table, size_t count,
			       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	errno = EINVAL;
	die(name);
	return NULL;
}

/* Lines of letters and blanks, with a dot in each. */
static void make_body(void)
{
	static const char text[] =
		"it is a line of a message as people write. and so it goes\r\n";

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = text[i % (sizeof(text) - 1)];
}

static void open_link(struct link *link, const char *namespace)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct ifreq device = { .ifr_name = "eth0" };
	char path[256];
	int place;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	place = open(path, O_RDONLY);
	if (place < 0 || setns(place, CLONE_NEWNET))
		die(path);
	close(place);
	/* protocol 0: receives nothing */
	link->socket = socket(AF_PACKET, SOCK_RAW, 0);
	if (link->socket < 0 ||
	    ioctl(link->socket, SIOCGIFHWADDR, &device))
		die("eth0");
	memcpy(link->ethernet.ether_shost, device.ifr_hwaddr.sa_data,
	       ETH_ALEN);
	link->ethernet.ether_type = htons(ETHERTYPE_IP);
	if (ioctl(link->socket, SIOCGIFINDEX, &device))
		die("eth0");
	address.sll_ifindex = device.ifr_ifindex;
	if (bind(link->socket, (void *)&address, sizeof(address)))
		die("bind");
}

/* The router's hardware address, at which the link ends. */
static void set_router(struct link *link, const char *address)
{
	u8 *to = link->ethernet.ether_dhost;

	if (sscanf(address, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1,
		   to + 2, to + 3, to + 4, to + 5) != ETH_ALEN)
		die(address);
}

static void do_open(const char *state, unsigned int count,
		    unsigned int server_port)
{
	const struct kind *opening = find(openings, COUNT(openings), state);
	struct group *group = &groups[group_count];
	struct meter start = meter_read();

	if (group_count == GROUPS)
		die("too many groups");
	group->sessions = calloc(count, sizeof(*group->sessions));
	if (!group->sessions)
		die("no memory");
	group->count = count;
	for (unsigned int i = 0; i < count; i++, next_session++) {
		struct session *session = &group->sessions[i];

		session->client = CLIENTS + next_session / PORTS;
		session->port = FIRST_PORT + next_session % PORTS;
		session->server_port = server_port;
		session->next[0] = next_session * 2654435761u;
		session->next[1] = next_session * 2246822519u;
		opening->send(session);
	}
	printf("{\"group\": %u, \"instructions\": %lld}\n", group_count++,
	       meter_busy(&start));
}

/* One of so many, which are spread over all and come one after the other. */
static struct session *turn(struct group *group, unsigned int spread,
			    unsigned int number)
{
	unsigned int some = spread < group->count ? spread : group->count;

	return &group->sessions[number % some * (group->count / some)];
}

static int compare(const void *left, const void *right)
{
	long long a = *(const long long *)left, b = *(const long long *)right;

	return (a > b) - (a < b);
}

/* The mean without the dearest, in which the timer's interrupts are. */
static double typical(long long *took, unsigned int count)
{
	unsigned int kept = count - (count + TRIMMED - 1) / TRIMMED;
	long long sum = 0;

	qsort(took, count, sizeof(*took), compare);
	for (unsigned int i = 0; i < kept; i++)
		sum += took[i];
	return (double)sum / kept;
}

static void do_measure(unsigned int which, const char *name,
		       unsigned int spread, unsigned int count)
{
	const struct kind *kind = find(kinds, COUNT(kinds), name);
	long long *took = calloc(count, sizeof(*took)), start, end;

	if (!took)
		die("no memory");
	start = meter_clock();
	for (unsigned int i = 0; i < count; i++) {
		kind->send(turn(&groups[which], spread, i));
		end = meter_clock();
		took[i] = end - start;
		start = end;
	}
	printf("{\"instructions\": %.1f}\n",
	       typical(took, count) / kind->packets);
	free(took);
}

/* How many packets in each whole slice of the clock, by its number. */
static void do_run(unsigned int which, const char *name, unsigned int slices)
{
	const struct kind *kind = find(kinds, COUNT(kinds), name);
	u64 first = meter_clock() / SLICE + 1, at;
	unsigned int *packets = calloc(slices, sizeof(*packets));
	const char *comma = "";

	if (!packets)
		die("no memory");
	for (unsigned int i = 0;; i++) {
		kind->send(turn(&groups[which], U32_MAX, i));
		at = meter_clock() / SLICE;
		if (at >= first + slices)
			break;
		if (at >= first)
			packets[at - first] += kind->packets;
	}
	printf("{");
	for (unsigned int i = 0; i < slices; i++, comma = ", ")
		printf("%s\"%llu\": %u", comma, (unsigned long long)first + i,
		       packets[i]);
	printf("}\n");
	free(packets);
}

static void obey(const char *command)
{
	unsigned int number, spread, last;
	char word[16];

	if (sscanf(command, "open %15s %u %u", word, &number, &last) == 3)
		do_open(word, number, last);
	else if (sscanf(command, "measure %u %15s %u %u", &number, word,
			&spread, &last) == 4)
		do_measure(number, word, spread, last);
	else if (sscanf(command, "run %u %15s %u", &number, word, &last) == 3)
		do_run(number, word, last);
	else
		die(command);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char command[256];

	if (argc != 6)
		return 2;
	for (int side = 0; side < 2; side++) {
		open_link(&links[side], argv[1 + 2 * side]);
		set_router(&links[side], argv[2 + 2 * side]);
	}
	next_session = atoi(argv[5]);
	make_body();
	while (fgets(command, sizeof(command), stdin))
		obey(command);
	return 0;
}
