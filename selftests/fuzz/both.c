// SPDX-License-Identifier: GPL-2.0
/*
 * Client and server say what they like, in any order: behind the policy and
 * how the session begins, each segment is an octet, its direction and length,
 * and its octets.
 */
#include "wire.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	const struct policy *policy;
	static struct wire wire;

	if (length > INPUT_MAX)
		return 0;
	policy = input_policy(&input);
	wire_open(&wire, policy, input_octet(&input) % 3);
	while (input.length && !wire.reset) {
		u8 head = input_octet(&input);
		struct input segment = input_take(&input,
						  1 + (head & WIRE_LENGTH_BITS));

		wire_segment(&wire, head & ~WIRE_LENGTH_BITS ? FROM_SERVER :
							  FROM_CLIENT,
			     segment.data, segment.length);
	}
	return 0;
}
