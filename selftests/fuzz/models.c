// SPDX-License-Identifier: GPL-2.0
/*
 * A client says what it likes to a server that runs what it reads, and that is
 * wrong in one or more of the ways that servers were seen to be.  Behind the
 * policy are two octets, the ways, and then segments as client.c has them; the
 * octet that says how the server answers is how many octets of what it has said
 * come by, 0 for all.
 *
 * Nothing here asks what the core takes an octet for.  The rule is that no refused
 * verb is run.  What had passed when a server said that it reads on otherwise than
 * it was asked to is not the core's to take back, so a verb that was whole before
 * that reply came by is excused.
 */
#include "core/capability.h"
#include "core/character.h"
#include "wire.h"

#define WORD_MAX	24
#define SAID_MAX	(64 * INPUT_MAX)
#define RECIPIENTS_MAX	8

/* The first octet of the ways: what becomes of BDAT, and bits. */
enum chunk_way {
	CHUNK_TAKEN,
	CHUNK_500,		/* the verb is not known */
	CHUNK_502,		/* ... or not for this server */
	CHUNK_503,
	CHUNK_501,
	CHUNK_521,
	CHUNK_TAKEN_MODULO,	/* 2^32 */
	CHUNK_WAYS
};

#define WAY_CHUNK		7
#define WAY_SHOWS_CHUNKING	0x08
#define WAY_CR_ENDS_LINES	0x10
#define WAY_STRIPS_NUL		0x20
#define WAY_EMPTY_UNANSWERED	0x40
#define WAY_LAX_END		0x80

/*
 * The second: what becomes of a message that is too large, and what is, and what
 * becomes of one that was said to be of seven bits.
 */
enum large_way {
	LARGE_TAKEN,
	LARGE_COMMANDS,		/* what follows is read as commands */
	LARGE_LINES,		/* ... from the next line on */
	LARGE_SAID_TWICE,	/* what follows is text, and refused at its end */
	LARGE_SAID_ONCE,	/* ... and not answered there */
	LARGE_ANEW,		/* ... and read as if a line began, if that was said */
};

#define WAY_LARGE	7
#define WAY_SIZE_SHIFT	3
#define WAY_SIZE	15
#define WAY_SIZE_STEP	2
#define WAY_STRIPS_BIT	0x80

#define LOW_BITS	0x7f

enum reading {
	READS_LINE,
	READS_CHUNK,
	READS_EXCHANGE,
	READS_MESSAGE,
	READS_TLS,
};

/**
 * struct server - a server
 * @wire: the session that its octets cross
 * @ways: how it is wrong
 * @large: what it does with a message that is too large
 * @reading: enum reading, what it takes the client's octets for
 * @word: the first word of the line
 * @length: its octets
 * @over: it has ended
 * @excused: an answer was on its way when it did
 * @line: octets of the line
 * @rest: the line is the rest of a text line
 * @cr: the octet before was a CR that ended a line
 * @parameter: octets of BODY=7BIT that the word under way begins with, one more
 *	where it is another word
 * @seven: it was a word of the line
 * @number: what the line's argument begins with
 * @digits: ... is still going on
 * @last: there is more behind it
 * @size: READS_CHUNK: octets to come; READS_MESSAGE: octets that came
 * @tail: READS_MESSAGE: the last octets
 * @refused: READS_MESSAGE: it was, before its end
 * @lmtp: LHLO was said
 * @chunking: CHUNKING was said, and may be seen
 * @announces: it has said how large a message may be
 * @mail: there is a sender
 * @strips: ... whose message has seven bits
 * @recipients: how many
 * @said: what it says
 * @total: octets of @said
 * @heard: octets of @said that have come by
 * @denied: octets of @said up to the end of what tells that it reads on otherwise
 * @seen: octets of @wire that it has read, or that are its own
 */
struct server {
	struct wire *wire;
	u8 ways;
	u8 large;
	u8 reading;
	char word[WORD_MAX];
	u8 length;
	bool over;
	bool excused;
	u32 line;
	bool rest;
	bool cr;
	u8 parameter;
	bool seven;
	u64 number;
	bool digits;
	bool last;
	u64 size;
	u64 tail;
	bool refused;
	bool lmtp;
	bool chunking;
	bool announces;
	bool mail;
	bool strips;
	u8 recipients;
	char said[SAID_MAX];
	size_t total;
	size_t heard;
	size_t denied;
	size_t seen;
};

static void say(struct server *server, const char *text)
{
	size_t length = strlen(text);

	rule(length <= SAID_MAX - server->total, "a server says no more than this");
	memcpy(server->said + server->total, text, length);
	server->total += length;
}

