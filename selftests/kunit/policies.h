/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies that tests begin with.
 */
#ifndef SMTPGUARD_KUNIT_POLICIES_H
#define SMTPGUARD_KUNIT_POLICIES_H

#include "core/policy.h"

void policy_default(struct policy *policy);
void policy_mailguard(struct policy *policy);
void policy_allow(struct policy *policy, u64 verbs);
void policy_refuse(struct policy *policy, u64 verbs);
void policy_chunking(struct policy *policy);
void policy_monitor(struct policy *policy);
void policy_refuse_by_reset(struct policy *policy);
void policy_keep_order(struct policy *policy);
void policy_wait(struct policy *policy);

#endif /* SMTPGUARD_KUNIT_POLICIES_H */
