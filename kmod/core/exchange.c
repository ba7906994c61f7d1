// SPDX-License-Identifier: GPL-2.0
/*
 * Servers read a line of an exchange into a buffer, and some leave what it does
 * not hold for the next line, which then is a command.  Base64 has no blank, so
 * what is left of it is no command with an argument.
 */
#include "character.h"
#include "exchange.h"

static u8 exchange_next(u8 state, u64 length, u8 octet)
{
	if (state == EXCHANGE_MASKED)
		return EXCHANGE_MASKED;
	if (octet == '\r')
		return EXCHANGE_CR;
	if (state == EXCHANGE_BEGIN && octet == '*')
		return EXCHANGE_CANCEL;
	if (state <= EXCHANGE_BASE64 && length <= EXCHANGE_LINE_MAX &&
	    is_base64(octet))
		return EXCHANGE_BASE64;
	return EXCHANGE_MASKED;
}

/**
 * exchange_octet() - walk on by one octet
 * @state: enum exchange_state; begins as 0
 * @length: octets that came before, CRs left out; begins as 0
 * @octet: any but LF
 *
 * Return: true where it is to be overwritten.
 */
bool exchange_octet(u8 *state, u64 *length, u8 octet)
{
	if (octet != '\r')
		++*length;
	*state = exchange_next(*state, *length, octet);
	return *state == EXCHANGE_MASKED && octet != '\r';
}
