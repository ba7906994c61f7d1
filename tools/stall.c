// SPDX-License-Identifier: GPL-2.0
/*
 * What Microsoft's KB Q295725 looks for in a trace: an end of data that no final
 * reply follows, and the same message coming again, since its sender has to take
 * it for lost.
 *
 * A message is known from its MAIL on.  The lines tell of its end of data, and its
 * record, which comes by another group, that the final reply has come; since the
 * two may overtake each other, a record is taken before the end of data, too.
 * Where events are lost, a record may be among them, so that nothing that waits
 * can be told any more.
 */
#include <arpa/inet.h>
#include <string.h>

#include "stall.h"
#include "text.h"

#define NANOSECONDS	1000000000ULL
#define NANOSECONDS_PER_MILLI	1000000ULL
/* How long the same message coming again is one. */
#define REPEAT_WITHIN	(3600 * NANOSECONDS)

/**
 * stall_init() - begin with nothing
 * @stall: filled in
 * @seconds: that a final reply may take
 * @json: findings are written as JSON
 * @out: where to
 */
void stall_init(struct stall *stall, unsigned int seconds, bool json, FILE *out)
{
	memset(stall, 0, sizeof(*stall));
	stall->period = seconds * NANOSECONDS;
	stall->json = json;
	stall->out = out;
}

static bool is_waiting(const struct stall_message *message)
{
	return message->state == STALL_WAITING ||
	       message->state == STALL_STALLED;
}

static bool is_begun(const struct stall_message *message)
{
	return message->state == STALL_BEGUN;
}

/* The oldest of a session of which something holds, or NULL. */
static struct stall_message *find(struct stall *stall, uint64_t session,
				  bool (*holds)(const struct stall_message *))
{
	unsigned int i;

	for (i = 1; i <= STALL_KEPT; i++) {
		struct stall_message *message =
			&stall->messages[(stall->newest + i) % STALL_KEPT];

		if (message->session == session && holds(message))
			return message;
	}
	return NULL;
}

static char *sender_of(struct stall *stall, const struct stall_message *message)
{
	return stall->senders[message - stall->messages];
}

static void write_people(struct stall *stall,
			 const struct stall_message *message, uint64_t now,
			 const char *address)
{
	event_print_time(now, stall->out);
	fprintf(stall->out, "  %s  *** session %llu, ", address,
		(unsigned long long)message->session);
	if (message->knows_sender) {
		fputc('<', stall->out);
		text_write(stall->out, sender_of(stall, message),
			   message->sender_length);
		fputs(">, ", stall->out);
	}
	fprintf(stall->out, "%llu octets: ", (unsigned long long)message->size);
}

static void write_json(struct stall *stall, struct json *json,
		       const struct stall_message *message, uint64_t now,
		       const char *address)
{
	json_begin(json, stall->out);
	json_string(json, "event", "stall");
	json_number(json, "time", now);
	json_number(json, "session", message->session);
	json_string(json, "client_address", address);
	if (message->knows_sender)
		json_octets(json, "sender", sender_of(stall, message),
			    message->sender_length);
	json_number(json, "size", message->size);
}

static void address_of(const struct stall_message *message,
		       char text[INET6_ADDRSTRLEN])
{
	int family = message->address_length == sizeof(struct in_addr) ?
		     AF_INET : AF_INET6;

	strcpy(text, "?");
	inet_ntop(family, message->client, text, INET6_ADDRSTRLEN);
}

static unsigned long long milliseconds(uint64_t from, uint64_t to)
{
	return to > from ? (to - from) / NANOSECONDS_PER_MILLI : 0;
}

/* What became of a message: a word for programs, and a text for people, which has
 * a code in it where there is one.
 */
static const struct {
	const char *word;
	const char *text;
} outcomes[] = {
	[STALL_WAITING] = { "waiting", "waits for its final reply" },
	[STALL_STALLED] = { "stalled", "no final reply to the end of data" },
	[STALL_ANSWERED] = { "answered", "the final reply is" },
	[STALL_ENDED] = { "ended", "the session ended without a final reply" },
};

static void write_outcome(struct stall *stall,
			  const struct stall_message *message)
{
	fputs(outcomes[message->state].text, stall->out);
	if (message->state == STALL_ANSWERED)
		fprintf(stall->out, " %u", message->code);
}

