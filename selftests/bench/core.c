// SPDX-License-Identifier: GPL-2.0
/*
 * How fast is the scanner for the end of data, and against what (rivals.c)?
 * One process, one run: all search the same bodies in the same pieces, called
 * in the same way, turn by turn.  A round is one turn of each, some milliseconds
 * long, and compares them; what counts is the median of the rounds.  Time is the
 * processor's, not the clock's on the wall.  Before that, all must have found
 * the same.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bodies.h"
#include "rivals.h"

#define BODY_SIZE	(1 << 21)
#define ROUNDS		21

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void begin_zero(struct body *body)
{
	memset(body, 0, sizeof(*body));
}

/* It tells the dots, too, and stops where they are many. */
static size_t own_scan(struct body *body, const u8 *data, size_t length,
		       enum body_mark *mark)
{
	struct dots dots;
	size_t at = 0;

	do {
		at += body_scan(body, data + at, length - at, &dots, mark);
	} while (at < length && !*mark);
	return at;
}

enum { AUTOMATON, BM, KMP, MEMMEM, OURS, CONTESTANTS };

static const struct contestant {
	const char *name;
	scan_function *scan;
	void (*begin)(struct body *body);
} contestants[CONTESTANTS] = {
	[AUTOMATON]	= { "automaton", automaton_scan, begin_zero },
	[BM]		= { "bm", boyer_moore_scan, begin_zero },
	[KMP]		= { "kmp", knuth_scan, begin_zero },
	[MEMMEM]	= { "memmem", memmem_scan, begin_zero },
	[OURS]		= { "ours", own_scan, body_begin },
};

/* Lines of dots, stuffed, as in a table of contents. */
static void make_dots(u8 *body, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' :
			  i % 64 < 8 ? 'a' + i % 8 : '.';
}

/* What comes closest to an end of data all the time, and is none. */
static void make_almost(u8 *body, size_t length)
{
	static const char almost[] = "\r\n.x\r\n..\r\n.\0a";
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = almost[i % (sizeof(almost) - 1)];
}

/*
 * The same, but each just far enough from the one before for a scan to hope
 * that there is no other, and no processor foresees where.
 */
static void make_gaps(u8 *body, size_t length)
{
	static const u8 almost[] = { '\n', '.', '\0' };
	size_t at = 0;

	memset(body, 'x', length);
	while (at + sizeof(almost) <= length) {
		memcpy(body + at, almost, sizeof(almost));
		at += sizeof(almost) + 1 + bodies_random(64);
	}
}

/* Octets that count, in any order: ends of data of all kinds, too. */
static void make_noise(u8 *body, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		body[i] = "\r\n.\0x"[bodies_random(5)];
}

enum { MAIL = 1, ADVERSARIAL = 2, ANY = MAIL | ADVERSARIAL };

/* Those of bodies.h are mail, and some more here. */
static const struct any_kind {
	struct body_kind kind;
	int class;
} more_kinds[] = {
	{ { "dots", make_dots }, MAIL },
	{ { "almost", make_almost }, ADVERSARIAL },
	{ { "gaps", make_gaps }, ADVERSARIAL },
	{ { "noise", make_noise }, ADVERSARIAL },
};

static const size_t pieces[] = { 1, 16, 536, 1448, 9000, 65536 };

/* Octets of the smallest full segment (RFC 9293 section 3.7.1). */
#define FULL_SEGMENT	536

/* Worst ratios are taken over all bodies and pieces that a goal speaks of. */
static struct goal {
	const char *name;
	const char *kind;
	int class;
	size_t piece_min, piece_max;
	int rival;
	double least;
	double worst;
} goals[] = {
	{ "text, full segments", "text", ANY, FULL_SEGMENT, SIZE_MAX,
	  AUTOMATON, 7, 0 },
	{ "base64, full segments", "base64", ANY, FULL_SEGMENT, SIZE_MAX,
	  AUTOMATON, 15, 0 },
	{ "text, full segments", "text", ANY, FULL_SEGMENT, SIZE_MAX,
	  MEMMEM, 1, 0 },
	{ "base64, full segments", "base64", ANY, FULL_SEGMENT, SIZE_MAX,
	  MEMMEM, 1, 0 },
	/* which tells no dots */
	{ "adversarial, any piece", NULL, ADVERSARIAL, 1, SIZE_MAX,
	  AUTOMATON, 0.5, 0 },
	{ "any body, 1 octet", NULL, ANY, 1, 1, AUTOMATON, 0.5, 0 },
	{ "any body, 16 octets", NULL, ANY, 16, 16, AUTOMATON, 0.5, 0 },
};

static bool is_meant(const struct goal *goal, const struct any_kind *any,
		     size_t piece)
{
	if (goal->kind && strcmp(goal->kind, any->kind.name))
		return false;
	return goal->class & any->class && piece >= goal->piece_min &&
	       piece <= goal->piece_max;
}

