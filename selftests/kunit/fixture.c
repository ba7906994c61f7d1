// SPDX-License-Identifier: GPL-2.0
/*
 * The flow that segments of tests go through, from its SYN on.
 */
#include <linux/rcupdate.h>
#include <net/net_namespace.h>

#include "fixture.h"
#include "judge.h"
#include "packet.h"
#include "params.h"
#include "policies.h"
#include "stub.h"

/* What parameters say, for the time of one test. */
static struct settings *settings_to_change(void)
{
	struct settings *settings;

	rcu_read_lock();
	settings = (struct settings *)params_settings();
	rcu_read_unlock();
	return settings;
}

void limit_notes(struct kunit *test, u16 most)
{
	settings_to_change()->max_unacknowledged = most;
}

void limit_memory(struct kunit *test, u16 most)
{
	settings_to_change()->max_memory = most;
}

/* Under the lock that all of a flow is used with. */
static void hold_flow(struct stream_fixture *fixture)
{
	rcu_read_lock();
	spin_lock_bh(&fixture->ct.lock);
}

static void release_flow(struct stream_fixture *fixture)
{
	spin_unlock_bh(&fixture->ct.lock);
	rcu_read_unlock();
}

/* False where there is no memory for it. */
bool open_guard(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	struct flow *flow = &fixture->flow;

	hold_flow(fixture);
	flow->guard = guard_open(&fixture->ct, false);
	flow->state = flow->guard ? FLOW_GUARDED : FLOW_OVER;
	release_flow(fixture);
	fixture->guard = flow->guard;
	return fixture->guard;
}

void close_guard(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	hold_flow(fixture);
	guard_close(fixture->guard);
	release_flow(fixture);
	fixture->guard = NULL;
}

bool reopen_guard(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;
	bool opened;

	hold_flow(fixture);
	opened = flow_reopen(&fixture->flow);
	release_flow(fixture);
	fixture->guard = flow_guard(&fixture->flow);
	return opened;
}

/* The session has said nothing for a while. */
void rest_guard(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	hold_flow(fixture);
	guard_rest(fixture->guard);
	release_flow(fixture);
}

int stream_test_init(struct kunit *test)
{
	struct stream_fixture *fixture =
		kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);

	if (!fixture)
		return -ENOMEM;
	test->priv = fixture;
	policy_default(&fixture->policy);
	write_pnet(&fixture->ct.ct_net, &init_net);
	spin_lock_init(&fixture->ct.lock);
	fixture->flow.ct = &fixture->ct;
	fixture->device[FROM_CLIENT] = 1;
	fixture->device[FROM_SERVER] = 2;
	fixture->next[FROM_CLIENT] = CLIENT_START;
	fixture->next[FROM_SERVER] = SERVER_START;
	fixture->acknowledged[FROM_CLIENT] = CLIENT_START;
	fixture->acknowledged[FROM_SERVER] = SERVER_START;
	return open_guard(test) ? 0 : -ENOMEM;
}

void stream_test_exit(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	limit_notes(test, NOTES_DEFAULT);
	limit_memory(test, MEMORY_DEFAULT);
	if (fixture && fixture->guard)
		close_guard(test);
}

static enum stream_verdict judge(struct stream_fixture *fixture,
				 struct packet *packet)
{
	enum stream_verdict verdict;

	hold_flow(fixture);
	fixture->expected = packet->guard ? stream_expected(packet) :
					    stub_expected(packet);
	/* as judge_packet() does with what is plain; what cannot be read is not there */
	if (packet_is_ordinary(&packet->tcp) &&
	    packet->payload + packet->length == packet->skb->len &&
	    packet->guard &&
	    (judge_counts(packet->guard, packet->direction, packet->length) ||
	     judge_at_once(packet->guard, packet->direction, packet->policy,
			   packet->skb, &packet->tcp, packet->length)))
		verdict = STREAM_ACCEPT;
	else
		verdict = judge_flow(packet, NULL);
	release_flow(fixture);
	fixture->guard = packet->guard;
	return verdict;
}

/* Sends any segment; what it carries afterwards is in fixture->out. */
enum stream_verdict send_segment(struct kunit *test,
				 enum direction from,
				 const struct segment *segment)
{
	struct stream_fixture *fixture = test->priv;
	struct packet packet = {
		.ct = &fixture->ct,
		.net = &init_net,
		.flow = &fixture->flow,
		.guard = fixture->guard,
		.policy = &fixture->policy,
		.direction = from,
		.sender = nf_ct_tuple(&fixture->ct, from == FROM_SERVER),
		.protoff = segment_protoff(segment),
		.payload = segment_payload(segment),
		.length = segment->length + segment->unreadable,
	};
	enum stream_verdict verdict;
	bool whole, right;

	KUNIT_ASSERT_LE(test, segment->length, OUT_MAX);
	packet.skb = segment_make(test, segment);
	packet.tcp = *tcp_hdr(packet.skb);
	packet.skb->skb_iif = fixture->device[from];
	verdict = judge(fixture, &packet);
	fixture->out_length = min(packet.length, segment->length);
	whole = packet.skb->len == packet.payload + fixture->out_length &&
		!skb_copy_bits(packet.skb, packet.payload, fixture->out,
			       fixture->out_length);
	right = segment_sum_holds(packet.skb, segment);
	fixture->out_header = *tcp_hdr(packet.skb);
	kfree_skb(packet.skb);
	KUNIT_ASSERT_TRUE(test, whole);
	KUNIT_ASSERT_TRUE(test, right);
	return verdict;
}

