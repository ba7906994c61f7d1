// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard: filters and logs the SMTP sessions that cross this router, in
 * the kernel and in place, without a proxy.  See Documentation/ for how a
 * packet goes through, and Kbuild for the parts.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "closed.h"
#include "events.h"
#include "flow.h"
#include "guard.h"
#include "helper.h"
#include "hook.h"
#include "message.h"
#include "netns.h"
#include "offers.h"
#include "params.h"
#include "version.h"

static void __init smtpguard_announce(void)
{
	const struct settings *settings;

	rcu_read_lock();
	settings = params_settings();
	pr_info("version %s loaded, profile %s, ports %s, namespaces %s, %s\n",
		SMTPGUARD_VERSION, settings_profile(settings),
		settings->ports.count ? settings->ports.text : "none",
		settings_parameters[PARAMETER_NAMESPACES]
			.words[settings->namespaces],
		HELPER_TOLD);
	rcu_read_unlock();
}

static int __init smtpguard_init(void)
{
	int err;

	err = params_init();
	if (err)
		return err;

	closed_init();
	message_init();
	offers_init();
	err = guard_init();
	if (err)
		return err;

	err = flow_init();
	if (err)
		goto exit_guard;

	err = netns_register();
	if (err)
		goto exit_flow;

	err = events_register();
	if (err)
		goto unregister_netns;

	err = helper_register();
	if (err)
		goto unregister_events;

	err = hook_register();
	if (err)
		goto unregister_helper;

	smtpguard_announce();
	return 0;

unregister_helper:
	helper_unregister();
unregister_events:
	events_unregister();
unregister_netns:
	netns_unregister();
exit_flow:
	flow_exit();
exit_guard:
	guard_exit();
	return err;
}

static void __exit smtpguard_exit(void)
{
	hook_unregister();
	helper_unregister();
	events_unregister();
	netns_unregister();
	params_settle();
	flow_exit();
	guard_exit();
}

module_init(smtpguard_init);
module_exit(smtpguard_exit);

MODULE_DESCRIPTION("SMTP session guard for routers");
MODULE_LICENSE("GPL");
MODULE_VERSION(SMTPGUARD_VERSION);
MODULE_INFO(helper, HELPER_NAME);
MODULE_AUTHOR("smtpguard developers");
