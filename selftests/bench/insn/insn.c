// SPDX-License-Identifier: GPL-2.0
/*
 * Sends packets that it makes through netfilter as a router does that forwards
 * them between client0 and server0, and counts what that takes: where the time
 * stamp counter counts instructions (selftests/vm/run --instructions), those.
 * Counted are the hooks PRE_ROUTING, FORWARD and POST_ROUTING with all that is in
 * them, and nothing else of the way of a packet.
 *
 * A line written to the parameter `run` is done at once, and `result` says how
 * that went; selftests/bench/insn/inside has the lines.  Only one at a time.
 */
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/vmalloc.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/tcp.h>

#include "bodies.h"

#define CLIENT_ADDRESS	0xc0000202 /* 192.0.2.2 */
#define SERVER_ADDRESS	0xc6336402 /* 198.51.100.2 */
/* So many hosts of 192.0.2.0/24, and so many ports of each. */
#define CLIENTS		250
#define FIRST_PORT	1024
#define PORTS		60000

#define BODY_SIZE	(1 << 20)
#define HEADROOM	(LL_MAX_HEADER + sizeof(struct iphdr) + 64)
#define TIMESTAMP	(TCPOLEN_TSTAMP_ALIGNED)
#define SYN_OPTIONS	20

enum side { CLIENT, SERVER };

#define SYN	(1 << 0)
#define ACK	(1 << 1)
#define FIN	(1 << 2)
#define RST	(1 << 3)

/* A connection; @next is what each side says next. */
struct talk {
	__be32 client;
	__be16 port[2];
	u32 next[2];
};

/* What some packets took. */
struct count {
	u64 least, most, sum, packets;
};

static struct net_device *device[2];
static u8 *body;
static enum body_kind_number body_made = BODY_KINDS;
static struct talk talk;
static u32 talks;
static char result[256];

static void count_begin(struct count *count)
{
	*count = (struct count){ .least = U64_MAX };
}

static void count_add(struct count *count, u64 ticks)
{
	count->least = min(count->least, ticks);
	count->most = max(count->most, ticks);
	count->sum += ticks;
	count->packets++;
}

static u64 ticks_now(void)
{
	return rdtsc_ordered();
}

static void put_options(u8 *at, int flags)
{
	static const u8 first[] = {
		TCPOPT_MSS, TCPOLEN_MSS, 1460 >> 8, 1460 & 0xff,
		TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM,
		TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP, 0, 0, 0, 1, 0, 0, 0, 0,
		TCPOPT_NOP, TCPOPT_WINDOW, TCPOLEN_WINDOW, 7,
	};
	static const u8 others[] = {
		TCPOPT_NOP, TCPOPT_NOP,
		TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP, 0, 0, 0, 1, 0, 0, 0, 1,
	};

	static_assert(sizeof(first) == SYN_OPTIONS);
	static_assert(sizeof(others) == TIMESTAMP);
	if (flags & SYN)
		memcpy(at, first, sizeof(first));
	else
		memcpy(at, others, sizeof(others));
}

static void put_tcp(struct sk_buff *skb, enum side side, int flags,
		    unsigned int options)
{
	struct tcphdr *tcp = skb_put_zero(skb, sizeof(*tcp) + options);

	tcp->source = talk.port[side];
	tcp->dest = talk.port[!side];
	tcp->seq = htonl(talk.next[side]);
	tcp->ack_seq = flags & ACK ? htonl(talk.next[!side]) : 0;
	tcp->doff = (sizeof(*tcp) + options) / 4;
	tcp->syn = !!(flags & SYN);
	tcp->ack = !!(flags & ACK);
	tcp->fin = !!(flags & FIN);
	tcp->rst = !!(flags & RST);
	tcp->window = htons(60000);
	put_options((u8 *)(tcp + 1), flags);
}

/* A packet as a driver hands it over: linear, its checksum looked at. */
static struct sk_buff *make_packet(enum side side, int flags, const void *data,
				   unsigned int length)
{
	unsigned int options = flags & SYN ? SYN_OPTIONS : TIMESTAMP;
	struct sk_buff *skb = alloc_skb(HEADROOM + SYN_OPTIONS + length,
					GFP_ATOMIC);
	struct iphdr *ip;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	eth_zero_addr(skb_push(skb, ETH_HLEN));
	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	skb_set_transport_header(skb, sizeof(*ip));
	put_tcp(skb, side, flags, options);
	skb_put_data(skb, data, length);

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->ttl = 63;
	ip->protocol = IPPROTO_TCP;
	ip->frag_off = htons(IP_DF);
	ip->tot_len = htons(skb->len);
	ip->saddr = side == CLIENT ? talk.client : htonl(SERVER_ADDRESS);
	ip->daddr = side == CLIENT ? htonl(SERVER_ADDRESS) : talk.client;
	ip_send_check(ip);

	skb->protocol = htons(ETH_P_IP);
	skb->dev = device[side];
	skb->skb_iif = skb->dev->ifindex;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb;
}

