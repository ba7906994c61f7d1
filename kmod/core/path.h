/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of MAIL and RCPT (RFC 5321 section 4.1.2).
 */
#ifndef SMTPGUARD_CORE_PATH_H
#define SMTPGUARD_CORE_PATH_H

#include "policy.h"
#include "step.h"
#include "word.h"

/**
 * enum path_part - where in the argument its octets are
 * @PATH_NONE: behind the path, or in an argument that has none
 * @PATH_PREFIX: before it, in "FROM:" or "TO:"
 * @PATH_START: between that and its first octet
 * @PATH_ROUTE: in a source route (appendix C)
 * @PATH_LOCAL: in the local part
 * @PATH_DOMAIN: in the domain
 */
enum path_part {
	PATH_NONE,
	PATH_PREFIX,
	PATH_START,
	PATH_ROUTE,
	PATH_LOCAL,
	PATH_DOMAIN,
};

/**
 * struct smtp_path - the walk through an argument
 * @length: octets of the path so far; stops at its maximum
 * @part: enum path_part
 * @quoted: inside of a quoted string
 * @escaped: the octet before was a backslash in one
 */
struct smtp_path {
	u16 length;
	u8 part;
	bool quoted;
	bool escaped;
};

/**
 * struct path_rules - what paths are held against
 * @policy: what is asked for
 * @domains: domains that the path may be in; NULL: any
 */
struct path_rules {
	const struct policy *policy;
	const struct word_table *domains;
};

enum reason path_octet(struct smtp_path *path, struct word_cursor *domain,
		       const struct path_rules *rules, u8 octet);
enum reason path_end(const struct smtp_path *path, const struct word_cursor *domain,
		     const struct path_rules *rules);

#endif /* SMTPGUARD_CORE_PATH_H */
