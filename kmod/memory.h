/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much memory sessions may take, and whose.
 */
#ifndef SMTPGUARD_MEMORY_H
#define SMTPGUARD_MEMORY_H

#include <linux/types.h>

struct net;

bool memory_take(struct net *net, size_t octets);
void memory_give(struct net *net, size_t octets);
bool memory_is_for_new(struct net *net);
bool memory_is_short(struct net *net);
bool memory_was_short(void);
unsigned int memory_default_for(unsigned long ram);
unsigned int memory_default(void);
void memory_exit(void);

#endif /* SMTPGUARD_MEMORY_H */
