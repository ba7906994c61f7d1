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

/* %1$s is the kernel's version, %2$s the source's, %3$s the machine's key. */
static const char *const sentences[] = {
	[ABSENCE_NOT_LOADED] =
		"the module is not loaded; load it with: modprobe smtpguard",
	[ABSENCE_NO_SOURCE] =
		"there is no module for kernel %1$s, nor its source; install it with: apt-get install smtpguard-dkms",
	[ABSENCE_NO_HEADERS] =
		"there is no module for kernel %1$s, nor that kernel's headers to build it; install them with: apt-get install linux-headers-%1$s",
	[ABSENCE_NOT_BUILT] =
		"there is no module for kernel %1$s; build it with: dkms install smtpguard/%2$s -k %1$s",
	[ABSENCE_UNBUILDABLE] =
		"the module does not build for kernel %1$s; see why with: cat /var/lib/dkms/smtpguard/%2$s/build/make.log",
	[ABSENCE_UNSIGNED] =
		"this kernel takes signed modules only (Secure Boot), and the module is not signed; build and sign it with: dkms install --force smtpguard/%2$s -k %1$s",
	[ABSENCE_NOT_ENROLLED] =
		"this kernel takes signed modules only (Secure Boot), and the key that the module is signed with is not enrolled; enrol it with: mokutil --import %3$s, and confirm it at the next boot",
	[ABSENCE_FOREIGN] =
		"this kernel takes signed modules only (Secure Boot), and the module is signed with a key that is not this machine's; build and sign it with: dkms install --force smtpguard/%2$s -k %1$s",
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

static enum absence find_absence(const struct machine *machine)
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
 * absence_complain() - say why the module is not there, and what helps
 */
void absence_complain(void)
{
	struct machine machine = { 0 };
	char sentence[PATH_LENGTH * 3];

	if (uname(&machine.kernel)) {
		complain_not_loaded();
		return;
	}
	find_version(machine.version);
	snprintf(sentence, sizeof(sentence), sentences[find_absence(&machine)],
		 machine.kernel.release,
		 *machine.version ? machine.version : "VERSION",
		 SIGNATURE_OWN_KEY);
	complain("port 25 is not guarded: %s", sentence);
}
