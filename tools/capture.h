/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments in files that tcpdump and its like have written.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/types.h"

#define ADDRESS_LENGTH	16

/**
 * struct endpoint - one end of a connection
 * @family: AF_INET or AF_INET6
 * @port: in host order
 * @address: in network order; zeros behind one of IPv4
 */
struct endpoint {
	u16 family;
	u16 port;
	u8 address[ADDRESS_LENGTH];
};

/**
 * struct segment - a TCP segment
 * @packet: number of the packet in the file, from 1 on
 * @source: who sends it
 * @destination: who receives it
 * @sequence: of the first octet, or of SYN
 * @acknowledged: the next octet that the sender expects; only with @ack
 * @syn: the flags
 * @ack: see @syn
 * @fin: see @syn
 * @rst: see @syn
 * @octets: the payload, as far as it is in the file
 * @length: how many
 * @missing: how many more there were
 */
struct segment {
	unsigned long packet;
	struct endpoint source;
	struct endpoint destination;
	u32 sequence;
	u32 acknowledged;
	bool syn;
	bool ack;
	bool fin;
	bool rst;
	const u8 *octets;
	size_t length;
	size_t missing;
};

/**
 * struct capture_counts - packets that have no segment to tell
 * @fragments: fragments of IP
 * @headers: the file does not have all of their headers
 */
struct capture_counts {
	unsigned long fragments;
	unsigned long headers;
};

typedef bool (*capture_take_t)(void *context, const struct segment *segment);

bool capture_read(const char *path, capture_take_t take, void *context,
		  struct capture_counts *counts);

#endif /* CAPTURE_H */
