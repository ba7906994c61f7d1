// SPDX-License-Identifier: GPL-2.0
/*
 * Both hellos of a TLS handshake.  The input is pieces: an octet, its length and
 * who sends it, and its octets.  One reader gets the pieces as they are, another
 * one each octet alone, a third one what a side says until the other speaks; all
 * of them must know the same.
 */
#include "core/hello.h"
#include "input.h"

#define LENGTH_BITS	0x7f
#define SERVER_BIT	0x80

/* A piece lies in memory of its own, so that who reads beyond it is seen. */
static void read_piece(struct hello *hello, bool server, const u8 *data,
		       size_t length)
{
	u8 *piece = malloc(length);

	if (!piece)
		abort();
	memcpy(piece, data, length);
	if (server)
		hello_server(hello, piece, length);
	else
		hello_client(hello, piece, length);
	free(piece);
}

/* What is behind the last octet that was read of a field may be of an older one. */
static void forget_field(struct hello *hello)
{
	u16 come = hello->walk.come;

	if (come < HELLO_FIELD_MAX)
		memset(hello->walk.octets + come, 0, HELLO_FIELD_MAX - come);
}

static void compare(struct hello *one, struct hello *other)
{
	forget_field(one);
	forget_field(other);
	rule(!memcmp(one, other, sizeof(*one)),
	     "a hello says the same, however it is cut");
}

static void check_protocols(const struct hello_protocols *protocols)
{
	const u8 *protocol = hello_first_protocol(protocols);
	size_t used = 0;

	rule(protocols->used <= HELLO_PROTOCOLS_MAX, "protocols have room");
	for (; protocol; protocol = hello_next_protocol(protocols, protocol)) {
		rule(*protocol, "each has a name");
		used += 1 + *protocol;
	}
	rule(used == protocols->used, "the last one is whole");
}

static void check(const struct hello *hello)
{
	check_protocols(&hello->protocols);
	check_protocols(&hello->protocol);
	rule(hello->answered || !hello->server, "who says nothing has no hello");
	rule(!hello->answered || hello->client != HELLO_UNDER_WAY,
	     "a hello that is answered is whole, or wrong");
	rule(hello->client != HELLO_READ || hello->offered >> 8 == 3,
	     "a client speaks some version");
}

/* Nothing is read any more when it is over. */
static void check_over(const struct hello *hello, const u8 *data, size_t length)
{
	struct hello later = *hello;

	if (!hello_is_over(hello))
		return;
	hello_client(&later, data, length);
	hello_server(&later, data, length);
	rule(!memcmp(&later, hello, sizeof(later)), "what is over is over");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct input input = { data, length };
	static u8 said[INPUT_MAX];
	struct hello pieces, octets, turns;
	size_t count = 0;
	bool speaker = false;
	size_t i;

	if (length > INPUT_MAX)
		return 0;
	hello_open(&pieces);
	hello_open(&octets);
	hello_open(&turns);
	while (input.length) {
		u8 head = input_octet(&input);
		struct input piece = input_take(&input,
						1 + (head & LENGTH_BITS));
		bool server = head & SERVER_BIT;

		if (!piece.length)
			break;
		read_piece(&pieces, server, piece.data, piece.length);
		for (i = 0; i < piece.length; i++)
			read_piece(&octets, server, piece.data + i, 1);
		if (server != speaker) {
			read_piece(&turns, speaker, said, count);
			count = 0;
		}
		speaker = server;
		memcpy(said + count, piece.data, piece.length);
		count += piece.length;
	}
	read_piece(&turns, speaker, said, count);
	compare(&pieces, &octets);
	compare(&pieces, &turns);
	check(&pieces);
	check_over(&pieces, data, length);
	return 0;
}
