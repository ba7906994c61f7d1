// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP sequence guard.  The core reads each direction's octets in order
 * and once; what the receiver reads must be the same, whatever the network
 * and the sender do:
 *
 *	        base           next
 *	---------|--------------|----------------> sequence numbers
 *	  repeat,|   repeat,    | in order: fed to | a hole before it: goes
 *	  passes | is compared  | the core         | ahead, or is dropped
 *
 * Below base the receiver has acknowledged, so no copy can matter to it any
 * more.  From there to next a repeat passes only if it reads the same as what
 * was forwarded; what was overwritten then is overwritten again.  Behind a hole
 * passes what is of a message or a chunk and cannot end it; anything else is
 * dropped, and its sender sends it again.
 *
 * All of it runs with the flow's ct->lock held; the functions that others call
 * assert it.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "bridge.h"
#include "closed.h"
#include "edit.h"
#include "hellos.h"
#include "log.h"
#include "origin.h"
#include "packet.h"
#include "reader.h"
#include "route.h"
#include "stats.h"
#include "stream.h"
#include "unheard.h"

/*
 * Behind an end of data may come commands, and taken for text of the message
 * they would pass ahead of it.  Those of honest clients are shorter than this,
 * and a segment in the middle of a message is longer.
 */
#define AHEAD_LENGTH_MIN	512

/* A segment of a message may have so many dots, or dots so near to each other. */
#define ENTRIES_SPARE		1536
#define DOT_DISTANCE_LOW	16
/* With fewer entries left there are none: octets are not read one by one. */
#define ENTRIES_LEAST		64
/* More octets of a chunk than a packet has take fewer. */
#define ENTRIES_OF_CHUNK	16

static u32 reader_sequence(const struct reader *reader)
{
	return packet_sequence(reader->packet) + reader->at;
}

static const struct ahead stream_no_islands;

static const struct ahead *packet_ahead(const struct packet *packet)
{
	return packet->guard->ahead ?: &stream_no_islands;
}

static enum stream_verdict stream_dropped(const struct packet *packet,
					  unsigned int counter)
{
	stats_count(packet->net, counter);
	return packet->policy->monitor ? STREAM_ACCEPT : STREAM_DROP;
}

static enum stream_verdict stream_reset_by(const struct packet *packet,
					   const struct step *step)
{
	log_reset(packet, step);
	if (packet->policy->monitor)
		return STREAM_ACCEPT;
	packet->guard->blame = step->reason;
	session_close(packet->guard->session);
	closed_add(packet->ct, packet->guard->reversed);
	return STREAM_RESET;
}

/* Not for an octet that was read. */
static enum stream_verdict stream_reset(const struct packet *packet, u8 reason)
{
	const struct step step = {
		.reset = true,
		.reason = reason,
		.phase = packet->guard->session->phase,
	};

	return stream_reset_by(packet, &step);
}

/*
 * The place in both streams is not known: the next segment of each side is
 * taken as the next in order, and the phase must be found again.
 */
static void stream_lose(const struct packet *packet)
{
	struct guard *guard = packet->guard;

	guard->side[FROM_CLIENT].known = false;
	guard->side[FROM_SERVER].known = false;
	guard->untracked = true;
}

static void stream_start(const struct packet *packet, struct side *side,
			 u32 sequence)
{
	if (packet->guard->ahead)
		ahead_clear(packet->guard->ahead);
	side->known = true;
	side->first = sequence;
	side->next = sequence;
	history_start(&side->history, sequence);
}

/* The first segment after its place was lost, or of a flow first seen late. */
static enum stream_verdict stream_midstream(const struct packet *packet)
{
	struct session *session = packet->guard->session;

	packet->guard->untracked = false;
	if (session_is_closed(session))
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_SESSIONS_RESYNCHRONISED);
	session_resync(session);
	if (packet->policy->midstream == MIDSTREAM_ACCEPT)
		session_ignore(session);
	if (packet->policy->midstream == MIDSTREAM_RESET)
		return stream_reset(packet, REASON_MIDSTREAM);
	return STREAM_ACCEPT;
}

/*
 * A session is found by replies that find the client silent: the server has
 * all that it said.  Of a client that was not seen yet that shows afterwards,
 * by where it goes on, which is noted in side->next.
 */
static void stream_tell_silence(const struct packet *packet)
{
	struct session *session = packet->guard->session;
	struct side *client = packet_peer(packet);
	u32 sequence = ntohl(packet->tcp.ack_seq);

	if (packet->direction != FROM_SERVER || !packet->tcp.ack ||
	    !session_is_lost(session))
		return;
	if (!client->known && sequence != client->next) {
		session_missed(session);
		client->next = sequence;
	}
	session_acknowledge(session, sequence == client->next);
}

/* The first segment of its side that is seen. */
static void stream_appear(const struct packet *packet)
{
	struct side *side = packet_side(packet);
	u32 sequence = packet_sequence(packet);

	if (packet->direction == FROM_CLIENT && sequence != side->next)
		session_missed(packet->guard->session);
	stream_start(packet, side, sequence);
}

