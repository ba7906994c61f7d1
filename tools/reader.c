// SPDX-License-Identifier: GPL-2.0
/*
 * A strict reader of JSON that takes no memory but its own, and of whatever line
 * no more time than its length.  What json.c writes it gives back as it was: a
 * code point up to U+00FF is one octet.  Others become the octets of UTF-8.
 *
 * Every string is decoded into one buffer as long as the longest line.  It never
 * gets longer by that: an escape of six characters is three octets at most.
 */
#include <string.h>

#include "reader.h"

#define MEMBERS_HERE	0

static bool fail(struct reader *reader, const char *wrong)
{
	if (reader->wrong)
		return false;
	reader->wrong = wrong;
	reader->column = reader->at - reader->line + 1;
	return false;
}

/* -1 at the end. */
static int peek(const struct reader *reader)
{
	return reader->at < reader->end ? *reader->at : -1;
}

static bool take(struct reader *reader, int character)
{
	if (peek(reader) != character)
		return false;
	reader->at++;
	return true;
}

static void skip_space(struct reader *reader)
{
	while (peek(reader) == ' ' || peek(reader) == '\t' ||
	       peek(reader) == '\r')
		reader->at++;
}

static void put(struct reader *reader, unsigned int octet)
{
	reader->octets[reader->octet_count++] = octet;
}

static void put_point(struct reader *reader, unsigned int point)
{
	if (point <= 0xff) {
		put(reader, point);
		return;
	}
	if (point <= 0x7ff) {
		put(reader, 0xc0 | point >> 6);
	} else if (point <= 0xffff) {
		put(reader, 0xe0 | point >> 12);
		put(reader, 0x80 | (point >> 6 & 0x3f));
	} else {
		put(reader, 0xf0 | point >> 18);
		put(reader, 0x80 | (point >> 12 & 0x3f));
		put(reader, 0x80 | (point >> 6 & 0x3f));
	}
	put(reader, 0x80 | (point & 0x3f));
}

