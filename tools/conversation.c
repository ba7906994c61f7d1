// SPDX-License-Identifier: GPL-2.0
/*
 * Puts the segments of a capture in order, each connection for itself, as the
 * guard would have them: a segment is a turn, what it repeats is passed over,
 * what came too early waits.  It waits, too, while it acknowledges what the
 * other side has not said yet: the capture has the two in another order then
 * than the router had.
 *
 * What still waits at the end has a hole before it that the capture never fills.
 * What is behind a hole means nothing, so the dialogue ends there, and says so.
 *
 * All that is kept is counted, and has a limit: the capture may be of any size,
 * and made by anybody.
 */
/* tdestroy() */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "complain.h"
#include "conversation.h"

/* Octets that are kept of all sessions that are under way. */
#define KEPT_MAX	(256UL << 20)
/* What a turn or a segment takes besides its octets. */
#define KEPT_MORE	128
/* Segments of one side that wait. */
#define WAITING_MAX	4096

#define PORT_LENGTH	sizeof(":65535")

/**
 * struct waiting - a segment that is not next in order
 * @next: the one behind it
 * @packet: as in struct segment
 * @sequence: of its first octet
 * @acknowledged: as in struct segment
 * @ack: @acknowledged is one
 * @fin: the side has said all
 * @length: octets
 * @missing: octets behind them that the capture does not have
 * @octets: the octets
 */
struct waiting {
	struct waiting *next;
	unsigned long packet;
	u32 sequence;
	u32 acknowledged;
	bool ack;
	bool fin;
	size_t length;
	size_t missing;
	u8 octets[];
};

/**
 * struct voice - one side of a session
 * @known: @next is known
 * @finished: its FIN was in order
 * @next: sequence number of the next octet
 * @waiting: what is not next yet, in order
 * @count: how many wait
 */
struct voice {
	bool known;
	bool finished;
	u32 next;
	struct waiting *waiting;
	unsigned int count;
};

/**
 * struct conversation - a session
 * @client: who began it, and the key with @server
 * @server: who was asked
 * @behind: the one that began behind it
 * @dialogue: its turns
 * @voice: by enum direction
 * @first: the client's SYN
 * @begun: the capture has its SYN, or the answer
 * @over: it was handed over; what comes is passed over, but for a SYN
 * @kept: octets that it takes
 */
struct conversation {
	struct endpoint client;
	struct endpoint server;
	struct conversation *behind;
	struct dialogue dialogue;
	struct voice voice[2];
	u32 first;
	bool begun;
	bool over;
	size_t kept;
};

/**
 * struct conversations - all of a capture
 * @reader: who asks
 * @tree: all, by their ends
 * @oldest: the first in the order of their begins
 * @newest: the last
 * @kept: octets that they take
 * @handed: how many were handed over
 * @full: how many were passed over, for there was no room
 * @good: nothing went wrong
 */
struct conversations {
	const struct conversation_reader *reader;
	void *tree;
	struct conversation *oldest;
	struct conversation *newest;
	size_t kept;
	unsigned long handed;
	unsigned long full;
	bool good;
};

static bool no_memory(struct conversations *all)
{
	complain("out of memory");
	all->good = false;
	return false;
}

static int compare(const void *left, const void *right)
{
	const struct conversation *one = left, *other = right;
	int difference = memcmp(&one->client, &other->client,
				sizeof(one->client));

	return difference ? difference : memcmp(&one->server, &other->server,
						sizeof(one->server));
}

/* Is a sequence number behind another one? */
static bool is_behind(u32 sequence, u32 other)
{
	return (s32)(sequence - other) > 0;
}

static void keep(struct conversations *all, struct conversation *conversation,
		 size_t octets)
{
	all->kept += octets;
	conversation->kept += octets;
}

static void release(struct conversations *all,
		    struct conversation *conversation, size_t octets)
{
	all->kept -= octets;
	conversation->kept -= octets;
}

static void forget(struct conversations *all,
		   struct conversation *conversation)
{
	enum direction from;

	for (from = FROM_CLIENT; from <= FROM_SERVER; from++) {
		struct voice *voice = &conversation->voice[from];

		while (voice->waiting) {
			struct waiting *first = voice->waiting;

			voice->waiting = first->next;
			free(first);
		}
		memset(voice, 0, sizeof(*voice));
	}
	dialogue_free(&conversation->dialogue);
	memset(&conversation->dialogue, 0, sizeof(conversation->dialogue));
	release(all, conversation, conversation->kept);
}