static void stream_begin(const struct packet *packet)
{
	struct session *session = packet->guard->session;
	struct guard *guard = packet->guard;

	/* not for a SYN, which the server may never see */
	if (packet->direction == FROM_SERVER)
		closed_remove(packet->ct, guard->reversed);
	hellos_close(guard);
	guard->tls_version = 0;
	if (guard->tls)
		session_open_tls(session);
	else
		session_open(session);
}

/* Octets of the session are not read any more. */
static bool stream_is_over(const struct packet *packet)
{
	const struct guard *guard = packet->guard;

	return guard_is_opaque(guard) || session_is_closed(guard->session);
}

/*
 * Which SYN the server took it says itself, by what its SYN acknowledges.
 * Until then a client may send SYNs with several numbers, but with payload
 * (RFC 7413) in one of them nobody could tell which the server reads; and one
 * that comes after the answer changes nothing, or its number would put what is
 * still to come behind us, unread.
 */
static enum stream_verdict stream_syn_client(const struct packet *packet)
{
	struct side *side = packet_side(packet);
	u32 sequence = packet_sequence(packet);

	if (packet->length && stream_is_over(packet))
		return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
	if (!packet->guard->session)
		return STREAM_ACCEPT;
	if (side->known && sequence == side->first)
		return STREAM_ACCEPT;
	if (side->known && packet->length)
		return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
	if (packet_peer(packet)->known)
		return STREAM_ACCEPT;
	if (side->octets)
		return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
	stream_begin(packet);
	packet->guard->untracked = false;
	stream_start(packet, side, sequence);
	return STREAM_ACCEPT;
}

/*
 * Another connection begins in a flow that had one: the ports are used again
 * soon after a reset, or both ends forgot a connection that conntrack still
 * had.  Conntrack lets the SYN pass and follows the answer to it.
 */
static bool stream_is_reopened(const struct packet *packet)
{
	const struct side *side = packet_side(packet);

	if (packet->ct->proto.tcp.state != TCP_CONNTRACK_SYN_RECV)
		return false;
	return side->known ? packet_sequence(packet) != side->first :
			     !packet->guard->session;
}

/* The client's SYN had no payload, so nothing was kept of it. */
static bool stream_is_first(const struct packet *packet)
{
	return !packet_peer(packet)->known && !packet_peer(packet)->octets &&
	       !packet_side(packet)->octets;
}

/*
 * The server answers a SYN of another connection, but conntrack has not followed
 * that one: the client is not to learn of it.  Should it guess the number that it
 * has to acknowledge, nothing passes any more in numbers below those that are
 * under way.
 */
static enum stream_verdict stream_answers_another(const struct packet *packet)
{
	packet->guard->strict = true;
	return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
}

static enum stream_verdict stream_syn_server(struct packet *packet)
{
	enum stream_verdict verdict;
	struct side *client, *side;

	if (stream_is_reopened(packet)) {
		verdict = unheard_reopen(packet);
		if (!packet->guard)
			return verdict;
	}
	side = packet_side(packet);
	client = packet_peer(packet);
	if (side->known && packet_sequence(packet) != side->first)
		return stream_answers_another(packet);
	if (side->known || !packet->guard->session)
		return STREAM_ACCEPT;
	if (stream_is_first(packet)) {
		stream_begin(packet);
		packet->guard->untracked = false;
	}
	if (!client->octets && packet->tcp.ack)
		stream_start(packet, client, ntohl(packet->tcp.ack_seq));
	/* else the server's next segment has the number */
	if (!packet->taken)
		stream_start(packet, side, packet_sequence(packet));
	return STREAM_ACCEPT;
}

static enum stream_verdict stream_syn(struct packet *packet)
{
	return packet->direction == FROM_CLIENT ? stream_syn_client(packet) :
						  stream_syn_server(packet);
}

/*
 * Octets went another way, or a flow was picked up at a keepalive, or it is a
 * lie, for which conntrack has to be told not to look (tcp_be_liberal).  To
 * find the session again some of it must pass unread, and a client may want
 * nothing else.
 */
static enum stream_verdict stream_acknowledges_unseen(const struct packet *packet,
						      u32 sequence)
{
	const struct session *session = packet->guard->session;
	struct side *peer = packet_peer(packet);

	if (packet->direction == FROM_SERVER || session_is_lost(session) ||
	    packet->policy->monitor ||
	    packet->policy->midstream == MIDSTREAM_ACCEPT) {
		stream_start(packet, peer, sequence);
		packet->guard->untracked = true;
		return STREAM_ACCEPT;
	}
	/*
	 * Even while a final reply is owed: a client that acknowledges what it
	 * has not received from here has received it.
	 */
	return stream_reset(packet, REASON_ACKNOWLEDGMENT);
}

static enum stream_verdict stream_acknowledge(const struct packet *packet)
{
	u32 sequence = ntohl(packet->tcp.ack_seq);
	struct side *peer = packet_peer(packet);

