// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a capture by libpcap, which knows the formats of such files, and takes
 * the headers off: of the link, IP and TCP.  A capture may come from anybody and
 * hold anything: nothing of a packet is read that was not asked for by take(),
 * which knows how much is there.
 *
 * Checksums are not looked at: where a capture was made, network cards had often
 * not written them yet.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "capture.h"
#include "complain.h"
#include "dialogue.h"

#define ETHERTYPE_IPV4		0x0800
#define ETHERTYPE_IPV6		0x86dd
#define ETHERTYPE_VLAN		0x8100
#define ETHERTYPE_QINQ		0x88a8
#define ETHERTYPE_QINQ_OLD	0x9100

#define ETHER_ADDRESSES		12
#define VLAN_TAG		2
#define IPV4_HEADER		20
#define IPV6_HEADER		40
#define TCP_HEADER		20
/* In units of which headers say how long they are. */
#define WORD			4
#define EXTENSION_UNIT		8
/* IPv6 packets with more headers than that are not from anybody's mail. */
#define EXTENSIONS_MAX		8

#define IPV4_FRAGMENT		0x3fff
#define IPV6_FRAGMENT		0xfff9

#define TCP_FIN			0x01
#define TCP_SYN			0x02
#define TCP_RST			0x04
#define TCP_ACK			0x10

/**
 * struct bytes - what of a packet was not read yet
 * @at: the next octet
 * @left: how many are in the file
 * @missing: how many more there were
 */
struct bytes {
	const u8 *at;
	size_t left;
	size_t missing;
};

/** enum decoded - what a packet is */
enum decoded {
	DECODED_SEGMENT,
	DECODED_OTHER,
	DECODED_FRAGMENT,
	DECODED_SHORT,
};

/* The next octets; NULL where the file does not have so many. */
static const u8 *take(struct bytes *bytes, size_t length)
{
	const u8 *taken = bytes->at;

	if (bytes->left < length)
		return NULL;
	bytes->at += length;
	bytes->left -= length;
	return taken;
}

static u16 get_u16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static u32 get_u32(const u8 *at)
{
	return (u32)get_u16(at) << 16 | get_u16(at + 2);
}

/* What is behind a packet's own length is padding, or a checksum. */
static void shorten(struct bytes *bytes, size_t length)
{
	if (length <= bytes->left) {
		bytes->left = length;
		bytes->missing = 0;
	} else {
		bytes->missing = length - bytes->left;
	}
}

static enum decoded decode_tcp(struct bytes *bytes, struct segment *segment)
{
	const u8 *header = take(bytes, TCP_HEADER);
	size_t length;

	if (!header)
		return DECODED_SHORT;
	length = (header[12] >> 4) * WORD;
	if (length < TCP_HEADER)
		return DECODED_OTHER;
	if (!take(bytes, length - TCP_HEADER))
		return DECODED_SHORT;
	segment->source.port = get_u16(header);
	segment->destination.port = get_u16(header + 2);
	segment->sequence = get_u32(header + 4);
	segment->acknowledged = get_u32(header + 8);
	segment->fin = header[13] & TCP_FIN;
	segment->syn = header[13] & TCP_SYN;
	segment->rst = header[13] & TCP_RST;
	segment->ack = header[13] & TCP_ACK;
	segment->octets = bytes->at;
	segment->length = bytes->left;
	segment->missing = bytes->missing;
	return DECODED_SEGMENT;
}

static void set_address(struct endpoint *endpoint, u16 family,
			const u8 *address, size_t length)
{
	endpoint->family = family;
	memcpy(endpoint->address, address, length);
}

static enum decoded decode_ipv4(struct bytes *bytes, struct segment *segment)
{
	size_t whole = bytes->left + bytes->missing;
	const u8 *header = take(bytes, IPV4_HEADER);
	size_t length, total;

