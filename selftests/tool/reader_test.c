// SPDX-License-Identifier: GPL-2.0
/*
 * Reads lines, and writes of each the object that was read, with true for what is
 * passed over; or what is wrong with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "reader.h"

static struct reader reader;

static void write_member(struct json *json, const struct reader_member *member)
{
	char name[256];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)member->name.length,
		 member->name.octets);
	switch (member->kind) {
	case READER_STRING:
		json_octets(json, name, member->text->octets,
			    member->text->length);
		break;
	case READER_NUMBER:
		json_number(json, name, member->number);
		break;
	case READER_LIST:
		json_begin_list(json, name);
		for (i = 0; i < member->count; i++)
			json_add(json, member->text[i].octets,
				 member->text[i].length);
		json_end_list(json);
		break;
	default:
		json_true(json, name);
		break;
	}
}

/* In memory that ends where the line does. */
static void read(const char *line, size_t length)
{
	char *copy = malloc(length ? length : 1);
	struct json json;
	size_t i;

	memcpy(copy, line, length);
	if (reader_read(&reader, copy, length)) {
		json_begin(&json, stdout);
		for (i = 0; i < reader.member_count; i++)
			write_member(&json, &reader.members[i]);
		json_end(&json);
	} else {
		printf("%zu: %s\n", reader.column, reader.wrong);
	}
	free(copy);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, stdin)) > 0)
		read(line, length - 1);
	free(line);
	return 0;
}
