// SPDX-License-Identifier: GPL-2.0
/*
 * octets KIND: a message of that kind in pieces of a full segment through session
 * and history, as kmod/stream.c has them; callgrind counts what is done within
 * pass_message().
 */
#include <stdio.h>
#include <stdlib.h>

#include "bodies.h"
#include "core/history.h"
#include "core/session.h"
#include "core/settings.h"

#define PIECE		1448
#define PIECES		512
/* What is under way before the server acknowledges it. */
#define WINDOW		8
#define RING		4096
#define FIRST		1

static u8 body[PIECE * PIECES];
static struct settings settings;
static struct session session;
static struct history history;
static u16 ring[HISTORY_WORDS(RING)];

static void feed(enum direction direction, const u8 *data, size_t length)
{
	struct step step;

	while (length) {
		session_feed(&session, &settings.policy, direction, data,
			     length, &step);
		if (step.reset || step.mask_to > step.mask_from) {
			fprintf(stderr, "this is no message that passes\n");
			exit(1);
		}
		if (direction == FROM_CLIENT && session_in_message(&session))
			history_note_body(&history, data, step.length,
					  &step.dots);
		data += step.length;
		length -= step.length;
	}
}

static void say(enum direction direction, const char *text)
{
	feed(direction, (const u8 *)text, strlen(text));
}

static void open_message(void)
{
	settings_init(&settings);
	session_open(&session);
	history_init(&history, ring, RING);
	history_start(&history, FIRST);
	say(FROM_SERVER, "220 mx.example.com ESMTP\r\n");
	say(FROM_CLIENT, "EHLO client.example.net\r\n");
	say(FROM_SERVER, "250 mx.example.com\r\n");
	say(FROM_CLIENT, "MAIL FROM:<a@example.net>\r\n");
	say(FROM_SERVER, "250 2.1.0 Ok\r\n");
	say(FROM_CLIENT, "RCPT TO:<b@example.com>\r\n");
	say(FROM_SERVER, "250 2.1.5 Ok\r\n");
	say(FROM_CLIENT, "DATA\r\n");
	say(FROM_SERVER, "354 End data with <CR><LF>.<CR><LF>\r\n");
	say(FROM_CLIENT, "Subject: a\r\n\r\n");
}

static bool take_text(const u8 *data, size_t length)
{
	struct dots dots;
	u32 long_lines;
	size_t first;

	first = session_takes_text(&session, &settings.policy, data, length,
				   &dots, &long_lines);
	if (!first)
		return false;
	history_note_body(&history, data, first, &dots);
	if (first == length)
		return true;
	dots_pass(&dots, first);
	history_note_body(&history, data + first, length - first, &dots);
	return true;
}

static void pass_segment(const u8 *data, size_t length)
{
	if (take_text(data, length))
		return;
	if (session_segment(&session, FROM_CLIENT))
		exit(1);
	feed(FROM_CLIENT, data, length);
}

static noinline void pass_message(void)
{
	size_t i;

	for (i = 0; i < PIECES; i++) {
		pass_segment(body + i * PIECE, PIECE);
		if (i % WINDOW == WINDOW - 1)
			history_acknowledge(&history, history.next,
					    history.next);
	}
}

static bool make_body(const char *name)
{
	enum body_kind_number kind = bodies_find(name);

	if (kind == BODY_KINDS)
		return false;
	body_kinds[kind].make(body, sizeof(body));
	return true;
}

int main(int count, char **words)
{
	if (count != 2 || !make_body(words[1]))
		return 2;
	open_message();
	pass_message();
	/* it must all have been noted, or too little was done */
	if (history.broken || !session_in_message(&session))
		return 1;
	printf("%zu\n", sizeof(body));
	return 0;
}
