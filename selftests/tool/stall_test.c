// SPDX-License-Identifier: GPL-2.0
/*
 * What is found in series of events, and when.  Each line of the cases' output is
 * one finding; selftests/tool/records knows them.  With an argument they are
 * written as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "forged.h"
#include "stall.h"

#define SECOND		1000000000ULL
#define START		(1234567890 * SECOND)
#define PERIOD		30
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static struct stall stall;
static const char *client = "192.0.2.2";

static void begin(unsigned int kind, const char *group, unsigned int second,
		  unsigned long long session)
{
	forged_begin(kind, group, START + second * SECOND);
	forged_session(session, client, strchr(client, ':') ?
		       "2001:db8::1" : "198.51.100.2");
}

static void add(void)
{
	stall_add(&stall, forged_end());
}

static void mail(unsigned long long session, const char *line)
{
	begin(SMTPGUARD_EVENT_COMMAND, "log", 0, session);
	forged_string(SMTPGUARD_A_VERB, "MAIL");
	forged_octets(SMTPGUARD_A_TEXT, line);
	add();
}

static void end_of_data(unsigned int second, unsigned long long session,
			unsigned int size)
{
	begin(SMTPGUARD_EVENT_DATA_END, "log", second, session);
	forged_number(SMTPGUARD_A_SIZE, size);
	forged_number(SMTPGUARD_A_BYTES, size + 3);
	add();
}

static void record(unsigned int second, unsigned long long session,
		   const char *result, const char *sender)
{
	begin(SMTPGUARD_EVENT_MESSAGE, "messages", second, session);
	forged_string(SMTPGUARD_A_RESULT, result);
	forged_number(SMTPGUARD_A_CODE, 250);
	forged_number(SMTPGUARD_A_SIZE, 99);
	if (sender)
		forged_octets(SMTPGUARD_A_SENDER, sender);
	add();
}

static void session_ended(unsigned int second, unsigned long long session)
{
	begin(SMTPGUARD_EVENT_CLOSE, "log", second, session);
	add();
}

static void check(unsigned int second)
{
	stall_check(&stall, START + second * SECOND);
}

static void in_time(void)
{
	mail(1, "MAIL FROM:<a@example>");
	end_of_data(0, 1, 10);
	check(29);
	record(29, 1, "answered", NULL);
	check(100);
	session_ended(100, 1);
}

static void after_all(void)
{
	mail(1, "mail from: <j\xc3\xbcrg@example> SIZE=10");
	end_of_data(0, 1, 10);
	check(29);
	check(30);
	check(31);
	record(41, 1, "answered", NULL);
	session_ended(50, 1);
}

/* Of both that end a session one is told. */
static void ended(void)
{
	mail(1, "MAIL FROM:<>");
	end_of_data(0, 1, 10);
	record(3, 1, "unanswered", NULL);
	session_ended(3, 1);
	mail(2, "MAIL FROM:<b@example>");
	end_of_data(5, 2, 10);
	check(40);
	session_ended(45, 2);
	record(45, 2, "unanswered", NULL);
}

/* The first is answered first; each waits for as long. */
static void pipelined(void)
{
	mail(1, "MAIL FROM:<a@example>");
	end_of_data(0, 1, 10);
	mail(1, "MAIL FROM:<b@example>");
	end_of_data(10, 1, 20);
	record(11, 1, "answered", NULL);
	check(35);
	check(40);
	record(41, 1, "answered", NULL);
}

/* Before the end of data, and of a transaction that came to none. */
static void overtaken(void)
{
	mail(1, "MAIL FROM:<a@example>");
	record(1, 1, "answered", NULL);
	end_of_data(0, 1, 10);
	mail(2, "MAIL FROM:<a@example>");
	record(2, 2, "abandoned", NULL);
	check(100);
}

static void begun_before(void)
{
	end_of_data(0, 1, 10);
	check(100);
	session_ended(100, 1);
}

static void again(unsigned int second, unsigned long long session,
		  const char *line, unsigned int size)
{
	mail(session, line);
	end_of_data(second, session, size);
	session_ended(second + 1, session);
}

/* What differs in one thing is not the same, nor what comes an hour later. */
static void repeated(void)
{
	again(0, 1, "MAIL FROM:<a@example>", 10);
	again(600, 2, "MAIL FROM:<a@example>", 10);
	again(610, 3, "MAIL FROM:<a@example>", 11);
	again(620, 4, "MAIL FROM:<b@example>", 10);
	client = "192.0.2.3";
	again(630, 5, "MAIL FROM:<a@example>", 10);
	client = "2001:db8::3";
	again(640, 6, "MAIL FROM:<a@example>", 10);
	client = "192.0.2.2";
	again(4201, 7, "MAIL FROM:<a@example>", 10);
	mail(8, "MAIL FROM:<a@example>");
	end_of_data(4300, 8, 10);
	record(4301, 8, "answered", NULL);
	mail(9, "MAIL FROM:<a@example>");
	end_of_data(4302, 9, 10);
	record(4303, 9, "answered", NULL);
}

/* The address is in the record alone, where only its hash is told. */
static void hashed(void)
{
	unsigned int session;

	for (session = 1; session <= 2; session++) {
		mail(session, "MAIL FROM:");
		end_of_data(session, session, 10);
		check(session + 30);
		record(session + 31, session, "answered", "0123456789abcdef");
	}
}

static void lost(void)
{
	mail(1, "MAIL FROM:<a@example>");
	end_of_data(0, 1, 10);
	mail(2, "MAIL FROM:<b@example>");
	stall_forget(&stall);
	end_of_data(1, 2, 10);
	check(100);
	session_ended(100, 1);
}

/* The oldest is forgotten for one that is one too many. */
static void many(void)
{
	unsigned int session;

	for (session = 1; session <= STALL_KEPT + 1; session++) {
		mail(session, "MAIL FROM:<a@example>");
		end_of_data(0, session, session);
	}
	session_ended(1, 1);
	session_ended(1, 2);
	session_ended(1, STALL_KEPT + 1);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "in_time", in_time },
	{ "after_all", after_all },
	{ "ended", ended },
	{ "pipelined", pipelined },
	{ "overtaken", overtaken },
	{ "begun_before", begun_before },
	{ "repeated", repeated },
	{ "hashed", hashed },
	{ "lost", lost },
	{ "many", many },
};

int main(int argc, char **argv)
{
	size_t i;

	(void)argv;
	for (i = 0; i < COUNT(cases); i++) {
		puts(cases[i].name);
		stall_init(&stall, PERIOD, argc > 1, stdout);
		cases[i].run();
	}
	return 0;
}
