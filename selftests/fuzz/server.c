// SPDX-License-Identifier: GPL-2.0
/*
 * A server says what it likes to a client that means well.  Behind the policy
 * each segment of the server is an octet, its length and whether the client
 * speaks before it, then where it does an octet that says which of its lines,
 * and the server's octets.
 */
#include "wire.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char *const lines[] = {
	"EHLO a\r\n",
	"MAIL FROM:<a@b>\r\n",
	"RCPT TO:<a@a.example>\r\n",
	"DATA\r\n",
	"a\r\n.\r\n",
	"QUIT\r\n",
	"LHLO a\r\n",
	"HELO a\r\n",
	"MAIL FROM:<a@b>\r\nRCPT TO:<a@a.example>\r\nDATA\r\n",
	"BDAT 3\r\nabc",
	"BDAT 5 LAST\r\nab",
	"cde",
	"BDAT 0 LAST\r\n",
	"AUTH PLAIN\r\n",
	"AUTH GSSAPI AA==\r\n",
	"AAAA\r\n",
	"STARTTLS\r\n",
	"\x16\x03\x01\x02\x10\x01",
	"\x80\x09\x01\x03\x01uvwxyz",
	"XCLIENT NAME=a\r\n",
	"TURN\r\n",
	"RSET\r\nNOOP\r\nVRFY a\r\n",
	"\r\n",
	"a\r\nEXPN a\r\n mail\rDATA",
	"\r\n\r\nDATA\r\n",
};

static void say_line(struct wire *wire, u8 choice)
{
	const char *line = lines[choice % COUNT(lines)];

	wire_segment(wire, FROM_CLIENT, (const u8 *)line, strlen(line));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	const struct policy *policy;
	static struct wire wire;

	if (length > INPUT_MAX)
		return 0;
	policy = input_policy(&input);
	wire_open(&wire, policy, WIRE_OPEN);
	wire_play(&wire, &input, FROM_SERVER, say_line);
	return 0;
}