static void begin_line(struct server *server)
{
	server->length = 0;
	server->over = false;
	server->excused = false;
	server->line = 0;
	server->rest = false;
	server->parameter = 0;
	server->seven = false;
	server->number = 0;
	server->digits = true;
	server->last = false;
}

static void begin_mail(struct server *server, bool mail)
{
	server->mail = mail;
	server->recipients = 0;
}

/* What the server has said last tells how it reads on. */
static void say_and_deny(struct server *server, const char *text)
{
	say(server, text);
	server->denied = server->total;
}

static bool is_on_its_way(const struct server *server)
{
	return server->heard < server->denied;
}

static void end_message(struct server *server)
{
	u8 replies = server->lmtp && server->recipients ?
		server->recipients : 1;

	while (replies--)
		say(server, server->recipients ? "250 taken\r\n" :
						 "503 for whom\r\n");
	begin_mail(server, false);
}

/*
 * A client that was shown CHUNKING, and may have a recipient, may send a chunk, and
 * what of it passes before this is answered runs.  No other may, and none behind
 * the answer.
 */
static void deny_chunk(struct server *server, const char *text)
{
	bool asked = server->heard < server->total;

	if (server->chunking && (server->recipients || asked))
		say_and_deny(server, text);
	else
		say(server, text);
	server->chunking = false;
}

static void take_chunk(struct server *server)
{
	server->size = server->number;
	if ((server->ways & WAY_CHUNK) == CHUNK_TAKEN_MODULO)
		server->size = (u32)server->size;
	server->reading = READS_CHUNK;
}

static void end_chunk(struct server *server)
{
	server->reading = READS_LINE;
	if (server->last)
		end_message(server);
	else
		say(server, server->recipients ? "250 more\r\n" :
						 "503 for whom\r\n");
	begin_line(server);
}

static void run_bdat(struct server *server)
{
	switch (server->ways & WAY_CHUNK) {
	case CHUNK_500:
		deny_chunk(server, "500 what\r\n");
		return;
	case CHUNK_502:
		deny_chunk(server, "502 not here\r\n");
		return;
	case CHUNK_521:
		deny_chunk(server, "521 no mail\r\n");
		return;
	case CHUNK_501:
	case CHUNK_503:
		/* without a recipient the chunk is taken, and said to be wrong */
		if (!server->recipients)
			break;
		deny_chunk(server, (server->ways & WAY_CHUNK) == CHUNK_501 ?
			   "501 no\r\n" : "503 no\r\n");
		return;
	}
	take_chunk(server);
}

static u32 size_limit(const struct server *server)
{
	return (server->large >> WAY_SIZE_SHIFT & WAY_SIZE) * WAY_SIZE_STEP;
}

static void run_hello(struct server *server, u8 verb)
{
	bool shows = verb != VERB_HELO && server->ways & WAY_SHOWS_CHUNKING;
	char line[16];

	begin_mail(server, false);
	server->lmtp = verb == VERB_LHLO;
	server->chunking = shows && capability_is_shown(server->wire->policy,
							"CHUNKING");
	server->announces = verb != VERB_HELO &&
			    (server->large & WAY_LARGE) == LARGE_ANEW;
	if (verb != VERB_HELO)
		say(server, "250-a\r\n");
	if (server->announces) {
		snprintf(line, sizeof(line), "250-SIZE %u\r\n",
			 size_limit(server));
		say(server, line);
	}
	say(server, shows ? "250 CHUNKING\r\n" : "250 HELP\r\n");
}

static void run_mail(struct server *server)
{
	if (server->mail) {
		say(server, "503 once\r\n");
		return;
	}
	begin_mail(server, true);
	server->strips = server->seven && server->large & WAY_STRIPS_BIT;
	say(server, "250 ok\r\n");
}

/* Whom it knows is by the length of the line. */
static void run_rcpt(struct server *server)
{
	if (!server->mail || server->line % 5 == 4 ||
	    server->recipients == RECIPIENTS_MAX) {
		say(server, "550 no\r\n");
		return;
	}
	server->recipients++;
	say(server, "250 ok\r\n");
}

static void run_data(struct server *server)
{
	if (!server->recipients) {
		say(server, "503 for whom\r\n");
		return;
	}
	say(server, "354 go\r\n");
	server->reading = READS_MESSAGE;
	server->size = 0;
	server->tail = '\r' << 8 | '\n';
	server->refused = false;
}

static void run_xclient(struct server *server)
{
	begin_mail(server, false);
	server->lmtp = false;
	server->chunking = false;
	server->announces = false;
	say(server, "220 b\r\n");
}

