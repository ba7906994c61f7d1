// SPDX-License-Identifier: GPL-2.0
/*
 * A file is written under another name beside it, and takes its place when all
 * of it is written: who reads it sees the old one or the new one, and whatever
 * goes wrong leaves the old one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "output.h"

#define EVERYBODY_READS	0666

static bool failed(const struct output *output)
{
	complain("%s: %s", output->path, strerror(errno));
	return false;
}

/* A device or a pipe would be replaced by a file. */
static bool may_be_replaced(const struct output *output)
{
	struct stat before;

	if (lstat(output->path, &before) || S_ISREG(before.st_mode))
		return true;
	complain("%s: not a regular file", output->path);
	return false;
}

/* As open() would have made it. */
static int set_mode(int descriptor)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(descriptor, EVERYBODY_READS & ~mask);
}

static bool make_temporary(struct output *output)
{
	int descriptor = mkstemp(output->temporary);

	if (descriptor < 0)
		return failed(output);
	output->file = fdopen(descriptor, "w");
	if (output->file && !set_mode(descriptor))
		return true;
	failed(output);
	unlink(output->temporary);
	return false;
}

/**
 * output_open() - begin to write
 * @output: filled in
 * @path: of the file; NULL for standard output
 *
 * Return: false after a complaint.
 */
bool output_open(struct output *output, const char *path)
{
	int length;

	output->path = path;
	output->file = stdout;
	if (!path)
		return true;
	length = snprintf(output->temporary, sizeof(output->temporary),
			  "%s.XXXXXX", path);
	if (length >= (int)sizeof(output->temporary)) {
		errno = ENAMETOOLONG;
		return failed(output);
	}
	return may_be_replaced(output) && make_temporary(output);
}

/**
 * output_close() - all is written
 * @output: what output_open() opened
 *
 * Return: false after a complaint; the file is what it was then.  What became
 * of standard output, main() says.
 */
bool output_close(struct output *output)
{
	bool written;

	if (!output->path)
		return true;
	written = !fflush(output->file) && !ferror(output->file);
	if (written && !rename(output->temporary, output->path)) {
		fclose(output->file);
		return true;
	}
	failed(output);
	fclose(output->file);
	unlink(output->temporary);
	return false;
}
