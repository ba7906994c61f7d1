// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a dialogue, a line a turn:
 *
 *	# a comment
 *	S: 220 mx.example ESMTP		the server sends this, and CRLF
 *	C: EHLO client.example		the client does
 *	C+ \x16\x03\x01			and no CRLF
 *
 * In what is sent, \r \n \t \s \0 \\ and \xHH stand for one octet each, \s for
 * a blank.  What is wrong is told with the line and the column.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "dialogue.h"

#define STANDARD_INPUT	"-"
/* "C:" or its like, and a blank. */
#define MARK_LENGTH	2
#define TEXT_AT		(MARK_LENGTH + 1)

/**
 * struct reader - a line as it is read
 * @name: of the file, for people
 * @number: of the line
 * @text: the line, without its end
 * @length: octets of it
 * @at: the next one
 */
struct reader {
	const char *name;
	unsigned int number;
	char *text;
	size_t length;
	size_t at;
};

static bool problem(const struct reader *reader, const char *what)
{
	complain("%s:%u:%zu: %s", reader->name, reader->number, reader->at + 1,
		 what);
	return false;
}

static bool no_memory(void)
{
	complain("out of memory");
	return false;
}

static int hexadecimal(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Behind "\x". */
static bool read_hexadecimal(struct reader *reader, u8 *octet)
{
	const char *digits = reader->text + reader->at + 2;
	int high = -1;
	int low = -1;

	if (reader->length - reader->at >= 4) {
		high = hexadecimal(digits[0]);
		low = hexadecimal(digits[1]);
	}
	if (high < 0 || low < 0)
		return problem(reader, "\\x needs two hexadecimal digits");
	*octet = high << 4 | low;
	reader->at += 4;
	return true;
}

static bool read_escape(struct reader *reader, u8 *octet)
{
	static const char names[] = "rnts0\\";
	static const u8 octets[] = "\r\n\t \0\\";
	const char *name;

	if (reader->length - reader->at < 2)
		return problem(reader, "nothing is behind the backslash; \\\\ stands for one");
	if (reader->text[reader->at + 1] == 'x')
		return read_hexadecimal(reader, octet);
	name = memchr(names, reader->text[reader->at + 1], strlen(names));
	if (!name)
		return problem(reader, "no such escape; there are \\r \\n \\t \\s \\0 \\\\ \\xHH");
	*octet = octets[name - names];
	reader->at += 2;
	return true;
}

static bool read_octets(struct reader *reader, struct turn *turn)
{
	while (reader->at < reader->length) {
		u8 octet = reader->text[reader->at];

		if (octet != '\\')
			reader->at++;
		else if (!read_escape(reader, &octet))
			return false;
		turn->octets[turn->length++] = octet;
	}
	return true;
}

/* Says who sends the line, and whether CRLF is behind it. */
static bool read_mark(struct reader *reader, struct turn *turn, bool *crlf)
{
	const char *text = reader->text;

	if (reader->length < MARK_LENGTH ||
	    (text[0] != 'C' && text[0] != 'S') ||
	    (text[1] != ':' && text[1] != '+'))
		return problem(reader, "a line begins with C: or S:, C+ or S+, or #");
	turn->from = text[0] == 'C' ? FROM_CLIENT : FROM_SERVER;
	*crlf = text[1] == ':';
	reader->at = MARK_LENGTH;
	if (reader->length == MARK_LENGTH)
		return *crlf || problem(reader, "nothing is sent");
	if (text[MARK_LENGTH] != ' ')
		return problem(reader, "a blank is missing");
	reader->at = TEXT_AT;
	if (reader->length == TEXT_AT)
		return *crlf || problem(reader, "nothing is sent");
	return true;
}

static bool read_turn(struct reader *reader, struct turn *turn)
{
	bool crlf = false;

	turn->line = reader->number;
	if (!read_mark(reader, turn, &crlf))
		return false;
	turn->octets = malloc(reader->length + strlen("\r\n"));
	if (!turn->octets)
		return no_memory();
	if (!read_octets(reader, turn))
		return false;
	if (crlf) {
		turn->octets[turn->length++] = '\r';
		turn->octets[turn->length++] = '\n';
	}
	return true;
}

/**
 * dialogue_add() - add a turn
 * @dialogue: the dialogue
 *
 * Return: the turn, all zero; NULL without memory, after a complaint.
 */
struct turn *dialogue_add(struct dialogue *dialogue)
{
	struct turn *turns = reallocarray(dialogue->turns, dialogue->count + 1,
					  sizeof(*turns));

	if (!turns) {
		no_memory();
		return NULL;
	}
	dialogue->turns = turns;
	memset(&turns[dialogue->count], 0, sizeof(*turns));
	return &turns[dialogue->count++];
}

static bool add_turn(struct dialogue *dialogue, struct reader *reader)
{
	struct turn *turn = dialogue_add(dialogue);

	return turn && read_turn(reader, turn);
}

/* A file that came from elsewhere may have CRLF at the end of its lines. */
static void strip_end(struct reader *reader)
{
	if (reader->length && reader->text[reader->length - 1] == '\n')
		reader->length--;
	if (reader->length && reader->text[reader->length - 1] == '\r')
		reader->length--;
}

static bool read_lines(struct dialogue *dialogue, struct reader *reader,
		       FILE *file)
{
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&reader->text, &size, file)) >= 0) {
		reader->number++;
		reader->length = length;
		reader->at = 0;
		strip_end(reader);
		if (!reader->length || reader->text[0] == '#')
			continue;
		if (!add_turn(dialogue, reader))
			return false;
	}
	if (ferror(file)) {
		complain("%s: %s", reader->name, strerror(errno));
		return false;
	}
	return true;
}

/**
 * dialogue_is_input() - is a path that of standard input
 * @path: the path
 *
 * Return: true if so.
 */
bool dialogue_is_input(const char *path)
{
	return strcmp(path, STANDARD_INPUT) == 0;
}

/**
 * dialogue_source() - what a path is called in complaints
 * @path: the path
 *
 * Return: the path, but for standard input.
 */
const char *dialogue_source(const char *path)
{
	return dialogue_is_input(path) ? "standard input" : path;
}

/**
 * dialogue_read() - read a dialogue
 * @dialogue: filled in, to be freed with dialogue_free(), even after a failure
 * @path: of the file; "-" for standard input
 *
 * Return: false after a complaint.
 */
bool dialogue_read(struct dialogue *dialogue, const char *path)
{
	bool is_input = dialogue_is_input(path);
	struct reader reader = { .name = dialogue_source(path) };
	FILE *file = is_input ? stdin : fopen(path, "re");
	bool good;

	memset(dialogue, 0, sizeof(*dialogue));
	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	good = read_lines(dialogue, &reader, file);
	free(reader.text);
	if (!is_input)
		fclose(file);
	if (!good || dialogue->count)
		return good;
	complain("%s: no line of a dialogue is in it", reader.name);
	return false;
}

/**
 * dialogue_free() - free a dialogue
 * @dialogue: what dialogue_read() filled in
 */
void dialogue_free(struct dialogue *dialogue)
{
	size_t i;

	for (i = 0; i < dialogue->count; i++)
		free(dialogue->turns[i].octets);
	free(dialogue->turns);
}