	if (!packet->tcp.ack || !peer->known)
		return STREAM_ACCEPT;
	/* the FIN has a number too */
	if (peer->finished && sequence == peer->next + 1)
		sequence--;
	if (after(sequence, peer->next))
		return stream_acknowledges_unseen(packet, sequence);
	history_acknowledge(&peer->history, sequence, peer->next);
	/* a message needs again what it needed before */
	if (!session_in_data(packet->guard->session))
		guard_shrink(packet->guard);
	return STREAM_ACCEPT;
}

/* Notes what of a step is going to be forwarded. */
static void stream_note(const struct packet *packet, const struct step *step,
			const u8 *data)
{
	struct history *history = &packet_side(packet)->history;
	bool mask = step->mask_to > step->mask_from && !packet->policy->monitor;
	size_t from = mask ? step->mask_from : step->length;
	size_t to = mask ? step->mask_to : step->length;

	switch (step->span) {
	case SPAN_OPAQUE:
		/* before TLS, what was noted may still come again */
		if (!session_is_opaque(packet->guard->session))
			history_start(history, packet_side(packet)->next +
					       step->length);
		return;
	case SPAN_BODY:
		history_note_body(history, data, from, &step->dots);
		history_note_masked(history, step->filler, to - from);
		return;
	case SPAN_CHUNK:
		history_note_any(history, step->length);
		return;
	default:
		history_note_exact(history, data, from);
		history_note_masked(history, step->filler, to - from);
		history_note_exact(history, data + to, step->length - to);
	}
}

/*
 * The message ended before octets that passed as part of it: the server would
 * read them as commands.  Its end has not been forwarded yet.
 */
static void stream_check_overtaken(const struct packet *packet,
				   struct step *step)
{
	if (!step_is_of_body(step) || !(step->events & STEP_DATA_END) ||
	    !packet_ahead(packet)->count)
		return;
	step->reset = true;
	step->reason = REASON_AHEAD;
}

/* Octets that no processor can read: nothing can be said of the segment. */
static enum stream_verdict stream_unreadable(struct reader *reader)
{
	const struct packet *packet = reader->packet;
	enum stream_verdict verdict =
		stream_dropped(packet, COUNTER_SEGMENTS_UNREADABLE);

	reader_close(reader);
	reader->at = packet->length;
	reader->end = packet->length;
	if (verdict == STREAM_ACCEPT)
		stream_lose(packet);
	return verdict;
}

/* One step of the core over what lies at the reader. */
static enum stream_verdict stream_step(struct reader *reader, const u8 *data,
				       unsigned int length)
{
	struct packet *packet = reader->packet;
	struct side *side = packet_side(packet);
	/* session_feed() sets it, and its dots are many */
	struct step step __uninitialized;
	int err = 0;

	session_feed(packet->guard->session, packet->policy,
		     packet->direction, data, length, &step);
	stream_check_overtaken(packet, &step);
	log_step(packet, &step, data);
	if (step.reset && stream_reset_by(packet, &step) == STREAM_RESET)
		return STREAM_RESET;
	stream_note(packet, &step, data);
	if (step.mask_to > step.mask_from && !packet->policy->monitor)
		err = reader_fill(reader, step.mask_from, step.mask_to,
				  step.filler);
	reader->at += step.length;
	side->next += step.length;
	side->octets += step.length;
	if (hellos_concern(packet->guard, &step))
		hellos_step(packet, &step, data);
	if (!err)
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
	return STREAM_DROP;
}

/*
 * Of a message it is not known before, but many dots are not near to each other;
 * where they are, see stream_portion().
 */
static unsigned int entries_of_text(unsigned int length)
{
	return max(min_t(unsigned int, length, ENTRIES_SPARE),
		   length / DOT_DISTANCE_LOW);
}

/*
 * Entries that octets take in a history.  Two octets of a command or a reply share
 * one, as a rule.
 */
static unsigned int stream_entries(const struct packet *packet,
				   unsigned int length)
{
	if (packet->direction == FROM_SERVER ||
	    !session_in_data(packet->guard->session) ||
	    session_in_exact_message(packet->guard->session, packet->policy))
		return DIV_ROUND_UP(length, 2);
	if (session_chunk_left(packet->guard->session,
			       packet->direction) >= length)
		return ENTRIES_OF_CHUNK;
	return entries_of_text(length);
}

/* An island that follows needs room in the client's history, too. */
static unsigned int stream_reserved(const struct packet *packet)
{
	return packet->direction == FROM_CLIENT ? packet_ahead(packet)->used :
						  0;
}

/*
 * Is there room for more entries, or can it be made?  0, -E2BIG where there may
 * not be so many, or -ENOMEM.
 */
static int stream_make_room(const struct packet *packet, unsigned int wanted)
{
	const struct history *history = &packet_side(packet)->history;

	wanted += stream_reserved(packet);
	if (history_room(history) >= wanted)
		return 0;
	if (history->broken)
		return -E2BIG;
	return guard_grow(packet->guard, (enum ring)packet->direction,
			  history->count + wanted);
}

