// SPDX-License-Identifier: GPL-2.0
/*
 * A log that was kept of smtpguard log --json, line by line.
 */
#include "complain.h"
#include "kept.h"

#define COMPLAINTS_MAX	5

/* Of a longer line no more than one octet too many. */
static bool read_line(FILE *file, char *line, size_t *length)
{
	int character = getc(file);

	*length = 0;
	if (character == EOF)
		return false;
	for (; character != EOF && character != '\n'; character = getc(file))
		if (*length <= READER_LINE_MAX)
			line[(*length)++] = character;
	return true;
}

/**
 * kept_read() - read a kept log
 * @file: the log
 * @name: of the file, for people
 * @reader: where an event is read to
 * @take: takes what was read
 * @context: for @take
 *
 * Return: how many lines are none of JSON, each of them told, up to some.
 */
unsigned long kept_read(FILE *file, const char *name, struct reader *reader,
			void (*take)(void *context), void *context)
{
	static char line[READER_LINE_MAX + 1];
	unsigned long count = 0, bad = 0;
	size_t length;

	while (read_line(file, line, &length)) {
		count++;
		if (!length)
			continue;
		if (reader_read(reader, line, length))
			take(context);
		else if (bad++ < COMPLAINTS_MAX)
			complain("%s:%lu:%zu: not JSON: %s", name, count,
				 reader->column, reader->wrong);
	}
	if (bad > COMPLAINTS_MAX)
		complain("%s: %lu lines more are not JSON", name,
			 bad - COMPLAINTS_MAX);
	return bad;
}