static double processor_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Ends of data that it finds in a message that comes in pieces. */
static size_t count_ends(const struct contestant *contestant, const u8 *data,
			 size_t piece)
{
	scan_function *scan = contestant->scan;
	struct body body;
	size_t ends = 0;
	size_t start;

	contestant->begin(&body);
	for (start = 0; start + piece <= BODY_SIZE; start += piece) {
		size_t at = start;

		while (at < start + piece) {
			enum body_mark mark;

			at += scan(&body, data + at, start + piece - at, &mark);
			ends += mark == BODY_MARK_END;
		}
	}
	return ends;
}

/* The automaton and ours must stop in the same places for the same reason. */
static bool same_marks(const u8 *data, size_t piece)
{
	struct body theirs, own;
	size_t start;

	begin_zero(&theirs);
	body_begin(&own);
	for (start = 0; start + piece <= BODY_SIZE; start += piece) {
		size_t at = start;

		while (at < start + piece) {
			enum body_mark mark, own_mark;
			size_t left = start + piece - at;
			size_t scanned = automaton_scan(&theirs, data + at,
							left, &mark);

			if (own_scan(&own, data + at, left, &own_mark) !=
			    scanned || own_mark != mark)
				return false;
			at += scanned;
		}
	}
	return true;
}

/* Those that keep no state must find all ends of data in a whole body. */
static void check_same(const char *name, const u8 *data)
{
	size_t ends = count_ends(&contestants[AUTOMATON], data, BODY_SIZE);
	size_t i;

	for (i = 0; i < COUNT(pieces); i++) {
		if (same_marks(data, pieces[i]))
			continue;
		fprintf(stderr, "%s: automaton and ours differ in pieces of %zu\n",
			name, pieces[i]);
		exit(1);
	}
	for (i = BM; i <= MEMMEM; i++) {
		if (count_ends(&contestants[i], data, BODY_SIZE) == ends)
			continue;
		fprintf(stderr, "%s: %s does not find the %zu ends of data\n",
			name, contestants[i].name, ends);
		exit(1);
	}
}

/* The results must be used, or the compiler leaves the work out. */
static volatile size_t ends_found;

/* Octets a second. */
static double speed(const struct contestant *contestant, const u8 *data,
		    size_t piece)
{
	double started = processor_seconds();

	ends_found = count_ends(contestant, data, piece);
	return BODY_SIZE / piece * piece / (processor_seconds() - started);
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return values[count / 2];
}

/* The median of how much faster ours was in a round. */
static double lead(double speeds[CONTESTANTS][ROUNDS], int rival)
{
	double ratios[ROUNDS];
	size_t round;

	for (round = 0; round < ROUNDS; round++)
		ratios[round] = speeds[OURS][round] / speeds[rival][round];
	return median(ratios, ROUNDS);
}

static void note_goals(const struct any_kind *any, size_t piece,
		       const double *leads)
{
	size_t i;

	for (i = 0; i < COUNT(goals); i++) {
		struct goal *goal = &goals[i];
		double ratio = leads[goal->rival];

		if (is_meant(goal, any, piece) &&
		    (!goal->worst || ratio < goal->worst))
			goal->worst = ratio;
	}
}

static void measure(const struct any_kind *any, const u8 *data, size_t piece)
{
	double speeds[CONTESTANTS][ROUNDS];
	double leads[CONTESTANTS];
	size_t i, round;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < CONTESTANTS; i++)
			speeds[i][round] = speed(&contestants[i], data, piece);
	for (i = 0; i < CONTESTANTS; i++)
		leads[i] = lead(speeds, i);
	note_goals(any, piece, leads);

	printf("%-8s%6zu", any->kind.name, piece);
	for (i = 0; i < CONTESTANTS; i++)
		printf("%10.0f", median(speeds[i], ROUNDS) / 1e6);
	printf("%10.2fx%8.2fx\n", leads[AUTOMATON], leads[MEMMEM]);
	fflush(stdout);
}

static void report_goals(void)
{
	size_t i;

	puts("\nGoals: ours against a rival, where it leads least");
	for (i = 0; i < COUNT(goals); i++) {
		const struct goal *goal = &goals[i];

		printf("%-8s %-24s %-10s at least %5.2fx: %5.2fx\n",
		       goal->worst >= goal->least ? "met" : "NOT MET",
		       goal->name, contestants[goal->rival].name, goal->least,
		       goal->worst);
	}
}

static void measure_kind(const struct any_kind *any, u8 *data)
{
	size_t i;

	any->kind.make(data, BODY_SIZE);
	check_same(any->kind.name, data);
	for (i = 0; i < COUNT(pieces); i++)
		measure(any, data, pieces[i]);
}

int main(void)
{
	u8 *data = malloc(BODY_SIZE);
	size_t i;

	if (!data) {
		fputs("no memory\n", stderr);
		return 1;
	}
	printf("%-8s%6s", "MB/s", "piece");
	for (i = 0; i < CONTESTANTS; i++)
		printf("%10s", contestants[i].name);
	printf(" /automaton  /memmem\n");
	for (i = 0; i < BODY_KINDS; i++)
		measure_kind(&(struct any_kind){ body_kinds[i], MAIL }, data);
	for (i = 0; i < COUNT(more_kinds); i++)
		measure_kind(&more_kinds[i], data);
	report_goals();
	free(data);
	return 0;
}