/* Nothing before the segment is waited for. */
static bool stream_is_alone(const struct packet *packet)
{
	return !after(packet_sequence(packet),
		      packet_side(packet)->history.base);
}

/*
 * Are there so many unacknowledged octets under way that a repeat of these
 * could not be held against anything?
 */
static bool stream_is_full(const struct packet *packet, unsigned int length)
{
	return stream_make_room(packet, stream_entries(packet, length)) &&
	       !stream_is_alone(packet) && !packet->policy->monitor;
}

/*
 * How many of the next octets are read at once: what of them can be noted even
 * if each takes an entry, for a repeat of what is not noted resets the session.
 * 0 where that is too few: the segment comes again, and is read on from here.
 * One that is alone is read whole, or its size would stop the session; but not
 * without memory, for that comes again, too.
 */
static unsigned int stream_portion(const struct packet *packet,
				   unsigned int length)
{
	const struct history *history = &packet_side(packet)->history;
	int err = stream_make_room(packet, min(length, ENTRIES_LEAST));
	u64 chunk = session_chunk_left(packet->guard->session,
				       packet->direction);

	if (!err && chunk)
		return min_t(u64, length, chunk);
	if (!err)
		return min_t(unsigned int, length, history_room(history) -
						   stream_reserved(packet));
	if (packet->policy->monitor)
		return length;
	return err == -E2BIG && stream_is_alone(packet) ? length : 0;
}

/* Of a session whose phase is not known, what the client says passes so. */
static void stream_count_unread(const struct packet *packet)
{
	if (packet->direction == FROM_CLIENT &&
	    session_is_lost(packet->guard->session))
		stats_count(packet->net, COUNTER_SEGMENTS_MIDSTREAM);
}

/*
 * What is behind the reader's place must wait for a reply.  What is before it
 * passes without it, for that is what the reply will be to.
 */
static enum stream_verdict stream_withhold(struct reader *reader,
					   enum stream_verdict verdict)
{
	struct packet *packet = reader->packet;

	reader_close(reader);
	if (!reader->at)
		return stream_dropped(packet, COUNTER_SEGMENTS_WITHHELD);
	stats_count(packet->net, COUNTER_SEGMENTS_WITHHELD);
	if (edit_cut(packet->skb, packet->protoff, packet->payload + reader->at)) {
		stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
		return STREAM_DROP;
	}
	packet->length = reader->at;
	packet->tcp.fin = 0;
	reader->end = reader->at;
	return verdict;
}

/* No octet of the packet was fed so far. */
static enum stream_verdict stream_first(struct reader *reader)
{
	const struct packet *packet = reader->packet;
	enum reason reason = session_segment(packet->guard->session,
					     packet->direction);

	reader->fed = true;
	if (reason)
		return stream_reset(packet, reason);
	stream_count_unread(packet);
	return STREAM_ACCEPT;
}

/* Octets from the reader's place on are next in order. */
static enum stream_verdict stream_in_order(struct reader *reader)
{
	struct packet *packet = reader->packet;
	enum stream_verdict verdict = STREAM_ACCEPT;
	unsigned int length;
	const u8 *data;

	if (stream_is_full(packet, reader->end - reader->at))
		return stream_dropped(packet, COUNTER_SEGMENTS_DEFERRED);
	if (!reader->fed && stream_first(reader) == STREAM_RESET)
		return STREAM_RESET;
	while (!reader_is_done(reader)) {
		unsigned int at = reader->at;
		enum stream_verdict next;

		if (session_withholds(packet->guard->session, packet->direction))
			return stream_withhold(reader, verdict);
		length = reader_piece(reader, &data);
		if (!length)
			return stream_unreadable(reader);
		length = stream_portion(packet, length);
		if (!length) {
			reader_close(reader);
			return stream_dropped(packet,
					      COUNTER_SEGMENTS_DEFERRED);
		}
		/* after a failed edit the rest is read on, to stay in step */
		next = stream_step(reader, data, length);
		if (next == STREAM_RESET) {
			reader_close(reader);
			return next;
		}
		/* the core takes one octet at least, or there were no end */
		if (reader->at == at)
			return stream_unreadable(reader);
		if (next == STREAM_DROP)
			verdict = next;
	}
	reader_close(reader);
	return verdict;
}

/* A stretch of a repeat that is to be overwritten as it was before. */
static unsigned int stream_masked_run(const struct history *history,
				      struct history_cursor *cursor,
				      const u8 *data, unsigned int length,
				      u8 filler)
{
	unsigned int run;

	for (run = 0; run < length; run++) {
		struct history_cursor next = *cursor;
		u8 forwarded;

		if (history_compare(history, &next, data[run],
				    &forwarded) != HISTORY_REWRITE ||
		    forwarded != filler)
			break;
		*cursor = next;
	}
	return run;
}

