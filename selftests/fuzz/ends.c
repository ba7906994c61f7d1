// SPDX-License-Identifier: GPL-2.0
/*
 * Of what the client sends a line ends at LF, and its verb counts, too, behind
 * a bare CR.  A message ends with CRLF.CRLF; that no server could see another
 * end in it is a rule: without its NULs, no dot stands between two breaks.  Once
 * the server has refused a message that has not ended, each of its lines is one of
 * commands as well.
 */
#include "core/character.h"
#include "core/capability.h"
#include "ends.h"

/* The first octet of an alert of TLS, and how many it has. */
#define ALERT		0x15
#define ALERT_LENGTH	7

#define PREAMBLE_FIXED	16
#define PREAMBLE_LENGTH	14

static void word_begin(struct ends_word *word)
{
	memset(word, 0, sizeof(*word));
}

static void word_add(struct ends_word *word, u8 octet, bool masked)
{
	if (word->over)
		return;
	word->masked |= masked;
	/* what is longer is no word of a table */
	if (word->length < ENDS_WORD_MAX - 1)
		word->text[word->length++] = word_upper(octet);
}

/* Its row, by comparison with each; %WORD_NONE for none. */
static u8 word_row(const struct ends_word *word, const struct word_table *table)
{
	u8 row;

	for (row = 0; row < table->count; row++)
		if (word->length == strlen(table->rows[row].name) &&
		    !memcmp(word->text, table->rows[row].name, word->length))
			return row;
	return WORD_NONE;
}

static bool may_be_proxied(const struct ends *ends)
{
	return ends->policy->proxy_protocol == CHECK_ACCEPT &&
	       !ends->commands && ends->client == FROM_CLIENT;
}

static void ends_owe(struct ends *ends, u8 what)
{
	rule(ends->count < sizeof(ends->owed), "no more replies than octets");
	ends->owed[ends->count++] = what;
}

static bool ends_owe_one_of(const struct ends *ends, u64 verbs)
{
	u16 at;

	for (at = ends->first; at < ends->count; at++)
		if (word_in_set(verbs, ends->owed[at]))
			return true;
	return false;
}

/* Is there somebody to send a chunk to, as far as the server has said? */
static bool ends_have_recipient(const struct ends *ends)
{
	const u64 envelope = VERB_OPENS_MAIL | VERB_BIT(VERB_RCPT);

	return ends->recipient &&
	       (ends->accepted || ends_owe_one_of(ends, envelope));
}

/* Octets that are no lines are about to be announced. */
static void ends_see_chunk(const struct ends *ends)
{
	const u64 hellos = VERB_SAYS_HELLO;
	const u64 changes = VERB_BIT(VERB_DATA) | VERB_BIT(VERB_AUTH) |
			    VERB_BIT(VERB_STARTTLS) | VERB_BIT(VERB_XCLIENT) |
			    VERB_STARTS_TLS | VERB_AUTHENTICATES |
			    VERB_BIT(VERB_ATRN) | VERB_BIT(VERB_TURN);
	u16 owed = ends->count - ends->first;

	rule(ends->chunking, "chunks go to a server that was seen to take them");
	rule(!ends_owe_one_of(ends, hellos | changes) &&
	     !memchr(ends->owed + ends->first, ENDS_EMPTY, owed) &&
	     !memchr(ends->owed + ends->first, ENDS_BROKEN, owed),
	     "no chunk while a reply may change what it is");
	rule(ends->addressed, "no chunk without a recipient");
}

/* The server has read a whole word where a verb may stand. */
static void ends_see_verb(struct ends *ends)
{
	u8 row = word_row(&ends->word, &verb_table);

	if (row != WORD_NONE && row != VERB_SSH) {
		rule(!ends->word.masked, "the filler makes no verb");
		rule(word_in_set(ends->policy->verbs, row) ||
		     (row == VERB_PROXY && may_be_proxied(ends)),
		     "no refused verb passes");
	}
	if (ends->named)
		return;
	ends->named = true;
	ends->verb = row == WORD_NONE ? VERB_COUNT : row;
	ends->addressed = ends_have_recipient(ends);
}

static void ends_begin_line(struct ends *ends)
{
	word_begin(&ends->word);
	ends->named = false;
	ends->masked = false;
	ends->begun = false;
	ends->last = false;
	ends->size = 0;
}

