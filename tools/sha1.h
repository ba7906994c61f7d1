/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SHA-1, of which Community IDs are made.  It keeps nothing secret here.
 */
#ifndef SHA1_H
#define SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_SIZE	20

void sha1(uint8_t digest[SHA1_SIZE], const void *octets, size_t length);

#endif /* SHA1_H */
