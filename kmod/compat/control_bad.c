// SPDX-License-Identifier: GPL-2.0
/*
 * Compiles for no kernel: where it does, every other probe would.  It has the
 * kind of mistake that they have where their feature is not there.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

static inline bool control_bad(const struct nf_conn *ct)
{
	return nf_ct_l3num(ct, NFPROTO_IPV6);
}