static void run(struct server *server, u8 verb)
{
	switch (verb) {
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
		run_hello(server, verb);
		return;
	case VERB_MAIL:
		run_mail(server);
		return;
	case VERB_RCPT:
		run_rcpt(server);
		return;
	case VERB_DATA:
		run_data(server);
		return;
	case VERB_BDAT:
		run_bdat(server);
		return;
	case VERB_AUTH:
		say(server, "334 \r\n");
		server->reading = READS_EXCHANGE;
		return;
	case VERB_STARTTLS:
		say(server, "220 go\r\n");
		server->reading = READS_TLS;
		return;
	case VERB_XCLIENT:
		run_xclient(server);
		return;
	case VERB_RSET:
		begin_mail(server, false);
		say(server, "250 ok\r\n");
		return;
	case VERB_NOOP:
	case VERB_VRFY:
	case VERB_EXPN:
		say(server, "250 ok\r\n");
		return;
	default:
		say(server, "502 no\r\n");
	}
}

static void end_line(struct server *server)
{
	u8 verb = word_find(&verb_table, server->word, server->length);

	if (server->rest)
		return;
	if (!server->line) {
		if (!(server->ways & WAY_EMPTY_UNANSWERED))
			say(server, "500 what\r\n");
		return;
	}
	/* what was on its way cannot be helped, and leads to nothing here */
	if (verb == WORD_NONE || server->excused)
		say(server, "500 what\r\n");
	else
		run(server, verb);
	if (server->reading != READS_CHUNK || server->size)
		return;
	end_chunk(server);
}

/* The parameter is one wherever it stands. */
static void parameter_octet(struct server *server, u8 octet)
{
	const char *parameter = "BODY=7BIT";
	size_t length = strlen(parameter);

	if (octet <= ' ' || octet == '>') {
		server->seven |= server->parameter == length;
		server->parameter = 0;
	} else if (server->parameter < length &&
		   word_upper(octet) == parameter[server->parameter]) {
		server->parameter++;
	} else {
		server->parameter = length + 1;
	}
}

static void argument_octet(struct server *server, u8 octet)
{
	bool digit = octet >= '0' && octet <= '9';

	parameter_octet(server, octet);
	if (server->digits && digit)
		server->number = server->number * 10 + octet - '0';
	else if (octet > ' ' && octet != '+')
		server->last = true;
	if (server->number && !digit)
		server->digits = false;
}

/* A word becomes whole with the octet before the one that ends it. */
static void word_octet(struct server *server, u8 octet)
{
	u8 verb;

	if (server->length == WORD_MAX - 1)
		return;
	server->word[server->length++] = word_upper(octet);
	verb = word_find(&verb_table, server->word, server->length);
	if (verb != WORD_NONE)
		server->excused = is_on_its_way(server);
}

/* Of the line's first word, as it is run. */
static void check_verb(const struct server *server)
{
	u8 verb = word_find(&verb_table, server->word, server->length);

	if (verb != WORD_NONE && !server->excused && !server->rest)
		rule(word_in_set(server->wire->policy->verbs, verb),
		     "no server runs a refused verb");
}

static void line_octet(struct server *server, u8 octet)
{
	if (is_line_end(octet)) {
		if (!server->over)
			check_verb(server);
		parameter_octet(server, octet);
		end_line(server);
		if (server->reading == READS_LINE)
			begin_line(server);
		return;
	}
	server->line++;
	if (server->over) {
		argument_octet(server, octet);
	} else if (!is_blank(octet) && (server->length || octet > ' ')) {
		word_octet(server, octet);
	} else if (server->length) {
		check_verb(server);
		server->over = true;
	}
}

static void exchange_octet(struct server *server, u8 octet)
{
	if (!is_line_end(octet))
		return;
	say(server, "235 ok\r\n");
	server->reading = READS_LINE;
	begin_line(server);
}

/* Does the message end here, to a server that sees ends where others do not? */
static bool is_lax_end(const struct server *server)
{
	u64 tail = server->tail;

	return server->ways & WAY_LAX_END &&
	       server->wire->policy->end_of_data != END_OF_DATA_ACCEPT &&
	       is_line_end(tail & 0xff) && (tail >> 8 & 0xff) == '.' &&
	       is_line_end(tail >> 16 & 0xff);
}

/* ... which with end_of_data=accept it may do, and with SIZE 0 it does not */
static bool reads_anew(const struct server *server)
{
	return server->announces && size_limit(server) &&
	       server->wire->policy->end_of_data != END_OF_DATA_ACCEPT;
}

