/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON objects, as they are written.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * struct json - an object under construction
 * @out: where it is written
 * @more: it has a member already; or the innermost list or object has
 */
struct json {
	FILE *out;
	bool more;
};

void json_begin(struct json *json, FILE *out);
void json_octets(struct json *json, const char *name, const void *octets,
		 size_t length);
void json_string(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name,
		 unsigned long long value);
void json_begin_list(struct json *json, const char *name);
void json_add(struct json *json, const void *octets, size_t length);
void json_end_list(struct json *json);
void json_begin_object(struct json *json, const char *name);
void json_end_object(struct json *json);
void json_true(struct json *json, const char *name);
void json_end(struct json *json);

#endif /* JSON_H */
