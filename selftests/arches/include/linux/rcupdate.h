/* SPDX-License-Identifier: GPL-2.0 */
static inline void rcu_read_lock(void)
{
}

static inline void rcu_read_unlock(void)
{
}
