// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard top: the sessions that are under guard, those that matter most
 * first, and what was counted; read anew every other second.
 */
/* qsort_r() */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "counters.h"
#include "flow.h"
#include "params.h"
#include "subcommands.h"

#define INTERVAL	2000
#define SECOND		1000
#define END_LENGTH	(INET6_ADDRSTRLEN + sizeof("[]:65535"))
#define NUMBER_LENGTH	24
#define REDRAW		('L' & 0x1f)
/* The line of titles, and the first below it. */
#define TITLES_AT	3
#define SESSIONS_AT	4
#define COLUMNS		"%-23.23s %-21.21s %-9s %6s %7s %8s"

static uint64_t octets(const struct flow *flow)
{
	return flow->number[FLOW_BYTES_TO_SERVER] +
	       flow->number[FLOW_BYTES_TO_CLIENT];
}

static uint64_t refusals(const struct flow *flow)
{
	return flow->number[FLOW_REFUSALS];
}

/* By what sessions may be put in order, the key that asks for it, and its name. */
static const struct order {
	int key;
	const char *name;
	uint64_t (*value)(const struct flow *flow);
} orders[] = {
	{ 'o', "octets", octets },
	{ 'r', "refusals", refusals },
};

#define ORDER_COUNT	(sizeof(orders) / sizeof(orders[0]))

/**
 * struct screen - what is shown
 * @order: by what sessions are put in order
 * @flows: the sessions
 * @counters: the counters
 * @profile: the profile
 */
struct screen {
	const struct order *order;
	struct flows flows;
	struct counters counters;
	char profile[PARAMS_VALUE_MAX];
};

static int read_all(struct screen *screen)
{
	int err = flows_read(&screen->flows);

	if (!err)
		err = counters_read(&screen->counters);
	if (!err)
		err = params_read(PARAMETER_PROFILE, screen->profile);
	return err;
}

/* The most first; of equal ones, the oldest. */
static int compare(const void *left, const void *right, void *context)
{
	const struct order *order = context;
	const struct flow *one = left, *other = right;
	uint64_t mine = order->value(one), theirs = order->value(other);

	if (mine != theirs)
		return mine < theirs ? 1 : -1;
	return one->number[FLOW_SESSION] < other->number[FLOW_SESSION] ? -1 : 1;
}

/* At most six digits and a unit. */
static const char *scaled(uint64_t number, char *text)
{
	static const char units[] = " kMGTPE";
	const char *unit = units;

	while (number > 999999) {
		number /= SECOND;
		unit++;
	}
	snprintf(text, NUMBER_LENGTH, *unit == ' ' ? "%llu" : "%llu%c",
		 (unsigned long long)number, *unit);
	return text;
}

static unsigned long long counter(const struct screen *screen, const char *name)
{
	return counters_value(&screen->counters, name);
}

static void draw_totals(const struct screen *screen)
{
	mvprintw(0, 0, "smtpguard, profile %.20s: %zu sessions under guard, by %s",
		 screen->profile, screen->flows.count, screen->order->name);
	mvprintw(1, 0, "%llu opened, %llu messages, %llu commands, %llu refused, %llu resets",
		 counter(screen, "sessions_opened"),
		 counter(screen, "messages"),
		 counter(screen, "commands_passed"),
		 counter(screen, "commands_refused"),
		 counter(screen, "resets"));
	mvprintw(2, 0, "o: by octets, r: by refusals, q: quit");
	attron(A_REVERSE);
	mvprintw(TITLES_AT, 0, COLUMNS, "CLIENT", "SERVER", "PHASE", "AGE",
		 "REFUSED", "OCTETS");
	attroff(A_REVERSE);
}

static void draw_session(int line, const struct flow *flow)
{
	char client[END_LENGTH], server[END_LENGTH];
	char age[NUMBER_LENGTH], refused[NUMBER_LENGTH], sent[NUMBER_LENGTH];

	flow_write_end(client, sizeof(client), &flow->end[FLOW_CLIENT]);
	flow_write_end(server, sizeof(server), &flow->end[FLOW_SERVER]);
	mvprintw(line, 0, COLUMNS, client, server, flow->phase,
		 scaled(flow->number[FLOW_MILLISECONDS] / SECOND, age),
		 scaled(refusals(flow), refused), scaled(octets(flow), sent));
}

static void draw(struct screen *screen)
{
	struct flows *flows = &screen->flows;
	size_t i;

	if (flows->count)
		qsort_r(flows->row, flows->count, sizeof(*flows->row), compare,
			(void *)screen->order);
	erase();
	draw_totals(screen);
	for (i = 0; i < flows->count && SESSIONS_AT + (int)i < LINES; i++)
		draw_session(SESSIONS_AT + i, &flows->row[i]);
	refresh();
}

/* False where it asks to quit. */
static bool obey(struct screen *screen, int key)
{
	size_t i;

	if (key == REDRAW)
		clearok(curscr, TRUE);
	for (i = 0; i < ORDER_COUNT; i++)
		if (key == orders[i].key)
			screen->order = &orders[i];
	return key != 'q';
}

static int follow(struct screen *screen)
{
	int err;

	do {
		draw(screen);
		if (!obey(screen, getch()))
			return 0;
		flows_free(&screen->flows);
		err = read_all(screen);
	} while (!err);
	return err;
}

/* What is told on a screen that goes would not be seen. */
static int show(struct screen *screen)
{
	int err;

	if (!newterm(NULL, stdout, stdin)) {
		complain("the terminal's kind is not known; TERM says which it is");
		return -1;
	}
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	timeout(INTERVAL);
	err = follow(screen);
	endwin();
	if (err)
		complain("the module does not answer any more");
	return err;
}

/**
 * top() - show the sessions that are under guard
 * @arguments: none
 *
 * Return: exit status.
 */
enum status top(const struct arguments *arguments)
{
	static struct screen screen = { .order = orders };
	int err;

	(void)arguments;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		complain("this is no terminal; for scripts there is: smtpguard flows dump");
		return STATUS_FAILED;
	}
	err = read_all(&screen);
	if (!err)
		err = show(&screen);
	flows_free(&screen.flows);
	return err ? STATUS_FAILED : STATUS_OK;
}
