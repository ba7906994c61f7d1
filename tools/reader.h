/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads objects of JSON (RFC 8259), one a line.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>

/* What a line may be, without its end, and how many members an object has. */
#define READER_LINE_MAX		65536
#define READER_MEMBERS_MAX	64
/* How deep what is passed over may be. */
#define READER_DEPTH_MAX	8

/**
 * enum reader_kind - what a member is
 * @READER_STRING: a string
 * @READER_NUMBER: a whole number that an unsigned long long holds
 * @READER_LIST: a list of strings only
 * @READER_OTHER: anything else: it is passed over
 */
enum reader_kind {
	READER_STRING,
	READER_NUMBER,
	READER_LIST,
	READER_OTHER,
};

/**
 * struct reader_text - a string
 * @octets: what it is, not terminated, and any octet may be in it
 * @length: how many
 */
struct reader_text {
	const char *octets;
	size_t length;
};

/**
 * struct reader_member - a member of an object
 * @name: its name
 * @kind: what its value is
 * @number: the number
 * @text: the string; or the first of a list
 * @count: strings of a list; they follow each other in struct reader
 */
struct reader_member {
	struct reader_text name;
	enum reader_kind kind;
	unsigned long long number;
	const struct reader_text *text;
	size_t count;
};

/**
 * struct reader - an object that was read
 * @wrong: what is wrong with the line, if it is
 * @column: where, from 1 on
 * @members: of the object
 * @member_count: how many
 * @texts: strings of members
 * @text_count: how many
 * @octets: what they are made of
 * @octet_count: how many
 * @line: what is read
 * @at: what is next of it
 * @end: behind it
 */
struct reader {
	const char *wrong;
	size_t column;
	struct reader_member members[READER_MEMBERS_MAX];
	size_t member_count;
	struct reader_text texts[READER_LINE_MAX / 2];
	size_t text_count;
	char octets[READER_LINE_MAX];
	size_t octet_count;
	const unsigned char *line;
	const unsigned char *at;
	const unsigned char *end;
};

bool reader_read(struct reader *reader, const char *line, size_t length);
const struct reader_member *reader_find(const struct reader *reader,
					const char *name,
					enum reader_kind kind);
unsigned long long reader_number(const struct reader *reader, const char *name);
bool reader_has(const struct reader *reader, const char *name);
const struct reader_text *reader_text(const struct reader *reader,
				      const char *name);
bool reader_text_is(const struct reader *reader, const char *name,
		    const char *value);

#endif /* READER_H */
