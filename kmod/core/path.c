// SPDX-License-Identifier: GPL-2.0
/*
 * Paths, octet by octet:
 *
 *	FROM:  <  @hop,@hop:  "quoted"@domain  >  SIZE=1000
 *	PREFIX START ROUTE    LOCAL    DOMAIN     NONE
 *
 * A path is read as loosely as servers do (blanks before it, no brackets), and
 * judged only by what a policy asks for.  Quoted strings are never judged:
 * what is in them means nothing to a server that reads them right.
 */
#include "character.h"
#include "path.h"

/* No atom of a local part has them, and shells do. */
static const char special_characters[] = "|`!;&()<\"";

/* An octet outside of quotes; NUL never comes here. */
static enum reason path_character(const struct policy *policy, u8 octet)
{
	return policy->special_characters == CHECK_REFUSE &&
	       strchr(special_characters, octet) ?
		REASON_SPECIAL_CHARACTER : REASON_NONE;
}

static enum reason path_local(struct smtp_path *path,
			      const struct policy *policy, bool first, u8 octet)
{
	if (octet == '@') {
		path->part = PATH_DOMAIN;
		return REASON_NONE;
	}
	if (octet == '>') {
		path->part = PATH_NONE;
		return REASON_NONE;
	}
	if (octet == '"')
		path->quoted = true;
	if (octet == '"' && first)
		return REASON_NONE;
	if ((octet == '%' || octet == '!') &&
	    policy->percent_hack == CHECK_REFUSE)
		return REASON_PERCENT_HACK;
	return path_character(policy, octet);
}

static void path_quoted(struct smtp_path *path, u8 octet)
{
	if (path->escaped)
		path->escaped = false;
	else if (octet == '\\')
		path->escaped = true;
	else if (octet == '"')
		path->quoted = false;
}

static enum reason path_start(struct smtp_path *path, const struct policy *policy,
			      u8 octet)
{
	if (is_blank(octet))
		path->length--;
	if (is_blank(octet) || octet == '<')
		return REASON_NONE;
	if (octet != '@') {
		path->part = PATH_LOCAL;
		return path_local(path, policy, true, octet);
	}
	path->part = PATH_ROUTE;
	return policy->source_routes == CHECK_REFUSE ? REASON_SOURCE_ROUTE :
						       REASON_NONE;
}

static enum reason path_domain(struct smtp_path *path, struct word_cursor *domain,
			       const struct path_rules *rules, u8 octet)
{
	enum reason reason;

	if (octet == '>' || is_blank(octet)) {
		reason = path_end(path, domain, rules);
		path->part = PATH_NONE;
		return reason;
	}
	if (!rules->domains)
		return path_character(rules->policy, octet);
	if (!word_fits(rules->domains, domain))
		return REASON_RELAY;
	word_step(rules->domains, domain, octet);
	return domain->row == WORD_NONE ? REASON_RELAY : REASON_NONE;
}

static enum reason path_step(struct smtp_path *path, struct word_cursor *domain,
			     const struct path_rules *rules, u8 octet)
{
	switch (path->part) {
	case PATH_START:
		return path_start(path, rules->policy, octet);
	case PATH_ROUTE:
		if (octet == ':' || octet == '>')
			path->part = octet == ':' ? PATH_START : PATH_NONE;
		return path_character(rules->policy, octet);
	case PATH_LOCAL:
		return path_local(path, rules->policy, false, octet);
	default:
		return path_domain(path, domain, rules, octet);
	}
}

/**
 * path_octet() - walk on by one octet of the argument
 * @path: the walk; begins in %PATH_PREFIX
 * @domain: the walk through the domains; begins all zero
 * @rules: what the path is held against
 * @octet: any but CR and LF
 *
 * Return: why the command is to be refused from this octet on.
 */
enum reason path_octet(struct smtp_path *path, struct word_cursor *domain,
		       const struct path_rules *rules, u8 octet)
{
	enum reason reason = REASON_NONE;

	if (path->part == PATH_NONE)
		return REASON_NONE;
	if (path->part == PATH_PREFIX) {
		if (octet == ':' || octet == '<')
			path->part = PATH_START;
		path->length = octet == '<';
		return REASON_NONE;
	}
	if (path->length < U16_MAX)
		path->length++;
	if (path->quoted)
		path_quoted(path, octet);
	else
		reason = path_step(path, domain, rules, octet);
	if (!reason && (path->part != PATH_NONE || octet == '>') &&
	    path->length > rules->policy->max_path)
		return REASON_PATH;
	return reason;
}

/**
 * path_end() - the path ends here
 * @path: the walk
 * @domain: the walk through the domains
 * @rules: what the path is held against
 *
 * Return: why the command must not pass.
 */
enum reason path_end(const struct smtp_path *path, const struct word_cursor *domain,
		     const struct path_rules *rules)
{
	if (path->part != PATH_DOMAIN || !rules->domains ||
	    (word_fits(rules->domains, domain) &&
	     word_match(rules->domains, domain) != WORD_NONE))
		return REASON_NONE;
	return REASON_RELAY;
}