/* Whom a message of the transaction goes to begins anew, or goes on. */
static void ends_note_recipient(struct ends *ends, u8 verb)
{
	if (verb == VERB_RCPT)
		ends->recipient = true;
	else if (word_in_set(VERB_OPENS_MAIL | VERB_ENDS_MAIL, verb))
		ends->recipient = false;
}

static void ends_end_message(struct ends *ends, u8 what)
{
	ends->recipient = false;
	ends_owe(ends, what);
}

/* Where DATA ends with no CR, or with two, the message may end so too. */
static void ends_note_own(struct ends *ends, u8 verb)
{
	if (verb != VERB_DATA)
		return;
	ends->own = 0;
	if (ends->policy->bare_newline == BARE_NEWLINE_ACCEPT &&
	    ends->policy->end_of_data != END_OF_DATA_ACCEPT &&
	    (!ends->crs || ends->crs == 2))
		ends->own = ends->crs + 1;
}

/*
 * What the server does with a line of its own: the verb has passed, whatever
 * became of the argument.  Of a session that is given up nothing is asked any
 * more.
 */
static void ends_run_line(struct ends *ends)
{
	u8 verb = ends->condemned && ends->masked ? VERB_COUNT : ends->verb;

	ends->commands++;
	ends_note_own(ends, verb);
	if (word_in_set(VERB_AUTHENTICATES, verb))
		ends->refused = ends->masked;
	if (verb == VERB_PROXY && !ends->masked)
		return;
	ends_note_recipient(ends, verb);
	/* the chunk of a condemned session is overwritten: it is no message */
	if (!ends->begun)
		ends_owe(ends, ENDS_EMPTY);
	else if (!ends->condemned && verb == VERB_BDAT && ends->last)
		ends_end_message(ends, ENDS_FINAL);
	else if (!ends->condemned && verb == VERB_BURL)
		ends_owe(ends, ENDS_FINAL);
	else
		ends_owe(ends, verb);
	if (verb == VERB_BDAT && ends->size)
		ends->state = ENDS_CHUNK;
}

static void ends_argument(struct ends *ends, u8 octet)
{
	/* without a size the verb is none yet */
	if (ends->verb == VERB_BDAT && !ends->size && !ends->condemned)
		ends_see_chunk(ends);
	if (octet >= '0' && octet <= '9')
		ends->size = ends->size * 10 + octet - '0';
	else if (octet > ' ')
		ends->last = true;
}

static void ends_line_octet(struct ends *ends, u8 octet, bool masked)
{
	/* a line break that became a blank does not refuse the line */
	ends->masked |= masked && octet != ' ';
	ends->begun |= !is_line_end(octet);
	if (octet != '\n')
		ends->crs = octet == '\r' ? ends->crs + (ends->crs < 3) : 0;
	if (!is_line_end(octet) && !is_blank(octet)) {
		word_add(&ends->word, octet, masked);
		if (ends->named)
			ends_argument(ends, octet);
		return;
	}
	if (!ends->word.over)
		ends_see_verb(ends);
	ends->word.over = true;
	if (is_blank(octet))
		return;
	/* what is behind a bare CR may be a line to some */
	word_begin(&ends->word);
	if (octet == '\r')
		return;
	ends_run_line(ends);
	ends->crs = 0;
	if (ends->state != ENDS_CHUNK)
		ends_begin_line(ends);
}

static void ends_chunk_octet(struct ends *ends, bool masked)
{
	rule(!masked || ends->condemned, "the octets of a chunk pass");
	if (--ends->size)
		return;
	ends->state = ENDS_LINE;
	ends_begin_line(ends);
}

/* The header ends with as many octets as its last two fixed ones say. */
static void ends_preamble_octet(struct ends *ends, u8 octet)
{
	if (ends->preamble < PREAMBLE_FIXED) {
		if (ends->preamble++ >= PREAMBLE_LENGTH)
			ends->size = ends->size << 8 | octet;
	} else {
		ends->size--;
	}
	if (ends->preamble < PREAMBLE_FIXED || ends->size)
		return;
	ends->commands = 1;
	ends->state = ENDS_LINE;
	ends_begin_line(ends);
}

static void ends_exchange_octet(struct ends *ends, u8 octet)
{
	ends->begun = true;
	if (octet != '\n')
		return;
	ends->state = ENDS_LINE;
	ends_begin_line(ends);
	ends_owe(ends, VERB_AUTH);
}

/*
 * The word at the begin of a line, to a server that counts no blanks there, and no
 * NULs anywhere; and no CRs, if those do not end a line.
 */
