// SPDX-License-Identifier: GPL-2.0
/*
 * A helper is registered by a template, and a copy of it handed back:
 * 6031487d4e27 ("netfilter: nf_conntrack_helper: dynamically allocate struct
 * nf_conntrack_helper"), which stable kernels have as well.
 */
#include <net/netfilter/nf_conntrack_helper.h>

static inline int have_helper_template(struct nf_conntrack_helper *template)
{
	struct nf_conntrack_helper *registered;

	return nf_conntrack_helper_register(template, &registered);
}