/* Octets from number @sequence on; all of the other side's are acknowledged. */
enum stream_verdict send_at(struct kunit *test, enum direction from,
			    u32 sequence, const void *octets,
			    unsigned int length)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.shape = fixture->shape,
		.options = 12,
		.sequence = sequence,
		.acknowledgment = fixture->acknowledged[!from],
		.flags = TCP_FLAG_ACK,
		.payload = octets,
		.length = length,
	};

	return send_segment(test, from, &segment);
}

/* Octets that are next in order, and what becomes of them. */
void expect_next(struct kunit *test, enum direction from,
		 const char *octets, const char *seen)
{
	struct stream_fixture *fixture = test->priv;
	unsigned int length = strlen(octets);

	KUNIT_ASSERT_EQ_MSG(test,
			    send_at(test, from, fixture->next[from], octets,
				    length), STREAM_ACCEPT, "\"%s\"", octets);
	KUNIT_ASSERT_EQ_MSG(test, memcmp(fixture->out, seen, length), 0,
			    "\"%s\"", octets);
	fixture->next[from] += length;
}

/* All that one side has sent is acknowledged from now on. */
void acknowledge(struct kunit *test, enum direction from)
{
	struct stream_fixture *fixture = test->priv;

	fixture->acknowledged[from] = fixture->next[from];
	KUNIT_ASSERT_EQ(test, send_at(test, !from, fixture->next[!from], NULL,
				      0), STREAM_ACCEPT);
}

void send_syn(struct kunit *test, enum direction from)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.sequence = fixture->next[from] - 1,
		.acknowledgment = fixture->acknowledged[!from],
		.flags = from == FROM_CLIENT ? TCP_FLAG_SYN :
					       TCP_FLAG_SYN | TCP_FLAG_ACK,
	};

	KUNIT_ASSERT_EQ(test, send_segment(test, from, &segment),
			STREAM_ACCEPT);
}

void send_fin(struct kunit *test, enum direction from)
{
	struct stream_fixture *fixture = test->priv;
	struct segment segment = {
		.sequence = fixture->next[from],
		.acknowledgment = fixture->acknowledged[!from],
		.flags = TCP_FLAG_ACK | TCP_FLAG_FIN,
	};

	KUNIT_ASSERT_EQ(test, send_segment(test, from, &segment),
			STREAM_ACCEPT);
	/* it has a number of its own */
	fixture->next[from]++;
}

void open_connection(struct kunit *test)
{
	send_syn(test, FROM_CLIENT);
	send_syn(test, FROM_SERVER);
}

void greet(struct kunit *test)
{
	open_connection(test);
	expect_next(test, FROM_SERVER, "220 mx\r\n", "220 mx\r\n");
	acknowledge(test, FROM_SERVER);
}

/* Goes on to where the server wants the message. */
void ask_for_message(struct kunit *test)
{
	greet(test);
	expect_next(test, FROM_CLIENT, "DATA\r\n", "DATA\r\n");
	expect_next(test, FROM_SERVER, "354 go\r\n", "354 go\r\n");
	acknowledge(test, FROM_SERVER);
	acknowledge(test, FROM_CLIENT);
}

/* A message whose header is over, and acknowledged. */
void begin_text(struct kunit *test)
{
	ask_for_message(test);
	expect_next(test, FROM_CLIENT, "\r\n", "\r\n");
	acknowledge(test, FROM_CLIENT);
}

void start_tls(struct kunit *test)
{
	/* without a NUL, that of a client in the frame of SSL 2 */
	static const char client_hello[] = "\x80\x09\001\x03\001abcdef";
	static const char server_hello[] = "\x16\x03\x03\001\001\002";

	greet(test);
	expect_next(test, FROM_CLIENT, "STARTTLS\r\n", "STARTTLS\r\n");
	expect_next(test, FROM_SERVER, "220 go\r\n", "220 go\r\n");
	expect_next(test, FROM_CLIENT, client_hello, client_hello);
	expect_next(test, FROM_SERVER, server_hello, server_hello);
}

struct session *session_of(struct kunit *test)
{
	return ((struct stream_fixture *)test->priv)->guard->session;
}

enum phase phase_of(struct kunit *test)
{
	struct stream_fixture *fixture = test->priv;

	if (!fixture->guard)
		return fixture->flow.state == FLOW_OVER ? PHASE_CLOSED :
							  PHASE_OPAQUE;
	return fixture->guard->session ? fixture->guard->session->phase :
					 PHASE_OPAQUE;
}

/* Another flow, as if there had been none. */
void begin_again(struct kunit *test, u32 client, u32 server)
{
	struct stream_fixture *fixture = test->priv;

	if (fixture->guard)
		close_guard(test);
	KUNIT_ASSERT_TRUE(test, open_guard(test));
	fixture->next[FROM_CLIENT] = client;
	fixture->next[FROM_SERVER] = server;
	fixture->acknowledged[FROM_CLIENT] = client;
	fixture->acknowledged[FROM_SERVER] = server;
}
