// SPDX-License-Identifier: GPL-2.0
/*
 * The policy that the module has when it is loaded, and what tests change.
 */
#include <linux/rcupdate.h>

#include "core/capability.h"
#include "core/verb.h"
#include "params.h"
#include "policies.h"

/**
 * policy_default() - the policy of a module without parameters, less BDAT
 * @policy: set to it
 *
 * BDAT is refused, for a verb that must not be masked.
 */
void policy_default(struct policy *policy)
{
	rcu_read_lock();
	*policy = params_settings()->policy;
	rcu_read_unlock();
	policy_refuse(policy, VERB_BIT(VERB_BDAT));
}

/**
 * policy_mailguard() - the seven verbs of RFC 821 section 4.5.1
 * @policy: changed to refuse all others and to mask the greeting
 */
void policy_mailguard(struct policy *policy)
{
	policy->verbs = VERB_BIT(VERB_HELO) | VERB_BIT(VERB_MAIL) |
			VERB_BIT(VERB_RCPT) | VERB_BIT(VERB_DATA) |
			VERB_BIT(VERB_RSET) | VERB_BIT(VERB_NOOP) |
			VERB_BIT(VERB_QUIT);
	policy->capabilities = 0;
	policy->greeting = GREETING_MASK;
}

/* The capabilities that announce one of @verbs. */
static u64 capabilities_of(u64 verbs)
{
	u64 set = 0;
	u8 row;

	for (row = 0; row < capability_table.count; row++)
		if (word_in_set(verbs, capability_table.rows[row].value))
			set |= 1ULL << row;
	return set;
}

/**
 * policy_allow() - allow verbs, too
 * @policy: the policy; it shows their capabilities too
 * @verbs: the verbs, bits are rows of verb_table
 */
void policy_allow(struct policy *policy, u64 verbs)
{
	policy->verbs |= verbs;
	policy->capabilities |= capabilities_of(verbs);
}

/**
 * policy_refuse() - no longer allow verbs
 * @policy: the policy; it hides their capabilities too
 * @verbs: the verbs, bits are rows of verb_table
 */
void policy_refuse(struct policy *policy, u64 verbs)
{
	policy->verbs &= ~verbs;
	policy->capabilities = capability_set_for_verbs(policy->capabilities,
							policy->verbs);
}

/**
 * policy_chunking() - the policy of a module without parameters
 * @policy: changed to allow BDAT
 */
void policy_chunking(struct policy *policy)
{
	policy_allow(policy, VERB_BIT(VERB_BDAT));
}

/**
 * policy_monitor() - decide, but change nothing
 * @policy: changed to do so
 */
void policy_monitor(struct policy *policy)
{
	policy->monitor = true;
}

/**
 * policy_refuse_by_reset() - refuse=reset
 * @policy: changed to do so
 */
void policy_refuse_by_reset(struct policy *policy)
{
	policy->refuse = REFUSE_RESET;
}

/**
 * policy_keep_order() - command_order=refuse
 * @policy: changed to do so
 */
void policy_keep_order(struct policy *policy)
{
	policy->command_order = CHECK_REFUSE;
}

/**
 * policy_wait() - pipelining=reset
 * @policy: changed to do so
 */
void policy_wait(struct policy *policy)
{
	policy->pipelining = PIPELINING_RESET;
}
