/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a session has done so far, for policies to act on.
 */
#ifndef SMTPGUARD_CORE_TALLY_H
#define SMTPGUARD_CORE_TALLY_H

#include "size.h"
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
 * @octets: octets of the message under way, its end of data included
 * @framing: those of @octets that only quote a dot or end the message
 * @declared: the size that the last MAIL declared (RFC 1870); 0: none
 * @limit: the size of the largest message that the server takes, as it
 *	announced it; 0: no limit, or not known
 * @parameter: the walk through the parameters of a MAIL under way
 * @keyword: the walk through the capabilities of a reply under way
 * @unknown: replies 500 or 502 in a row to commands that were forwarded
 * @greeted: HELO, EHLO or LHLO was said
 * @in_mail: a mail transaction is open (RFC 5321 section 3.3)
 * @in_chunks: its message has begun with BDAT and not ended
 */
struct tally {
	u64 octets;
	u64 framing;
	u64 declared;
	u64 limit;
	struct size_walk parameter;
	struct size_walk keyword;
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

/* The size of a message that is whole, as RFC 1870 section 5 counts it. */
static inline u64 tally_message_size(const struct tally *tally)
{
	return tally->octets - tally->framing;
}

/* No transaction; what policies limit goes on. */
static inline void tally_begin(struct tally *tally)
{
	tally->greeted = false;
	tally->in_mail = false;
	tally->in_chunks = false;
	tally->declared = 0;
	tally->limit = 0;
	tally->recipients = 0;
	tally->accepted = 0;
	tally->finals = 0;
	tally->unknown = 0;
}

/* One more; a count stops at its maximum. */
static inline void tally_add(u32 *count)
{
	if (*count < U32_MAX)
		(*count)++;
}

#endif /* SMTPGUARD_CORE_TALLY_H */
