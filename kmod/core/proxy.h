/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The header that a load balancer puts before a session, PROXY protocol
 * version 2.  Version 1 is a line.
 */
#ifndef SMTPGUARD_CORE_PROXY_H
#define SMTPGUARD_CORE_PROXY_H

#include "step.h"

enum parse proxy_octet(u8 *at, u64 *left, u8 octet);

#endif /* SMTPGUARD_CORE_PROXY_H */
