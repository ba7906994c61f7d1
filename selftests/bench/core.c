// SPDX-License-Identifier: GPL-2.0
/*
 * How fast is the scanner for the end of data, and against what?  One
 * process, one run: every rival searches the same bodies in the same pieces,
 * in turns, and the best of several turns counts for each.
 *
 *	automaton	CRLF.CRLF, an octet at a time, state kept between pieces
 *	bm, kmp		Boyer-Moore and Knuth-Morris-Pratt for the same five
 *			octets, as lib/ts_bm.c and lib/ts_kmp.c search a piece
 *	memmem		the C library's
 *	ours		body_scan(), which keeps state, and finds ambiguous ends too
 *
 * What rivals that keep no state miss between two pieces is not held against
 * them.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/body.h"

#define BODY_SIZE	(1 << 22)
#define TURNS		5
/* Octets that one turn searches at least, for pieces of more than one. */
#define TURN_SIZE	(1 << 24)

static const u8 pattern[] = { '\r', '\n', '.', '\r', '\n' };

#define PATTERN_SIZE	sizeof(pattern)

struct rival {
	const char *name;
	void (*begin)(void);
	size_t (*search)(const u8 *data, size_t length);
};

static u8 automaton_state;

static void automaton_begin(void)
{
	automaton_state = 0;
}

/* The next state by state and octet: other, CR, LF, dot. */
static const u8 automaton_next[6][4] = {
	{ 0, 1, 0, 0 }, { 0, 1, 2, 0 }, { 0, 1, 0, 3 },
	{ 0, 4, 0, 0 }, { 0, 1, 5, 0 }, { 0, 1, 0, 3 },
};

static u8 automaton_class[256] = { ['\r'] = 1, ['\n'] = 2, ['.'] = 3 };

static size_t automaton_search(const u8 *data, size_t length)
{
	u8 state = automaton_state;
	size_t found = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		state = automaton_next[state][automaton_class[data[i]]];
		found += state == 5;
	}
	automaton_state = state;
	return found;
}

static size_t bm_shift[256];
static size_t bm_good[PATTERN_SIZE];

static void bm_begin(void)
{
	size_t i;

	for (i = 0; i < 256; i++)
		bm_shift[i] = PATTERN_SIZE;
	for (i = 0; i < PATTERN_SIZE - 1; i++)
		bm_shift[pattern[i]] = PATTERN_SIZE - 1 - i;
	/* after a match or a mismatch at an octet: CRLF is the only border */
	for (i = 0; i < PATTERN_SIZE; i++)
		bm_good[i] = i < 3 ? 3 : PATTERN_SIZE;
	bm_good[PATTERN_SIZE - 1] = 1;
}

static size_t bm_search(const u8 *data, size_t length)
{
	size_t at = PATTERN_SIZE - 1;
	size_t found = 0;

	while (at < length) {
		size_t i = 0;
		size_t bad, good;

		while (i < PATTERN_SIZE &&
		       data[at - i] == pattern[PATTERN_SIZE - 1 - i])
			i++;
		if (i == PATTERN_SIZE) {
			found++;
			at += 3;
			continue;
		}
		bad = bm_shift[data[at - i]];
		bad = bad > i ? bad - i : 1;
		good = bm_good[PATTERN_SIZE - 1 - i];
		at += bad > good ? bad : good;
	}
	return found;
}

static u8 kmp_prefix[PATTERN_SIZE];

static void kmp_begin(void)
{
	size_t k = 0;
	size_t q;

	for (q = 1; q < PATTERN_SIZE; q++) {
		while (k && pattern[k] != pattern[q])
			k = kmp_prefix[k - 1];
		if (pattern[k] == pattern[q])
			k++;
		kmp_prefix[q] = k;
	}
}

static size_t kmp_search(const u8 *data, size_t length)
{
	size_t found = 0;
	size_t q = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		while (q && pattern[q] != data[i])
			q = kmp_prefix[q - 1];
		if (pattern[q] == data[i])
			q++;
		if (q == PATTERN_SIZE) {
			found++;
			q = kmp_prefix[q - 1];
		}
	}
	return found;
}

static void memmem_begin(void)
{
}

static size_t memmem_search(const u8 *data, size_t length)
{
	const u8 *end = data + length;
	size_t found = 0;

	while ((data = memmem(data, end - data, pattern, PATTERN_SIZE))) {
		found++;
		data += 3;
	}
	return found;
}

