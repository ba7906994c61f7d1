// SPDX-License-Identifier: GPL-2.0
/*
 * The module's file may be compressed in several ways; modinfo(8), which is
 * there where modprobe(8) is, knows them all.
 */
#include <stdio.h>
#include <string.h>

#include "modinfo.h"

/* Whoever is not root does not have it in PATH. */
#define COMMAND	"PATH=$PATH:/usr/sbin:/sbin modinfo -F %s smtpguard 2>/dev/null"

/**
 * modinfo_field() - read a field of the module's file
 * @field: its name
 * @value: its value, empty where the file does not have it
 * @size: room for that
 *
 * Return: false where there is no such file, or no modinfo.
 */
bool modinfo_field(const char *field, char *value, size_t size)
{
	char command[sizeof(COMMAND) + 32];
	FILE *pipe;

	*value = '\0';
	snprintf(command, sizeof(command), COMMAND, field);
	pipe = popen(command, "re");
	if (!pipe)
		return false;
	if (!fgets(value, size, pipe))
		*value = '\0';
	value[strcspn(value, "\n")] = '\0';
	return pclose(pipe) == 0;
}