/* Returns if it would be sent on. */
static bool pass_hooks(struct sk_buff *skb, enum side side)
{
	struct net_device *in = device[side], *out = device[!side];

	return nf_hook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, &init_net, NULL, skb,
		       in, NULL, NULL) == 1 &&
	       nf_hook(NFPROTO_IPV4, NF_INET_FORWARD, &init_net, NULL, skb,
		       in, out, NULL) == 1 &&
	       nf_hook(NFPROTO_IPV4, NF_INET_POST_ROUTING, &init_net, NULL,
		       skb, NULL, out, NULL) == 1;
}

/*
 * Sends a packet on and counts.  No interrupt comes between.  Returns a negative
 * errno where it was dropped, or is a reset now that was none.
 */
static int send(enum side side, int flags, const void *data,
		unsigned int length, struct count *count)
{
	struct sk_buff *skb = make_packet(side, flags, data, length);
	const struct iphdr *ip;
	unsigned long irqs;
	u64 before, after;
	bool passed;

	if (!skb)
		return -ENOMEM;
	ip = ip_hdr(skb);
	if (ip_route_input_noref(skb, ip->daddr, ip->saddr, 0, skb->dev)) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	local_irq_save(irqs);
	before = ticks_now();
	passed = pass_hooks(skb, side);
	after = ticks_now();
	local_irq_restore(irqs);
	if (!passed)
		return -EPERM;
	talk.next[side] += length + !!(flags & (SYN | FIN));
	passed = tcp_hdr(skb)->rst == !!(flags & RST);
	consume_skb(skb);
	if (count)
		count_add(count, after - before);
	return passed ? 0 : -ECONNRESET;
}

static void new_talk(u16 port)
{
	talk.client = htonl(CLIENT_ADDRESS + talks % CLIENTS);
	talk.port[CLIENT] = htons(FIRST_PORT + talks / CLIENTS % PORTS);
	talk.port[SERVER] = htons(port);
	talk.next[CLIENT] = 1000000;
	talk.next[SERVER] = 2000000;
	talks++;
}

static int handshake(u16 port, struct count *count)
{
	int err;

	new_talk(port);
	err = send(CLIENT, SYN, NULL, 0, count);
	if (!err)
		err = send(SERVER, SYN | ACK, NULL, 0, count);
	if (!err)
		err = send(CLIENT, ACK, NULL, 0, count);
	return err;
}

static int say(enum side side, const char *text, struct count *count)
{
	return send(side, ACK, text, strlen(text), count);
}

static int end_talk(struct count *count)
{
	int err = send(SERVER, FIN | ACK, NULL, 0, count);

	if (!err)
		err = send(CLIENT, FIN | ACK, NULL, 0, count);
	if (!err)
		err = send(SERVER, ACK, NULL, 0, count);
	return err;
}

static const char greeting[] = "220 mx.example.com ESMTP ready\r\n";

static int whole_session(u16 port, struct count *begin, struct count *end)
{
	int err = handshake(port, begin);

	if (!err)
		err = say(SERVER, greeting, begin);
	if (!err)
		err = say(CLIENT, "QUIT\r\n", end);
	if (!err)
		err = say(SERVER, "221 2.0.0 Bye\r\n", end);
	return err ?: end_talk(end);
}

/* A line of results is a name and the least, the mean times 100, the most. */
static void tell(const char *name, const struct count *count)
{
	size_t used = strlen(result);

	if (!count->packets)
		return;
	scnprintf(result + used, sizeof(result) - used, "%s%s %llu %llu %llu",
		  used ? "\n" : "", name, count->least,
		  div64_u64(count->sum * 100, count->packets), count->most);
}

/* sessions NUMBER PORT: what the begin and the end of each take in all. */
static int do_sessions(unsigned int number, unsigned int port)
{
	struct count begins, ends;

	count_begin(&begins);
	count_begin(&ends);
	while (number--) {
		struct count begin, end;
		int err;

		count_begin(&begin);
		count_begin(&end);
		err = whole_session(port, &begin, &end);
		if (err)
			return err;
		count_add(&begins, begin.sum);
		count_add(&ends, end.sum);
	}
	tell("begin", &begins);
	tell("end", &ends);
	return 0;
}

/* hold NUMBER PORT: sessions that stay, and are silent. */
static int do_hold(unsigned int number, unsigned int port)
{
	struct talk kept = talk;
	struct count count;
	int err = 0;

	count_begin(&count);
	while (number-- && !err) {
		err = handshake(port, &count);
		if (!err)
			err = say(SERVER, greeting, &count);
	}
	talk = kept;
	tell("packet", &count);
	return err;
}