static void write_endpoint(char *text, size_t size,
			   const struct endpoint *endpoint)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(endpoint->family, endpoint->address, address,
		  sizeof(address));
	snprintf(text, size, endpoint->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 address, endpoint->port);
}

static void set_name(struct conversation *conversation)
{
	char client[INET6_ADDRSTRLEN + PORT_LENGTH + 2];
	char server[sizeof(client)];
	struct dialogue *dialogue = &conversation->dialogue;

	write_endpoint(client, sizeof(client), &conversation->client);
	write_endpoint(server, sizeof(server), &conversation->server);
	snprintf(dialogue->name, sizeof(dialogue->name), "%.60s > %.60s",
		 client, server);
	dialogue->captured = true;
	dialogue->port = conversation->server.port;
	dialogue->late = !conversation->begun;
}

/* Says what the first hole is, if there is one. */
static void tell_hole(struct conversation *conversation)
{
	static const char *const who[] = {
		[FROM_CLIENT] = "client", [FROM_SERVER] = "server",
	};
	struct dialogue *dialogue = &conversation->dialogue;
	const struct waiting *first = NULL;
	enum direction from, hole = FROM_CLIENT;

	for (from = FROM_CLIENT; from <= FROM_SERVER; from++) {
		const struct voice *voice = &conversation->voice[from];

		if (!voice->waiting ||
		    (first && first->packet < voice->waiting->packet))
			continue;
		first = voice->waiting;
		/* it may wait for the other side */
		hole = is_behind(first->sequence, voice->next) ? from : !from;
	}
	if (first && !*dialogue->end)
		snprintf(dialogue->end, sizeof(dialogue->end),
			 "the capture lacks octets of the %s before packet %lu, so nothing more is told",
			 who[hole], first->packet);
}

/* Nothing more is added to it. */
static void finish(struct conversations *all, struct conversation *conversation)
{
	if (conversation->over)
		return;
	conversation->over = true;
	tell_hole(conversation);
	set_name(conversation);
	if (conversation->dialogue.count || *conversation->dialogue.end) {
		all->handed++;
		if (all->good && !all->reader->take(all->reader->context,
						    &conversation->dialogue))
			all->good = false;
	}
	forget(all, conversation);
}

/* The capture does not have the rest of a segment, or it cannot be kept. */
static void break_off(struct conversations *all,
		      struct conversation *conversation, const char *why,
		      unsigned long packet)
{
	snprintf(conversation->dialogue.end, sizeof(conversation->dialogue.end),
		 why, packet);
	finish(all, conversation);
}

static bool has_room(struct conversations *all,
		     struct conversation *conversation, size_t octets,
		     unsigned long packet)
{
	if (all->kept + octets + KEPT_MORE <= KEPT_MAX)
		return true;
	break_off(all, conversation,
		  "too much is under way at once, so nothing is told from packet %lu on",
		  packet);
	return false;
}

/* What a side says is next in order. */
static void speak(struct conversations *all, struct conversation *conversation,
		  enum direction from, const struct waiting *said,
		  const u8 *octets, size_t length)
{
	const struct voice *peer = &conversation->voice[!from];
	struct voice *voice = &conversation->voice[from];
	struct turn *turn;

	if (!has_room(all, conversation, length, said->packet))
		return;
	if (length) {
		turn = dialogue_add(&conversation->dialogue);
		if (!turn) {
			all->good = false;
			return;
		}
		turn->line = said->packet;
		turn->from = from;
		turn->unheard = said->ack && is_behind(peer->next,
						       said->acknowledged);
		turn->octets = malloc(length);
		if (!turn->octets) {
			conversation->dialogue.count--;
			no_memory(all);
			return;
		}
		memcpy(turn->octets, octets, length);
		turn->length = length;
		keep(all, conversation, length + KEPT_MORE);
	}
	voice->next += length;
	if (said->missing) {
		break_off(all, conversation,
			  "the capture has only the begin of packet %lu, so nothing more is told",
			  said->packet);
		return;
	}
	if (said->fin && !voice->finished) {
		voice->finished = true;
		voice->next++;
	}
}

/* May it be read, or does something come before it? */
static bool is_next(const struct conversation *conversation,
		    enum direction from, const struct waiting *said)
{
	const struct voice *peer = &conversation->voice[!from];

	return !is_behind(said->sequence, conversation->voice[from].next) &&
	       !(said->ack && peer->known &&
		 is_behind(said->acknowledged, peer->next));
}

