/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flowtables, whose packets come by no hook.
 */
#ifndef SMTPGUARD_OFFLOAD_H
#define SMTPGUARD_OFFLOAD_H

#include <linux/types.h>
#include <net/netfilter/nf_conntrack.h>

/* Status of a connection that is kept out of flowtables. */
#define OFFLOAD_DENIED		IPS_NAT_CLASH

void offload_deny(struct nf_conn *ct);
void offload_allow(struct nf_conn *ct);
void offload_flush(void);
int offload_register(void);
void offload_unregister(void);

/**
 * offload_is_denied() - is a connection kept out of flowtables
 * @ct: the connection
 *
 * Context: any.
 * Return: true where it is.
 */
static inline bool offload_is_denied(const struct nf_conn *ct)
{
	return ct->status & OFFLOAD_DENIED;
}

#endif /* SMTPGUARD_OFFLOAD_H */
