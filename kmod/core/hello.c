// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what a TLS handshake says before it is enciphered, octet by octet as it
 * comes: a hello may be cut anywhere into segments, and into records as well.
 * What it says decides nothing.
 *
 *	record:	type | 03 xx | length | ...		(RFC 8446 section 5.1)
 *	hello:	type | length | version, random |
 *		length, session | ... | length, extensions	(section 4.1)
 *
 * A hello is a row of fields, of which each tells how long the next one is.  Of a
 * long one the first octets are kept, the others are passed over, so whatever the
 * lengths are, memory is what struct hello has.  Lengths that contradict each
 * other end it: what a peer reads there, nobody knows.
 */
#include "hello.h"

#define RECORD_CHANGE_CIPHER	20
#define RECORD_ALERT		21
#define RECORD_HANDSHAKE	22
#define RECORD_LENGTH_MAX	(1 << 14)
#define CHANGE_CIPHER_LENGTH	1
#define ALERT_LENGTH		2
#define ALERT_FATAL		2

#define CLIENT_HELLO		1
#define SERVER_HELLO		2
#define VERSION_MAJOR		0x03
#define HELLO_LENGTH_MAX	(1 << 14)
/* A hello of the greatest length, and what may come before it. */
#define BUDGET			(HELLO_LENGTH_MAX + (1 << 12))

/* Of a hello: type and length; version, random, and the length of the session. */
#define HEAD_LENGTH		4
#define BEGIN_LENGTH		35
#define RANDOM_AT		2
#define RANDOM_LENGTH		32
#define SESSION_MAX		32
/* The cipher suite, and the compression. */
#define CHOICE_LENGTH		3
/* Type and length of an extension. */
#define EXTENSION_HEAD_LENGTH	4

#define EXTENSION_NAME		0	/* RFC 6066 section 3 */
#define EXTENSION_PROTOCOLS	16	/* RFC 7301 */
#define EXTENSION_VERSIONS	43	/* RFC 8446 section 4.2.1 */
/* Of a list of names: its length, and type and length of the first. */
#define NAME_AT			5
#define NAME_OF_HOST		0
#define VERSIONS_MAX		254

/**
 * enum hello_field - what comes next of a hello
 * @FIELD_HEAD: its type and length
 * @FIELD_BEGIN: version, random, length of the session
 * @FIELD_SESSION: the session
 * @FIELD_SUITES_LENGTH: the client's: length of its cipher suites
 * @FIELD_SUITES: these
 * @FIELD_METHODS_LENGTH: the client's: length of its compression methods
 * @FIELD_METHODS: these
 * @FIELD_CHOICE: the server's: cipher suite and compression method
 * @FIELD_EXTENSIONS_LENGTH: length of all extensions
 * @FIELD_EXTENSION_HEAD: type and length of one
 * @FIELD_EXTENSION: what it says
 */
enum hello_field {
	FIELD_HEAD,
	FIELD_BEGIN,
	FIELD_SESSION,
	FIELD_SUITES_LENGTH,
	FIELD_SUITES,
	FIELD_METHODS_LENGTH,
	FIELD_METHODS,
	FIELD_CHOICE,
	FIELD_EXTENSIONS_LENGTH,
	FIELD_EXTENSION_HEAD,
	FIELD_EXTENSION,
};

/* The SHA-256 of "HelloRetryRequest", in the place of a random. */
static const u8 retry_random[RANDOM_LENGTH] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static u16 number_at(const u8 *octets)
{
	return octets[0] << 8 | octets[1];
}

/* Sent so that peers learn to pass over what they do not know (RFC 8701). */
static bool is_grease(const u8 *octets)
{
	return octets[0] == octets[1] && (octets[0] & 0x0f) == 0x0a;
}

/* @length octets are next, @field; false where so many are not left. */
static bool walk_expect(struct hello_walk *walk, enum hello_field field,
			u16 length)
{
	if (length > walk->message)
		return false;
	walk->message -= length;
	walk->field = field;
	walk->length = length;
	walk->come = 0;
	return true;
}

/* A hello is next. */
static void walk_begin(struct hello_walk *walk)
{
	walk->message = HEAD_LENGTH;
	walk_expect(walk, FIELD_HEAD, HEAD_LENGTH);
}

static void walk_open(struct hello_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	walk->budget = BUDGET;
	walk_begin(walk);
}