/* Where the server may run text as commands, it is not known which text that is. */
static bool stream_runs_text(const struct packet *packet)
{
	const struct session *session = packet->guard->session;

	return session && session_has_broken_off(session);
}

/*
 * Nothing can be said of a repeat.  A final reply may have passed, and still be on
 * its way to the client, who would send the message again without it.
 */
static enum stream_verdict stream_unverifiable(const struct packet *packet)
{
	stats_count(packet->net, COUNTER_SEGMENTS_UNVERIFIABLE);
	if (guard_is_committed(packet->guard) ||
	    (packet->direction == FROM_CLIENT &&
	     packet_peer(packet)->history.count))
		return STREAM_DROP;
	return stream_reset(packet, REASON_UNVERIFIABLE);
}

static enum stream_verdict stream_compare(struct reader *reader,
					  const struct history *history,
					  struct history_cursor *cursor,
					  const u8 *data, unsigned int length)
{
	struct packet *packet = reader->packet;
	unsigned int i, run;
	u8 forwarded;

	for (i = 0; i < length; i++) {
		switch (history_compare(history, cursor, data[i],
					&forwarded)) {
		case HISTORY_EQUAL:
			continue;
		case HISTORY_ALIKE:
			if (!stream_runs_text(packet))
				continue;
			fallthrough;
		case HISTORY_UNKNOWN:
			return stream_unverifiable(packet);
		case HISTORY_REWRITE:
			run = 1 + stream_masked_run(history, cursor,
						    data + i + 1,
						    length - i - 1, forwarded);
			if (reader_fill(reader, i, i + run, forwarded))
				return STREAM_DROP;
			reader->at += i + run;
			return STREAM_ACCEPT;
		case HISTORY_DIFFERENT:
			return stream_dropped(packet,
					      COUNTER_SEGMENTS_MISMATCHED);
		}
	}
	reader->at += length;
	return STREAM_ACCEPT;
}

/* Octets up to the reader's end have been forwarded before. */
static enum stream_verdict stream_repeat(struct reader *reader,
					 const struct history *history)
{
	struct packet *packet = reader->packet;
	enum stream_verdict verdict = STREAM_ACCEPT;
	struct history_cursor cursor;
	unsigned int length;
	const u8 *data;

	if (packet->policy->monitor) {
		reader->at = reader->end;
		return STREAM_ACCEPT;
	}
	if (before(reader_sequence(reader), history->base))
		reader->at = min(reader->end, reader->at + history->base -
					      reader_sequence(reader));
	history_seek(history, &cursor, reader_sequence(reader));
	while (!reader_is_done(reader) && verdict == STREAM_ACCEPT) {
		length = reader_piece(reader, &data);
		if (!length)
			return stream_unreadable(reader);
		verdict = stream_compare(reader, history, &cursor, data,
					 length);
	}
	reader_close(reader);
	return verdict;
}

/* The whole payload lies in an island. */
static enum stream_verdict stream_repeat_island(struct reader *reader,
						const struct island *island)
{
	struct history history;

	stats_count(reader->packet->net, COUNTER_SEGMENTS_REPEATED);
	ahead_history(packet_ahead(reader->packet), island, &history);
	return stream_repeat(reader, &history);
}

/* May octets behind a hole be of a line that a server reads in pieces? */
static bool stream_line_is_long(const struct packet *packet,
				const struct landing *landing)
{
	u32 line = landing_line(landing, packet_ahead(packet),
				packet_side(packet)->next,
				packet->guard->session->body.loose);

	return session_line_is_long(packet->policy, line);
}

/* Reads what may become an island; false if it may not. */
static bool stream_land(struct reader *reader, enum step_span span,
			struct landing *landing)
{
	struct packet *packet = reader->packet;
	unsigned int long_lines = 0;
	unsigned int length;
	const u8 *data;

	if (span == SPAN_CHUNK) {
		landing_add_chunk(landing, reader->end);
		return landing_is_noted(landing);
	}
	while (!reader_is_done(reader)) {
		length = reader_piece(reader, &data);
		if (!length)
			return false;
		long_lines += landing_add_body(landing, data, length,
					       span == SPAN_BODY_EXACT,
					       packet->policy->max_text_line);
		reader->at += length;
	}
	reader_close(reader);
	if (!landing_is_noted(landing) || !landing_is_harmless(landing) ||
	    stream_line_is_long(packet, landing))
		return false;
	stats_add(packet->net, COUNTER_LINES_OVER_LIMIT, long_lines);
	return true;
}

/* Whether there was room enough will be seen. */
static void stream_make_room_ahead(const struct packet *packet,
				   enum step_span span)
{
	const struct ahead *ahead = packet_ahead(packet);
	unsigned int wanted = ahead->used;

	wanted += span == SPAN_BODY_EXACT ? DIV_ROUND_UP(packet->length, 2) :
					    stream_entries(packet, packet->length);
	if (wanted > ahead->size)
		guard_grow(packet->guard, RING_AHEAD, wanted);
}

