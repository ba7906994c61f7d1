/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The dialogues of a capture.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include "core/settings.h"
#include "dialogue.h"

typedef bool (*conversation_take_t)(void *context,
				    const struct dialogue *dialogue);

/**
 * struct conversation_reader - who asks for the dialogues of a capture
 * @path: of the file; "-" for standard input
 * @ports: the lists of ports whose sessions are asked for; of two, one may be
 *	NULL
 * @take: called with each, in the order in which they end; false ends it
 * @context: its first argument
 */
struct conversation_reader {
	const char *path;
	const struct ports *ports[2];
	conversation_take_t take;
	void *context;
};

bool conversation_read(const struct conversation_reader *reader);

#endif /* CONVERSATION_H */
