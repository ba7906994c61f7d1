// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the hellos of a TLS handshake beside the core, which looks at their first
 * octets alone, and tells what they say.  It begins with the client's first octet
 * behind the 220 to STARTTLS, or of a port that has TLS at once, and ends with the
 * server's hello:
 *
 *	PHASE_TLS	both sides' octets come in steps, in order and once
 *	PHASE_OPAQUE	the rest of the server's hello, if it was cut: nobody
 *			keeps what passes, so it is read while it comes in order
 *
 * The client's hello is whole before the server's begins.  No verdict depends on
 * any of it: where there is no memory, or octets passed unread, nothing is told,
 * and that is counted.
 *
 * All of it runs with the flow's ct->lock held; the functions that others call
 * assert it.
 */
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "events.h"
#include "hellos.h"
#include "packet.h"
#include "reader.h"
#include "stats.h"

/* By enum hello_state of the server's, but for one under way. */
static const char *const results[] = {
	[HELLO_READ]	= "agreed",
	[HELLO_ALERT]	= "alert",
	[HELLO_WRONG]	= "unread",
};

static bool hellos_is_client(const struct packet *packet)
{
	return packet->direction == (packet->guard->session->turned ?
				     FROM_SERVER : FROM_CLIENT);
}

static void hellos_begin(const struct packet *packet)
{
	struct guard *guard = packet->guard;
	struct hellos *hellos;

	/* its end was told */
	if (guard->closed)
		return;
	hellos = guard_alloc(guard, sizeof(*hellos));
	if (!hellos)
		return;
	hello_open(&hellos->hello);
	hellos->client = packet->direction;
	guard->hellos = hellos;
}

/* @result: where the server's hello is not whole, and could still be. */
static void hellos_end(struct guard *guard, const char *result)
{
	const struct hello *hello = &guard->hellos->hello;
	struct event event = {
		.kind = SMTPGUARD_EVENT_TLS,
		.hello = hello,
		.result = results[hello->server] ?: result,
	};

	lockdep_assert_held(&guard->ct->lock);
	if (hello->server == HELLO_READ)
		guard->tls_version = hello->version;
	if (hello->server == HELLO_WRONG)
		stats_count(nf_ct_net(guard->ct), COUNTER_HELLOS_UNREAD);
	if (hello_is_known(hello))
		events_send(guard->ct, guard, &event);
	hellos_free(guard);
}

static void hellos_end_if_over(struct guard *guard)
{
	if (hello_is_over(&guard->hellos->hello))
		hellos_end(guard, NULL);
}

/* Octets have passed that were not read. */
static void hellos_give_up(struct guard *guard)
{
	guard->hellos->hello.server = HELLO_WRONG;
	hellos_end(guard, NULL);
}

static void hellos_read(const struct packet *packet, const struct step *step,
			const u8 *data)
{
	struct hellos *hellos = packet->guard->hellos;

	if (packet->direction != hellos->client) {
		hello_server(&hellos->hello, data, step->length);
		hellos->next = packet_side(packet)->next;
	} else if (step->phase == PHASE_TLS) {
		hello_client(&hellos->hello, data, step->length);
	}
	hellos_end_if_over(packet->guard);
}

/**
 * hellos_step() - read what a step has of a handshake
 * @packet: the packet that it is part of
 * @step: the step, which has been told and counted
 * @data: its octets, as the peer sent them
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void hellos_step(const struct packet *packet, const struct step *step,
		 const u8 *data)
{
	struct guard *guard = packet->guard;

	lockdep_assert_held(&packet->ct->lock);
	if (step->phase == PHASE_TLS && !guard->hellos &&
	    hellos_is_client(packet))
		hellos_begin(packet);
	if (!guard->hellos) {
		stats_add(packet->net, COUNTER_HELLOS_UNREAD,
			  !!(step->events & STEP_TLS_START));
		return;
	}
	switch (guard->session->phase) {
	case PHASE_TLS:
	case PHASE_OPAQUE:
		hellos_read(packet, step, data);
		return;
	case PHASE_COMMAND:
		hellos_end(guard, "declined");
		return;
	default:
		hellos_end(guard, "ended");
	}
}

/* From where the server's octets are not read any more on. */
static void hellos_read_on(struct packet *packet)
{
	struct guard *guard = packet->guard;
	struct reader reader = {
		.packet = packet,
		/* more than there are, where some before it are missing */
		.at = guard->hellos->next - packet_sequence(packet),
		.end = packet->length,
	};

	while (guard->hellos && !reader_is_done(&reader)) {
		unsigned int length;
		const u8 *data;

		length = reader_piece(&reader, &data);
		if (!length) {
			hellos_give_up(guard);
			break;
		}
		hello_server(&guard->hellos->hello, data, length);
		reader.at += length;
		guard->hellos->next += length;
		hellos_end_if_over(guard);
	}
	reader_close(&reader);
}

/**
 * hellos_opaque() - read what is left of a handshake when all else passes unread
 * @packet: a segment of a session whose guard has hellos
 *
 * A segment behind a hole is not read, and comes only once: when the client
 * acknowledges it, the rest will not come in order any more.
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void hellos_opaque(struct packet *packet)
{
	struct guard *guard = packet->guard;

	lockdep_assert_held(&packet->ct->lock);
	if (packet->direction != guard->hellos->client)
		hellos_read_on(packet);
	else if (packet->tcp.ack && after(ntohl(packet->tcp.ack_seq),
					  guard->hellos->next))
		hellos_give_up(guard);
}

/**
 * hellos_close() - the session is over
 * @guard: its guard
 *
 * Context: any, ct->lock and RCU read lock held.
 */
void hellos_close(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	if (guard->hellos)
		hellos_end(guard, "ended");
}

/**
 * hellos_free() - forget what was read
 * @guard: of this session
 *
 * Context: any, ct->lock held.
 */
void hellos_free(struct guard *guard)
{
	lockdep_assert_held(&guard->ct->lock);
	guard_free(guard, guard->hellos, sizeof(*guard->hellos));
	guard->hellos = NULL;
}