/* A segment behind a hole that is in no island: can it be one? */
static bool stream_passes_ahead(struct reader *reader)
{
	struct packet *packet = reader->packet;
	u32 first = packet_sequence(packet);
	struct landing landing;
	enum step_span span;

	span = session_span_ahead(packet->guard->session, packet->policy,
				  packet->direction,
				  first + packet->length -
				  packet_side(packet)->next);
	if (packet->direction != FROM_CLIENT || span == SPAN_COMMAND ||
	    packet->tcp.fin ||
	    (span != SPAN_CHUNK && packet->length < AHEAD_LENGTH_MIN))
		return false;
	stream_make_room_ahead(packet, span);
	if (!landing_begin(&landing, packet_ahead(packet), first) ||
	    !stream_land(reader, span, &landing))
		return false;
	landing_end(&landing, packet->guard->ahead);
	return true;
}

/* There is a hole before the segment. */
static enum stream_verdict stream_ahead(struct reader *reader)
{
	struct packet *packet = reader->packet;
	u32 first = packet_sequence(packet);
	u32 next = first + packet->length;
	enum stream_verdict verdict;
	const struct island *island;

	island = ahead_overlapping(packet_ahead(packet), first, next);
	if (island && !before(first, island->first) &&
	    !after(next, island->next))
		return stream_repeat_island(reader, island);
	if (!island && stream_passes_ahead(reader)) {
		stats_count(packet->net, COUNTER_SEGMENTS_AHEAD);
		return STREAM_ACCEPT;
	}
	verdict = stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
	if (verdict == STREAM_ACCEPT)
		stream_lose(packet);
	return verdict;
}

/* An island lies right behind what has been fed. */
static enum stream_verdict stream_join_island(struct packet *packet,
					      const struct island *island)
{
	struct guard *guard = packet->guard;
	struct side *side = packet_side(packet);
	struct history notes;
	struct step step;

	session_skip(guard->session, packet->policy,
		     island->next - island->first, &island->map, &step);
	log_step(packet, &step, NULL);
	if (step.reset && stream_reset_by(packet, &step) == STREAM_RESET)
		return STREAM_RESET;
	ahead_history(guard->ahead, island, &notes);
	history_append(&side->history, &notes);
	side->octets += step.length;
	side->next = island->next;
	ahead_remove(guard->ahead, island);
	return STREAM_ACCEPT;
}

/* Islands that lie right behind what has been fed are next in order. */
static enum stream_verdict stream_join(struct packet *packet)
{
	const struct side *side = packet_side(packet);
	enum stream_verdict verdict = STREAM_ACCEPT;
	const struct island *island;

	while (verdict == STREAM_ACCEPT) {
		island = ahead_nearest(packet_ahead(packet), side->next);
		if (!island || island->first != side->next)
			break;
		verdict = stream_join_island(packet, island);
	}
	return verdict;
}

/* Where in the payload there is an island first, behind what is fed next. */
static unsigned int stream_gap_end(const struct reader *reader)
{
	const struct packet *packet = reader->packet;
	u32 next = packet_side(packet)->next;
	const struct island *island;

	if (packet->direction != FROM_CLIENT || !packet->guard->ahead)
		return packet->length;
	island = ahead_nearest(packet_ahead(packet), next);
	if (!island)
		return packet->length;
	return min(packet->length, reader->at + island->first - next);
}

/* The next octets, as far as they are all new or all a repeat. */
static enum stream_verdict stream_stretch(struct reader *reader)
{
	struct packet *packet = reader->packet;
	const struct side *side = packet_side(packet);
	enum stream_verdict verdict;

	if (before(reader_sequence(reader), side->next)) {
		reader->end = min(packet->length,
				  side->next - packet_sequence(packet));
		return stream_repeat(reader, &side->history);
	}
	reader->end = stream_gap_end(reader);
	verdict = stream_in_order(reader);
	if (verdict == STREAM_ACCEPT && packet->direction == FROM_CLIENT &&
	    packet->guard->ahead)
		verdict = stream_join(packet);
	return verdict;
}

static enum stream_verdict stream_payload(struct packet *packet)
{
	struct reader reader __uninitialized;
	enum stream_verdict verdict = STREAM_ACCEPT;
	u32 next = packet_side(packet)->next;

	if (packet->guard->strict && before(packet_sequence(packet),
					    packet_side(packet)->history.base))
		return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
	reader_begin(&reader, packet, packet->length);
	if (after(packet_sequence(packet), next))
		return stream_ahead(&reader);
	if (before(packet_sequence(packet), next))
		stats_count(packet->net, COUNTER_SEGMENTS_REPEATED);
	while (verdict == STREAM_ACCEPT && reader.at < packet->length) {
		/* both only grow */
		u32 done = reader.at + packet_side(packet)->next;

		verdict = stream_stretch(&reader);
		if (verdict == STREAM_ACCEPT && reader.at < packet->length &&
		    reader.at + packet_side(packet)->next == done)
			return stream_unreadable(&reader);
	}
	return verdict;
}

