// SPDX-License-Identifier: GPL-2.0
/*
 * Complaints: one line each, and each tells the administrator what to do
 * about it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "complain.h"

/**
 * complain() - say that something is wrong
 * @format: as for printf(), without line end
 */
void complain(const char *format, ...)
{
	va_list arguments;

	fputs("smtpguard: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/**
 * complain_not_loaded() - say that the kernel does not have the module
 */
void complain_not_loaded(void)
{
	complain("the module is not loaded; load it with: modprobe smtpguard");
}