static void ends_lax_octet(const struct ends *ends, struct ends_word *word,
			   u8 octet)
{
	bool joins = word == &ends->joined;

	if (octet == '\n' || (octet == '\r' && !joins)) {
		word_begin(word);
		return;
	}
	if (!octet || octet == '\r' || (!word->length && octet <= ' '))
		return;
	word_add(word, octet, false);
	rule(!ends->broken || word_row(word, &verb_table) == WORD_NONE,
	     "no verb becomes whole in a message that was broken off");
}

static bool is_line_break(u32 octet)
{
	return is_line_end(octet & 0xff);
}

/* Does the octet end a line of one dot, as DATA and all lines before ended? */
static bool ends_own_octet(struct ends *ends, u8 octet)
{
	u8 line = ends->line;
	u8 crs = ends->crs;

	ends->crs = octet == '\r' ? crs + 1 : 0;
	if (!ends->own || octet == '\r') {
		if (ends->crs >= ends->own)
			ends->own = 0;
		return false;
	}
	if (octet == '\n') {
		ends->line = 0;
		if (crs + 1 != ends->own)
			ends->own = 0;
		return ends->own && line == 1;
	}
	if (crs || !octet)
		ends->own = 0;
	ends->line = !line && octet == '.' ? 1 : 2;
	return false;
}

static void ends_message_octet(struct ends *ends, u8 octet)
{
	const u64 end = 0x0d0a2e0d0aULL;	/* CRLF.CRLF */
	bool strict;

	if (ends_own_octet(ends, octet)) {
		ends->state = ENDS_LINE;
		ends_begin_line(ends);
		ends_end_message(ends, ends->broken ? ENDS_BROKEN : ENDS_FINAL);
		return;
	}
	/* CRs behind a dot that may yet end the message */
	if (ends->own == 3 && ends->line == 1 && ends->crs == 2)
		return;
	ends_lax_octet(ends, &ends->word, octet);
	ends_lax_octet(ends, &ends->rest, octet);
	ends_lax_octet(ends, &ends->joined, octet);
	if (ends->policy->end_of_data != END_OF_DATA_ACCEPT)
		rule(octet == '\n' || (u32)ends->recent != (u32)(end >> 8),
		     "after CRLF.CR comes LF, or nothing");
	ends->recent = ends->recent << 8 | octet;
	if (octet)
		ends->visible = ends->visible << 8 | octet;
	if (ends->policy->end_of_data != END_OF_DATA_ACCEPT && !octet)
		rule((ends->recent >> 8 & 0xff) != '.' ||
		     !is_line_break(ends->visible >> 8),
		     "no line is a dot to who reads up to a NUL");
	strict = (ends->recent & 0xffffffffffULL) == end;
	if (ends->policy->end_of_data != END_OF_DATA_ACCEPT && !strict && octet)
		rule(!is_line_break(ends->visible) ||
		     (ends->visible >> 8 & 0xff) != '.' ||
		     !is_line_break(ends->visible >> 16) ||
		     (u32)ends->recent == (u32)(end >> 8),
		     "a message ends with CRLF.CRLF alone");
	if (!strict)
		return;
	ends->state = ENDS_LINE;
	ends_begin_line(ends);
	ends_end_message(ends, ends->broken ? ENDS_BROKEN : ENDS_FINAL);
}

static void ends_read_client(struct ends *ends, u8 octet, bool masked)
{
	switch (ends->state) {
	case ENDS_LINE:
		if (octet != '\r' || !may_be_proxied(ends) || ends->named ||
		    ends->word.length) {
			ends_line_octet(ends, octet, masked);
			return;
		}
		ends->state = ENDS_PREAMBLE;
		fallthrough;
	case ENDS_PREAMBLE:
		ends_preamble_octet(ends, octet);
		return;
	case ENDS_CHUNK:
		ends_chunk_octet(ends, masked);
		return;
	case ENDS_EXCHANGE:
		ends_exchange_octet(ends, octet);
		return;
	case ENDS_MESSAGE:
		ends_message_octet(ends, octet);
		return;
	}
}

/* LMTP answers each accepted recipient, PRDR these and once more. */
static bool ends_final_is_last(struct ends *ends)
{
	if (ends->code == REPLY_PRDR)
		ends->finals = ends->accepted + 2;
	else if (!ends->finals)
		ends->finals = ends->lmtp && ends->accepted ?
			ends->accepted : 1;
	return !--ends->finals;
}

