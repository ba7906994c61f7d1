// SPDX-License-Identifier: GPL-2.0
/*
 * Replies, octet by octet: code, separator, text, over one line or several.
 * Only LF ends a line, with or without a CR before it.  The text passes, but
 * for that of a greeting that is to be masked, and for the capabilities in
 * the reply to EHLO.  What is overwritten keeps its length and its line ends,
 * so a client counts the same lines.
 */
#include "capability.h"
#include "character.h"
#include "extra.h"
#include "mechanism.h"
#include "reply.h"
#include "verb.h"

#define GREETING_STAR		'*'
#define GREETING_FILLER		'x'
#define CAPABILITY_FILLER	'X'
/* Three digits and a separator. */
#define HEADER_LENGTH		4

#define PERMANENT		'5'
#define TRANSIENT		'4'

/*
 * The greeting as Mailguard showed it: of the text only '2', '0' and a blank
 * after '0' stay.  A client that knows the sight of it takes the server for
 * one that speaks no ESMTP, so this is for policies that refuse EHLO.
 * word.depth: the octet before was '0'.
 */
static bool greeting_star(struct reply *reply, u8 octet)
{
	bool after_zero = reply->word.depth;

	reply->word.depth = octet == '0';
	return octet != '2' && octet != '0' && !(octet == ' ' && after_zero);
}

/*
 * The greeting with all but the word ESMTP blotted out.  word.depth: octets
 * of that word seen.
 */
static bool greeting_blot(struct reply *reply, u8 octet)
{
	static const char kept[] = "ESMTP";

	if (octet == ' ') {
		reply->treat = REPLY_WORD_WALK;
		reply->word.depth = 0;
		return false;
	}
	if (reply->treat == REPLY_WORD_WALK &&
	    reply->word.depth < sizeof(kept) - 1 &&
	    (u8)kept[reply->word.depth] == octet) {
		reply->word.depth++;
		return false;
	}
	reply->treat = REPLY_WORD_MASK;
	return true;
}

/*
 * A mechanism that is hidden is a stretch of filler among the others.  One
 * that is a mere prefix of an allowed one has passed by the time it ends, so
 * the filler goes on from there.
 */
static bool mechanism_octet(struct reply *reply, const struct policy *policy,
			    u8 octet)
{
	bool blank = is_blank(octet);

	if (blank && (reply->masked || !reply->word.depth ||
		      word_in_set(policy->mechanisms,
				  word_match(&mechanism_table,
					     &reply->word)))) {
		memset(&reply->word, 0, sizeof(reply->word));
		reply->masked = false;
		return false;
	}
	if (reply->masked)
		return true;
	if (!blank) {
		word_step(&mechanism_table, &reply->word, octet);
		if (word_prefixes(&mechanism_table, policy->mechanisms,
				  &reply->word))
			return false;
	}
	reply->masked = true;
	reply->hidden = true;
	return true;
}

static void capability_keep(struct reply *reply, const struct policy *policy,
			    u8 row)
{
	u8 verb = capability_table.rows[row].value;
	bool mechanisms = word_in_set(VERB_AUTHENTICATES, verb) &&
			  policy->mechanisms != MECHANISMS_ALL;

	reply->treat = mechanisms ? REPLY_WORD_MECHANISMS : REPLY_WORD_KEEP;
	reply->row = row;
	memset(&reply->word, 0, sizeof(reply->word));
}

/* Can a capability that may be seen still follow behind @octet? */
static bool capability_goes_on(struct reply *reply, const struct policy *policy,
			       u8 octet)
{
	u16 before = reply->length - HEADER_LENGTH - 1;

	word_step(&capability_table, &reply->word, octet);
	extra_step(policy->extra_capabilities, &reply->extra, before, octet);
	return word_prefixes(&capability_table, policy->capabilities,
			     &reply->word) ||
	       extra_prefixes(policy->extra_capabilities, &reply->extra);
}

/*
 * A capability ends at a blank, or at '=' in the form AUTH=LOGIN that came
 * before RFC 2554.
 */
static bool capability_octet(struct reply *reply, const struct policy *policy,
			     u8 octet)
{
	bool ends = is_blank(octet) || octet == '=';
	u8 row;

	if (reply->treat == REPLY_WORD_MECHANISMS)
		return mechanism_octet(reply, policy, octet);
	if (reply->treat != REPLY_WORD_WALK)
		return reply->treat == REPLY_WORD_MASK;
	row = word_match(&capability_table, &reply->word);
	if (ends && word_in_set(policy->capabilities, row)) {
		capability_keep(reply, policy, row);
		return false;
	}
	if (ends && extra_matches(policy->extra_capabilities, &reply->extra)) {
		reply->treat = REPLY_WORD_KEEP;
		return false;
	}
	if (!ends && capability_goes_on(reply, policy, octet))
		return false;
	reply->treat = REPLY_WORD_MASK;
	reply->hidden = true;
	return true;
}

static bool is_greeting(const struct reply *reply, enum reply_to kind)
{
	return kind == REPLY_TO_GREETING ||
	       (kind == REPLY_TO_XCLIENT && reply->code == REPLY_READY);
}

static bool lists_capabilities(const struct reply *reply, enum reply_to kind)
{
	/* the first line names the server */
	return (kind == REPLY_TO_EHLO || kind == REPLY_TO_LHLO) &&
	       reply_is_positive(reply->code) && reply->more;
}

