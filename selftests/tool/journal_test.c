// SPDX-License-Identifier: GPL-2.0
/*
 * Writes events to a journal's socket: one of each kind that is an event of its
 * own, and one that no datagram has room for.  selftests/tool/records reads them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "forged.h"
#include "journal.h"

#define NOW		1234567890123456789ULL
/* What a socket sends at least, whatever is asked for. */
#define LITTLE		1
#define MUCH		12000

static void begin(unsigned int kind)
{
	forged_begin(kind, "log", NOW);
	forged_session(7, "192.0.2.2", "198.51.100.2");
}

static void print(void)
{
	journal_print(forged_end(), stdout);
}

static void print_kinds(void)
{
	unsigned int kind;

	for (kind = SMTPGUARD_EVENT_UNSPEC + 1; kind < __SMTPGUARD_EVENT_MAX;
	     kind++) {
		begin(kind);
		forged_octets(SMTPGUARD_A_TEXT, "j\xc3\xbcrg\x1b\nMESSAGE=x");
		print();
	}
}

static void print_refusal(const char *reason, const char *verdict)
{
	begin(SMTPGUARD_EVENT_REFUSAL);
	forged_string(SMTPGUARD_A_REASON, reason);
	forged_string(SMTPGUARD_A_VERDICT, verdict);
	print();
}

static void print_special(void)
{
	print_refusal("capability", "mask");
	print_refusal("sync", "reset");
	begin(SMTPGUARD_EVENT_CLOSE);
	forged_flag(SMTPGUARD_A_UNANSWERED);
	print();
	begin(SMTPGUARD_EVENT_MESSAGE);
	forged_string(SMTPGUARD_A_RESULT, "unanswered");
	forged_octets(SMTPGUARD_A_RECIPIENT, "b@example");
	forged_octets(SMTPGUARD_A_RECIPIENT, "c@example");
	print();
	journal_print_lost(3, stdout);
}

static void print_large(int socket)
{
	const int room = LITTLE;
	char text[MUCH + 1];

	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)))
		abort();
	memset(text, 'x', MUCH);
	text[MUCH] = '\0';
	begin(SMTPGUARD_EVENT_COMMAND);
	forged_octets(SMTPGUARD_A_TEXT, text);
	print();
}

int main(int argc, char **argv)
{
	int socket = argc == 2 ? journal_open(argv[1]) : -1;

	if (socket < 0)
		return EXIT_FAILURE;
	print_kinds();
	print_special();
	print_large(socket);
	return journal_error() ? EXIT_FAILURE : EXIT_SUCCESS;
}