static void refuse_large(struct server *server)
{
	u8 way = server->large & WAY_LARGE;

	server->refused = true;
	if (way == LARGE_TAKEN || way > LARGE_ANEW)
		return;
	if (way == LARGE_ANEW) {
		if (reads_anew(server))
			server->tail = '\r' << 8 | '\n';
		return;
	}
	if (way == LARGE_SAID_TWICE || way == LARGE_SAID_ONCE) {
		say(server, "552 large\r\n");
		return;
	}
	say_and_deny(server, "552 large\r\n");
	begin_mail(server, false);
	server->reading = READS_LINE;
	begin_line(server);
	server->rest = way == LARGE_LINES && !is_line_end(server->tail & 0xff);
}

/* With end_of_data=accept any end is the server's own affair. */
static bool is_stripped(const struct server *server)
{
	return server->strips &&
	       server->wire->policy->end_of_data != END_OF_DATA_ACCEPT;
}

static void message_octet(struct server *server, u8 octet)
{
	const u64 end = 0x0d0a2e0d0aULL;	/* CRLF.CRLF */
	const u64 line_end = '\r' << 8 | '\n';

	/* without the dot that quotes another (RFC 1870 section 5) */
	if (octet != '.' || (server->tail & 0xffff) != line_end)
		server->size++;
	server->tail = server->tail << 8 | octet;
	if ((server->tail & 0xffffffffffULL) == end || is_lax_end(server)) {
		server->reading = READS_LINE;
		begin_line(server);
		if (server->refused &&
		    (server->large & WAY_LARGE) == LARGE_SAID_ONCE)
			begin_mail(server, false);
		else
			end_message(server);
		return;
	}
	if (!server->refused && server->size > size_limit(server))
		refuse_large(server);
}

static void chunk_octet_in(struct server *server)
{
	if (!--server->size)
		end_chunk(server);
}

/* Behind a CR that has ended a line an LF is part of the same end. */
static bool is_second_of_end(struct server *server, u8 octet)
{
	bool second = server->cr && octet == '\n';

	server->cr = octet == '\r' && server->ways & WAY_CR_ENDS_LINES;
	return second;
}

static void server_octet(struct server *server, u8 octet)
{
	bool lines = server->reading == READS_LINE ||
		     server->reading == READS_EXCHANGE;

	if (server->reading == READS_CHUNK) {
		server->cr = false;
		chunk_octet_in(server);
		return;
	}
	if (server->reading == READS_MESSAGE && is_stripped(server))
		octet &= LOW_BITS;
	if (!octet && server->ways & WAY_STRIPS_NUL)
		return;
	if (server->reading == READS_MESSAGE) {
		server->cr = octet == '\r' && server->ways & WAY_LAX_END;
		message_octet(server, octet);
		return;
	}
	if (is_second_of_end(server, octet) || !lines ||
	    (octet == '\r' && !server->cr))
		return;
	if (server->reading == READS_LINE)
		line_octet(server, octet);
	else
		exchange_octet(server, octet);
}

/* What was forwarded of the client's since. */
static void server_read(struct server *server)
{
	while (server->seen < server->wire->length)
		server_octet(server, server->wire->octets[server->seen++]);
}

static void server_speak(struct server *server, u8 most)
{
	size_t length = server->total - server->heard;
	const char *text = server->said + server->heard;

	if (most && length > most)
		length = most;
	server->heard += length;
	wire_segment(server->wire, FROM_SERVER, (const u8 *)text, length);
	server->seen = server->wire->length;
}

static void play(struct server *server, struct input *input)
{
	struct wire *wire = server->wire;

	while (input->length && !wire->reset) {
		u8 head = input_octet(input);
		struct input segment;

		if (head & ~WIRE_LENGTH_BITS)
			server_speak(server, input_octet(input));
		segment = input_take(input, 1 + (head & WIRE_LENGTH_BITS));
		/* what the wire does not keep cannot be read */
		if (segment.length + INPUT_MAX / 4 >
		    sizeof(wire->octets) - wire->length)
			return;
		wire_segment(wire, FROM_CLIENT, segment.data, segment.length);
		server_read(server);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	const struct policy *policy;
	static struct server server;
	static struct wire wire;

	if (length > INPUT_MAX)
		return 0;
	policy = input_policy(&input);
	/*
	 * The header of a load balancer is for a server that reads one, and a
	 * security layer for one that has it.
	 */
	if (policy->monitor || policy->proxy_protocol == CHECK_ACCEPT ||
	    policy->security_layers == CHECK_ACCEPT)
		return 0;
	memset(&server, 0, offsetof(struct server, said));
	memset(&server.total, 0, sizeof(server) - offsetof(struct server, total));
	server.wire = &wire;
	server.ways = input_octet(&input);
	server.large = input_octet(&input);
	wire_open(&wire, policy, WIRE_OPEN);
	begin_line(&server);
	say(&server, "220 a\r\n");
	play(&server, &input);
	return 0;
}
