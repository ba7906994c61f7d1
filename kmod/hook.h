/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netfilter hooks that give the helper to new connections.
 */
#ifndef SMTPGUARD_HOOK_H
#define SMTPGUARD_HOOK_H

int hook_register(void);
void hook_unregister(void);

#endif /* SMTPGUARD_HOOK_H */