/* Forgets what was noted before the session became opaque, as it is acknowledged. */
static void stream_acknowledge_clear(const struct packet *packet)
{
	struct history *history = &packet_peer(packet)->history;
	u32 sequence = ntohl(packet->tcp.ack_seq);

	if (!packet->tcp.ack || !history->count)
		return;
	if (after(sequence, history->next))
		sequence = history->next;
	history_acknowledge(history, sequence, history->next);
	guard_shrink(packet->guard);
}

/* A session that is not read any more, but for what was read of it. */
static enum stream_verdict stream_opaque(struct packet *packet)
{
	struct side *side = packet_side(packet);
	struct reader reader __uninitialized;
	u32 sequence = packet_sequence(packet);

	stream_acknowledge_clear(packet);
	if (packet->guard->hellos)
		hellos_opaque(packet);
	side->octets += packet->length;
	if (!packet->length || !side->history.count ||
	    !before(sequence, side->history.next))
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_SEGMENTS_REPEATED);
	reader_begin(&reader, packet,
		     min(packet->length, side->history.next - sequence));
	return stream_repeat(&reader, &side->history);
}

/* The other side may have sent it. */
static enum stream_verdict stream_forged(const struct packet *packet)
{
	enum stream_verdict verdict =
		stream_dropped(packet, COUNTER_SEGMENTS_FORGED);

	return origin_is_given_up(packet) ?
	       stream_reset(packet, REASON_ORIGIN) : verdict;
}

/**
 * stream_urgent() - make urgent data plain
 * @packet: a segment that has some
 *
 * A receiver takes the octet that the urgent pointer names out of its stream,
 * or leaves it in, and one that was taken out joins what we read apart.
 * Without the flag it stays where it is (RFC 6093 section 6).
 *
 * Return: %STREAM_DROP without memory, which is counted.
 */
enum stream_verdict stream_urgent(const struct packet *packet)
{
	stats_count(packet->net, COUNTER_SEGMENTS_URGENT);
	if (packet->policy->monitor)
		return STREAM_ACCEPT;
	if (!edit_clear_urgent(packet->skb, packet->protoff))
		return STREAM_ACCEPT;
	stats_count(packet->net, COUNTER_ALLOCATION_FAILURES);
	return STREAM_DROP;
}

/*
 * An acknowledgment, or an end.  Of the latter the receiver acknowledges what was
 * missing before it, too, so it must not get there ahead.
 */
static enum stream_verdict stream_empty(const struct packet *packet)
{
	if (!packet->tcp.fin || !after(packet_sequence(packet),
				       packet_side(packet)->next))
		return STREAM_ACCEPT;
	return stream_dropped(packet, COUNTER_SEGMENTS_OUT_OF_ORDER);
}

/* Of what is not read no numbers are known; else nothing may be missing. */
static bool stream_ends(const struct packet *packet)
{
	return packet->tcp.fin &&
	       (guard_is_opaque(packet->guard) ||
		packet_sequence(packet) + packet->length ==
		packet_side(packet)->next);
}

static void stream_finish(const struct packet *packet)
{
	packet_side(packet)->finished = true;
	if (guard_is_finished(packet->guard))
		log_close(packet->guard);
}

/**
 * stream_is_steady() - can a segment be judged by its numbers alone
 * @guard: what is kept of the flow
 *
 * All that this looks at changes with a segment that is judged, and with nothing
 * else.
 *
 * Context: any, ct->lock held.
 * Return: true where neither the places in both streams nor who speaks is in
 * question, and the phase is known.
 */
bool stream_is_steady(const struct guard *guard)
{
	const struct session *session = guard->session;
	const struct side *client = &guard->side[FROM_CLIENT];
	const struct side *server = &guard->side[FROM_SERVER];

	lockdep_assert_held(&guard->ct->lock);
	return session && session->phase < PHASE_OPAQUE && !guard->hellos &&
	       client->known && server->known &&
	       !client->finished && !server->finished &&
	       client->interface && server->interface &&
	       !guard->untracked && !guard->unanswered &&
	       !guard->strays[FROM_CLIENT] && !guard->strays[FROM_SERVER];
}

/* The receiver takes them by their number, so nothing of them is read. */
static bool stream_takes_chunk(struct guard *guard, enum direction from,
			       unsigned int length)
{
	struct history *history = &guard->side[from].history;
	struct session *session = guard->session;

	/* with the last octet of a chunk the message may end */
	if (length >= session_chunk_left(session, from) ||
	    history_room(history) < ENTRIES_OF_CHUNK)
		return false;
	session_count_chunk(session, length);
	history_note_any(history, length);
	return true;
}

static bool stream_takes_text(struct guard *guard, enum direction from,
			      const struct policy *policy,
			      const struct sk_buff *skb, unsigned int length)
{
	struct history *history = &guard->side[from].history;
	const u8 *data = reader_whole(skb, length);
	struct dots dots __uninitialized;
	u32 long_lines;
	size_t first;

	if (!data || !session_is_client(guard->session, from) ||
	    history_room(history) < entries_of_text(length))
		return false;
	first = session_takes_text(guard->session, policy, data, length, &dots,
				   &long_lines);
	if (!first)
		return false;
	log_text(guard, data, length, long_lines);
	history_note_body(history, data, first, &dots);
	if (first == length)
		return true;
	dots_pass(&dots, first);
	history_note_body(history, data + first, length - first, &dots);
	return true;
}