/* How far is who speaks? */
static u8 *hello_state(struct hello *hello)
{
	return hello->answered ? &hello->server : &hello->client;
}

/* All of the hello has come; behind one that asks for another comes the real one. */
static bool hello_end(struct hello *hello)
{
	if (!hello->walk.again) {
		*hello_state(hello) = HELLO_READ;
		return true;
	}
	hello->walk.again = false;
	hello->retry = true;
	walk_begin(&hello->walk);
	return true;
}

static bool hello_head(struct hello *hello)
{
	struct hello_walk *walk = &hello->walk;
	u8 type = hello->answered ? SERVER_HELLO : CLIENT_HELLO;
	u32 length = walk->octets[1] << 16 | number_at(walk->octets + 2);

	if (walk->octets[0] != type || length > HELLO_LENGTH_MAX)
		return false;
	hello->seen = 0;
	walk->message = length;
	return walk_expect(walk, FIELD_BEGIN, BEGIN_LENGTH);
}

/* A server asks for another hello once. */
static bool hello_answer(struct hello *hello)
{
	struct hello_walk *walk = &hello->walk;

	hello->version = number_at(walk->octets);
	walk->again = !memcmp(walk->octets + RANDOM_AT, retry_random,
			      RANDOM_LENGTH);
	return !walk->again || !hello->retry;
}

static bool hello_begin(struct hello *hello)
{
	struct hello_walk *walk = &hello->walk;
	u8 session = walk->octets[BEGIN_LENGTH - 1];

	if (walk->octets[0] != VERSION_MAJOR || session > SESSION_MAX)
		return false;
	if (!hello->answered)
		hello->offered = number_at(walk->octets);
	else if (!hello_answer(hello))
		return false;
	return walk_expect(walk, FIELD_SESSION, session);
}

static bool hello_session(struct hello *hello)
{
	if (hello->answered)
		return walk_expect(&hello->walk, FIELD_CHOICE, CHOICE_LENGTH);
	return walk_expect(&hello->walk, FIELD_SUITES_LENGTH, 2);
}

static bool hello_suites_length(struct hello *hello)
{
	u16 length = number_at(hello->walk.octets);

	return length && length % 2 == 0 &&
	       walk_expect(&hello->walk, FIELD_SUITES, length);
}

static bool hello_suites(struct hello *hello)
{
	return walk_expect(&hello->walk, FIELD_METHODS_LENGTH, 1);
}

static bool hello_methods_length(struct hello *hello)
{
	u8 length = hello->walk.octets[0];

	return length && walk_expect(&hello->walk, FIELD_METHODS, length);
}

/* Before TLS 1.3 there may be no extensions at all. */
static bool hello_methods(struct hello *hello)
{
	if (!hello->walk.message)
		return hello_end(hello);
	return walk_expect(&hello->walk, FIELD_EXTENSIONS_LENGTH, 2);
}

static bool hello_choice(struct hello *hello)
{
	hello->cipher = number_at(hello->walk.octets);
	return hello_methods(hello);
}

/* Behind an extension: another one, or none. */
static bool hello_go_on(struct hello *hello)
{
	if (!hello->walk.message)
		return hello_end(hello);
	return walk_expect(&hello->walk, FIELD_EXTENSION_HEAD,
			   EXTENSION_HEAD_LENGTH);
}

static bool hello_extensions_length(struct hello *hello)
{
	return number_at(hello->walk.octets) == hello->walk.message &&
	       hello_go_on(hello);
}

static bool hello_extension_head(struct hello *hello)
{
	struct hello_walk *walk = &hello->walk;

	walk->extension = number_at(walk->octets);
	return walk_expect(walk, FIELD_EXTENSION, number_at(walk->octets + 2));
}

/* Is an extension a list, which begins with the length of the rest? */
static bool is_list(const struct hello_walk *walk)
{
	return walk->length > 2 && number_at(walk->octets) == walk->length - 2;
}

static bool hello_name(struct hello *hello)
{
	const struct hello_walk *walk = &hello->walk;
	u16 length;

	if (!is_list(walk) || walk->length <= NAME_AT)
		return false;
	length = number_at(walk->octets + 3);
	if (!length || length > walk->length - NAME_AT)
		return false;
	if (walk->octets[2] != NAME_OF_HOST)
		return true;
	if (length > HELLO_NAME_MAX) {
		length = HELLO_NAME_MAX;
		hello->truncated = true;
	}
	memcpy(hello->name, walk->octets + NAME_AT, length);
	hello->name_length = length;
	return true;
}

