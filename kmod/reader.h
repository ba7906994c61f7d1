/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The payload of a packet, piece by piece as it lies in memory.
 */
#ifndef SMTPGUARD_READER_H
#define SMTPGUARD_READER_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct packet;

/**
 * struct reader - walks over the payload of a packet
 * @packet: the packet
 * @at: octets of payload behind us
 * @end: octets of payload to walk to
 * @state: the walk over the skb's parts, while @open
 * @from: @at when @state was prepared
 * @open: @state is prepared
 * @fed: some of the payload was fed to the core
 *
 * Begin with reader_begin().
 */
struct reader {
	struct packet *packet;
	unsigned int at;
	unsigned int end;
	struct skb_seq_state state;
	unsigned int from;
	bool open;
	bool fed;
};

const u8 *reader_whole(const struct sk_buff *skb, unsigned int length);
unsigned int reader_piece(struct reader *reader, const u8 **data);
int reader_fill(struct reader *reader, unsigned int from, unsigned int to,
		u8 octet);
void reader_close(struct reader *reader);

/**
 * reader_begin() - walk over a packet
 * @reader: the walk
 * @packet: the packet
 * @end: octets of payload to walk to
 */
static inline void reader_begin(struct reader *reader, struct packet *packet,
				unsigned int end)
{
	reader->packet = packet;
	reader->at = 0;
	reader->end = end;
	reader->open = false;
	reader->fed = false;
}

/* All that was to be walked over is behind us. */
static inline bool reader_is_done(const struct reader *reader)
{
	return reader->at >= reader->end;
}

#endif /* SMTPGUARD_READER_H */
