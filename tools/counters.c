// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: which there are, and in what order, the loaded module says; what
 * they count, the list that this program was made with.
 */
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "counters.h"
#include "netlink.h"
#include "uapi/smtpguard.h"

/*
 * What counters count.  Of the name, @length octets must be equal: with its
 * end, or with what stands before a bound, a reason or a verb.  Of two that fit it is
 * the first.
 */
static const struct {
	const char *name;
	size_t length;
	const char *sentence;
} explanations[] = {
#define COUNTER(id, name, sentence)	{ name, sizeof(name), sentence },
#define COUNTER_OF_BOUND(id, name, sentence) \
	{ name "_", sizeof(name "_") - 1, sentence },
#define COUNTER_OF_REASON(id, name, sentence) \
	{ name "_", sizeof(name "_") - 1, sentence },
#define COUNTER_OF_VERB(id, name, sentence) \
	{ name "_", sizeof(name "_") - 1, sentence },
#include "counter_list.h"
};

#define EXPLANATION_COUNT (sizeof(explanations) / sizeof(explanations[0]))

/**
 * counters_sentence() - what a counter counts
 * @name: its name
 *
 * Return: empty for one of a newer module.
 */
const char *counters_sentence(const char *name)
{
	size_t i;

	for (i = 0; i < EXPLANATION_COUNT; i++)
		if (strncmp(name, explanations[i].name,
			    explanations[i].length) == 0)
			return explanations[i].sentence;
	return "";
}

static void add_counter(struct counters *counters, const char *name,
			unsigned long long value)
{
	if (counters->count == COUNTERS_MAX)
		return;
	snprintf(counters->row[counters->count].name, COUNTER_NAME_MAX, "%s",
		 name);
	counters->row[counters->count].value = value;
	counters->count++;
}

static void read_counter(const struct nlattr *counter,
			 struct counters *counters)
{
	const struct nlattr *name = NULL;
	const struct nlattr *value = NULL;
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, counter) {
		if (mnl_attr_get_type(attribute) == SMTPGUARD_A_NAME)
			name = attribute;
		else if (mnl_attr_get_type(attribute) == SMTPGUARD_A_VALUE)
			value = attribute;
	}
	if (!name || mnl_attr_validate(name, MNL_TYPE_NUL_STRING) < 0 ||
	    !value || mnl_attr_validate(value, MNL_TYPE_U64) < 0)
		return;
	add_counter(counters, mnl_attr_get_str(name), mnl_attr_get_u64(value));
}

static int read_answer(const struct nlmsghdr *message, void *counters)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == SMTPGUARD_A_COUNTER &&
		    mnl_attr_validate(attribute, MNL_TYPE_NESTED) == 0)
			read_counter(attribute, counters);
	return MNL_CB_OK;
}

/**
 * counters_read() - read the counters of this network namespace
 * @counters: filled in
 *
 * Return: 0, or a negative errno after a complaint.
 */
int counters_read(struct counters *counters)
{
	static struct netlink netlink;
	int err = netlink_open(&netlink);

	if (err)
		return err;
	counters->count = 0;
	err = netlink_request(&netlink, SMTPGUARD_CMD_GET_STATS, read_answer,
			      counters);
	netlink_close(&netlink);
	return err;
}

/**
 * counters_value() - the value of a counter
 * @counters: what counters_read() filled in
 * @name: its name
 *
 * Return: 0 for one that the module does not have.
 */
unsigned long long counters_value(const struct counters *counters,
				  const char *name)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (strcmp(counters->row[i].name, name) == 0)
			return counters->row[i].value;
	return 0;
}
