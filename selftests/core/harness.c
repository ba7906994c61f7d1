// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol core as a shared library, see harness.h.
 *
 * Each piece that the core is fed lies in memory of its own, of exactly its
 * size, so that AddressSanitizer sees every octet that is read too many.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "hello.h"
#include "session.h"
#include "settings.h"
#include "verb.h"

#define EVENT_MAX	128
/* Of both hellos: numbers, and each octet of a name in two digits. */
#define HELLO_TEXT_MAX	(256 + 2 * (HELLO_NAME_MAX + 2 * HELLO_PROTOCOLS_MAX))

/**
 * struct harness - a session and all that is told of it
 * @settings: the parameters
 * @session: see session.h
 * @at: octets of both directions so far
 * @events: text, a line for each event
 * @used: octets of @events
 * @size: octets that @events has room for
 */
struct harness {
	struct settings settings;
	struct session session;
	size_t at;
	char *events;
	size_t used;
	size_t size;
};

/** struct told - a STEP_ bit that is a line of its own */
struct told {
	u32 bit;
	const char *name;
};

static const struct told told[] = {
	{ STEP_SECRET, "secret" },
	{ STEP_DATA_BEGIN, "begin" },
	{ STEP_TLS_START, "tls" },
	{ STEP_AMBIGUOUS, "ambiguous" },
	{ STEP_UNEXPECTED, "unexpected" },
	{ STEP_SYNC, "sync" },
	{ STEP_DESYNC, "desync" },
	{ STEP_OVER_DECLARED, "over_declared" },
	{ STEP_OVER_LIMIT, "over_limit" },
	{ STEP_LONG_HEADER, "long_header" },
	{ 0, NULL },
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void harness_tell(struct harness *harness, const char *format, ...)
{
	va_list arguments;

	if (harness->size - harness->used < EVENT_MAX) {
		harness->size *= 2;
		harness->events = must(realloc(harness->events, harness->size));
	}
	va_start(arguments, format);
	harness->used += vsnprintf(harness->events + harness->used, EVENT_MAX,
				   format, arguments);
	va_end(arguments);
}

/* Its size, that which was declared for it, and the server's limit. */
static void harness_tell_message(struct harness *harness, size_t at)
{
	const struct session *session = &harness->session;
	unsigned long long size = session_message_size(session);
	unsigned long long declared = session->declared;
	unsigned long long limit = session->limit;

	harness_tell(harness, "%zu message %llu of %llu in %llu\n", at, size,
		     declared, limit);
}

/* @at: of the last octet of the step. */
static void harness_tell_step(struct harness *harness, const struct step *step,
			      size_t at)
{
	const struct told *row;

	if (step->events & STEP_COMMAND)
		harness_tell(harness, "%zu command %s%s\n", at,
			     verb_name(step->verb),
			     step->refused ? " refused" : "");
	if (step->events & STEP_REPLY)
		harness_tell(harness, "%zu reply %u%s\n", at, step->code,
			     step->last ? "" : "-");
	if (step->events & STEP_DATA_END)
		harness_tell_message(harness, at);
	if (step->events & STEP_OFFERS)
		harness_tell(harness, "%zu offers %u\n", at, step->offers);
	for (row = told; row->name; row++)
		if (step->events & row->bit)
			harness_tell(harness, "%zu %s\n", at, row->name);
}

/* Feeds one piece; false where the segment must not pass. */
static bool harness_piece(struct harness *harness, enum direction direction,
			  u8 *octets, size_t length)
{
	const struct policy *policy = &harness->settings.policy;
	u8 *piece = must(malloc(length));
	size_t at = 0;
	struct step step = { 0 };

	memcpy(piece, octets, length);
	while (at < length) {
		if (session_withholds(&harness->session, direction)) {
			memset(octets + at, HARNESS_DROPPED, length - at);
			harness->at += length - at;
			at = length;
			break;
		}
		session_feed(&harness->session, policy, direction, piece + at,
			     length - at, &step);
		harness_tell_step(harness, &step,
				  harness->at + step.length - 1);
		if (step.reset && !policy->monitor)
			break;
		if (!policy->monitor)
			memset(octets + at + step.mask_from, step.filler,
			       step.mask_to - step.mask_from);
		at += step.length;
		harness->at += step.length;
	}
	free(piece);
	return at == length;
}

static int harness_reset(struct harness *harness)
{
	session_close(&harness->session);
	return 1;
}

/* One setting, "name=value" up to @end. */
static int harness_set(struct harness *harness, char *setting)
{
	char *value = strchr(setting, '=');
	const struct parameter *parameter;
	const char *wrong;
	int err;

	if (!value)
		return -1;
	*value++ = '\0';
	parameter = settings_find(setting);
	err = parameter ? settings_set(&harness->settings, parameter, value,
				       &wrong) : -ENOENT;
	if (err)
		fprintf(stderr, "%s=%s is refused with %d\n", setting, value,
			err);
	return err;
}

/**
 * harness_open() - a session with settings
 * @settings: lines "name=value", each ended by LF
 *
 * Return: what the other functions take, NULL where a setting was refused.
 */
void *harness_open(const char *settings)
{
	struct harness *harness = must(calloc(1, sizeof(*harness)));
	char *text = must(strdup(settings));
	char *rest = text;
	int err = settings_init(&harness->settings);

	harness->size = EVENT_MAX;
	harness->events = must(malloc(harness->size));
	while (!err && *rest) {
		char *setting = rest;

		rest = must(strchr(rest, '\n'));
		*rest++ = '\0';
		err = harness_set(harness, setting);
	}
	free(text);
	if (err) {
		harness_close(harness);
		return NULL;
	}
	harness_begin(harness, HARNESS_GREETING);
	return harness;
}

/**
 * harness_begin() - the session begins anew
 * @opaque: from harness_open()
 * @begin: enum harness_begin
 */
void harness_begin(void *opaque, int begin)
{
	struct harness *harness = opaque;

	harness->at = 0;
	harness->used = 0;
	memset(&harness->session, 0, sizeof(harness->session));
	if (begin == HARNESS_TLS)
		session_open_tls(&harness->session);
	else if (begin == HARNESS_LATE)
		session_resync(&harness->session);
	else
		session_open(&harness->session);
	harness->events[0] = '\0';
}

/**
 * harness_segment() - one segment crosses
 * @opaque: from harness_open()
 * @direction: enum direction
 * @cuts: for each octet whether a piece begins with it, %NULL for one piece
 * @octets: the segment's octets; masked in place
 * @length: how many, at least one
 *
 * Return: 0 where it passes, or is dropped alone and its octets are
 * %HARNESS_DROPPED; 1 where it is dropped and the session reset.
 */
int harness_segment(void *opaque, int direction, const u8 *cuts, u8 *octets,
		    size_t length)
{
	struct harness *harness = opaque;
	size_t from = 0;

	if (session_is_closed(&harness->session))
		return harness_reset(harness);
	if (session_segment(&harness->session, direction))
		return harness_reset(harness);
	while (from < length) {
		size_t to = from + 1;

		while (to < length && !(cuts && cuts[to]))
			to++;
		if (!harness_piece(harness, direction, octets + from,
				   to - from))
			return harness_reset(harness);
		from = to;
	}
	return 0;
}

/**
 * harness_replay() - a session in segments
 * @opaque: from harness_open(), begun
 * @directions: enum direction of each octet
 * @cuts: for each octet 0, %HARNESS_SEGMENT or %HARNESS_PIECE; a change of
 *	direction begins a segment too
 * @octets: in the order in which they cross; masked in place
 * @length: how many
 *
 * Return: octets that passed; the segment behind them was dropped.
 */
size_t harness_replay(void *opaque, const u8 *directions, const u8 *cuts,
		      u8 *octets, size_t length)
{
	size_t from = 0;

	while (from < length) {
		size_t to = from + 1;

		while (to < length && directions[to] == directions[from] &&
		       cuts[to] != HARNESS_SEGMENT)
			to++;
		if (harness_segment(opaque, directions[from], cuts + from,
				    octets + from, to - from))
			return from;
		from = to;
	}
	return length;
}

/**
 * harness_events() - what was told since harness_begin()
 * @opaque: from harness_open()
 *
 * Return: a line "AT EVENT" for each, AT the octet with which it happened.
 */
const char *harness_events(void *opaque)
{
	const struct harness *harness = opaque;

	return harness->events;
}

/**
 * harness_is_lost() - is it not known how to read the session
 * @opaque: from harness_open()
 *
 * Return: 1 where it is one that was picked up late and not found yet.
 */
int harness_is_lost(void *opaque)
{
	const struct harness *harness = opaque;

	return session_is_lost(&harness->session);
}

/**
 * harness_close() - free it
 * @opaque: from harness_open()
 */
void harness_close(void *opaque)
{
	struct harness *harness = opaque;

	free(harness->events);
	free(harness);
}

static char *tell_octets(char *text, const char *name, const u8 *octets,
			 size_t length)
{
	size_t i;

	text += sprintf(text, " %s=", name);
	for (i = 0; i < length; i++)
		text += sprintf(text, "%02x", octets[i]);
	return text;
}

/* A piece is memory of its own, of its size. */
static void hello_piece(struct hello *hello, int direction, const u8 *octets,
			size_t length)
{
	u8 *piece = must(malloc(length));

	memcpy(piece, octets, length);
	if (direction == FROM_CLIENT)
		hello_client(hello, piece, length);
	else
		hello_server(hello, piece, length);
	free(piece);
}

/**
 * harness_hello() - read both hellos of a handshake
 * @directions: enum direction of each octet
 * @cuts: for each octet whether a piece begins with it; a change of direction
 *	begins one, too
 * @octets: in the order in which they cross
 * @length: how many
 *
 * Return: what is known of them, good until the next call.
 */
const char *harness_hello(const u8 *directions, const u8 *cuts,
			  const u8 *octets, size_t length)
{
	static char text[HELLO_TEXT_MAX];
	struct hello *hello = must(malloc(sizeof(*hello)));
	size_t from = 0;
	char *end;

	hello_open(hello);
	while (from < length) {
		size_t to = from + 1;

		while (to < length && directions[to] == directions[from] &&
		       !cuts[to])
			to++;
		hello_piece(hello, directions[from], octets + from, to - from);
		from = to;
	}
	end = text + sprintf(text, "client=%u server=%u offered=%04x",
			     hello->client, hello->server, hello->offered);
	end += sprintf(end, " version=%04x cipher=%04x retry=%u truncated=%u",
		       hello->version, hello->cipher, hello->retry,
		       hello->truncated);
	end += sprintf(end, " alert=%d", hello->alerted ? hello->alert : -1);
	end = tell_octets(end, "name", hello->name, hello->name_length);
	end = tell_octets(end, "protocols", hello->protocols.octets,
			  hello->protocols.used);
	tell_octets(end, "protocol", hello->protocol.octets,
		    hello->protocol.used);
	free(hello);
	return text;
}
