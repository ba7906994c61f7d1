// SPDX-License-Identifier: GPL-2.0
/*
 * Prints events as EVE JSON, one of each kind, and which of them is no record;
 * before them the digests of some octets.  selftests/tool/records knows what they
 * must be.
 */
#include <stdio.h>

#include "eve.h"
#include "forged.h"
#include "reason.h"
#include "sha1.h"

#define CLIENT		"192.0.2.2"
#define SERVER		"198.51.100.2"
#define CLIENT6		"2001:db8:2::2"
#define SERVER6		"2001:db8:1::2"
/* 2009-02-13T23:31:30 UTC */
#define NOW		1234567890123456789ULL
#define DIGESTS		200

static void print_digests(void)
{
	char octets[DIGESTS];
	unsigned char digest[SHA1_SIZE];
	int length, i;

	for (length = 0; length < DIGESTS; length++) {
		octets[length] = length * 7;
		sha1(digest, octets, length);
		for (i = 0; i < SHA1_SIZE; i++)
			printf("%02x", digest[i]);
		putchar('\n');
	}
}

static void print(void)
{
	eve_print(forged_end(), stdout);
}

static void begin_message(const char *client, const char *server)
{
	forged_begin(SMTPGUARD_EVENT_MESSAGE, "messages", NOW);
	forged_session(7, client, server);
}

static void print_messages(void)
{
	begin_message(CLIENT, SERVER);
	forged_string(SMTPGUARD_A_RESULT, "answered");
	forged_octets(SMTPGUARD_A_HELO, "client.example");
	forged_number(SMTPGUARD_A_INDEX, 2);
	forged_octets(SMTPGUARD_A_SENDER, "j\xc3\xbcrg\x1b\"@example");
	forged_octets(SMTPGUARD_A_RECIPIENT, "b@example");
	forged_octets(SMTPGUARD_A_RECIPIENT, "c@example");
	forged_octets(SMTPGUARD_A_REPLY, "250 queued as 42");
	forged_number(SMTPGUARD_A_CODE, 250);
	print();
	begin_message(CLIENT6, SERVER6);
	forged_string(SMTPGUARD_A_RESULT, "abandoned");
	forged_number(SMTPGUARD_A_INDEX, 1);
	forged_octets(SMTPGUARD_A_SENDER, "0123456789abcdef");
	forged_flag(SMTPGUARD_A_HASHED);
	print();
	/* the ports alone tell which end is the lower one */
	begin_message(CLIENT, CLIENT);
	forged_string(SMTPGUARD_A_RESULT, "tls");
	forged_flag(SMTPGUARD_A_TLS);
	print();
}

static void begin_handshake(const char *group, const char *result)
{
	forged_begin(SMTPGUARD_EVENT_TLS, group, NOW);
	forged_session(7, CLIENT, SERVER);
	forged_string(SMTPGUARD_A_RESULT, result);
}

static void print_handshakes(void)
{
	begin_handshake("messages", "agreed");
	forged_short(SMTPGUARD_A_TLS_OFFERED, 0x7f1c);
	forged_octets(SMTPGUARD_A_TLS_SNI, "mx\xfc\x1b\"");
	forged_octets(SMTPGUARD_A_TLS_ALPN_OFFERED, "smtp");
	forged_octets(SMTPGUARD_A_TLS_ALPN_OFFERED, "x");
	forged_short(SMTPGUARD_A_TLS_VERSION, 0x0304);
	forged_short(SMTPGUARD_A_TLS_CIPHER, 0x1301);
	print();
	begin_handshake("messages", "alert");
	forged_short(SMTPGUARD_A_TLS_OFFERED, 0x0300);
	forged_short(SMTPGUARD_A_TLS_ALERT, 70);
	print();
	/* the same is a record by the messages */
	begin_handshake("log", "agreed");
	print();
}

static void print_refusal(const char *group, const char *reason,
			  const char *verdict)
{
	forged_begin(SMTPGUARD_EVENT_REFUSAL, group, NOW);
	forged_session(7, CLIENT, SERVER);
	forged_string(SMTPGUARD_A_REASON, reason);
	forged_string(SMTPGUARD_A_VERDICT, verdict);
	forged_string(SMTPGUARD_A_PARAMETER, "verbs");
	forged_number(SMTPGUARD_A_OFFSET, 29);
	print();
}

static void print_close(const char *group)
{
	forged_begin(SMTPGUARD_EVENT_CLOSE, group, NOW);
	forged_session(7, CLIENT, SERVER);
	forged_number(SMTPGUARD_A_MESSAGES, 3);
	forged_number(SMTPGUARD_A_COMMANDS, 9);
	forged_number(SMTPGUARD_A_BYTES_TO_SERVER, 1000);
	forged_number(SMTPGUARD_A_BYTES_TO_CLIENT, 200);
	forged_number(SMTPGUARD_A_MILLISECONDS, 2345);
	print();
}

static void print_others(void)
{
	forged_begin(SMTPGUARD_EVENT_PARAMETER, "alerts", NOW);
	forged_string(SMTPGUARD_A_PARAMETER, "refuse");
	forged_string(SMTPGUARD_A_FORMER, "mask");
	forged_string(SMTPGUARD_A_SETTING, "reset");
	print();
	eve_print_lost(3, stdout);
	/* no record: it is one by another group, or none at all */
	print_refusal("log", "verb", "mask");
	forged_begin(SMTPGUARD_EVENT_OPEN, "log", NOW);
	forged_session(7, CLIENT, SERVER);
	print();
}

int main(void)
{
	int i;

	print_digests();
	print_messages();
	print_handshakes();
	forged_begin(SMTPGUARD_EVENT_WITHDRAWAL, "alerts", NOW);
	forged_session(7, CLIENT, SERVER);
	forged_string(SMTPGUARD_A_CAPABILITY, "STARTTLS");
	print();
	print_refusal("alerts", "verb", "mask");
	print_refusal("alerts", "verb", "monitor");
	print_refusal("alerts", "sync", "reset");
	print_refusal("alerts", "newer", "mask");
	print_close("log");
	print_close("alerts");
	print_others();
	/* each reason that there is */
	for (i = REASON_NONE + 1; i < REASON_COUNT; i++)
		print_refusal("alerts", reason_rows[i].slug, "mask");
	return 0;
}
