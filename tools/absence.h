/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the module is not there.
 */
#ifndef ABSENCE_H
#define ABSENCE_H

#include <sys/utsname.h>

#define ABSENCE_SENTENCE_MAX	768

/**
 * struct absence_found - why it is not there
 * @kernel: version of the running kernel
 * @reason: what programs call the cause: lower-case words and hyphens; stays as
 *	it is
 * @sentence: for people, with the command that helps
 */
struct absence_found {
	char kernel[sizeof(((struct utsname *)0)->release)];
	const char *reason;
	char sentence[ABSENCE_SENTENCE_MAX];
};

void absence_find(struct absence_found *found);
void absence_complain(const struct absence_found *found);

#endif /* ABSENCE_H */
