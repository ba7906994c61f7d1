// SPDX-License-Identifier: GPL-2.0
/*
 * Payload may lie in the memory of a device, where no processor reads it
 * (devmem TCP, io_uring zero copy): skb_seq_read() has nothing to give then,
 * as at the end of a packet.  Who reads must tell the one from the other.
 */
#include "edit.h"
#include "packet.h"
#include "reader.h"

/**
 * reader_whole() - find the end of a packet in one piece
 * @skb: the packet
 * @length: octets of it, at least one
 *
 * As a rule a driver, or TCP, puts all of a payload into the packet's head, or behind
 * that into one page.
 *
 * Return: the last @length octets of the packet; %NULL where they lie apart, or cannot
 * be read so.
 */
const u8 *reader_whole(const struct sk_buff *skb, unsigned int length)
{
	const skb_frag_t *frag = skb_shinfo(skb)->frags;
	struct page *page;

	if (!skb_is_nonlinear(skb))
		return skb_tail_pointer(skb) - length;
	if (skb_has_frag_list(skb) || skb_shinfo(skb)->nr_frags != 1 ||
	    skb_frag_size(frag) < length)
		return NULL;
	page = skb_frag_page(frag);
	if (!page || skb_frag_must_loop(page))
		return NULL;
	return skb_frag_address(frag) + skb_frag_size(frag) - length;
}

/**
 * reader_piece() - read on
 * @reader: the walk
 * @data: set to the octets from reader->at on that lie in one piece
 *
 * Call it before reader->end only.
 *
 * Return: how many, up to reader->end; 0 where they cannot be read, and the
 * walk is closed then.
 */
unsigned int reader_piece(struct reader *reader, const u8 **data)
{
	const struct packet *packet = reader->packet;
	unsigned int at = packet->payload + reader->at;
	unsigned int length;

	/* what is not in pages needs no walk */
	if (!reader->open && at < skb_headlen(packet->skb)) {
		*data = packet->skb->data + at;
		length = skb_headlen(packet->skb) - at;
		return min(length, reader->end - reader->at);
	}
	if (!reader->open) {
		skb_prepare_seq_read(packet->skb, at, packet->payload + reader->end,
				     &reader->state);
		reader->from = reader->at;
		reader->open = true;
	}
	length = skb_seq_read(reader->at - reader->from, data, &reader->state);
	if (!length)
		reader_close(reader);
	return min(length, reader->end - reader->at);
}

/**
 * reader_fill() - overwrite octets
 * @reader: the walk; what it has read is no longer good
 * @from: where to begin, behind reader->at
 * @to: where to end
 * @octet: what with
 *
 * Return: 0, or -ENOMEM, and nothing was changed then.
 */
int reader_fill(struct reader *reader, unsigned int from, unsigned int to,
		u8 octet)
{
	struct packet *packet = reader->packet;

	reader_close(reader);
	return edit_fill(packet->skb, packet->protoff,
			 packet->payload + reader->at + from, to - from, octet);
}

/**
 * reader_close() - stop walking, for a time or for good
 * @reader: the walk; reader_piece() goes on from reader->at
 */
void reader_close(struct reader *reader)
{
	if (reader->open)
		skb_abort_seq_read(&reader->state);
	reader->open = false;
}
