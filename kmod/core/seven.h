/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a message one of seven bits: the parameter BODY=7BIT of MAIL (RFC 6152)?
 */
#ifndef SMTPGUARD_CORE_SEVEN_H
#define SMTPGUARD_CORE_SEVEN_H

#include "types.h"

/**
 * struct seven - what command lines have said; all zero at a session's begin
 * @at: octets of the word under way that are those of the parameter, or more
 *	than it has; 0 between lines
 * @line: the line under way says it
 * @mail: the last MAIL did
 * @message: the message that comes next may be one
 */
struct seven {
	u8 at;
	bool line;
	bool mail;
	bool message;
};

void seven_read(struct seven *seven, const u8 *data, size_t length);
void seven_line_end(struct seven *seven, bool opens_mail);
void seven_accepted(struct seven *seven);

#endif /* SMTPGUARD_CORE_SEVEN_H */
