/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages whose final reply does not come, and those that come again.
 */
#ifndef STALL_H
#define STALL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"

/* Messages that are remembered; a new one takes the place of the oldest. */
#define STALL_KEPT	4096
#define STALL_SENDER	255
#define STALL_ADDRESS	16

/** enum stall_state - how far a message is */
enum stall_state {
	STALL_FREE,
	STALL_BEGUN,
	STALL_WAITING,
	STALL_STALLED,
	STALL_ANSWERED,
	STALL_ENDED,
};

/**
 * struct stall_message - what is remembered of a message
 * @state: how far it is
 * @knows_sender: the sender was told
 * @code: of the final reply, if that has come
 * @address_length: octets of the client's address
 * @sender_length: octets of the sender
 * @session: its session
 * @ended_at: nanoseconds: when its end of data was forwarded
 * @size: octets of it
 * @client: the client's address
 */
struct stall_message {
	enum stall_state state;
	bool knows_sender;
	uint16_t code;
	uint8_t address_length;
	uint8_t sender_length;
	uint64_t session;
	uint64_t ended_at;
	uint64_t size;
	uint8_t client[STALL_ADDRESS];
};

/**
 * struct stall - all of them
 * @out: where findings are written
 * @json: as JSON
 * @period: nanoseconds that a final reply may take
 * @due: when the next may have taken too long; 0: nothing waits
 * @newest: the one that was begun last
 * @messages: in the order in which they were begun, around the end
 * @senders: of each, apart from what is searched
 */
struct stall {
	FILE *out;
	bool json;
	uint64_t period;
	uint64_t due;
	unsigned int newest;
	struct stall_message messages[STALL_KEPT];
	char senders[STALL_KEPT][STALL_SENDER];
};

void stall_init(struct stall *stall, unsigned int seconds, bool json,
		FILE *out);
void stall_add(struct stall *stall, const struct event *event);
void stall_check(struct stall *stall, uint64_t now);
void stall_forget(struct stall *stall);

#endif /* STALL_H */
