/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What body_scan() is measured against, all to be called as it is.
 */
#ifndef SMTPGUARD_BENCH_RIVALS_H
#define SMTPGUARD_BENCH_RIVALS_H

#include "core/body.h"

/**
 * typedef scan_function - looks for an end of data as body_scan() does
 *
 * A rival may keep its state in struct body, in a way of its own that is zero
 * where a message begins.
 */
typedef size_t scan_function(struct body *body, const u8 *data, size_t length,
			     enum body_mark *mark);

size_t automaton_scan(struct body *body, const u8 *data, size_t length,
		      enum body_mark *mark);
size_t boyer_moore_scan(struct body *body, const u8 *data, size_t length,
			enum body_mark *mark);
size_t knuth_scan(struct body *body, const u8 *data, size_t length,
		  enum body_mark *mark);
size_t memmem_scan(struct body *body, const u8 *data, size_t length,
		   enum body_mark *mark);

#endif /* SMTPGUARD_BENCH_RIVALS_H */
