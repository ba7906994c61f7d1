/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies that tests begin with.
 */
#ifndef SMTPGUARD_KUNIT_POLICIES_H
#define SMTPGUARD_KUNIT_POLICIES_H

#include "core/policy.h"

void policy_default(struct policy *policy);
void policy_mailguard(struct policy *policy);
void policy_refuse(struct policy *policy, u64 verbs);

#endif /* SMTPGUARD_KUNIT_POLICIES_H */
