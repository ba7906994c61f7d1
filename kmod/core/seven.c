// SPDX-License-Identifier: GPL-2.0
/*
 * A server that is told BODY=7BIT may clear the highest bit of each octet
 * before it looks for the end of data.  What it takes for the parameter is its
 * own choice, so any word in the line of a MAIL is one, whatever stands before
 * it, and the line may be one that is refused.
 */
#include "seven.h"
#include "word.h"

static const char parameter[] = "BODY=7BIT";

#define PARAMETER_LENGTH	(sizeof(parameter) - 1)
#define OTHER_WORD		(PARAMETER_LENGTH + 1)

static bool ends_word(u8 octet)
{
	return octet <= ' ' || octet == '>';
}

static void seven_octet(struct seven *seven, u8 octet)
{
	if (ends_word(octet)) {
		if (seven->at == PARAMETER_LENGTH)
			seven->line = true;
		seven->at = 0;
	} else if (seven->at < PARAMETER_LENGTH &&
		   word_upper(octet) == parameter[seven->at]) {
		seven->at++;
	} else {
		seven->at = OTHER_WORD;
	}
}

/**
 * seven_read() - octets of a command line, those behind the verb
 * @seven: what was said before
 * @data: the octets
 * @length: how many
 */
void seven_read(struct seven *seven, const u8 *data, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		seven_octet(seven, data[i]);
}

/**
 * seven_line_end() - a command line is whole
 * @seven: what was said, the line's end included
 * @opens_mail: it is a MAIL
 */
void seven_line_end(struct seven *seven, bool opens_mail)
{
	if (opens_mail) {
		seven->mail = seven->line;
		seven->message |= seven->line;
	}
	seven->line = false;
}

/**
 * seven_accepted() - the server has accepted the last MAIL
 * @seven: what was said
 *
 * Only that ends what an earlier one has begun: one that comes in a transaction
 * is refused, and the transaction goes on.
 */
void seven_accepted(struct seven *seven)
{
	seven->message = seven->mail;
}
