/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces in which nothing is but what the module keeps of them.
 */
#ifndef SMTPGUARD_KUNIT_NAMESPACE_H
#define SMTPGUARD_KUNIT_NAMESPACE_H

#include <kunit/test.h>
#include <linux/types.h>

struct net;

struct net *namespace_open(struct kunit *test);
void namespace_close(struct net *net);
long memory_of(struct net *net);
u64 counter_of(struct net *net, unsigned int counter);

#endif /* SMTPGUARD_KUNIT_NAMESPACE_H */