	if (!header)
		return DECODED_SHORT;
	length = (header[0] & 0xf) * WORD;
	total = get_u16(header + 2);
	/* 0: the card was to cut it into segments */
	if (!total)
		total = whole;
	if (header[0] >> 4 != 4 || length < IPV4_HEADER || total < length)
		return DECODED_OTHER;
	if (header[9] != IPPROTO_TCP)
		return DECODED_OTHER;
	if (get_u16(header + 6) & IPV4_FRAGMENT)
		return DECODED_FRAGMENT;
	if (!take(bytes, length - IPV4_HEADER))
		return DECODED_SHORT;
	shorten(bytes, total - length);
	set_address(&segment->source, AF_INET, header + 12, 4);
	set_address(&segment->destination, AF_INET, header + 16, 4);
	return decode_tcp(bytes, segment);
}

/* Octets of an extension header behind its first two. */
static size_t extension_length(u8 type, u8 said)
{
	if (type == IPPROTO_AH)
		return said * WORD + 2 * WORD - 2;
	return said * EXTENSION_UNIT + EXTENSION_UNIT - 2;
}

/* Passes over headers between those of IPv6 and TCP. */
static enum decoded decode_extensions(struct bytes *bytes, u8 type,
				      struct segment *segment)
{
	const u8 *header, *rest;
	int i;

	for (i = 0; i < EXTENSIONS_MAX; i++) {
		if (type == IPPROTO_TCP)
			return decode_tcp(bytes, segment);
		if (type != IPPROTO_HOPOPTS && type != IPPROTO_ROUTING &&
		    type != IPPROTO_DSTOPTS && type != IPPROTO_AH &&
		    type != IPPROTO_FRAGMENT)
			return DECODED_OTHER;
		header = take(bytes, 2);
		if (!header)
			return DECODED_SHORT;
		rest = take(bytes, type == IPPROTO_FRAGMENT ?
			    EXTENSION_UNIT - 2 :
			    extension_length(type, header[1]));
		if (!rest)
			return DECODED_SHORT;
		if (type == IPPROTO_FRAGMENT && get_u16(rest) & IPV6_FRAGMENT)
			return DECODED_FRAGMENT;
		type = header[0];
	}
	return DECODED_OTHER;
}

static enum decoded decode_ipv6(struct bytes *bytes, struct segment *segment)
{
	const u8 *header = take(bytes, IPV6_HEADER);
	size_t length;

	if (!header)
		return DECODED_SHORT;
	if (header[0] >> 4 != 6)
		return DECODED_OTHER;
	length = get_u16(header + 4);
	/* 0: it is a jumbogram, or the card was to cut it into segments */
	if (length)
		shorten(bytes, length);
	set_address(&segment->source, AF_INET6, header + 8, ADDRESS_LENGTH);
	set_address(&segment->destination, AF_INET6, header + 24,
		    ADDRESS_LENGTH);
	return decode_extensions(bytes, header[6], segment);
}

static enum decoded decode_type(struct bytes *bytes, u16 type,
				struct segment *segment)
{
	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
	       type == ETHERTYPE_QINQ_OLD) {
		const u8 *tag = take(bytes, VLAN_TAG + 2);

		if (!tag)
			return DECODED_SHORT;
		type = get_u16(tag + VLAN_TAG);
	}
	if (type == ETHERTYPE_IPV4)
		return decode_ipv4(bytes, segment);
	if (type == ETHERTYPE_IPV6)
		return decode_ipv6(bytes, segment);
	return DECODED_OTHER;
}

/* The type of what follows stands at an offset of a header. */
static enum decoded decode_typed(struct bytes *bytes, size_t length, size_t at,
				 struct segment *segment)
{
	const u8 *header = take(bytes, length);

	return header ? decode_type(bytes, get_u16(header + at), segment) :
			DECODED_SHORT;
}

static enum decoded decode_ethernet(struct bytes *bytes,
				    struct segment *segment)
{
	return decode_typed(bytes, ETHER_ADDRESSES + 2, ETHER_ADDRESSES,
			    segment);
}

