/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a session has done so far, for policies to act on.
 */
#ifndef SMTPGUARD_CORE_TALLY_H
#define SMTPGUARD_CORE_TALLY_H

#include "types.h"

/**
 * struct tally - counts of a session; all zero at its start
 * @commands: command lines, refused ones included
 * @refused: command lines that were refused
 * @messages: messages whose end of data has passed
 * @errors: 5yz replies
 * @recipients: RCPT commands since the last MAIL, refused ones left out
 * @accepted: RCPT commands of the transaction that got a 2yz
 * @finals: replies that the end of data which is being answered still gets,
 *	the one under way included; 0: not known before the first of them
 * @unknown: replies 500 or 502 in a row to commands that were forwarded
 * @greeted: HELO, EHLO or LHLO was said
 * @in_mail: a mail transaction is open (RFC 5321 section 3.3)
 * @in_chunks: its message has begun with BDAT and not ended
 */
struct tally {
	u32 commands;
	u32 refused;
	u32 messages;
	u32 errors;
	u16 recipients;
	u16 accepted;
	u16 finals;
	u8 unknown;
	bool greeted;
	bool in_mail;
	bool in_chunks;
};

/* One more; a count stops at its maximum. */
static inline void tally_add(u32 *count)
{
	if (*count < U32_MAX)
		(*count)++;
}

#endif /* SMTPGUARD_CORE_TALLY_H */
