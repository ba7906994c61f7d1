// SPDX-License-Identifier: GPL-2.0
/*
 * Names and addresses in whole command lines.
 */
#include "address.h"
#include "character.h"

/* Before the path of MAIL and RCPT, as servers find it. */
static size_t address_begin(const u8 *line, size_t length)
{
	size_t at = 0;

	while (at < length && line[at] != ':' && line[at] != '<')
		at++;
	while (at < length && (line[at] == ':' || line[at] == '<' ||
			       is_blank(line[at])))
		at++;
	return at;
}

/* Octets up to the end of a quoted string, which begins at @at. */
static size_t address_skip_quoted(const u8 *line, size_t length, size_t at)
{
	while (++at < length && line[at] != '"') {
		if (line[at] == '\\')
			at++;
	}
	return at < length ? at + 1 : length;
}

/**
 * address_of_line() - the address that MAIL or RCPT names
 * @line: the line, without line end
 * @length: its octets
 *
 * Return: where it is, without brackets.
 */
struct stretch address_of_line(const u8 *line, size_t length)
{
	size_t begin = address_begin(line, length);
	size_t at = begin;

	while (at < length && line[at] != '>' && !is_blank(line[at])) {
		if (line[at] == '"')
			at = address_skip_quoted(line, length, at);
		else
			at++;
	}
	return (struct stretch){ .at = begin, .length = at - begin };
}

/**
 * address_domain() - the domain of an address
 * @address: the address
 * @length: its octets
 *
 * Return: where it is; none where there is no at sign outside of quotes.
 */
struct stretch address_domain(const u8 *address, size_t length)
{
	struct stretch domain = { .at = length };
	size_t at = 0;

	while (at < length) {
		if (address[at] == '"') {
			at = address_skip_quoted(address, length, at);
			continue;
		}
		if (address[at++] == '@')
			domain.at = at;
	}
	domain.length = length - domain.at;
	return domain;
}

/**
 * name_of_line() - the name that HELO, EHLO or LHLO gives
 * @line: the line, without line end
 * @length: its octets
 *
 * Return: where it is: the second word.
 */
struct stretch name_of_line(const u8 *line, size_t length)
{
	struct stretch name;
	size_t at = 0;

	while (at < length && !is_blank(line[at]))
		at++;
	while (at < length && is_blank(line[at]))
		at++;
	name.at = at;
	while (at < length && !is_blank(line[at]))
		at++;
	name.length = at - name.at;
	return name;
}
