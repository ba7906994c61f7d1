// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters.  A write builds whole new settings beside the ones in
 * use, and only if everything about them is right do they take their place;
 * packets see the old or the new, never a mixture.  There are two copies, so
 * nothing is ever allocated: not even a module that fails to load leaves
 * anything behind.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "closed.h"
#include "events.h"
#include "flow.h"
#include "memory.h"
#include "netns.h"
#include "offload.h"
#include "params.h"

/* Octets of a refused value that the kernel log repeats. */
#define VALUE_SHOWN		64

/*
 * The copies, and which one is in use.  Writers are serialised by the lock
 * that the kernel holds around every parameter's set and get.
 */
static struct settings settings_copies[2];
struct settings __rcu *params_used;

/*
 * The settings in use, for their writers.  The insmod line is parsed before
 * any code of the module runs, so the first who asks makes the defaults.
 */
static struct settings *params_get(void)
{
	struct settings *settings = rcu_dereference_protected(params_used, 1);

	if (settings)
		return settings;
	settings = &settings_copies[0];
	if (WARN_ON(settings_init(settings)))
		return NULL;
	settings->max_memory = memory_default();
	rcu_assign_pointer(params_used, settings);
	return settings;
}

static struct settings *params_spare(const struct settings *used)
{
	return &settings_copies[used == &settings_copies[0]];
}

static void params_complain(const struct parameter *parameter,
			    const char *wrong)
{
	size_t length = parameter->words ? strlen(wrong) :
					   settings_word_length(wrong);

	pr_warn("%s: \"%.*s\" is not accepted, it takes %s\n", parameter->name,
		(int)min_t(size_t, length, VALUE_SHOWN), wrong,
		parameter->takes);
}

/* Without it nothing would ever match, and nobody would know. */
static int params_check_mark(const struct settings *settings)
{
	if (!settings->mark.mask || IS_ENABLED(CONFIG_NF_CONNTRACK_MARK))
		return 0;
	pr_warn("mark: this kernel's connections have none\n");
	return -EOPNOTSUPP;
}

/*
 * In other network namespaces connections are followed before they are guarded,
 * and for as long as they are.
 */
static int params_use(struct settings *settings)
{
	bool all = settings->namespaces == NAMESPACES_ALL;
	int err = all ? netns_track_all() : 0;

	if (err)
		return err;
	rcu_assign_pointer(params_used, settings);
	/* nobody reads the old copy when it is written again */
	synchronize_rcu();
	if (!all && netns_track_init())
		flow_leave(settings);
	return 0;
}

static int params_set(const char *value, const struct kernel_param *kp)
{
	const struct parameter *parameter = kp->arg;
	struct settings *used = params_get();
	char text[SETTINGS_TEXT_MAX];
	struct settings *next;
	const char *wrong;
	int err;

	if (!used)
		return -EINVAL;
	if (strscpy(text, skip_spaces(value), sizeof(text)) < 0) {
		params_complain(parameter, text);
		return -EINVAL;
	}
	next = params_spare(used);
	settings_copy(next, used);
	err = settings_set(next, parameter, strim(text), &wrong);
	if (err) {
		params_complain(parameter, wrong);
		return err;
	}
	err = params_check_mark(next);
	if (!err)
		err = params_use(next);
	if (!err)
		events_send_change(parameter, used, next);
	/* what was of no interest may be now, and began unseen */
	if (!err && parameter->part == PART_CHOICE) {
		closed_clear();
		offload_flush();
	}
	return err;
}

static int params_show(char *buffer, const struct kernel_param *kp)
{
	const struct settings *settings = params_get();
	int length;

	if (!settings)
		return -EINVAL;
	length = settings_show(settings, kp->arg, buffer, PAGE_SIZE - 1);
	buffer[length++] = '\n';
	return length;
}

static const struct kernel_param_ops params_ops = {
	.set = params_set,
	.get = params_show,
};

/* What modinfo tells of each. */
#define OTHER(set_it, show_it, told)	told
#define WORDS(set_it, of, told)		told
#define NUMBER				TAKES_NUMBER
#define LIMIT				TAKES_LIMIT
#define LIMIT_FROM			TAKES_LIMIT_FROM
#define ONE_OF_2			TAKES_2
#define ONE_OF_3			TAKES_3
#define PROFILES			TAKES_PROFILES

#define PARAMETER(id, name, member, part, standard, takes, help)	\
	module_param_cb(name, &params_ops,				\
			(void *)&settings_parameters[PARAMETER_##id], 0644); \
	MODULE_PARM_DESC(name, help ": " takes " (default \"" standard "\")");
#include "core/parameter_list.h"

/**
 * params_init() - make the defaults, unless the insmod line did
 *
 * Return: 0 or -EINVAL.
 */
int params_init(void)
{
	return params_get() ? 0 : -EINVAL;
}

/**
 * params_settle() - wait for whoever is writing a parameter
 *
 * They can be written until the module's code has gone.  Who writes one after
 * this finds no network namespace any more, and so leaves flows alone.
 *
 * Context: process.
 */
void params_settle(void)
{
	kernel_param_lock(THIS_MODULE);
	kernel_param_unlock(THIS_MODULE);
}