/**
 * reply_in_capability() - is the octet to come of what names a capability
 * @reply: the reply under way
 * @kind: what it answers
 *
 * Return: true if so, the line's end included.
 */
bool reply_in_capability(const struct reply *reply, enum reply_to kind)
{
	return reply->state == REPLY_TEXT && lists_capabilities(reply, kind);
}

static bool reply_text(struct reply *reply, const struct policy *policy,
		       enum reply_to kind, u8 octet, struct step *step)
{
	if (is_greeting(reply, kind) && policy->greeting == GREETING_MASK) {
		if (!word_in_set(policy->verbs, VERB_EHLO)) {
			step->filler = GREETING_STAR;
			return greeting_star(reply, octet);
		}
		step->filler = GREETING_FILLER;
		return greeting_blot(reply, octet);
	}
	if (lists_capabilities(reply, kind))
		return capability_octet(reply, policy, octet);
	return false;
}

static void reply_digit(struct reply *reply, u8 octet)
{
	bool first = reply->length == 1;

	if (octet < (first ? '2' : '0') || octet > (first ? '5' : '9')) {
		reply->state = REPLY_JUNK;
		return;
	}
	reply->code = reply->code * 10 + octet - '0';
	if (reply->length == 3)
		reply->state = REPLY_SEPARATOR;
}

/*
 * A recipient over the limit is to come with another message (RFC 5321 section
 * 4.5.3.1.10), and not to bounce: 501 5.5.4 becomes 401 4.5.4, in each line.
 */
static bool reply_defers(const struct reply *reply, enum reply_to kind,
			 u8 octet, struct step *step)
{
	bool code = reply->length == 1;
	/* of the enhanced status code (RFC 3463) */
	bool text = reply->length == HEADER_LENGTH + 1 && reply->state == REPLY_TEXT &&
		    reply->code / 100 == 5;

	if (kind != REPLY_TO_RCPT_OVER || octet != PERMANENT ||
	    (!code && !text))
		return false;
	step->filler = TRANSIENT;
	return true;
}

static bool is_separator(u8 octet)
{
	return octet == '-' || is_blank(octet);
}

/* Takes in any octet but LF; says whether it is to be overwritten. */
static bool reply_octet(struct reply *reply, const struct policy *policy,
			enum reply_to kind, u8 octet, struct step *step)
{
	if (octet == '\r')
		return false;
	if (reply->length < U16_MAX)
		reply->length++;
	if (reply->length + 2 == policy->max_reply_line + 1)
		step->events |= STEP_LONG_LINE;
	switch (reply->state) {
	case REPLY_CODE:
		reply_digit(reply, octet);
		return reply_defers(reply, kind, octet, step);
	case REPLY_SEPARATOR:
		reply->last = octet != '-';
		reply->state = is_separator(octet) ? REPLY_TEXT : REPLY_JUNK;
		return false;
	case REPLY_TEXT:
		return reply_defers(reply, kind, octet, step) ||
		       reply_text(reply, policy, kind, octet, step);
	default:
		return false;
	}
}

/* Does the line show the client that the server takes chunks (RFC 3030)? */
static bool reply_shows_chunking(const struct reply *reply,
				 const struct policy *policy)
{
	u8 row = reply->row;

	if (reply->treat == REPLY_WORD_MASK)
		return false;
	if (reply->treat == REPLY_WORD_WALK)
		row = word_match(&capability_table, &reply->word);
	return word_in_set(policy->capabilities, row) &&
	       capability_is(row, "CHUNKING");
}

/* The line is whole: say what it was and be ready for the next. */
static void reply_finish(struct reply *reply, struct step *step)
{
	bool more = reply->more;

	if (reply->hidden) {
		step->events |= STEP_CAPABILITY_HIDDEN;
		step->reason = REASON_CAPABILITY;
	}
	if (reply->state == REPLY_SEPARATOR)
		reply->last = true;
	if (reply->state == REPLY_CODE || reply->state == REPLY_JUNK) {
		step->events |= STEP_UNEXPECTED;
	} else {
		step->events |= STEP_REPLY;
		step->code = reply->code;
		step->last = reply->last;
		more = !reply->last;
	}
	memset(reply, 0, sizeof(*reply));
	reply->more = more;
}

/**
 * reply_feed() - take octets of a reply
 * @reply: the reply under way
 * @policy: what a client may see
 * @kind: what the reply answers
 * @data: octets of the server
 * @length: how many, at least one
 * @step: what became of them; the step ends with the line, before what names a
 *	capability, at the first octet behind a masked stretch, or with the
 *	octets.  STEP_REPLY is set with the line end, STEP_UNEXPECTED where the
 *	line is no reply.
 */
void reply_feed(struct reply *reply, const struct policy *policy,
		enum reply_to kind, const u8 *data, size_t length,
		struct step *step)
{
	step->span = SPAN_REPLY;
	step->filler = CAPABILITY_FILLER;
	while (step->length < length) {
		u8 octet = data[step->length];
		bool capability = reply_in_capability(reply, kind);
		bool mask = false;

		if (octet == '\n' && capability &&
		    reply_shows_chunking(reply, policy))
			step->events |= STEP_CHUNKING;
		if (octet == '\n')
			reply_finish(reply, step);
		else
			mask = reply_octet(reply, policy, kind, octet, step);
		if (step_take(step, mask) || octet == '\n' ||
		    capability != reply_in_capability(reply, kind))
			break;
	}
}
