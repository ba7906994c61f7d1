/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is gathered of a mail transaction for its record in the log.
 */
#ifndef SMTPGUARD_MESSAGE_H
#define SMTPGUARD_MESSAGE_H

#include <linux/ktime.h>
#include <linux/types.h>

struct guard;
struct line;
struct packet;
struct step;

/* Octets of a name, an address or a reply that are told. */
#define TEXT_MAX		U8_MAX
/* Texts of one kind that are told, and their octets in all. */
#define TEXTS_MAX		8
#define TEXTS_OCTETS_MAX	768

/* Transactions of a session that wait for replies; see PENDING_RUNS_MAX. */
#define MESSAGES_MAX		8

/**
 * struct texts - some texts, one behind the other
 * @used: octets of @octets
 * @count: how many texts
 * @octets: of each its length, and its octets
 */
struct texts {
	u16 used;
	u8 count;
	u8 octets[TEXTS_OCTETS_MAX];
};

/**
 * struct message - a mail transaction, from MAIL to the final reply
 * @next: the one behind it in its session
 * @index: its number in the session, from 1 on
 * @owed: replies to its RCPTs that have not come
 * @mail_owed: nor has that to its MAIL
 * @over: no command of it is to come
 * @ended: its end of data has passed
 * @answered: a final reply to that has come
 * @envelope: enum log_envelope: how its addresses are told
 * @truncated: a text was longer
 * @segments: over which the end of data came
 * @code: of the final reply, of several the highest; of a transaction that came to
 *	no end, of the last reply that was none of 2yz and 3yz
 * @recipients: that were asked for
 * @accepted: those of them that the server accepted
 * @rejected: those that it did not
 * @masked: octets of the client's that were overwritten
 * @bytes: of the message, with its end of data
 * @size: as RFC 1870 counts it
 * @declared: the size that MAIL declared, or 0
 * @end: when its end of data passed
 * @answer: when its last final reply did
 * @addresses: the sender, then the recipients
 * @replies: the final replies
 */
struct message {
	struct message *next;
	u32 index;
	u32 owed;
	bool mail_owed;
	bool over;
	bool ended;
	bool answered;
	u8 envelope;
	bool truncated;
	u8 segments;
	u16 code;
	u32 recipients;
	u32 accepted;
	u32 rejected;
	u64 masked;
	u64 bytes;
	u64 size;
	u64 declared;
	ktime_t end;
	ktime_t answer;
	struct texts addresses;
	struct texts replies;
};

/**
 * struct messages - what is gathered of a session
 * @first: the oldest transaction that is not told yet
 * @last: the newest
 * @count: how many there are
 * @index: number of the last that began
 * @blind: one was not gathered, so what replies answer is known again only when
 *	there is none left
 * @helo_length: octets of @helo
 * @helo: the name that the client gave last
 */
struct messages {
	struct message *first;
	struct message *last;
	u8 count;
	u32 index;
	bool blind;
	u8 helo_length;
	u8 helo[TEXT_MAX];
};

void message_step(const struct packet *packet, const struct step *step,
		  const struct line *line);
void message_close(struct guard *guard);
void message_free(struct guard *guard);
void message_init(void);

/**
 * texts_first() - the first of some texts
 * @texts: the texts
 *
 * Return: its length, and behind that its octets; %NULL where there is none.
 */
static inline const u8 *texts_first(const struct texts *texts)
{
	return texts->used ? texts->octets : NULL;
}

/**
 * texts_next() - the next of some texts
 * @texts: the texts
 * @text: one of them
 *
 * Return: as texts_first().
 */
static inline const u8 *texts_next(const struct texts *texts, const u8 *text)
{
	text += 1 + *text;
	return text < texts->octets + texts->used ? text : NULL;
}

#endif /* SMTPGUARD_MESSAGE_H */
