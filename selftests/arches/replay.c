// SPDX-License-Identifier: GPL-2.0
/*
 * Gives the files that are its arguments to a fuzzer's harness, one after the
 * other.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/types.h"

#define INPUT_MAX	65536

int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

int main(int count, char **names)
{
	size_t length;
	FILE *file;
	u8 *data;
	int i;

	for (i = 1; i < count; i++) {
		file = fopen(names[i], "rb");
		data = malloc(INPUT_MAX);
		if (!file || !data) {
			perror(names[i]);
			return 1;
		}
		length = fread(data, 1, INPUT_MAX, file);
		fclose(file);
		LLVMFuzzerTestOneInput(data, length);
		free(data);
	}
	printf("%d inputs\n", count - 1);
	return 0;
}
