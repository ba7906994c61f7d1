/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server and a client that read what was forwarded, as carelessly as any
 * were seen to, and that know nothing of how the core decides.
 */
#ifndef SMTPGUARD_FUZZ_ENDS_H
#define SMTPGUARD_FUZZ_ENDS_H

#include "core/session.h"
#include "input.h"

/** ENDS_WORD_MAX - octets of a word that are kept; longer than any known */
#define ENDS_WORD_MAX	24

/**
 * enum ends_state - what the server takes the client's octets for
 * @ENDS_LINE: command lines
 * @ENDS_PREAMBLE: the binary header of the PROXY protocol
 * @ENDS_CHUNK: the octets of a BDAT
 * @ENDS_EXCHANGE: a line of an AUTH exchange
 * @ENDS_MESSAGE: a message
 * @ENDS_HANDSHAKE: TLS from here on, unless it says otherwise
 */
enum ends_state {
	ENDS_LINE,
	ENDS_PREAMBLE,
	ENDS_CHUNK,
	ENDS_EXCHANGE,
	ENDS_MESSAGE,
	ENDS_HANDSHAKE,
};

/**
 * struct ends_word - the first word of a line
 * @text: in capitals, terminated
 * @length: octets of @text
 * @over: a blank has ended it
 * @masked: an octet of it was overwritten
 */
struct ends_word {
	char text[ENDS_WORD_MAX];
	u8 length;
	bool over;
	bool masked;
};

/**
 * struct ends - both ends
 * @policy: what they may see
 * @state: enum ends_state
 * @client: who gives the commands
 * @word: the client's line, or what is behind a bare CR in it; also of a message
 * @rest: ENDS_MESSAGE: what came of the line since the server refused the message
 * @joined: the same, to a server that leaves CRs out
 * @verb: the verb of the line, %VERB_COUNT for none that is known
 * @named: @verb is known
 * @masked: an octet of the line was overwritten
 * @begun: the line has an octet that is no part of its end
 * @refused: what followed the last AUTH was
 * @broken: ENDS_MESSAGE: the server has refused it before its end, and may read
 *	what comes as commands, too
 * @condemned: the client's octets are overwritten, those of a chunk, too
 * @size: ENDS_CHUNK, ENDS_PREAMBLE: octets to come; in the line of a BDAT: its
 *	size
 * @last: the line of a BDAT has more than a size
 * @preamble: octets of the PROXY protocol's header that have come
 * @commands: lines that were read
 * @recent: the last octets of a message
 * @visible: the last octets of a message that are not NUL
 * @own: how the client has ended DATA and all lines of the message, if that is not
 *	CRLF: CRs before LF, plus one; 0 where it is
 * @crs: CRs right before the octet to come
 * @line: the line of the message: 0 before its first octet, 1 behind one dot
 * @owed: what the server has not answered: verbs, or %ENDS_FINAL,
 *	%ENDS_GREETING, %ENDS_EMPTY, %ENDS_BROKEN
 * @first: index of the oldest of them
 * @count: index behind the newest
 * @lmtp: LHLO was accepted
 * @accepted: recipients of the transaction
 * @recipient: one was named since the transaction began
 * @addressed: of the line of a BDAT: there was one when its blank came, or when
 *	the reply to a hello did that it has waited for
 * @chunking: the client was shown that the server takes chunks
 * @offered: ... by the reply under way
 * @finals: replies that the end of data which is being answered still gets
 * @length: octets of the server's line, CRs left out
 * @code: of the server's line
 * @junk: the server's line is no reply
 * @more: the server's line is not the first of its reply
 * @listed: its text began as one of the reply to EHLO
 * @follows: more lines of the reply follow
 * @layer: AUTH was accepted, and the client has said nothing since
 * @spoken: ENDS_HANDSHAKE: the client has said something
 * @greeted: ENDS_HANDSHAKE: the server has begun a record of it
 * @alert: ENDS_HANDSHAKE: octets of an alert that are to come
 * @capability: the first word of the server's line
 */
struct ends {
	const struct policy *policy;
	u8 state;
	u8 client;
	struct ends_word word;
	struct ends_word rest;
	struct ends_word joined;
	u8 verb;
	bool named;
	bool masked;
	bool begun;
	bool refused;
	bool broken;
	bool condemned;
	u64 size;
	bool last;
	u8 preamble;
	u32 commands;
	u64 recent;
	u32 visible;
	u8 own;
	u8 crs;
	u8 line;
	u8 owed[2 * INPUT_MAX];
	u16 first;
	u16 count;
	bool lmtp;
	u16 accepted;
	bool recipient;
	bool addressed;
	bool chunking;
	bool offered;
	u16 finals;
	u16 length;
	u16 code;
	bool junk;
	bool more;
	bool listed;
	bool follows;
	bool layer;
	bool spoken;
	bool greeted;
	u8 alert;
	struct ends_word capability;
};

/** ENDS_FINAL - an end of data is to be answered */
#define ENDS_FINAL	0xfe
/** ENDS_GREETING - the server is to greet */
#define ENDS_GREETING	0xfd
/** ENDS_HELLO - a hello of the client's is to be answered */
#define ENDS_HELLO	0xf9
/** ENDS_NOTHING - nothing is to be answered */
#define ENDS_NOTHING	0xfc
/** ENDS_EMPTY - an empty line may be answered */
#define ENDS_EMPTY	0xfb
/** ENDS_BROKEN - the end of a message that was refused before it may be */
#define ENDS_BROKEN	0xfa

void ends_open(struct ends *ends, const struct policy *policy);
void ends_read(struct ends *ends, enum direction direction, u8 octet,
	       bool masked);
u8 ends_owed(const struct ends *ends);
u8 ends_certain(const struct ends *ends);
bool ends_owe_final(const struct ends *ends);
bool ends_agree(const struct ends *ends, const struct session *session);

#endif /* SMTPGUARD_FUZZ_ENDS_H */
