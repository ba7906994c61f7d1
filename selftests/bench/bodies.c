// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to measure with.
 */
#include "bodies.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define LINE	78
#define SEED	295725

static u32 random_state = SEED;

/**
 * bodies_random() - a number that is the same in every run
 * @below: what it is less than
 *
 * Return: the next number.
 */
u32 bodies_random(u32 below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

/**
 * bodies_seed() - begin with the first number again
 */
void bodies_seed(void)
{
	random_state = SEED;
}

static void make_text(u8 *body, size_t length)
{
	size_t column = 0;
	size_t i;

	for (i = 0; i + 2 < length; i++, column++) {
		if (column > 68 && bodies_random(6) == 0) {
			body[i++] = '\r';
			body[i] = '\n';
			column = 0;
		} else if (bodies_random(6) == 0) {
			body[i] = ' ';
		} else {
			body[i] = bodies_random(80) ?
				  'a' + bodies_random(26) : '.';
		}
	}
	memset(body + i, 'x', length - i);
}

/* Lines of LINE octets; @octet makes each that is not of their ends. */
static void make_lines(u8 *body, size_t length, u8 (*octet)(void))
{
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = i % LINE == LINE - 2 ? '\r' :
			  i % LINE == LINE - 1 ? '\n' : octet();
}

static u8 base64_octet(void)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	return digits[bodies_random(64)];
}

static void make_base64(u8 *body, size_t length)
{
	make_lines(body, length, base64_octet);
}

static u8 high_octet(void)
{
	return 128 + bodies_random(128);
}

static void make_8bit(u8 *body, size_t length)
{
	make_lines(body, length, high_octet);
}

/* As the makers of newsletters write them; %c is a letter. */
static const char *const html_lines[] = {
	"..ExternalClass p, .ExternalClass span { line-height: 125%%; margin: 0 auto; }",
	"@media only screen and (max-width: 599.98px) { .w%c%c { width: 100%% !important; } }",
	"<table role=\"presentation\" width=\"600\" cellpadding=\"0\" style=\"max-width:37.5em\">",
	"<tr><td align=\"center\" style=\"padding:.5rem 1.5rem;line-height:1.6;color:#333\">",
	"<a href=\"https://click.news.example.com/u/%c%c%c/r.aspx?p=%c%c%c&amp;e=%c\">",
	"<img src=\"https://cdn.example.net/i/%c%c/h_%c%c.png\" width=\"280\" alt=\"\"></a>",
	"Our %c%c%c%c%c week: save 12.50 on every %c%c%c%c order over 49.99, now.</td></tr>",
	"<p style=\"margin: 0 0 1.25em\">Dear %c%c%c%c%c%c, thank you for reading us again",
	"this month, and for telling %c%c%c%c%c%c about it. Here is what is new for you:</p>",
};

/* Up to @room octets of a line and its end. */
static size_t html_line(u8 *body, size_t room)
{
	const char *from = html_lines[bodies_random(COUNT(html_lines))];
	size_t i = 0;

	for (; *from && i < room; from++) {
		u8 octet = *from;

		if (octet == '%')
			octet = *++from == 'c' ? 'a' + bodies_random(26) : '%';
		body[i++] = octet;
	}
	if (i < room)
		body[i++] = '\r';
	if (i < room)
		body[i++] = '\n';
	return i;
}

static void make_html(u8 *body, size_t length)
{
	size_t i = 0;

	while (i < length)
		i += html_line(body + i, length - i);
}

const struct body_kind body_kinds[BODY_KINDS] = {
	[BODY_KIND_TEXT]	= { "text", make_text },
	[BODY_KIND_BASE64]	= { "base64", make_base64 },
	[BODY_KIND_HTML]	= { "html", make_html },
	[BODY_KIND_8BIT]	= { "8-bit", make_8bit },
};

/* BODY_KINDS where there is none of that name. */
enum body_kind_number bodies_find(const char *name)
{
	enum body_kind_number kind = 0;

	while (kind < BODY_KINDS && strcmp(body_kinds[kind].name, name))
		kind++;
	return kind;
}