/**
 * stream_takes_payload() - take note of octets of which none is to be judged
 * @guard: what is kept of the flow; @guard->steady is set
 * @from: who sends them
 * @policy: what is allowed
 * @skb: the packet that they are the end of
 * @sequence: the number of the first
 * @length: how many, at least one
 *
 * Context: softirq or process, ct->lock held.
 * Return: true where they are from the middle of a chunk, or of a message, and
 * nothing was found in them; false where they are not next in order, or something
 * may have to be judged, and nothing was noted.
 */
bool stream_takes_payload(struct guard *guard, enum direction from,
			  const struct policy *policy,
			  const struct sk_buff *skb, u32 sequence,
			  unsigned int length)
{
	struct session *session = guard->session;
	struct side *side = &guard->side[from];
	bool taken;

	lockdep_assert_held(&guard->ct->lock);
	if (sequence != side->next || guard->ahead ||
	    session_withholds(session, from))
		return false;
	if (session_in_message(session))
		taken = stream_takes_text(guard, from, policy, skb, length);
	else
		taken = stream_takes_chunk(guard, from, length);
	if (!taken)
		return false;
	side->next += length;
	side->octets += length;
	return true;
}

/*
 * Payload that is next in order, and nothing else is to be looked at.  Of what
 * stream_segment() does before it comes to that, only the acknowledgment changes
 * anything then.
 */
static bool stream_goes_on(const struct packet *packet)
{
	return packet->guard->steady && packet->policy->enabled &&
	       packet->length && packet_is_ordinary(&packet->tcp) &&
	       packet_sequence(packet) == packet_side(packet)->next &&
	       stream_is_believed_at_once(packet->guard, packet->direction,
					  packet->skb,
					  ntohl(packet->tcp.ack_seq));
}

/**
 * stream_expected() - what the receiver of a segment waits for
 * @packet: the segment, not yet judged
 *
 * Context: ct->lock held.
 * Return: the number of the next octet, which is what a reset must have for
 * the receiver to heed it (RFC 5961 section 3.2).
 */
u32 stream_expected(const struct packet *packet)
{
	const struct side *side;

	lockdep_assert_held(&packet->ct->lock);
	side = packet_side(packet);
	return side->known ? side->next : packet_sequence(packet);
}

/**
 * stream_segment() - judge a TCP segment
 * @packet: the segment; its octets may have been overwritten afterwards
 *
 * Context: softirq or process, ct->lock held.
 * Return: what becomes of it. After STREAM_RESET the session is closed.
 */
enum stream_verdict stream_segment(struct packet *packet)
{
	enum stream_verdict verdict = STREAM_ACCEPT;

	lockdep_assert_held(&packet->ct->lock);
	if (stream_goes_on(packet)) {
		stream_acknowledge_at_once(packet->guard, packet->direction,
					   packet->skb,
					   ntohl(packet->tcp.ack_seq));
		verdict = stream_payload(packet);
		goto finish;
	}
	/* conntrack has believed a reset already */
	if (packet->tcp.rst)
		closed_add(packet->ct, packet->guard->reversed);
	if (!origin_is_believed(packet))
		return stream_forged(packet);
	if (packet->tcp.rst) {
		log_close(packet->guard);
		return STREAM_ACCEPT;
	}
	if (packet->tcp.syn && packet->policy->enabled)
		verdict = stream_syn(packet);
	if (verdict != STREAM_ACCEPT || !packet->guard || packet->taken)
		return verdict;
	if (guard_is_opaque(packet->guard)) {
		verdict = stream_opaque(packet);
		goto finish;
	}
	if (!packet->policy->enabled) {
		stream_lose(packet);
		goto finish;
	}
	/* a SYN may be that of a new connection with the same ports */
	if (session_is_closed(packet->guard->session) && !packet->tcp.syn)
		return STREAM_RESET;
	verdict = stream_acknowledge(packet);
	if (verdict == STREAM_ACCEPT && packet->guard->untracked)
		verdict = stream_midstream(packet);
	if (!packet_side(packet)->known)
		stream_appear(packet);
	stream_tell_silence(packet);
	if (verdict == STREAM_ACCEPT && packet->tcp.urg)
		verdict = stream_urgent(packet);
	if (verdict == STREAM_ACCEPT)
		verdict = packet->length ? stream_payload(packet) :
					   stream_empty(packet);
finish:
	if (verdict == STREAM_ACCEPT && stream_ends(packet))
		stream_finish(packet);
	if (guard_is_opaque(packet->guard) || guard_is_finished(packet->guard))
		guard_rest(packet->guard);
	return verdict;
}
