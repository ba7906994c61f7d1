// SPDX-License-Identifier: GPL-2.0
/*
 * Whoever finds that the module is not there has a router that forwards mail
 * unguarded, and must not have to search for why.
 */
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "absence.h"
#include "complain.h"
#include "modinfo.h"
#include "signature.h"

/* What DKMS builds from: /usr/src/smtpguard-VERSION. */
#define SOURCE		"/usr/src/smtpguard-"
#define SOURCES		SOURCE "*/dkms.conf"
/* See debian/build-for. */
#define UNBUILDABLE	"/var/lib/smtpguard/unbuildable/"
#define PATH_LENGTH	256
#define VERSION_LENGTH	32

/**
 * enum absence - why it is not there, by what helps
 * @ABSENCE_NOT_LOADED: nobody has loaded it
 * @ABSENCE_NO_SOURCE: there is nothing to build it from
 * @ABSENCE_NO_HEADERS: nor to build it for this kernel with
 * @ABSENCE_NOT_BUILT: nobody has built it for this kernel
 * @ABSENCE_UNBUILDABLE: that was tried
 * @ABSENCE_UNSIGNED: %SIGNATURE_NONE
 * @ABSENCE_NOT_ENROLLED: %SIGNATURE_NOT_ENROLLED
 * @ABSENCE_FOREIGN: %SIGNATURE_FOREIGN
 */
enum absence {
	ABSENCE_NOT_LOADED,
	ABSENCE_NO_SOURCE,
	ABSENCE_NO_HEADERS,
	ABSENCE_NOT_BUILT,
	ABSENCE_UNBUILDABLE,
	ABSENCE_UNSIGNED,
	ABSENCE_NOT_ENROLLED,
	ABSENCE_FOREIGN,
};

/**
 * struct machine - what is there
 * @kernel: the version of the running one
 * @version: of the module's source, empty where there is none
 */
struct machine {
	struct utsname kernel;
	char version[VERSION_LENGTH];
};

/**
 * struct cause - one of them
 * @reason: what programs call it
 * @sentence: %1$s is the kernel's version, %2$s the source's, %3$s the machine's
 *	key
 */
struct cause {
	const char *reason;
	const char *sentence;
};

static const struct cause causes[] = {
	[ABSENCE_NOT_LOADED] = {
		"not-loaded",
		"the module is not loaded; load it with: modprobe smtpguard",
	},
	[ABSENCE_NO_SOURCE] = {
		"no-source",
		"there is no module for kernel %1$s, nor its source; install it with: apt-get install smtpguard-dkms",
	},
	[ABSENCE_NO_HEADERS] = {
		"no-headers",
		"there is no module for kernel %1$s, nor that kernel's headers to build it; install them with: apt-get install linux-headers-%1$s",
	},
	[ABSENCE_NOT_BUILT] = {
		"not-built",
		"there is no module for kernel %1$s; build it with: dkms install smtpguard/%2$s -k %1$s",
	},
	[ABSENCE_UNBUILDABLE] = {
		"unbuildable",
		"the module does not build for kernel %1$s; see why with: cat /var/lib/dkms/smtpguard/%2$s/build/make.log",
	},
	[ABSENCE_UNSIGNED] = {
		"unsigned",
		"this kernel takes signed modules only (Secure Boot), and the module is not signed; build and sign it with: dkms install --force smtpguard/%2$s -k %1$s",
	},
	[ABSENCE_NOT_ENROLLED] = {
		"key-not-enrolled",
		"this kernel takes signed modules only (Secure Boot), and the key that the module is signed with is not enrolled; enrol it with: mokutil --import %3$s, and confirm it at the next boot",
	},
	[ABSENCE_FOREIGN] = {
		"wrong-key",
		"this kernel takes signed modules only (Secure Boot), and the module is signed with a key that is not this machine's; build and sign it with: dkms install --force smtpguard/%2$s -k %1$s",
	},
};

static const enum absence of_signature[] = {
	[SIGNATURE_GOOD] = ABSENCE_NOT_LOADED,
	[SIGNATURE_NONE] = ABSENCE_UNSIGNED,
	[SIGNATURE_NOT_ENROLLED] = ABSENCE_NOT_ENROLLED,
	[SIGNATURE_FOREIGN] = ABSENCE_FOREIGN,
};

/* Of several the last, by name; there is more than one while dpkg runs. */
static void find_version(char *version)
{
	glob_t paths;
	const char *last;

	*version = '\0';
	if (glob(SOURCES, 0, NULL, &paths))
		return;
	last = paths.gl_pathv[paths.gl_pathc - 1] + strlen(SOURCE);
	snprintf(version, VERSION_LENGTH, "%.*s", (int)strcspn(last, "/"), last);
	globfree(&paths);
}

static bool exists(const char *before, const char *kernel, const char *behind)
{
	char path[PATH_LENGTH];

	snprintf(path, sizeof(path), "%s%s%s", before, kernel, behind);
	return access(path, F_OK) == 0;
}

static enum absence find_cause(const struct machine *machine)
{
	const char *kernel = machine->kernel.release;
	char path[PATH_LENGTH];

	if (modinfo_field("filename", path, sizeof(path)))
		return of_signature[signature_check()];
	if (!*machine->version)
		return ABSENCE_NO_SOURCE;
	if (!exists("/lib/modules/", kernel, "/build/include"))
		return ABSENCE_NO_HEADERS;
	return exists(UNBUILDABLE, kernel, "") ? ABSENCE_UNBUILDABLE :
						 ABSENCE_NOT_BUILT;
}

/**
 * absence_find() - why is the module not there
 * @found: set to it
 */
void absence_find(struct absence_found *found)
{
	struct machine machine = { 0 };
	const struct cause *cause = &causes[ABSENCE_NOT_LOADED];

	/* it never fails, POSIX says only that it may */
	if (!uname(&machine.kernel)) {
		find_version(machine.version);
		cause = &causes[find_cause(&machine)];
	}
	snprintf(found->kernel, sizeof(found->kernel), "%s",
		 machine.kernel.release);
	found->reason = cause->reason;
	snprintf(found->sentence, sizeof(found->sentence), cause->sentence,
		 machine.kernel.release,
		 *machine.version ? machine.version : "VERSION",
		 SIGNATURE_OWN_KEY);
}

/**
 * absence_complain() - say why the module is not there, and what helps
 * @found: what absence_find() has found
 */
void absence_complain(const struct absence_found *found)
{
	complain("port 25 is not guarded: %s", found->sentence);
}