static enum decoded decode_sll(struct bytes *bytes, struct segment *segment)
{
	return decode_typed(bytes, SLL_HDR_LEN,
			    offsetof(struct sll_header, sll_protocol), segment);
}

static enum decoded decode_sll2(struct bytes *bytes, struct segment *segment)
{
	return decode_typed(bytes, SLL2_HDR_LEN,
			    offsetof(struct sll2_header, sll2_protocol),
			    segment);
}

static enum decoded decode_raw(struct bytes *bytes, struct segment *segment)
{
	if (!bytes->left)
		return DECODED_SHORT;
	return bytes->at[0] >> 4 == 6 ? decode_ipv6(bytes, segment) :
					decode_ipv4(bytes, segment);
}

typedef enum decoded (*decode_t)(struct bytes *bytes, struct segment *segment);

static const struct {
	int link;
	decode_t decode;
} links[] = {
	{ DLT_EN10MB,		decode_ethernet },
	{ DLT_LINUX_SLL,	decode_sll },
	{ DLT_LINUX_SLL2,	decode_sll2 },
	{ DLT_RAW,		decode_raw },
	{ DLT_IPV4,		decode_ipv4 },
	{ DLT_IPV6,		decode_ipv6 },
};

static decode_t find_link(int link)
{
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].link == link)
			return links[i].decode;
	return NULL;
}

static enum decoded decode(decode_t decode_link,
			   const struct pcap_pkthdr *header, const u8 *octets,
			   struct segment *segment)
{
	struct bytes bytes = { octets, header->caplen, 0 };

	if (header->len > header->caplen)
		bytes.missing = header->len - header->caplen;
	return decode_link(&bytes, segment);
}

static bool read_packets(pcap_t *pcap, const char *path, decode_t decode_link,
			 capture_take_t take_segment, void *context,
			 struct capture_counts *counts)
{
	struct pcap_pkthdr *header;
	unsigned long number = 0;
	const u8 *octets;
	int more;

	while ((more = pcap_next_ex(pcap, &header, &octets)) == 1) {
		struct segment segment = { .packet = ++number };

		switch (decode(decode_link, header, octets, &segment)) {
		case DECODED_SEGMENT:
			if (!take_segment(context, &segment))
				return false;
			break;
		case DECODED_FRAGMENT:
			counts->fragments++;
			break;
		case DECODED_SHORT:
			counts->headers++;
			break;
		case DECODED_OTHER:
			break;
		}
	}
	if (more == PCAP_ERROR_BREAK)
		return true;
	complain("%s: behind packet %lu: %s", dialogue_source(path), number,
		 pcap_geterr(pcap));
	return false;
}

/* The file is the capture's, once there is one. */
static pcap_t *open_capture(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	bool is_input = dialogue_is_input(path);
	FILE *file = is_input ? stdin : fopen(path, "re");
	pcap_t *pcap;

	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	pcap = pcap_fopen_offline(file, error);
	if (pcap)
		return pcap;
	complain("%s: %s", dialogue_source(path), error);
	if (!is_input)
		fclose(file);
	return NULL;
}

/**
 * capture_read() - read the TCP segments of a capture
 * @path: of the file; "-" for standard input
 * @take: called with each; false ends it
 * @context: its first argument
 * @counts: what was passed over is added to it
 *
 * Return: false after a complaint.
 */
bool capture_read(const char *path, capture_take_t take, void *context,
		  struct capture_counts *counts)
{
	pcap_t *pcap = open_capture(path);
	decode_t decode_link;
	bool good = false;
	int link;

	if (!pcap)
		return false;
	link = pcap_datalink(pcap);
	decode_link = find_link(link);
	if (decode_link)
		good = read_packets(pcap, path, decode_link, take, context,
				    counts);
	else
		complain("%s: packets of a kind that is not known: %s",
			 dialogue_source(path),
			 pcap_datalink_val_to_description_or_dlt(link));
	pcap_close(pcap);
	return good;
}
