/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and addresses in whole command lines, as the log tells them.  Nothing is
 * decided by them: path.h reads an address octet by octet.
 */
#ifndef SMTPGUARD_CORE_ADDRESS_H
#define SMTPGUARD_CORE_ADDRESS_H

#include "types.h"

/**
 * struct stretch - some octets of a line
 * @at: octets before them
 * @length: how many; 0 where there are none
 */
struct stretch {
	size_t at;
	size_t length;
};

struct stretch address_of_line(const u8 *line, size_t length);
struct stretch address_domain(const u8 *address, size_t length);
struct stretch name_of_line(const u8 *line, size_t length);

#endif /* SMTPGUARD_CORE_ADDRESS_H */
