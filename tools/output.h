/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What --output names.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * struct output - a file under construction, or standard output
 * @file: where to write
 * @path: what becomes of it; NULL for standard output
 * @temporary: what it is called until then
 */
struct output {
	FILE *file;
	const char *path;
	char temporary[PATH_MAX];
};

bool output_open(struct output *output, const char *path);
bool output_close(struct output *output);

#endif /* OUTPUT_H */
