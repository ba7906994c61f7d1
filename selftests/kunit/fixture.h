/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A flow under guard without a network around it: segments go in, and what
 * becomes of them is seen.
 */
#ifndef SMTPGUARD_KUNIT_FIXTURE_H
#define SMTPGUARD_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <net/netfilter/nf_conntrack.h>

#include "core/policy.h"
#include "flow.h"
#include "guard.h"
#include "segment.h"
#include "stream.h"

/* Near the wrap of sequence numbers, so that every test crosses it. */
#define CLIENT_START	0xfffffff0u
#define SERVER_START	0xfffffffdu

#define OUT_MAX		8192

/**
 * struct stream_fixture - a flow, and what came out of its last segment
 * @flow: what is known of it; it is in no table
 * @guard: what is kept of it
 * @ct: of a connection only what the stream looks at
 * @policy: what is allowed
 * @shape: how payload lies in packets
 * @device: index of the device that each side's packets come in by, by enum
 *	direction; 0: none, this host sends them
 * @next: number of the next octet, by enum direction
 * @acknowledged: highest number that was acknowledged, by enum direction
 * @expected: what the receiver of the last segment waited for
 * @out: payload after the last segment was judged
 * @out_length: how many
 * @out_header: its TCP header
 */
struct stream_fixture {
	struct flow flow;
	struct guard *guard;
	struct nf_conn ct;
	struct policy policy;
	enum segment_shape shape;
	int device[2];
	u32 next[2];
	u32 acknowledged[2];
	u32 expected;
	u8 out[OUT_MAX];
	unsigned int out_length;
	struct tcphdr out_header;
};

/* The parameters max_unacknowledged, its minimum, and max_memory. */
#define NOTES_DEFAULT	32768
#define LEAST_NOTES	2048
#define MEMORY_DEFAULT	256

int stream_test_init(struct kunit *test);
void stream_test_exit(struct kunit *test);
void limit_notes(struct kunit *test, u16 most);
void limit_memory(struct kunit *test, u16 most);
bool open_guard(struct kunit *test);
void close_guard(struct kunit *test);
void rest_guard(struct kunit *test);
bool reopen_guard(struct kunit *test);
enum stream_verdict send_segment(struct kunit *test, enum direction from,
				 const struct segment *segment);
enum stream_verdict send_at(struct kunit *test, enum direction from,
			    u32 sequence, const void *octets,
			    unsigned int length);
void expect_next(struct kunit *test, enum direction from, const char *octets,
		 const char *seen);
void acknowledge(struct kunit *test, enum direction from);
void send_syn(struct kunit *test, enum direction from);
void send_fin(struct kunit *test, enum direction from);
void open_connection(struct kunit *test);
void greet(struct kunit *test);
void ask_for_message(struct kunit *test);
void begin_text(struct kunit *test);
void start_tls(struct kunit *test);
void begin_again(struct kunit *test, u32 client, u32 server);
struct session *session_of(struct kunit *test);
enum phase phase_of(struct kunit *test);

#endif /* SMTPGUARD_KUNIT_FIXTURE_H */
