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
static struct settings __rcu *settings_used;

/*
 * The settings in use, for their writers.  The insmod line is parsed before
 * any code of the module runs, so the first who asks makes the defaults.
 */
static struct settings *params_get(void)
{
	struct settings *settings = rcu_dereference_protected(settings_used, 1);

	if (settings)
		return settings;
	settings = &settings_copies[0];
	if (WARN_ON(settings_init(settings)))
		return NULL;
	settings->max_memory = memory_default();
	rcu_assign_pointer(settings_used, settings);
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
	rcu_assign_pointer(settings_used, settings);
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
	/* what was of no interest may be now, and began unseen */
	if (!err && parameter->chooses) {
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

#define PARAMETER(name, index, description)				\
	module_param_cb(name, &params_ops,				\
			(void *)&settings_parameters[index], 0644);	\
	MODULE_PARM_DESC(name, description)

PARAMETER(profile, PARAMETER_PROFILE,
	  "esmtp, mailguard or monitor; sets those below but those of the box (default esmtp)");
PARAMETER(enabled, PARAMETER_ENABLED,
	  "N passes everything (default Y)");
PARAMETER(namespaces, PARAMETER_NAMESPACES,
	  "network namespaces where ports are guarded: init or all (default init)");
PARAMETER(ports, PARAMETER_PORTS,
	  "TCP destination ports whose new connections are guarded (default 25)");
PARAMETER(mark, PARAMETER_MARK,
	  "conntrack mark, or value/mask, of connections that are guarded too, 0 for none (default 0)");
PARAMETER(tls_ports, PARAMETER_TLS_PORTS,
	  "those of them where a session begins with TLS (default 465)");
PARAMETER(proxy_protocol, PARAMETER_PROXY_PROTOCOL,
	  "accept or refuse a header of the PROXY protocol (default refuse)");
PARAMETER(max_memory, PARAMETER_MAX_MEMORY,
	  "MiB that all sessions may take (default a sixteenth of RAM, 256 at most)");
PARAMETER(full, PARAMETER_FULL,
	  "what a new session gets that there is no memory for: defer or pass (default defer)");
PARAMETER(max_unacknowledged, PARAMETER_MAX_UNACKNOWLEDGED,
	  "octets of commands or lines of a message under way in a session (default 32768)");
PARAMETER(verbs, PARAMETER_VERBS,
	  "allowed verbs (default by profile)");
PARAMETER(capabilities, PARAMETER_CAPABILITIES,
	  "EHLO keywords that clients may see (default by profile)");
PARAMETER(greeting, PARAMETER_GREETING,
	  "keep or mask (default by profile)");
PARAMETER(refuse, PARAMETER_REFUSE,
	  "what a refused command gets: mask or reset (default mask)");
PARAMETER(starttls, PARAMETER_STARTTLS,
	  "allow, deny or require (default allow)");
PARAMETER(auth, PARAMETER_AUTH,
	  "allow, tls-only or deny (default allow)");
PARAMETER(auth_mechanisms, PARAMETER_AUTH_MECHANISMS,
	  "all, or a list (default all)");
PARAMETER(pipelining, PARAMETER_PIPELINING,
	  "octets behind a sync point: accept or reset (default accept)");
PARAMETER(command_order, PARAMETER_COMMAND_ORDER,
	  "commands out of order: accept or refuse (default accept)");
PARAMETER(special_characters, PARAMETER_SPECIAL_CHARACTERS,
	  "in paths: accept or refuse (default accept)");
PARAMETER(source_routes, PARAMETER_SOURCE_ROUTES,
	  "in paths: accept or refuse (default accept)");
PARAMETER(percent_hack, PARAMETER_PERCENT_HACK,
	  "in paths: accept or refuse (default accept)");
PARAMETER(relay_domains, PARAMETER_RELAY_DOMAINS,
	  "domains that recipients may be in, nothing for any (default any)");
PARAMETER(end_of_data, PARAMETER_END_OF_DATA,
	  "what an ambiguous end of data gets: defang, reset or accept (default defang)");
PARAMETER(bare_newline, PARAMETER_BARE_NEWLINE,
	  "what a CR or LF gets that stands alone: accept, defang or reset (default accept)");
PARAMETER(desync, PARAMETER_DESYNC,
	  "server and guard see different ends of data: log or reset (default log)");
PARAMETER(midstream, PARAMETER_MIDSTREAM,
	  "what a flow first seen after its start gets: resync, accept or reset (default resync)");
PARAMETER(max_command_line, PARAMETER_MAX_COMMAND_LINE,
	  "octets of a command line with CRLF (default 2048)");
PARAMETER(max_reply_line, PARAMETER_MAX_REPLY_LINE,
	  "octets of a reply line with CRLF, more is counted (default 2048)");
PARAMETER(max_text_line, PARAMETER_MAX_TEXT_LINE,
	  "octets of a message line with CRLF, more is counted (default 1000)");
PARAMETER(max_path, PARAMETER_MAX_PATH,
	  "octets of a path with its brackets (default 1024)");
PARAMETER(max_recipients, PARAMETER_MAX_RECIPIENTS,
	  "RCPT commands for one message (default 1000)");
PARAMETER(max_refused, PARAMETER_MAX_REFUSED,
	  "refused commands in a session before it is reset, 0 for no limit (default 20)");
PARAMETER(max_errors, PARAMETER_MAX_ERRORS,
	  "5yz replies in a session before it is reset, 0 for no limit (default 0)");
PARAMETER(max_messages, PARAMETER_MAX_MESSAGES,
	  "messages in a session before it is reset, 0 for no limit (default 0)");

/**
 * params_settings() - the settings in use
 *
 * Context: RCU read lock held, or a writer of parameters.
 * Return: never NULL once the module runs.
 */
const struct settings *params_settings(void)
{
	return rcu_dereference(settings_used);
}

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
