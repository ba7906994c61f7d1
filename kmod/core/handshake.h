/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a TLS handshake really begin?
 */
#ifndef SMTPGUARD_CORE_HANDSHAKE_H
#define SMTPGUARD_CORE_HANDSHAKE_H

#include "step.h"

/** HANDSHAKE_RECORD - the first octet of one (RFC 8446 section 5.1) */
#define HANDSHAKE_RECORD	0x16

enum parse handshake_octet(u8 *at, u64 *length, u8 octet);

#endif /* SMTPGUARD_CORE_HANDSHAKE_H */
