// SPDX-License-Identifier: GPL-2.0
/*
 * A signature that is no line of any protocol, version and command, family
 * and protocol, a length, and as many octets of addresses.
 */
#include "proxy.h"

#define AT_LENGTH	14
#define AT_ADDRESSES	16

static const u8 signature[] = {
	'\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q', 'U', 'I', 'T', '\n',
};

/**
 * proxy_octet() - walk on by one octet
 * @at: octets of the fixed part that came before
 * @left: octets of addresses to come, as far as they are known; begins as 0
 * @octet: the octet
 *
 * Return: PARSE_DONE with the header's last octet.
 */
enum parse proxy_octet(u8 *at, u64 *left, u8 octet)
{
	if (*at == AT_ADDRESSES)
		return --*left ? PARSE_MORE : PARSE_DONE;
	if (*at < sizeof(signature) && octet != signature[*at])
		return PARSE_WRONG;
	if (*at >= AT_LENGTH)
		*left = *left << 8 | octet;
	if (++*at < AT_ADDRESSES || *left)
		return PARSE_MORE;
	return PARSE_DONE;
}