static void tell(struct stall *stall, const struct stall_message *message,
		 uint64_t now)
{
	unsigned long long waited = milliseconds(message->ended_at, now);
	char address[INET6_ADDRSTRLEN];
	struct json json;

	address_of(message, address);
	if (!stall->json) {
		write_people(stall, message, now, address);
		write_outcome(stall, message);
		fprintf(stall->out, ", after %llu.%03llu s\n", waited / 1000,
			waited % 1000);
		return;
	}
	write_json(stall, &json, message, now, address);
	json_string(&json, "finding", outcomes[message->state].word);
	if (message->state == STALL_ANSWERED)
		json_number(&json, "code", message->code);
	json_number(&json, "milliseconds", waited);
	json_end(&json);
}

static void tell_repeat(struct stall *stall,
			const struct stall_message *message,
			const struct stall_message *former)
{
	unsigned long long ago = milliseconds(former->ended_at,
					      message->ended_at);
	char address[INET6_ADDRSTRLEN];
	struct json json;

	address_of(message, address);
	if (!stall->json) {
		write_people(stall, message, message->ended_at, address);
		fprintf(stall->out,
			"the same again, as in session %llu, %llu.%03llu s ago: ",
			(unsigned long long)former->session, ago / 1000,
			ago % 1000);
		write_outcome(stall, former);
		fputc('\n', stall->out);
		return;
	}
	write_json(stall, &json, message, message->ended_at, address);
	json_string(&json, "finding", "repeated");
	json_number(&json, "former_session", former->session);
	json_string(&json, "former_finding", outcomes[former->state].word);
	if (former->state == STALL_ANSWERED)
		json_number(&json, "code", former->code);
	json_number(&json, "milliseconds", ago);
	json_end(&json);
}

static bool is_repeat(struct stall *stall, const struct stall_message *message,
		      const struct stall_message *former)
{
	return former->size == message->size &&
	       former->state >= STALL_WAITING && former->knows_sender &&
	       former->ended_at + REPEAT_WITHIN >= message->ended_at &&
	       former->address_length == message->address_length &&
	       memcmp(former->client, message->client,
		      message->address_length) == 0 &&
	       former->sender_length == message->sender_length &&
	       memcmp(sender_of(stall, former), sender_of(stall, message),
		      message->sender_length) == 0;
}

/* Of several that were the same, the last one is told. */
static void look_for_repeat(struct stall *stall,
			    const struct stall_message *message)
{
	unsigned int at = message - stall->messages;
	unsigned int i;

	if (!message->knows_sender)
		return;
	for (i = 1; i < STALL_KEPT; i++) {
		const struct stall_message *former =
			&stall->messages[(at + STALL_KEPT - i) % STALL_KEPT];

		if (is_repeat(stall, message, former)) {
			tell_repeat(stall, message, former);
			return;
		}
	}
}

static void set_sender(struct stall *stall, struct stall_message *message,
		       const char *sender, size_t length)
{
	if (length > STALL_SENDER)
		length = STALL_SENDER;
	memcpy(sender_of(stall, message), sender, length);
	message->sender_length = length;
	message->knows_sender = true;
}

/* The path of a MAIL; there is none where log_envelope withholds it. */
static void set_path(struct stall *stall, struct stall_message *message,
		     const struct nlattr *text)
{
	const char *line = text ? mnl_attr_get_payload(text) : "";
	size_t length = text ? mnl_attr_get_payload_len(text) : 0;
	const char *begin = memchr(line, '<', length);
	const char *end;

	message->knows_sender = false;
	if (!begin)
		return;
	begin++;
	length -= begin - line;
	end = memchr(begin, '>', length);
	set_sender(stall, message, begin, end ? (size_t)(end - begin) : length);
}

static struct stall_message *take(struct stall *stall)
{
	stall->newest = (stall->newest + 1) % STALL_KEPT;
	return &stall->messages[stall->newest];
}

static void add_mail(struct stall *stall, const struct event *event,
		     uint64_t session)
{
	const struct nlattr *client =
		event->attribute[SMTPGUARD_A_CLIENT_ADDRESS];
	struct stall_message *message = find(stall, session, is_begun);

	if (!client || event->attribute[SMTPGUARD_A_REFUSED])
		return;
	if (!message)
		message = take(stall);
	memset(message, 0, sizeof(*message));
	message->state = STALL_BEGUN;
	message->session = session;
	message->address_length = mnl_attr_get_payload_len(client);
	memcpy(message->client, mnl_attr_get_payload(client),
	       message->address_length);
	set_path(stall, message, event->attribute[SMTPGUARD_A_TEXT]);
}

