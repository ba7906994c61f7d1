/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections that are over, whatever may still come of them.
 */
#ifndef SMTPGUARD_CLOSED_H
#define SMTPGUARD_CLOSED_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct closed_block;
struct netns;
struct nf_conn;

/* Pieces that a table is made in, each when it is needed. */
#define CLOSED_BLOCKS		16

/* Connections that have room where there is no memory for a piece. */
#define CLOSED_BESIDE		32

/**
 * struct closed_slot - a connection
 * @tag: hash of its ends
 * @until: when it is forgotten, in seconds since the boot; 0: none
 */
struct closed_slot {
	u32 tag;
	u32 until;
};

/**
 * struct closed - connections of a network namespace that are over
 * @lock: protects the table; taken alone, or inside of a ct->lock
 * @blocks: the table, %NULL where none of a block's connections was over yet
 * @beside: those whose block there was no memory for
 * @beside_block: ... and which block that was
 * @crowded_until: by block, when the last is forgotten that lost its room beside
 *	the table; in seconds since the boot
 */
struct closed {
	/* also inside of netns_mutex */
	spinlock_t lock;
	struct closed_block *blocks[CLOSED_BLOCKS];
	struct closed_slot beside[CLOSED_BESIDE];
	u8 beside_block[CLOSED_BESIDE];
	u32 crowded_until[CLOSED_BLOCKS];
};

u64 closed_ends(const struct nf_conn *ct, bool reversed);
void closed_add(const struct nf_conn *ct, bool reversed);
void closed_remove(const struct nf_conn *ct, bool reversed);
bool closed_has(const struct nf_conn *ct, bool reversed);
void closed_begin(struct closed *closed);
void closed_forget(struct netns *netns);
void closed_clear(void);
void closed_init(void);

#endif /* SMTPGUARD_CLOSED_H */