/* False where there is no room for it. */
static bool protocols_add(struct hello_protocols *protocols, const u8 *name)
{
	u8 length = 1 + *name;

	if (*name >= HELLO_PROTOCOLS_MAX ||
	    length > HELLO_PROTOCOLS_MAX - protocols->used)
		return false;
	memcpy(protocols->octets + protocols->used, name, length);
	protocols->used += length;
	return true;
}

static bool hello_protocols(struct hello *hello)
{
	const struct hello_walk *walk = &hello->walk;
	struct hello_protocols *protocols =
		hello->answered ? &hello->protocol : &hello->protocols;
	u16 at = 2;

	if (!is_list(walk))
		return false;
	while (at < walk->length) {
		const u8 *name = walk->octets + at;

		if (at >= HELLO_FIELD_MAX) {
			hello->truncated = true;
			return true;
		}
		if (!*name || *name >= walk->length - at)
			return false;
		at += 1 + *name;
		if (*name == 2 && at <= HELLO_FIELD_MAX && is_grease(name + 1))
			continue;
		if (at > HELLO_FIELD_MAX || !protocols_add(protocols, name)) {
			hello->truncated = true;
			return true;
		}
	}
	return true;
}

static bool hello_chosen_version(struct hello *hello)
{
	if (hello->walk.length != 2)
		return false;
	hello->version = number_at(hello->walk.octets);
	return true;
}

/* Where none is of TLS, the older field stands. */
static bool hello_versions(struct hello *hello)
{
	const struct hello_walk *walk = &hello->walk;
	u16 highest = 0;
	u16 at;

	if (hello->answered)
		return hello_chosen_version(hello);
	if (walk->length < 3 || walk->length > 1 + VERSIONS_MAX ||
	    walk->length % 2 == 0 || walk->octets[0] != walk->length - 1)
		return false;
	for (at = 1; at < walk->length; at += 2) {
		u16 version = number_at(walk->octets + at);

		if (walk->octets[at] == VERSION_MAJOR && version > highest)
			highest = version;
	}
	if (highest)
		hello->offered = highest;
	return true;
}

/* What is read of extensions. */
static const struct {
	u16 type;
	bool is_answered;
	bool (*read)(struct hello *hello);
} extensions[] = {
	/* the server's has no name */
	{ EXTENSION_NAME,	false,	hello_name },
	{ EXTENSION_PROTOCOLS,	true,	hello_protocols },
	{ EXTENSION_VERSIONS,	true,	hello_versions },
};

#define EXTENSIONS	(sizeof(extensions) / sizeof(extensions[0]))

static_assert(EXTENSIONS <= 8, "a u8 has a bit for each");

static bool hello_extension(struct hello *hello)
{
	u16 type = hello->walk.extension;
	size_t i;

	for (i = 0; i < EXTENSIONS; i++) {
		if (extensions[i].type != type ||
		    (hello->answered && !extensions[i].is_answered))
			continue;
		/* of two, peers take one or the other */
		if (hello->seen & 1 << i || !extensions[i].read(hello))
			return false;
		hello->seen |= 1 << i;
	}
	return hello_go_on(hello);
}

/* By enum hello_field: what follows from one that has come; false if it is wrong. */
static bool (*const fields[])(struct hello *hello) = {
	[FIELD_HEAD]			= hello_head,
	[FIELD_BEGIN]			= hello_begin,
	[FIELD_SESSION]			= hello_session,
	[FIELD_SUITES_LENGTH]		= hello_suites_length,
	[FIELD_SUITES]			= hello_suites,
	[FIELD_METHODS_LENGTH]		= hello_methods_length,
	[FIELD_METHODS]			= hello_methods,
	[FIELD_CHOICE]			= hello_choice,
	[FIELD_EXTENSIONS_LENGTH]	= hello_extensions_length,
	[FIELD_EXTENSION_HEAD]		= hello_extension_head,
	[FIELD_EXTENSION]		= hello_extension,
};

static void walk_keep(struct hello_walk *walk, const u8 *data, size_t length)
{
	size_t room;

	if (walk->come >= HELLO_FIELD_MAX)
		return;
	room = HELLO_FIELD_MAX - walk->come;
	memcpy(walk->octets + walk->come, data, length < room ? length : room);
}

