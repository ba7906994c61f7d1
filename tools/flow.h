/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sessions that are under guard.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/smtpguard.h"

#define FLOW_WORD_MAX	16

/**
 * struct flow_address - one end of a connection
 * @family: AF_INET or AF_INET6; 0: not told
 * @port: in host order
 * @octets: in network order
 */
struct flow_address {
	uint16_t family;
	uint16_t port;
	uint8_t octets[16];
};

/** enum flow_end - whose end, and as which side sees it */
enum flow_end {
	FLOW_CLIENT,
	FLOW_SERVER,
	FLOW_NAT_CLIENT,
	FLOW_NAT_SERVER,

	FLOW_ENDS
};

/** enum flow_number - what is counted of a session */
enum flow_number {
	FLOW_SESSION,
	FLOW_MILLISECONDS,
	FLOW_SILENCE,
	FLOW_MESSAGES,
	FLOW_COMMANDS,
	FLOW_REFUSALS,
	FLOW_BYTES_TO_SERVER,
	FLOW_BYTES_TO_CLIENT,
	FLOW_MEMORY,

	FLOW_NUMBERS
};

/**
 * struct flow - a session
 * @end: by enum flow_end
 * @number: by enum flow_number
 * @phase: how the client's octets are read
 * @tls_version: the version of TLS; 0 where it is not known
 */
struct flow {
	struct flow_address end[FLOW_ENDS];
	uint64_t number[FLOW_NUMBERS];
	char phase[FLOW_WORD_MAX];
	uint16_t tls_version;
};

/**
 * struct flows - all sessions
 * @row: by their numbers, each once
 * @count: how many
 * @room: how many there is room for
 */
struct flows {
	struct flow *row;
	size_t count;
	size_t room;
};

extern const char *const flow_numbers[FLOW_NUMBERS];
extern const char *const flow_ends[FLOW_ENDS];

int flows_read(struct flows *flows);
void flows_free(struct flows *flows);
void flow_write_address(char *text, size_t size,
			const struct flow_address *address);
void flow_write_end(char *text, size_t size,
		    const struct flow_address *address);

#endif /* FLOW_H */