static int digit_of(int character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	character |= 0x20;
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static bool read_hex(struct reader *reader, unsigned int *unit)
{
	int i;

	*unit = 0;
	for (i = 0; i < 4; i++) {
		int digit = digit_of(peek(reader));

		if (digit < 0)
			return fail(reader, "\\u needs four digits");
		*unit = *unit << 4 | digit;
		reader->at++;
	}
	return true;
}

static bool is_high(unsigned int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(unsigned int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Behind \u. */
static bool read_escaped_point(struct reader *reader)
{
	unsigned int unit, low;

	if (!read_hex(reader, &unit))
		return false;
	if (is_high(unit)) {
		if (!take(reader, '\\') || !take(reader, 'u') ||
		    !read_hex(reader, &low) || !is_low(low))
			return fail(reader, "half a surrogate pair");
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	} else if (is_low(unit)) {
		return fail(reader, "half a surrogate pair");
	}
	put_point(reader, unit);
	return true;
}

static bool read_escape(struct reader *reader)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char octets[] = "\"\\/\b\f\n\r\t";
	int letter = peek(reader);
	const char *found = letter > 0 ? strchr(letters, letter) : NULL;

	if (take(reader, 'u'))
		return read_escaped_point(reader);
	if (!found)
		return fail(reader, "unknown escape");
	reader->at++;
	put(reader, octets[found - letters]);
	return true;
}

/* By what an octet begins: octets behind it, and the least point that needs them. */
static const struct {
	unsigned char mask;
	unsigned char begin;
	unsigned char more;
	unsigned int least;
} forms[] = {
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

static bool read_point(struct reader *reader)
{
	unsigned int first = *reader->at;
	unsigned int point;
	size_t form = 0;
	int i;

	while (form < 3 && (first & forms[form].mask) != forms[form].begin)
		form++;
	if (form == 3 || reader->end - reader->at <= forms[form].more)
		return fail(reader, "no UTF-8");
	point = first & ~forms[form].mask & 0xff;
	for (i = 1; i <= forms[form].more; i++) {
		if ((reader->at[i] & 0xc0) != 0x80)
			return fail(reader, "no UTF-8");
		point = point << 6 | (reader->at[i] & 0x3f);
	}
	if (point < forms[form].least || point > 0x10ffff || is_high(point) ||
	    is_low(point))
		return fail(reader, "no UTF-8");
	reader->at += forms[form].more + 1;
	put_point(reader, point);
	return true;
}

static bool read_character(struct reader *reader)
{
	int character = peek(reader);

	if (character < 0)
		return fail(reader, "the line ends in a string");
	if (character < ' ')
		return fail(reader, "control character in a string");
	if (character > '~' + 1)
		return read_point(reader);
	reader->at++;
	if (character == '\\')
		return read_escape(reader);
	put(reader, character);
	return true;
}

static bool read_text(struct reader *reader, struct reader_text *text)
{
	if (!take(reader, '"'))
		return fail(reader, "a string is missing");
	text->octets = reader->octets + reader->octet_count;
	while (!take(reader, '"'))
		if (!read_character(reader))
			return false;
	text->length = reader->octets + reader->octet_count - text->octets;
	return true;
}

static bool is_digit(int character)
{
	return character >= '0' && character <= '9';
}

static bool skip_digits(struct reader *reader)
{
	if (!is_digit(peek(reader)))
		return fail(reader, "a digit is missing");
	while (is_digit(peek(reader)))
		reader->at++;
	return true;
}

/* A whole number that fits, or one that is passed over. */
static void set_number(struct reader_member *member,
		       const unsigned char *at, const unsigned char *end)
{
	member->kind = READER_NUMBER;
	member->number = 0;
	for (; at < end; at++)
		if (!is_digit(*at) ||
		    __builtin_mul_overflow(member->number, 10,
					   &member->number) ||
		    __builtin_add_overflow(member->number, *at - '0',
					   &member->number))
			member->kind = READER_OTHER;
}

static bool read_number(struct reader *reader, struct reader_member *member)
{
	const unsigned char *begin = reader->at;

	take(reader, '-');
	if (!take(reader, '0') && !skip_digits(reader))
		return false;
	if (take(reader, '.') && !skip_digits(reader))
		return false;
	if (take(reader, 'e') || take(reader, 'E')) {
		if (!take(reader, '+'))
			take(reader, '-');
		if (!skip_digits(reader))
			return false;
	}
	set_number(member, begin, reader->at);
	return true;
}

static bool read_word(struct reader *reader)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t left = reader->end - reader->at;
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t length = strlen(words[i]);

		if (left < length || memcmp(reader->at, words[i], length) != 0)
			continue;
		reader->at += length;
		return true;
	}
	return fail(reader, "a value is missing");
}

static bool read_object(struct reader *reader, int depth);
static bool read_value(struct reader *reader, struct reader_member *member,
		       int depth);

/* Each string is at least two characters, so that there is room for it. */
static bool read_string(struct reader *reader, struct reader_member *member)
{
	struct reader_text *text = &reader->texts[reader->text_count];

	if (!read_text(reader, text))
		return false;
	reader->text_count++;
	member->kind = READER_STRING;
	member->text = text;
	return true;
}

static bool read_list(struct reader *reader, struct reader_member *member,
		      int depth)
{
	const struct reader_text *first = &reader->texts[reader->text_count];
	enum reader_kind kind = READER_LIST;
	size_t count = 0;

	reader->at++;
	skip_space(reader);
	if (!take(reader, ']')) {
		do {
			if (!read_value(reader, member, depth))
				return false;
			if (member->kind != READER_STRING)
				kind = READER_OTHER;
			count++;
		} while (take(reader, ','));
		if (!take(reader, ']'))
			return fail(reader, "\",\" or \"]\" is missing");
	}
	member->kind = kind;
	member->text = first;
	member->count = count;
	return true;
}

/* With the space on both sides. */
static bool read_value(struct reader *reader, struct reader_member *member,
		       int depth)
{
	bool good;

	skip_space(reader);
	member->kind = READER_OTHER;
	if (depth == READER_DEPTH_MAX &&
	    (peek(reader) == '[' || peek(reader) == '{'))
		return fail(reader, "too deep");
	if (peek(reader) == '"') {
		good = read_string(reader, member);
	} else if (peek(reader) == '[') {
		good = read_list(reader, member, depth + 1);
	} else if (peek(reader) == '{') {
		good = read_object(reader, depth + 1);
		member->kind = READER_OTHER;
	} else if (peek(reader) == '-' || is_digit(peek(reader))) {
		good = read_number(reader, member);
	} else {
		good = read_word(reader);
	}
	skip_space(reader);
	return good;
}

/* Of an object in the object, members are read and thrown away. */
static bool read_member(struct reader *reader, int depth)
{
	struct reader_member unused;
	struct reader_member *member = &unused;

	if (depth == MEMBERS_HERE) {
		if (reader->member_count == READER_MEMBERS_MAX)
			return fail(reader, "too many members");
		member = &reader->members[reader->member_count];
	}
	skip_space(reader);
	if (!read_text(reader, &member->name))
		return false;
	if (depth == MEMBERS_HERE)
		reader->member_count++;
	skip_space(reader);
	if (!take(reader, ':'))
		return fail(reader, "\":\" is missing");
	return read_value(reader, member, depth);
}

static bool read_object(struct reader *reader, int depth)
{
	if (!take(reader, '{'))
		return fail(reader, "\"{\" is missing");
	skip_space(reader);
	if (take(reader, '}'))
		return true;
	do {
		if (!read_member(reader, depth))
			return false;
	} while (take(reader, ','));
	return take(reader, '}') || fail(reader, "\",\" or \"}\" is missing");
}

/**
 * reader_read() - read a line
 * @reader: filled in; it points into itself
 * @line: the line, without its end
 * @length: how many octets
 *
 * Return: false where it is no object of JSON, or too long a one; @wrong and
 * @column say why.
 */
bool reader_read(struct reader *reader, const char *line, size_t length)
{
	reader->wrong = NULL;
	reader->member_count = 0;
	reader->text_count = 0;
	reader->octet_count = 0;
	reader->line = (const unsigned char *)line;
	reader->at = reader->line;
	reader->end = reader->line + length;
	if (length > READER_LINE_MAX)
		return fail(reader, "the line is too long");
	skip_space(reader);
	if (!read_object(reader, MEMBERS_HERE))
		return false;
	skip_space(reader);
	return reader->at == reader->end ||
	       fail(reader, "something stands behind the object");
}

/**
 * reader_find() - find a member
 * @reader: the object
 * @name: the member's name
 * @kind: what it must be
 *
 * Return: the member, of several of that name the last; or NULL.
 */
const struct reader_member *reader_find(const struct reader *reader,
					const char *name, enum reader_kind kind)
{
	size_t i;

	for (i = reader->member_count; i > 0; i--) {
		const struct reader_member *member = &reader->members[i - 1];

		if (member->name.length == strlen(name) &&
		    memcmp(member->name.octets, name, strlen(name)) == 0)
			return member->kind == kind ? member : NULL;
	}
	return NULL;
}

/**
 * reader_number() - the value of a member that is a number
 * @reader: what reader_read() read
 * @name: the member's name
 *
 * Return: the number; 0 if it is not there.
 */
unsigned long long reader_number(const struct reader *reader, const char *name)
{
	const struct reader_member *member = reader_find(reader, name,
							 READER_NUMBER);

	return member ? member->number : 0;
}

/**
 * reader_has() - is there a member that is neither a string nor a list of them
 * @reader: what reader_read() read
 * @name: the member's name
 *
 * Return: true if so.
 */
bool reader_has(const struct reader *reader, const char *name)
{
	return reader_find(reader, name, READER_NUMBER) ||
	       reader_find(reader, name, READER_OTHER);
}

/**
 * reader_text() - the value of a member that is a string
 * @reader: what reader_read() read
 * @name: the member's name
 *
 * Return: the string, or NULL.
 */
const struct reader_text *reader_text(const struct reader *reader,
				      const char *name)
{
	const struct reader_member *member = reader_find(reader, name,
							 READER_STRING);

	return member ? member->text : NULL;
}

/**
 * reader_text_is() - is a member a certain string
 * @reader: what reader_read() read
 * @name: the member's name
 * @value: the string
 *
 * Return: true if so.
 */
bool reader_text_is(const struct reader *reader, const char *name,
		    const char *value)
{
	const struct reader_text *text = reader_text(reader, name);

	return text && text->length == strlen(value) &&
	       memcmp(text->octets, value, text->length) == 0;
}