static void ends_turn(struct ends *ends)
{
	u8 client = !ends->client;
	u32 commands = ends->commands;

	ends_open(ends, ends->policy);
	ends->client = client;
	ends->commands = commands;
}

static void ends_begin_message(struct ends *ends)
{
	ends->state = ENDS_MESSAGE;
	ends->broken = false;
	ends->crs = 0;
	ends->line = 0;
	word_begin(&ends->word);
	ends->recent = '\r' << 8 | '\n';
	ends->visible = ends->recent;
}

static bool is_optional(u8 what)
{
	return what == ENDS_EMPTY || what == ENDS_BROKEN;
}

/* Is the reply to what may go without one, or to something behind it? */
static bool ends_says_more(const struct ends *ends, u8 what)
{
	return ends->code / 100 == 5 ||
	       (what == ENDS_BROKEN && ends->code / 100 == 4);
}

/* What the reply that has come is to.  DATA is not done before its message is. */
static u8 ends_answered(struct ends *ends)
{
	u8 what = ends_owed(ends);

	while (is_optional(what) && !ends_says_more(ends, what)) {
		ends->first++;
		what = ends_owed(ends);
	}
	return what == VERB_DATA && reply_is_positive(ends->code) ?
		ENDS_NOTHING : what;
}

/*
 * The 354 is that of the last command, if nothing but this can have been meant and
 * nothing else hangs on the replies before.
 */
static bool ends_skips_to_data(const struct ends *ends)
{
	const u64 binding = VERB_BIT(VERB_EHLO) | VERB_BIT(VERB_LHLO) |
			    VERB_BIT(VERB_AUTH) | VERB_BIT(VERB_STARTTLS) |
			    VERB_BIT(VERB_XCLIENT) | VERB_BIT(VERB_ATRN) |
			    VERB_BIT(VERB_TURN) | VERB_BIT(VERB_BDAT) |
			    VERB_BIT(VERB_DATA);
	u16 at;

	if (ends->first == ends->count ||
	    ends->owed[ends->count - 1] != VERB_DATA)
		return false;
	for (at = ends->first; at + 1 < ends->count; at++)
		if (ends->owed[at] == ENDS_GREETING ||
		    ends->owed[at] == ENDS_FINAL ||
		    word_in_set(binding, ends->owed[at]))
			return false;
	return true;
}

static void ends_asked_for_message(struct ends *ends)
{
	if (ends_skips_to_data(ends))
		ends->first = ends->count - 1;
}

/* A server that goes on without a line of an exchange reads commands next. */
static void ends_leave_exchange(struct ends *ends)
{
	if (ends->state != ENDS_EXCHANGE || ends->begun ||
	    ends->code / 100 == 3 || ends->code == REPLY_CLOSING)
		return;
	ends->state = ENDS_LINE;
	ends_begin_line(ends);
}

/* A server that says no in the middle of a message may have ended it. */
static void ends_interrupt(struct ends *ends)
{
	if (ends->state != ENDS_MESSAGE || ends->code / 100 < 4 ||
	    ends->code == REPLY_CLOSING)
		return;
	ends->broken = true;
	word_begin(&ends->rest);
	word_begin(&ends->joined);
}

/* The last line of a reply has come. */
static void ends_answer(struct ends *ends)
{
	bool positive = reply_is_positive(ends->code);
	u8 what;

	if (ends->code == REPLY_START_DATA)
		ends_asked_for_message(ends);
	what = ends_answered(ends);
	if (what == ENDS_FINAL) {
		if (ends_final_is_last(ends)) {
			ends->first++;
			ends->accepted = 0;
		}
	} else if (what != ENDS_NOTHING) {
		ends->first++;
	}
	if (word_in_set(VERB_OPENS_MAIL, what))
		ends->accepted = 0;
	if (ends->code == REPLY_START_DATA) {
		ends_begin_message(ends);
		return;
	}
	switch (what) {
	case ENDS_NOTHING:
		ends_leave_exchange(ends);
		ends_interrupt(ends);
		return;
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
		ends->addressed = ends_have_recipient(ends);
		if (!positive)
			return;
		ends->lmtp = what == VERB_LHLO;
		ends->chunking = ends->offered;
		return;
	case VERB_BDAT:
	case ENDS_FINAL:
		if (ends->code == REPLY_UNKNOWN ||
		    ends->code == REPLY_NOT_IMPLEMENTED ||
		    ends->code == REPLY_NO_MAIL)
			ends->chunking = false;
		return;
	case VERB_RCPT:
		ends->accepted += positive;
		return;
	case VERB_AUTH:
	case VERB_X_EXPS:
		if (ends->code == REPLY_AUTH_CONTINUE) {
			ends->state = ENDS_EXCHANGE;
			/* whether it reads another line, behind one refused, is open */
			ends->begun = ends->refused;
		}
		ends->layer = positive && ends->first == ends->count &&
			      !ends->word.length && !ends->named;
		return;
	case VERB_STARTTLS:
	case VERB_X_ANONYMOUSTLS:
		if (ends->code != REPLY_READY)
			return;
		/* what came behind STARTTLS is of the handshake */
		ends->state = ENDS_HANDSHAKE;
		ends->spoken = false;
		ends->greeted = false;
		ends->alert = 0;
		ends->first = ends->count;
		return;
	case VERB_XCLIENT:
		if (ends->code == REPLY_READY) {
			ends->lmtp = false;
			ends->accepted = 0;
			ends->recipient = false;
			ends->chunking = false;
		}
		return;
	case VERB_ATRN:
	case VERB_TURN:
		/* with a client that has not waited, the session is over */
		if (positive)
			ends_turn(ends);
		return;
	}
}

