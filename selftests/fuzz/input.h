/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all harnesses begin with: the fuzzer's input, taken from its front, and
 * rules, which end the program where they do not hold.
 */
#ifndef SMTPGUARD_FUZZ_INPUT_H
#define SMTPGUARD_FUZZ_INPUT_H

#include <stdio.h>
#include <stdlib.h>

#include "core/settings.h"

/** INPUT_MAX - octets of an input; longer ones are not run */
#define INPUT_MAX	4096

/**
 * struct input - what is left of an input
 * @data: its octets
 * @length: how many
 */
struct input {
	const u8 *data;
	size_t length;
};

/* The name that both fuzzers call. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

const struct policy *input_policy(struct input *input);

/**
 * rule() - what must hold, whatever the input is
 * @holds: does it
 * @name: it in words, shown where it does not
 */
static inline void rule(bool holds, const char *name)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", name);
	abort();
}

/* The next octet, 0 where none is left. */
static inline u8 input_octet(struct input *input)
{
	if (!input->length)
		return 0;
	input->length--;
	return *input->data++;
}

/* The next @wanted octets, or as many as there are. */
static inline struct input input_take(struct input *input, size_t wanted)
{
	struct input part = *input;

	if (part.length > wanted)
		part.length = wanted;
	input->data += part.length;
	input->length -= part.length;
	return part;
}

#endif /* SMTPGUARD_FUZZ_INPUT_H */
