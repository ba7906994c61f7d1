/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sessions under guard, for whoever asks by generic netlink.
 */
#ifndef SMTPGUARD_DUMP_H
#define SMTPGUARD_DUMP_H

#include <net/genetlink.h>

#define DUMP_OPS_COUNT	1

extern const struct genl_ops dump_ops[DUMP_OPS_COUNT];

#endif /* SMTPGUARD_DUMP_H */