static bool is_greeting(const struct ends *ends)
{
	u8 what = ends_certain(ends);

	return what == ENDS_GREETING ||
	       (what == VERB_XCLIENT && ends->code == REPLY_READY);
}

static bool lists_capabilities(const struct ends *ends)
{
	u8 what = ends_certain(ends);

	return (what == VERB_EHLO || what == VERB_LHLO) && ends->more &&
	       reply_is_positive(ends->code);
}

/* What had begun before EHLO was whole is not what the client asked for. */
static void ends_see_capability(struct ends *ends)
{
	u8 row = word_row(&ends->capability, &capability_table);

	if (row == WORD_NONE || !ends->listed)
		return;
	rule(!ends->capability.masked, "the filler makes no capability");
	rule(word_in_set(ends->policy->capabilities, row),
	     "no hidden capability passes");
	ends->offered |= capability_is(row, "CHUNKING");
}

/* The first digit of a code of either kind, in the reply to a RCPT too many. */
static bool is_put_off(const struct ends *ends, u8 octet)
{
	return octet == '4' && (ends->length == 1 || ends->length == 5) &&
	       ends->policy->max_recipients;
}

static void ends_text_octet(struct ends *ends, u8 octet, bool masked)
{
	const char *seen = word_in_set(ends->policy->verbs, VERB_EHLO) ?
		"ESMTPx " : "*20 ";

	rule(!masked || is_greeting(ends) || lists_capabilities(ends) ||
	     is_put_off(ends, octet),
	     "only a greeting and capabilities are overwritten");
	if (is_greeting(ends) && ends->policy->greeting == GREETING_MASK)
		rule(octet && strchr(seen, octet), "a greeting is masked");
	if (is_blank(octet) || octet == '=')
		ends->capability.over = true;
	else
		word_add(&ends->capability, octet, masked);
}

static bool is_of_code(u8 octet, u16 place)
{
	if (place == 1)
		return octet >= '2' && octet <= '5';
	if (place <= 3)
		return octet >= '0' && octet <= '9';
	return octet == '-' || is_blank(octet);
}

static void ends_reply_octet(struct ends *ends, u8 octet, bool masked)
{
	if (octet == '\r')
		return;
	if (ends->length < U16_MAX)
		ends->length++;
	if (ends->junk || ends->length <= 4)
		rule(!masked || is_put_off(ends, octet), "codes and what is no reply pass");
	if (ends->junk)
		return;
	if (ends->length == 5)
		ends->listed = lists_capabilities(ends);
	if (ends->length > 4) {
		ends_text_octet(ends, octet, masked);
		return;
	}
	/* the server knows that it has said 5yz */
	if (masked)
		octet = '5';
	ends->junk = !is_of_code(octet, ends->length);
	if (ends->length <= 3)
		ends->code = ends->code * 10 + octet - '0';
	ends->follows = octet == '-';
}

static void ends_reply_end(struct ends *ends)
{
	bool reply = !ends->junk && ends->length >= 3;

	if (reply && lists_capabilities(ends))
		ends_see_capability(ends);
	if (reply && !ends->follows) {
		ends_answer(ends);
		ends->offered = false;
	}
	if (reply)
		ends->more = ends->follows;
	ends->length = 0;
	ends->code = 0;
	ends->junk = false;
	ends->follows = false;
	word_begin(&ends->capability);
}

