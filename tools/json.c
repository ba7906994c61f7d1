// SPDX-License-Identifier: GPL-2.0
/*
 * JSON writer (RFC 8259).  Octets need not be text in any encoding: each is
 * taken for the code point of its number, and all but printable ASCII is
 * written as an escape, so the output is ASCII whatever a peer sent.
 */
#include <string.h>

#include "json.h"

static void json_escape(FILE *out, unsigned char octet)
{
	if (octet == '"' || octet == '\\')
		fprintf(out, "\\%c", octet);
	else if (octet < ' ' || octet > '~')
		fprintf(out, "\\u%04x", octet);
	else
		fputc(octet, out);
}

static void json_quote(FILE *out, const unsigned char *octets, size_t length)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < length; i++)
		json_escape(out, octets[i]);
	fputc('"', out);
}

static void json_name(struct json *json, const char *name)
{
	if (json->more)
		fputc(',', json->out);
	json->more = true;
	json_quote(json->out, (const unsigned char *)name, strlen(name));
	fputc(':', json->out);
}

/**
 * json_begin() - begin an object
 * @json: the object
 * @out: where to write it
 */
void json_begin(struct json *json, FILE *out)
{
	json->out = out;
	json->more = false;
	fputc('{', out);
}

/**
 * json_octets() - add a string of any octets
 * @json: the object
 * @name: the member's name
 * @octets: its value
 * @length: how many
 */
void json_octets(struct json *json, const char *name, const void *octets,
		 size_t length)
{
	json_name(json, name);
	json_quote(json->out, octets, length);
}

/**
 * json_string() - add a string
 * @json: the object
 * @name: the member's name
 * @value: its value
 */
void json_string(struct json *json, const char *name, const char *value)
{
	json_octets(json, name, value, strlen(value));
}

/**
 * json_number() - add a number
 * @json: the object
 * @name: the member's name
 * @value: its value
 */
void json_number(struct json *json, const char *name,
		 unsigned long long value)
{
	json_name(json, name);
	fprintf(json->out, "%llu", value);
}

/**
 * json_begin_list() - begin a list of strings
 * @json: the object that it is in
 * @name: the member's name
 */
void json_begin_list(struct json *json, const char *name)
{
	json_name(json, name);
	fputc('[', json->out);
	json->more = false;
}

/**
 * json_add() - add a string of any octets to the list
 * @json: the object
 * @octets: its value
 * @length: how many
 */
void json_add(struct json *json, const void *octets, size_t length)
{
	if (json->more)
		fputc(',', json->out);
	json->more = true;
	json_quote(json->out, octets, length);
}

/**
 * json_end_list() - end the list
 * @json: the object
 */
void json_end_list(struct json *json)
{
	fputc(']', json->out);
	json->more = true;
}

/**
 * json_begin_object() - begin an object in an object
 * @json: the object that it is in; what is added is in the inner one from now on
 * @name: the member's name
 */
void json_begin_object(struct json *json, const char *name)
{
	json_name(json, name);
	fputc('{', json->out);
	json->more = false;
}

/**
 * json_end_object() - end the inner object
 * @json: the object
 */
void json_end_object(struct json *json)
{
	fputc('}', json->out);
	json->more = true;
}

/**
 * json_true() - add the value true
 * @json: the object
 * @name: the member's name
 */
void json_true(struct json *json, const char *name)
{
	json_name(json, name);
	fputs("true", json->out);
}

/**
 * json_end() - end an object and its line
 * @json: the object
 */
void json_end(struct json *json)
{
	fputs("}\n", json->out);
}