/* Reads what is new of it. */
static void read_waiting(struct conversations *all,
			 struct conversation *conversation,
			 enum direction from, const struct waiting *said,
			 const u8 *octets)
{
	struct voice *voice = &conversation->voice[from];
	u32 repeated = voice->next - said->sequence;
	u32 fin = said->fin && !voice->finished;

	if (repeated > said->length ||
	    (repeated == said->length && !said->missing && !fin))
		return;
	speak(all, conversation, from, said, octets + repeated,
	      said->length - repeated);
}

/* Reads all that does not have to wait any more. */
static void read_on(struct conversations *all,
		    struct conversation *conversation)
{
	enum direction from = FROM_CLIENT;
	unsigned int stuck = 0;

	while (stuck < 2 && !conversation->over && all->good) {
		struct voice *voice = &conversation->voice[from];
		struct waiting *first = voice->waiting;

		if (!first || !is_next(conversation, from, first)) {
			from = !from;
			stuck++;
			continue;
		}
		stuck = 0;
		voice->waiting = first->next;
		voice->count--;
		release(all, conversation, first->length + KEPT_MORE);
		read_waiting(all, conversation, from, first, first->octets);
		free(first);
	}
}

/* In order of sequence numbers; of equal ones, the first that came. */
static void enqueue(struct voice *voice, struct waiting *waiting)
{
	struct waiting **at = &voice->waiting;

	while (*at && !is_behind((*at)->sequence, waiting->sequence))
		at = &(*at)->next;
	waiting->next = *at;
	*at = waiting;
	voice->count++;
}

static void postpone(struct conversations *all,
		     struct conversation *conversation, enum direction from,
		     const struct segment *segment, const struct waiting *said)
{
	struct voice *voice = &conversation->voice[from];
	struct waiting *waiting;

	if (voice->count == WAITING_MAX) {
		tell_hole(conversation);
		finish(all, conversation);
		return;
	}
	if (!has_room(all, conversation, segment->length, segment->packet))
		return;
	waiting = malloc(sizeof(*waiting) + segment->length);
	if (!waiting) {
		no_memory(all);
		return;
	}
	*waiting = *said;
	memcpy(waiting->octets, segment->octets, segment->length);
	keep(all, conversation, segment->length + KEPT_MORE);
	enqueue(voice, waiting);
}

static void hear(struct conversations *all, struct conversation *conversation,
		 enum direction from, const struct segment *segment)
{
	struct voice *voice = &conversation->voice[from];
	struct voice *peer = &conversation->voice[!from];
	const struct waiting said = {
		.packet = segment->packet,
		.sequence = segment->sequence + segment->syn,
		.acknowledged = segment->acknowledged,
		.ack = segment->ack,
		.fin = segment->fin,
		.length = segment->length,
		.missing = segment->missing,
	};

	if (!voice->known) {
		voice->known = true;
		voice->next = said.sequence;
	}
	if (segment->ack && !peer->known) {
		peer->known = true;
		peer->next = segment->acknowledged;
	}
	if (!said.length && !said.missing && !said.fin)
		return;
	if (is_next(conversation, from, &said))
		read_waiting(all, conversation, from, &said, segment->octets);
	else
		postpone(all, conversation, from, segment, &said);
	read_on(all, conversation);
	if (voice->finished && peer->finished)
		finish(all, conversation);
}

static bool is_asked_for(const struct conversations *all, u16 port)
{
	int i;

	for (i = 0; i < 2; i++)
		if (all->reader->ports[i] &&
		    settings_has_port(all->reader->ports[i], port))
			return true;
	return false;
}

/* Which side sends a segment, of a session that is not known. */
static enum direction find_sender(const struct conversations *all,
				  const struct segment *segment)
{
	if (segment->syn)
		return segment->ack ? FROM_SERVER : FROM_CLIENT;
	return is_asked_for(all, segment->destination.port) ? FROM_CLIENT :
							      FROM_SERVER;
}

static void set_ends(struct conversation *conversation, enum direction from,
		     const struct segment *segment)
{
	conversation->client = from == FROM_CLIENT ? segment->source :
						     segment->destination;
	conversation->server = from == FROM_CLIENT ? segment->destination :
						     segment->source;
}

static struct conversation *find(struct conversations *all,
				 const struct segment *segment,
				 enum direction *from)
{
	struct conversation key;
	void *found;