/* An octet of the client's: the length of a buffer of a security layer? */
static bool ends_begins_layer(struct ends *ends, u8 octet)
{
	bool layer = ends->layer;

	ends->layer = false;
	return layer && !octet &&
	       ends->policy->security_layers == CHECK_ACCEPT;
}

/* An octet of the server's; false where it begins a reply in clear. */
static bool ends_shake_hands(struct ends *ends, u8 octet)
{
	if (ends->greeted)
		return true;
	if (ends->alert) {
		ends->alert--;
		return true;
	}
	if (octet >= '0' && octet <= '9') {
		ends->state = ENDS_LINE;
		ends_begin_line(ends);
		ends_owe(ends, VERB_COUNT);
		return false;
	}
	if (octet == ALERT)
		ends->alert = ALERT_LENGTH - 1;
	else
		ends->greeted = true;
	return true;
}

/**
 * ends_open() - a session begins
 * @ends: both ends
 * @policy: what they may see
 */
void ends_open(struct ends *ends, const struct policy *policy)
{
	memset(ends, 0, offsetof(struct ends, owed));
	memset(&ends->first, 0, sizeof(*ends) - offsetof(struct ends, first));
	ends->policy = policy;
	ends_owe(ends, ENDS_GREETING);
}

/**
 * ends_read() - one octet that was forwarded
 * @ends: both ends
 * @direction: who sent it
 * @octet: as it was forwarded
 * @masked: it was overwritten
 */
void ends_read(struct ends *ends, enum direction direction, u8 octet,
	       bool masked)
{
	if (ends->state == ENDS_HANDSHAKE) {
		ends->spoken |= direction == ends->client;
		if (direction == ends->client || ends_shake_hands(ends, octet))
			return;
	}
	if (direction == ends->client && ends_begins_layer(ends, octet)) {
		ends->state = ENDS_HANDSHAKE;
		ends->greeted = true;
		return;
	}
	if (direction == ends->client)
		ends_read_client(ends, octet, masked);
	else if (octet == '\n')
		ends_reply_end(ends);
	else
		ends_reply_octet(ends, octet, masked);
}

/**
 * ends_owed() - what the next reply answers
 * @ends: both ends
 *
 * Return: a verb, or one of the ENDS_ values.
 */
u8 ends_owed(const struct ends *ends)
{
	if (ends->state == ENDS_HANDSHAKE)
		return ends->spoken && !ends->greeted ? ENDS_HELLO :
							ENDS_NOTHING;
	return ends->first < ends->count ? ends->owed[ends->first] :
					   ENDS_NOTHING;
}

/**
 * ends_certain() - what the next reply answers, if that must have one
 * @ends: both ends
 *
 * Return: as ends_owed().
 */
u8 ends_certain(const struct ends *ends)
{
	u16 at;

	for (at = ends->first; at < ends->count; at++)
		if (!is_optional(ends->owed[at]))
			return ends->owed[at];
	return ENDS_NOTHING;
}

/**
 * ends_owe_final() - does the server owe a final reply to an end of data
 * @ends: both ends
 *
 * Return: true if so, be it the next reply or a later one.
 */
bool ends_owe_final(const struct ends *ends)
{
	return memchr(ends->owed + ends->first, ENDS_FINAL,
		      ends->count - ends->first);
}

/**
 * ends_agree() - does the server take the client's octets for what a session
 * takes them for
 * @ends: both ends
 * @session: the session
 *
 * Return: true if so, or if the session is given up.
 */
bool ends_agree(const struct ends *ends, const struct session *session)
{
	static const u8 states[] = {
		[PHASE_COMMAND]	= ENDS_LINE,
		[PHASE_PROXY]	= ENDS_PREAMBLE,
		[PHASE_BDAT]	= ENDS_LINE,
		[PHASE_CHUNK]	= ENDS_CHUNK,
		[PHASE_AUTH]	= ENDS_EXCHANGE,
		[PHASE_BODY]	= ENDS_MESSAGE,
		[PHASE_TLS]	= ENDS_HANDSHAKE,
		[PHASE_OPAQUE]	= ENDS_HANDSHAKE,
	};

	if (session->phase == PHASE_CONDEMNED || session->phase == PHASE_CLOSED)
		return true;
	return session->phase < sizeof(states) &&
	       states[session->phase] == ends->state &&
	       session->turned == (ends->client == FROM_SERVER);
}