/* Octets of a hello.  Returns how many were taken. */
static size_t hello_octets(struct hello *hello, const u8 *data, size_t length)
{
	struct hello_walk *walk = &hello->walk;
	size_t left = walk->length - walk->come;
	size_t taken = length < left ? length : left;

	walk_keep(walk, data, taken);
	walk->come += taken;
	/* a field may be empty, and has come then; not so the one behind it */
	while (walk->come == walk->length &&
	       *hello_state(hello) == HELLO_UNDER_WAY)
		if (!fields[walk->field](hello))
			*hello_state(hello) = HELLO_WRONG;
	return taken;
}

/* An octet of an alert: its level, and then what it is. */
static void hello_alert(struct hello *hello, u8 octet)
{
	struct hello_walk *walk = &hello->walk;

	if (walk->record == ALERT_LENGTH) {
		walk->level = octet;
		return;
	}
	if (hello->answered) {
		hello->alerted = true;
		hello->alert = octet;
	}
	if (walk->level == ALERT_FATAL)
		*hello_state(hello) = HELLO_ALERT;
}

/* Octets of a record.  Returns how many were taken. */
static size_t hello_payload(struct hello *hello, const u8 *data, size_t length)
{
	struct hello_walk *walk = &hello->walk;
	size_t taken = 1;

	if (length > walk->record)
		length = walk->record;
	if (length > walk->budget)
		length = walk->budget;
	if (!length) {
		*hello_state(hello) = HELLO_WRONG;
		return 0;
	}
	if (walk->header[0] == RECORD_HANDSHAKE)
		taken = hello_octets(hello, data, length);
	else if (walk->header[0] == RECORD_ALERT)
		hello_alert(hello, *data);
	walk->record -= taken;
	walk->budget -= taken;
	return taken;
}

/* Is nothing of a hello under way?  Then, and only then, may come what is none. */
static bool walk_is_between(const struct hello_walk *walk)
{
	return walk->field == FIELD_HEAD && !walk->come;
}

static bool walk_header_is_right(const struct hello_walk *walk)
{
	u16 length = number_at(walk->header + 3);

	if (walk->header[1] != VERSION_MAJOR)
		return false;
	switch (walk->header[0]) {
	case RECORD_HANDSHAKE:
		return length && length <= RECORD_LENGTH_MAX;
	case RECORD_ALERT:
		return length == ALERT_LENGTH && walk_is_between(walk);
	case RECORD_CHANGE_CIPHER:
		return length == CHANGE_CIPHER_LENGTH && walk_is_between(walk);
	default:
		return false;
	}
}

/* An octet of a record's header. */
static void hello_header(struct hello *hello, u8 octet)
{
	struct hello_walk *walk = &hello->walk;

	walk->header[walk->heads++] = octet;
	if (walk->heads < HELLO_HEADER_LENGTH)
		return;
	walk->heads = 0;
	walk->record = number_at(walk->header + 3);
	if (!walk_header_is_right(walk))
		*hello_state(hello) = HELLO_WRONG;
}

static void hello_read(struct hello *hello, const u8 *data, size_t length)
{
	while (length && *hello_state(hello) == HELLO_UNDER_WAY) {
		size_t taken = 1;

		if (hello->walk.record)
			taken = hello_payload(hello, data, length);
		else
			hello_header(hello, *data);
		data += taken;
		length -= taken;
	}
}

/**
 * hello_open() - a handshake begins
 * @hello: what will be read of it
 */
void hello_open(struct hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	walk_open(&hello->walk);
}

/**
 * hello_client() - read what the client says next
 * @hello: what was read before
 * @data: octets
 * @length: how many
 *
 * Behind its hello, and behind the first octet of the server's, nothing of it is
 * read.
 */
void hello_client(struct hello *hello, const u8 *data, size_t length)
{
	if (!hello->answered)
		hello_read(hello, data, length);
}

/**
 * hello_server() - read what the server says next
 * @hello: what was read before
 * @data: octets
 * @length: how many
 *
 * It answers a hello that is whole.
 */
void hello_server(struct hello *hello, const u8 *data, size_t length)
{
	if (!length)
		return;
	if (!hello->answered) {
		if (hello->client == HELLO_UNDER_WAY)
			hello->client = HELLO_WRONG;
		hello->answered = true;
		walk_open(&hello->walk);
	}
	hello_read(hello, data, length);
}