	for (*from = FROM_CLIENT; *from <= FROM_SERVER; ++*from) {
		memset(&key, 0, sizeof(key));
		set_ends(&key, *from, segment);
		found = tfind(&key, &all->tree, compare);
		if (found)
			return *(struct conversation **)found;
	}
	return NULL;
}

static void enlist(struct conversations *all, struct conversation *conversation)
{
	if (all->newest)
		all->newest->behind = conversation;
	else
		all->oldest = conversation;
	all->newest = conversation;
}

static struct conversation *begin(struct conversations *all,
				  const struct segment *segment,
				  enum direction *from)
{
	struct conversation *conversation;

	*from = find_sender(all, segment);
	if (!is_asked_for(all, *from == FROM_CLIENT ?
			  segment->destination.port : segment->source.port))
		return NULL;
	if (all->kept + sizeof(*conversation) > KEPT_MAX) {
		all->full++;
		return NULL;
	}
	conversation = calloc(1, sizeof(*conversation));
	if (!conversation) {
		no_memory(all);
		return NULL;
	}
	set_ends(conversation, *from, segment);
	if (!tsearch(conversation, &all->tree, compare)) {
		free(conversation);
		no_memory(all);
		return NULL;
	}
	all->kept += sizeof(*conversation);
	enlist(all, conversation);
	return conversation;
}

/* Another one between the same ends, or the first. */
static void reopen(struct conversations *all,
		   struct conversation *conversation,
		   const struct segment *segment)
{
	finish(all, conversation);
	conversation->over = false;
	conversation->begun = true;
	conversation->first = segment->sequence;
}

static bool opens(const struct conversation *conversation,
		  const struct segment *segment)
{
	if (!segment->syn || segment->ack)
		return false;
	return !conversation->begun || conversation->over ||
	       conversation->first != segment->sequence;
}

/* An answer whose SYN the capture does not have. */
static bool is_begin(const struct conversation *conversation,
		     const struct segment *segment)
{
	return segment->syn && segment->ack && !conversation->begun &&
	       !conversation->dialogue.count;
}

static bool take(void *context, const struct segment *segment)
{
	struct conversations *all = context;
	struct conversation *conversation;
	enum direction from;

	conversation = find(all, segment, &from);
	if (!conversation && (segment->length || segment->missing ||
			      (segment->syn && !segment->rst)))
		conversation = begin(all, segment, &from);
	if (!conversation)
		return all->good;
	if (from == FROM_CLIENT && opens(conversation, segment))
		reopen(all, conversation, segment);
	if (conversation->over)
		return all->good;
	if (is_begin(conversation, segment)) {
		conversation->begun = true;
		conversation->first = segment->acknowledged - 1;
	}
	if (segment->rst)
		finish(all, conversation);
	else
		hear(all, conversation, from, segment);
	return all->good;
}

static void free_nothing(void *conversation)
{
	(void)conversation;
}

static void free_all(struct conversations *all)
{
	tdestroy(all->tree, free_nothing);
	while (all->oldest) {
		struct conversation *oldest = all->oldest;

		all->oldest = oldest->behind;
		forget(all, oldest);
		free(oldest);
	}
}

static void complain_ports(const struct conversation_reader *reader)
{
	complain("%s: no session on ports %s is in it; ports=25,587 asks for others",
		 dialogue_source(reader->path), reader->ports[0]->text);
}

static void tell_passed_over(const struct conversations *all,
			     const struct capture_counts *counts)
{
	const char *path = dialogue_source(all->reader->path);

	if (counts->fragments)
		complain("%s: %lu fragments of IP were passed over",
			 path, counts->fragments);
	if (counts->headers)
		complain("%s: %lu packets were passed over: their headers are not whole",
			 path, counts->headers);
	if (all->full)
		complain("%s: %lu packets were passed over: too many sessions are under way",
			 path, all->full);
}

/**
 * conversation_read() - read the dialogues of a capture
 * @reader: who asks
 *
 * Return: false after a complaint; what could be read was handed over all the
 * same.
 */
bool conversation_read(const struct conversation_reader *reader)
{
	struct conversations all = { .reader = reader, .good = true };
	struct capture_counts counts = { 0 };
	struct conversation *each;
	bool good;

	good = capture_read(reader->path, take, &all, &counts);
	for (each = all.oldest; each; each = each->behind)
		finish(&all, each);
	good = good && all.good;
	tell_passed_over(&all, &counts);
	if (good && !all.handed) {
		complain_ports(reader);
		good = false;
	}
	free_all(&all);
	return good;
}