static int make_body(const char *name)
{
	enum body_kind_number kind = bodies_find(name);

	if (kind == BODY_KINDS)
		return -EINVAL;
	if (kind == body_made)
		return 0;
	bodies_seed();
	body_kinds[kind].make(body, BODY_SIZE);
	body_made = kind;
	return 0;
}

/*
 * stream KIND LENGTH NUMBER: packets of the client's of one length, each with
 * other octets of the same message, and the server's ACK behind each.
 */
static int do_stream(const char *kind, unsigned int length,
		     unsigned int number)
{
	struct count data, acks;
	unsigned int at = 0;
	int err = make_body(kind);

	if (!length || length > BODY_SIZE)
		return -EINVAL;
	count_begin(&data);
	count_begin(&acks);
	while (number-- && !err) {
		if (at + length > BODY_SIZE)
			at = 0;
		err = send(CLIENT, ACK, body + at, length, &data);
		at += length;
		if (!err)
			err = send(SERVER, ACK, NULL, 0, &acks);
	}
	tell("data", &data);
	tell("ack", &acks);
	return err;
}

/* Replaces \r and \n by what they mean, and %XX. */
static unsigned int unescape(char *text)
{
	char *from = text, *to = text;

	for (; *from; from++) {
		if (from[0] == '\\' && (from[1] == 'r' || from[1] == 'n')) {
			*to++ = *++from == 'r' ? '\r' : '\n';
		} else if (from[0] == '%' && !hex2bin(to, from + 1, 1)) {
			to++;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	return to - text;
}

/* turns NUMBER COMMAND|REPLY: that, said so many times. */
static int do_turns(unsigned int number, char *text)
{
	struct count commands, replies;
	char *reply = strchr(text, '|');
	unsigned int length, reply_length;
	int err = 0;

	if (!reply)
		return -EINVAL;
	*reply++ = '\0';
	length = unescape(text);
	reply_length = unescape(reply);
	count_begin(&commands);
	count_begin(&replies);
	while (number-- && !err) {
		err = send(CLIENT, ACK, text, length, &commands);
		if (!err)
			err = send(SERVER, ACK, reply, reply_length, &replies);
	}
	tell("command", &commands);
	tell("reply", &replies);
	return err;
}

/* nothing NUMBER: what counting itself takes. */
static int do_nothing(unsigned int number)
{
	struct count count;

	count_begin(&count);
	while (number--) {
		u64 before = ticks_now();

		count_add(&count, ticks_now() - before);
	}
	tell("nothing", &count);
	return 0;
}

static int do_line(char *line)
{
	char *word = strsep(&line, " ");
	unsigned int number, port;
	char kind[16];
	int skipped;

	if (!line)
		return -EINVAL;
	if (!strcmp(word, "stream"))
		return sscanf(line, "%15s %u %u", kind, &port, &number) == 3 ?
		       do_stream(kind, port, number) : -EINVAL;
	if (!strcmp(word, "client"))
		return send(CLIENT, ACK, line, unescape(line), NULL);
	if (!strcmp(word, "server"))
		return send(SERVER, ACK, line, unescape(line), NULL);
	if (sscanf(line, "%u%n", &number, &skipped) != 1)
		return -EINVAL;
	if (!strcmp(word, "open"))
		return handshake(number, NULL);
	if (!strcmp(word, "nothing"))
		return do_nothing(number);
	if (!strcmp(word, "restart")) {
		talks = number;
		return 0;
	}
	line += skipped + !!line[skipped];
	if (!strcmp(word, "turns"))
		return do_turns(number, line);
	if (kstrtouint(line, 10, &port))
		return -EINVAL;
	if (!strcmp(word, "sessions"))
		return do_sessions(number, port);
	if (!strcmp(word, "hold"))
		return do_hold(number, port);
	return -EINVAL;
}

static int run_set(const char *value, const struct kernel_param *kp)
{
	char *copy = kstrdup(value, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	result[0] = '\0';
	local_bh_disable();
	err = do_line(strim(copy));
	local_bh_enable();
	kfree(copy);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "a line to be done");

static int result_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", result);
}

static const struct kernel_param_ops result_ops = { .get = result_get };
module_param_cb(result, &result_ops, NULL, 0400);
MODULE_PARM_DESC(result, "what the last line has counted");

static void release(void)
{
	dev_put(device[SERVER]);
	dev_put(device[CLIENT]);
	vfree(body);
}

static int __init insn_init(void)
{
	body = vmalloc(BODY_SIZE);
	device[CLIENT] = dev_get_by_name(&init_net, "client0");
	device[SERVER] = dev_get_by_name(&init_net, "server0");
	if (body && device[CLIENT] && device[SERVER])
		return 0;
	release();
	return -ENODEV;
}

static void __exit insn_exit(void)
{
	release();
}

module_init(insn_init);
module_exit(insn_exit);
MODULE_DESCRIPTION("counts what netfilter takes for a packet");
MODULE_LICENSE("GPL");
