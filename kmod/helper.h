/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "smtp", and what stands in its place where the module
 * is built without it (SMTPGUARD_HELPERLESS in Kbuild).  Nothing else asks
 * which of both it is.
 */
#ifndef SMTPGUARD_HELPER_H
#define SMTPGUARD_HELPER_H

#include <linux/types.h>

struct nf_conn;

#ifndef SMTPGUARD_HELPERLESS

#include <net/netfilter/nf_conntrack_helper.h>

#define HELPER_NAME	"smtp"
#define HELPER_TOLD	"helper " HELPER_NAME

bool helper_chooses(const struct nf_conn *ct);
void helper_note(const struct nf_conn *ct);
int helper_register(void);
void helper_unregister(void);

/*
 * Status, some of which a connection has that was given a helper: by a rule, by
 * ctnetlink, or by the connection that had it expected.
 */
#define HELPER_GIVEN	(IPS_HELPER | IPS_EXPECTED)

#else

#define HELPER_NAME	"none"
#define HELPER_TOLD	"no helper"
#define HELPER_GIVEN	0

static inline bool helper_chooses(const struct nf_conn *ct)
{
	return false;
}

static inline void helper_note(const struct nf_conn *ct)
{
}

static inline int helper_register(void)
{
	return 0;
}

static inline void helper_unregister(void)
{
}

#endif

#endif /* SMTPGUARD_HELPER_H */
