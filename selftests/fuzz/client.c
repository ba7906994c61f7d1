// SPDX-License-Identifier: GPL-2.0
/*
 * A client says what it likes to a server that answers what it has read.
 * Behind the policy each segment of the client is an octet, its length and
 * whether the server answers before it, then where it does an octet that says
 * how, by the bits below, and the client's octets.
 */
#include "wire.h"

#define ANSWERS_MAX	64
#define WAYS		4
#define SAYS_LITTLE	4
#define BREAKS_OFF	8

/** struct answers - the ways to answer a verb, from the best to the worst */
struct answers {
	u8 verb;
	const char *ways[WAYS];
};

/* The last row is for all others. */
static const struct answers answers[] = {
	{ ENDS_GREETING, { "220 a ESMTP\r\n", "220-a\r\n220 b\r\n",
			   "554 no\r\n", "421 bye\r\n" } },
	{ VERB_EHLO, { "250-a\r\n250-SIZE 9\r\n250-CHUNKING\r\n"
		       "250-AUTH PLAIN\r\n250 VRFY\r\n",
		       "250 a\r\n", "500 what\r\n", "421 bye\r\n" } },
	{ VERB_LHLO, { "250-a\r\n250 PIPELINING\r\n", "250 a\r\n",
		       "500 what\r\n", "354 go\r\n" } },
	{ VERB_DATA, { "354 go\r\n", "354-go\r\n354 on\r\n", "503 no\r\n",
		       "250 what\r\n" } },
	{ VERB_AUTH, { "334 \r\n", "235 ok\r\n", "535 no\r\n", "354 go\r\n" } },
	{ VERB_STARTTLS, { "220 go\r\n", "220 go\n", "454 later\r\n",
			   "354 go\r\n" } },
	{ VERB_X_EXPS, { "334 \r\n", "235 ok\r\n", "535 no\r\n",
			 "354 go\r\n" } },
	{ VERB_X_ANONYMOUSTLS, { "220 go\r\n", "220 go\n", "454 later\r\n",
				 "354 go\r\n" } },
	{ ENDS_HELLO, { "\x16\x03\x03\x01\x01\x02", "550 no\r\n",
			"454-no\r\n454 no\r\n", "220 go\r\n" } },
	{ VERB_XCLIENT, { "220 b ESMTP\r\n", "250 ok\r\n", "550 no\r\n",
			  "354 go\r\n" } },
	{ VERB_TURN, { "250 ok\r\n", "250 ok\r\n", "502 no\r\n",
		       "354 go\r\n" } },
	{ ENDS_FINAL, { "250 ok\r\n", "353 go\r\n", "554 no\r\n",
			"421 bye\r\n" } },
	{ ENDS_EMPTY, { "500 what\r\n", "502-no\r\n502 no\r\n", "250 ok\r\n",
			"421 bye\r\n" } },
	{ ENDS_BROKEN, { "552 no\r\n", "452 no\r\n", "250 ok\r\n",
			 "421 bye\r\n" } },
	{ VERB_BDAT, { "250 ok\r\n", "503 no\r\n", "500 what\r\n",
		       "552 no\r\n" } },
	{ ENDS_NOTHING, { "250 ok\r\n", "250-a\r\n250 b\r\n", "500 what\r\n",
			  "354 go\r\n" } },
};

static const char *answer(u8 verb, u8 way)
{
	const struct answers *row = answers;

	while (row->verb != verb && row->verb != ENDS_NOTHING)
		row++;
	return row->ways[way % WAYS];
}

static void say(struct wire *wire, const char *text)
{
	wire_segment(wire, FROM_SERVER, (const u8 *)text, strlen(text));
}

/*
 * The server answers all that it has read, as long as it is one.  It may leave out
 * what need not be answered, and refuse a message before its end.
 */
static void answer_all(struct wire *wire, u8 choice)
{
	bool terse = choice & SAYS_LITTLE;
	u8 count;

	if (choice & BREAKS_OFF && wire->ends.state == ENDS_MESSAGE)
		say(wire, "552 large\r\n");
	for (count = 0; count < ANSWERS_MAX; count++) {
		u8 owed = terse ? ends_certain(&wire->ends) :
				  ends_owed(&wire->ends);

		if (owed == ENDS_NOTHING ||
		    wire->ends.client != FROM_CLIENT)
			return;
		say(wire, answer(owed, choice));
	}
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
	wire_play(&wire, &input, FROM_CLIENT, answer_all);
	return 0;
}