static void add_end_of_data(struct stall *stall, const struct event *event,
			    uint64_t session)
{
	struct stall_message *message = find(stall, session, is_begun);

	if (!message)
		return;
	message->state = STALL_WAITING;
	message->ended_at = event_number(event, SMTPGUARD_A_TIME);
	message->size = event_number(event, SMTPGUARD_A_SIZE);
	if (!stall->due)
		stall->due = message->ended_at + stall->period;
	look_for_repeat(stall, message);
}

static void end(struct stall *stall, struct stall_message *message,
		enum stall_state state, uint64_t now)
{
	bool was_told = message->state == STALL_STALLED;

	message->state = state;
	if (was_told || state == STALL_ENDED)
		tell(stall, message, now);
}

static void add_record(struct stall *stall, const struct event *event,
		       uint64_t session)
{
	const char *result = event_string(event, SMTPGUARD_A_RESULT);
	const struct nlattr *sender = event->attribute[SMTPGUARD_A_SENDER];
	bool is_answered = strcmp(result, "answered") == 0;
	struct stall_message *message;

	if (!is_answered && strcmp(result, "unanswered") != 0)
		return;
	message = find(stall, session, is_waiting);
	if (!message) {
		message = find(stall, session, is_begun);
		if (!message)
			return;
		message->ended_at = event_number(event, SMTPGUARD_A_TIME);
		message->size = event_number(event, SMTPGUARD_A_SIZE);
		look_for_repeat(stall, message);
	}
	message->code = event_number(event, SMTPGUARD_A_CODE);
	if (!message->knows_sender && sender) {
		set_sender(stall, message, mnl_attr_get_payload(sender),
			   mnl_attr_get_payload_len(sender));
		look_for_repeat(stall, message);
	}
	end(stall, message, is_answered ? STALL_ANSWERED : STALL_ENDED,
	    event_number(event, SMTPGUARD_A_TIME));
}

static void add_close(struct stall *stall, const struct event *event,
		      uint64_t session)
{
	struct stall_message *message;

	while ((message = find(stall, session, is_waiting)))
		end(stall, message, STALL_ENDED,
		    event_number(event, SMTPGUARD_A_TIME));
	message = find(stall, session, is_begun);
	if (message)
		message->state = STALL_FREE;
}

/**
 * stall_add() - an event came
 * @stall: what came before
 * @event: the event
 */
void stall_add(struct stall *stall, const struct event *event)
{
	uint64_t session = event_number(event, SMTPGUARD_A_SESSION);

	switch (event_number(event, SMTPGUARD_A_EVENT)) {
	case SMTPGUARD_EVENT_COMMAND:
		if (strcmp(event_string(event, SMTPGUARD_A_VERB), "MAIL") == 0)
			add_mail(stall, event, session);
		break;
	case SMTPGUARD_EVENT_DATA_END:
		add_end_of_data(stall, event, session);
		break;
	case SMTPGUARD_EVENT_MESSAGE:
		add_record(stall, event, session);
		break;
	case SMTPGUARD_EVENT_CLOSE:
		add_close(stall, event, session);
		break;
	}
}

/**
 * stall_check() - name what has waited for too long by now
 * @stall: what came so far
 * @now: nanoseconds, as the events have them
 */
void stall_check(struct stall *stall, uint64_t now)
{
	unsigned int i;

	if (!stall->due || now < stall->due)
		return;
	stall->due = 0;
	for (i = 1; i <= STALL_KEPT; i++) {
		struct stall_message *message =
			&stall->messages[(stall->newest + i) % STALL_KEPT];
		uint64_t due = message->ended_at + stall->period;

		if (message->state != STALL_WAITING)
			continue;
		if (due <= now) {
			message->state = STALL_STALLED;
			tell(stall, message, now);
		} else if (!stall->due || due < stall->due) {
			stall->due = due;
		}
	}
}

/**
 * stall_forget() - events are lost
 * @stall: what came so far: what is not over may be by now
 */
void stall_forget(struct stall *stall)
{
	unsigned int i;

	stall->due = 0;
	for (i = 0; i < STALL_KEPT; i++)
		if (is_begun(&stall->messages[i]) ||
		    is_waiting(&stall->messages[i]))
			stall->messages[i].state = STALL_FREE;
}