static struct body ours;

static void ours_begin(void)
{
	body_begin(&ours);
}

static size_t ours_search(const u8 *data, size_t length)
{
	size_t found = 0;
	size_t at = 0;

	while (at < length) {
		enum body_mark mark;

		at += body_scan(&ours, data + at, length - at, &mark);
		found += mark == BODY_MARK_END;
	}
	return found;
}

enum { AUTOMATON, BM, KMP, MEMMEM, OURS, RIVALS };

static const struct rival rivals[RIVALS] = {
	{ "automaton", automaton_begin, automaton_search },
	{ "bm", bm_begin, bm_search },
	{ "kmp", kmp_begin, kmp_search },
	{ "memmem", memmem_begin, memmem_search },
	{ "ours", ours_begin, ours_search },
};

static u32 random_state = 295725;

static u32 random_number(u32 below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

/* Words and lines as people write them: a full stop in about 80 octets. */
static void make_text(u8 *body, size_t length)
{
	size_t column = 0;
	size_t i;

	for (i = 0; i + 2 < length; i++, column++) {
		if (column > 68 && random_number(6) == 0) {
			body[i++] = '\r';
			body[i] = '\n';
			column = 0;
		} else if (random_number(6) == 0) {
			body[i] = ' ';
		} else {
			body[i] = random_number(80) ? 'a' + random_number(26) :
						      '.';
		}
	}
	memset(body + i, 'x', length - i);
}

static void make_base64(u8 *body, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' :
			  digits[random_number(64)];
}

static void make_8bit(u8 *body, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' :
			  128 + random_number(128);
}

/* Lines of dots, stuffed, as in a table of contents. */
static void make_dots(u8 *body, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' :
			  i % 64 < 8 ? 'a' + i % 8 : '.';
}

/* What comes closest to an end of data all the time, and is none. */
static void make_adversarial(u8 *body, size_t length)
{
	static const char almost[] = "\r\n.x\r\n..\r\n.\0a";
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = almost[i % (sizeof(almost) - 1)];
}

static const struct {
	const char *name;
	void (*make)(u8 *body, size_t length);
} bodies[] = {
	{ "text", make_text },
	{ "base64", make_base64 },
	{ "8-bit", make_8bit },
	{ "dots", make_dots },
	{ "adversarial", make_adversarial },
};

static const size_t pieces[] = { 1, 16, 536, 1448, 9000, 65536 };

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* The results must be used, or the compiler leaves the work out. */
static volatile size_t found_sink;

/* Octets a second. */
static double turn(const struct rival *rival, const u8 *body, size_t piece)
{
	size_t total = piece == 1 ? BODY_SIZE : TURN_SIZE;
	size_t found = 0;
	size_t done = 0;
	double started;

	rival->begin();
	started = now();
	while (done < total) {
		size_t at;

		for (at = 0; at + piece <= BODY_SIZE && done < total;
		     at += piece, done += piece)
			found += rival->search(body + at, piece);
	}
	found_sink = found;
	return done / (now() - started);
}

static void measure(const char *name, const u8 *body, size_t piece)
{
	double best[RIVALS] = { 0 };
	int round;
	int i;

	for (round = 0; round < TURNS; round++) {
		for (i = 0; i < RIVALS; i++) {
			double speed = turn(&rivals[i], body, piece);

			if (speed > best[i])
				best[i] = speed;
		}
	}
	printf("%-12s%6zu", name, piece);
	for (i = 0; i < RIVALS; i++)
		printf("%10.0f", best[i] / 1e6);
	printf("%9.1fx%8.1fx\n", best[OURS] / best[AUTOMATON],
	       best[OURS] / best[MEMMEM]);
	fflush(stdout);
}

int main(void)
{
	u8 *body = malloc(BODY_SIZE);
	size_t i, j;

	if (!body) {
		fputs("no memory\n", stderr);
		return 1;
	}
	printf("%-12s%6s%10s%10s%10s%10s%10s  %s %s\n", "MB/s", "piece",
	       "automaton", "bm", "kmp", "memmem", "ours", "/automaton",
	       "/memmem");
	for (i = 0; i < COUNT(bodies); i++) {
		bodies[i].make(body, BODY_SIZE);
		for (j = 0; j < COUNT(pieces); j++)
			measure(bodies[i].name, body, pieces[j]);
	}
	free(body);
	return 0;
}
