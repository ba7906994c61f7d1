// SPDX-License-Identifier: GPL-2.0
/*
 * Two tables: what attributes hold, which decides how they are checked and how
 * they look in JSON, and what events say to people.  An attribute that is not
 * what it should be is as good as absent; one that is in no table, or an event,
 * comes from a newer module and is passed over.
 *
 * A line for people is the time, the connection, and what happened:
 *
 *	2025-03-01 14:15:16.789  192.0.2.2:40000 > 198.51.100.2:25  >>> 220 hi
 *
 * with >>> for what the server says, <<< for what the client says, !!! for
 * what was refused, === for a message or a TLS handshake, *** for what is missing,
 * and --- for all else.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "json.h"
#include "reason.h"
#include "text.h"
#include "tls.h"

#define NANOSECONDS		1000000000ULL
#define NANOSECONDS_PER_MILLI	1000000ULL
/* An IPv4 connection with the longest port, mostly. */
#define FLOW_WIDTH		42
/* A list of words says little where one of them was asked for. */
#define SETTING_SHOWN		16

/**
 * enum content - what an attribute holds
 * @CONTENT_NONE: it is no part of an event
 * @CONTENT_NUMBER: u16, u32 or u64, by its length
 * @CONTENT_VERSION: u16, a version of TLS
 * @CONTENT_CIPHER: u16, a cipher suite of TLS
 * @CONTENT_STRING: a terminated string
 * @CONTENT_OCTETS: any octets
 * @CONTENT_LIST: any octets; there may be several of them
 * @CONTENT_FLAG: nothing, it is there or not
 * @CONTENT_ADDRESS: 4 or 16 octets
 */
enum content {
	CONTENT_NONE,
	CONTENT_NUMBER,
	CONTENT_VERSION,
	CONTENT_CIPHER,
	CONTENT_STRING,
	CONTENT_OCTETS,
	CONTENT_LIST,
	CONTENT_FLAG,
	CONTENT_ADDRESS,
};

static const struct {
	const char *name;
	enum content content;
} contents[__SMTPGUARD_A_MAX] = {
	[SMTPGUARD_A_EVENT]		= { "event", CONTENT_NUMBER },
	[SMTPGUARD_A_NUMBER]		= { "number", CONTENT_NUMBER },
	[SMTPGUARD_A_TIME]		= { "time", CONTENT_NUMBER },
	[SMTPGUARD_A_SESSION]		= { "session", CONTENT_NUMBER },
	[SMTPGUARD_A_CLIENT_ADDRESS]	= { "client_address", CONTENT_ADDRESS },
	[SMTPGUARD_A_CLIENT_PORT]	= { "client_port", CONTENT_NUMBER },
	[SMTPGUARD_A_SERVER_ADDRESS]	= { "server_address", CONTENT_ADDRESS },
	[SMTPGUARD_A_SERVER_PORT]	= { "server_port", CONTENT_NUMBER },
	[SMTPGUARD_A_VERB]		= { "verb", CONTENT_STRING },
	[SMTPGUARD_A_TEXT]		= { "text", CONTENT_OCTETS },
	[SMTPGUARD_A_TRUNCATED]		= { "truncated", CONTENT_FLAG },
	[SMTPGUARD_A_REFUSED]		= { "refused", CONTENT_FLAG },
	[SMTPGUARD_A_CODE]		= { "code", CONTENT_NUMBER },
	[SMTPGUARD_A_BYTES]		= { "bytes", CONTENT_NUMBER },
	[SMTPGUARD_A_SEGMENTS]		= { "segments", CONTENT_NUMBER },
	[SMTPGUARD_A_VERDICT]		= { "verdict", CONTENT_STRING },
	[SMTPGUARD_A_REASON]		= { "reason", CONTENT_STRING },
	[SMTPGUARD_A_MESSAGES]		= { "messages", CONTENT_NUMBER },
	[SMTPGUARD_A_COMMANDS]		= { "commands", CONTENT_NUMBER },
	[SMTPGUARD_A_REFUSALS]		= { "refusals", CONTENT_NUMBER },
	[SMTPGUARD_A_BYTES_TO_SERVER]	= { "bytes_to_server", CONTENT_NUMBER },
	[SMTPGUARD_A_BYTES_TO_CLIENT]	= { "bytes_to_client", CONTENT_NUMBER },
	[SMTPGUARD_A_MILLISECONDS]	= { "milliseconds", CONTENT_NUMBER },
	[SMTPGUARD_A_UNANSWERED]	= { "unanswered", CONTENT_FLAG },
	[SMTPGUARD_A_SIZE]		= { "size", CONTENT_NUMBER },
	[SMTPGUARD_A_DECLARED]		= { "declared", CONTENT_NUMBER },
	[SMTPGUARD_A_PARAMETER]		= { "parameter", CONTENT_STRING },
	[SMTPGUARD_A_SETTING]		= { "setting", CONTENT_STRING },
	[SMTPGUARD_A_PROFILE]		= { "profile", CONTENT_STRING },
	[SMTPGUARD_A_SIDE]		= { "side", CONTENT_STRING },
	[SMTPGUARD_A_OFFSET]		= { "offset", CONTENT_NUMBER },
	[SMTPGUARD_A_PHASE]		= { "phase", CONTENT_STRING },
	[SMTPGUARD_A_GROUP]		= { "group", CONTENT_STRING },
	[SMTPGUARD_A_RESULT]		= { "result", CONTENT_STRING },
	[SMTPGUARD_A_INDEX]		= { "index", CONTENT_NUMBER },
	[SMTPGUARD_A_HELO]		= { "helo", CONTENT_OCTETS },
	[SMTPGUARD_A_SENDER]		= { "sender", CONTENT_OCTETS },
	[SMTPGUARD_A_RECIPIENT]		= { "recipient", CONTENT_LIST },
	[SMTPGUARD_A_HASHED]		= { "hashed", CONTENT_FLAG },
	[SMTPGUARD_A_RECIPIENTS]	= { "recipients", CONTENT_NUMBER },
	[SMTPGUARD_A_ACCEPTED]		= { "accepted", CONTENT_NUMBER },
	[SMTPGUARD_A_REJECTED]		= { "rejected", CONTENT_NUMBER },
	[SMTPGUARD_A_MASKED]		= { "masked", CONTENT_NUMBER },
	[SMTPGUARD_A_REPLY]		= { "reply", CONTENT_LIST },
	[SMTPGUARD_A_MICROSECONDS]	= { "microseconds", CONTENT_NUMBER },
	[SMTPGUARD_A_TLS]		= { "tls", CONTENT_FLAG },
	[SMTPGUARD_A_NAT_CLIENT_ADDRESS]	= { "nat_client_address", CONTENT_ADDRESS },
	[SMTPGUARD_A_NAT_CLIENT_PORT]	= { "nat_client_port", CONTENT_NUMBER },
	[SMTPGUARD_A_NAT_SERVER_ADDRESS]	= { "nat_server_address", CONTENT_ADDRESS },
	[SMTPGUARD_A_NAT_SERVER_PORT]	= { "nat_server_port", CONTENT_NUMBER },
	[SMTPGUARD_A_ZONE]		= { "zone", CONTENT_NUMBER },
	[SMTPGUARD_A_MARK]		= { "mark", CONTENT_NUMBER },
	[SMTPGUARD_A_FORMER]		= { "former", CONTENT_STRING },
	[SMTPGUARD_A_UID]		= { "uid", CONTENT_NUMBER },
	[SMTPGUARD_A_TLS_OFFERED]	= { "tls_offered", CONTENT_VERSION },
	[SMTPGUARD_A_TLS_VERSION]	= { "tls_version", CONTENT_VERSION },
	[SMTPGUARD_A_TLS_CIPHER]	= { "tls_cipher", CONTENT_CIPHER },
	[SMTPGUARD_A_TLS_SNI]		= { "tls_sni", CONTENT_OCTETS },
	[SMTPGUARD_A_TLS_ALPN_OFFERED]	= { "tls_alpn_offered", CONTENT_LIST },
	[SMTPGUARD_A_TLS_ALPN]		= { "tls_alpn", CONTENT_OCTETS },
	[SMTPGUARD_A_TLS_RETRY]		= { "tls_retry", CONTENT_FLAG },
	[SMTPGUARD_A_TLS_ALERT]		= { "tls_alert", CONTENT_NUMBER },
	[SMTPGUARD_A_CAPABILITY]	= { "capability", CONTENT_STRING },
};

static bool content_right(enum content content, const struct nlattr *attribute)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	switch (content) {
	case CONTENT_NUMBER:
		return length == sizeof(uint16_t) ||
		       length == sizeof(uint32_t) || length == sizeof(uint64_t);
	case CONTENT_VERSION:
	case CONTENT_CIPHER:
		return length == sizeof(uint16_t);
	case CONTENT_STRING:
		return mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0;
	case CONTENT_ADDRESS:
		return length == sizeof(struct in_addr) ||
		       length == sizeof(struct in6_addr);
	case CONTENT_OCTETS:
	case CONTENT_LIST:
	case CONTENT_FLAG:
		return true;
	default:
		return false;
	}
}

/**
 * event_parse() - find the attributes of an event
 * @event: filled in; it points into the message
 * @message: the message
 */
void event_parse(struct event *event, const struct nlmsghdr *message)
{
	const struct nlattr *attribute;

	memset(event, 0, sizeof(*event));
	event->message = message;
	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr)) {
		uint16_t type = mnl_attr_get_type(attribute);

		if (type < __SMTPGUARD_A_MAX &&
		    content_right(contents[type].content, attribute))
			event->attribute[type] = attribute;
	}
}

/**
 * event_number() - the value of an attribute that is a number
 * @event: the event
 * @attribute: enum smtpguard_attribute
 *
 * Return: the number; 0 if it is not there.
 */
unsigned long long event_number(const struct event *event, int attribute)
{
	const struct nlattr *number = event->attribute[attribute];

	if (!number)
		return 0;
	switch (mnl_attr_get_payload_len(number)) {
	case sizeof(uint16_t):
		return mnl_attr_get_u16(number);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(number);
	default:
		return mnl_attr_get_u64(number);
	}
}

/**
 * event_string() - the value of an attribute that is a string
 * @event: the event
 * @attribute: enum smtpguard_attribute
 *
 * Return: the string; an empty one if it is not there.
 */
const char *event_string(const struct event *event, int attribute)
{
	const struct nlattr *string = event->attribute[attribute];

	return string ? mnl_attr_get_str(string) : "";
}

static void address_format(const struct nlattr *address, char *text)
{
	bool is_v4 = mnl_attr_get_payload_len(address) ==
		     sizeof(struct in_addr);

	inet_ntop(is_v4 ? AF_INET : AF_INET6, mnl_attr_get_payload(address),
		  text, INET6_ADDRSTRLEN);
}

/* address:port, [address]:port for IPv6 */
static int end_format(const struct event *event, int address, int port,
		      char *text, size_t size)
{
	char name[INET6_ADDRSTRLEN] = "?";

	if (event->attribute[address])
		address_format(event->attribute[address], name);
	return snprintf(text, size,
			strchr(name, ':') ? "[%s]:%llu" : "%s:%llu",
			name, event_number(event, port));
}

/* Returns how many characters it takes: none where it is of no session. */
static int print_ends(const struct event *event, FILE *out)
{
	char client[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	char server[sizeof(client)];
	int width = strlen(" > ");

	if (!event->attribute[SMTPGUARD_A_SESSION])
		return 0;
	width += end_format(event, SMTPGUARD_A_CLIENT_ADDRESS,
			    SMTPGUARD_A_CLIENT_PORT, client, sizeof(client));
	width += end_format(event, SMTPGUARD_A_SERVER_ADDRESS,
			    SMTPGUARD_A_SERVER_PORT, server, sizeof(server));
	fprintf(out, "%s > %s", client, server);
	return width;
}

static void print_flow(const struct event *event, FILE *out)
{
	int width = print_ends(event, out);

	fprintf(out, "%*s", width < FLOW_WIDTH ? FLOW_WIDTH - width : 0, "");
}

/**
 * event_print_time() - write a time for people
 * @nanoseconds: since the epoch
 * @out: where to
 */
void event_print_time(unsigned long long nanoseconds, FILE *out)
{
	time_t seconds = nanoseconds / NANOSECONDS;
	char text[64] = "?";
	struct tm local;

	if (localtime_r(&seconds, &local))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	fprintf(out, "%s.%03u", text,
		(unsigned int)(nanoseconds % NANOSECONDS /
			       NANOSECONDS_PER_MILLI));
}

static void print_octets(const struct nlattr *octets, FILE *out)
{
	text_write(out, mnl_attr_get_payload(octets),
		   mnl_attr_get_payload_len(octets));
}

/* All of one type, each with something before and behind it. */
static void print_list(const struct event *event, int type, const char *before,
		       const char *behind, FILE *out)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, event->message,
			  sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attribute) != type)
			continue;
		fputs(before, out);
		print_octets(attribute, out);
		fputs(behind, out);
	}
}

static void print_text(const struct event *event, FILE *out)
{
	const struct nlattr *text = event->attribute[SMTPGUARD_A_TEXT];

	if (text)
		text_write(out, mnl_attr_get_payload(text),
			   mnl_attr_get_payload_len(text));
	/* no escape of an octet looks like this */
	if (event->attribute[SMTPGUARD_A_TRUNCATED])
		fputs("\\...", out);
}

static void print_count(const struct event *event, int attribute,
			const char *noun, FILE *out)
{
	unsigned long long number = event_number(event, attribute);

	fprintf(out, "%llu %s%s", number, noun, number == 1 ? "" : "s");
}

static void tell_open(const struct event *event, FILE *out)
{
	fprintf(out, "--- session %llu opened",
		event_number(event, SMTPGUARD_A_SESSION));
}

static void tell_command(const struct event *event, FILE *out)
{
	fputs("<<< ", out);
	print_text(event, out);
}

static void tell_reply(const struct event *event, FILE *out)
{
	fputs(">>> ", out);
	print_text(event, out);
}

static void tell_data_begin(const struct event *event, FILE *out)
{
	(void)event;
	fputs("--- message begins", out);
}

static void tell_data_end(const struct event *event, FILE *out)
{
	fputs("--- end of data: ", out);
	print_count(event, SMTPGUARD_A_BYTES, "byte", out);
	fputs(", over ", out);
	print_count(event, SMTPGUARD_A_SEGMENTS, "segment", out);
	if (event->attribute[SMTPGUARD_A_DECLARED])
		fprintf(out, ", size %llu of %llu declared",
			event_number(event, SMTPGUARD_A_SIZE),
			event_number(event, SMTPGUARD_A_DECLARED));
}

static void tell_tls_start(const struct event *event, FILE *out)
{
	(void)event;
	fputs("--- TLS starts", out);
}

static void print_ground(const struct event *event, FILE *out)
{
	const char *setting = event_string(event, SMTPGUARD_A_SETTING);

	if (event->attribute[SMTPGUARD_A_PARAMETER])
		fprintf(out, ", by %s",
			event_string(event, SMTPGUARD_A_PARAMETER));
	if (event->attribute[SMTPGUARD_A_SETTING] &&
	    strlen(setting) < SETTING_SHOWN)
		fprintf(out, "=%s", setting);
	if (event->attribute[SMTPGUARD_A_OFFSET])
		fprintf(out, "; octet %llu of the %s, phase %s",
			event_number(event, SMTPGUARD_A_OFFSET) + 1,
			event_string(event, SMTPGUARD_A_SIDE),
			event_string(event, SMTPGUARD_A_PHASE));
}

static void tell_refusal(const struct event *event, FILE *out)
{
	fputs("!!! ", out);
	if (event->attribute[SMTPGUARD_A_VERB]) {
		fprintf(out, "%s ", event_string(event, SMTPGUARD_A_VERB));
	} else if (event->attribute[SMTPGUARD_A_TEXT]) {
		print_text(event, out);
		fputc(' ', out);
	}
	fprintf(out, "refused (%s): %s",
		event_string(event, SMTPGUARD_A_VERDICT),
		reason_sentence(event_string(event, SMTPGUARD_A_REASON)));
	print_ground(event, out);
}

static void tell_close(const struct event *event, FILE *out)
{
	unsigned long long lasted = event_number(event, SMTPGUARD_A_MILLISECONDS);

	fprintf(out, "--- session %llu ended: ",
		event_number(event, SMTPGUARD_A_SESSION));
	print_count(event, SMTPGUARD_A_MESSAGES, "message", out);
	fputs(", ", out);
	print_count(event, SMTPGUARD_A_COMMANDS, "command", out);
	fprintf(out, ", %llu refused, ",
		event_number(event, SMTPGUARD_A_REFUSALS));
	print_count(event, SMTPGUARD_A_BYTES_TO_SERVER, "byte", out);
	fprintf(out, " to the server, %llu to the client",
		event_number(event, SMTPGUARD_A_BYTES_TO_CLIENT));
	fprintf(out, ", %llu.%03u s", lasted / 1000,
		(unsigned int)(lasted % 1000));
	if (event->attribute[SMTPGUARD_A_UNANSWERED])
		fputs(", no reply to the end of data", out);
}

static void print_envelope(const struct event *event, FILE *out)
{
	fprintf(out, "mail %llu", event_number(event, SMTPGUARD_A_INDEX));
	print_list(event, SMTPGUARD_A_SENDER, " from <", ">", out);
	if (event->attribute[SMTPGUARD_A_RECIPIENT])
		fputs(" to", out);
	print_list(event, SMTPGUARD_A_RECIPIENT, " <", ">", out);
	fprintf(out, ", %llu of ", event_number(event, SMTPGUARD_A_ACCEPTED));
	print_count(event, SMTPGUARD_A_RECIPIENTS, "recipient", out);
	fputs(" accepted", out);
	if (event_number(event, SMTPGUARD_A_MASKED)) {
		fputs(", ", out);
		print_count(event, SMTPGUARD_A_MASKED, "octet", out);
		fputs(" masked", out);
	}
}

static void print_outcome(const struct event *event, FILE *out)
{
	unsigned long long waited = event_number(event,
						 SMTPGUARD_A_MICROSECONDS);

	if (event->attribute[SMTPGUARD_A_BYTES]) {
		fputs(", ", out);
		print_count(event, SMTPGUARD_A_BYTES, "byte", out);
	}
	fprintf(out, ": %s", event_string(event, SMTPGUARD_A_RESULT));
	print_list(event, SMTPGUARD_A_REPLY, ", ", "", out);
	if (event->attribute[SMTPGUARD_A_MICROSECONDS])
		fprintf(out, ", after %llu.%06llu s", waited / 1000000,
			waited % 1000000);
}

static void tell_message(const struct event *event, FILE *out)
{
	fputs("=== ", out);
	print_list(event, SMTPGUARD_A_HELO, "", ": ", out);
	if (event->attribute[SMTPGUARD_A_TLS]) {
		fputs("in TLS, no message is seen", out);
		return;
	}
	print_envelope(event, out);
	print_outcome(event, out);
}

/* What a number of TLS is called. */
static const char *name_of(const struct event *event, int type,
			   char text[TLS_NAME_MAX])
{
	if (contents[type].content == CONTENT_VERSION)
		tls_version(text, event_number(event, type));
	else
		tls_cipher(text, event_number(event, type));
	return text;
}

static void print_client_hello(const struct event *event, FILE *out)
{
	char text[TLS_NAME_MAX];

	if (!event->attribute[SMTPGUARD_A_TLS_OFFERED])
		return;
	fprintf(out, ", %s offered",
		name_of(event, SMTPGUARD_A_TLS_OFFERED, text));
	print_list(event, SMTPGUARD_A_TLS_SNI, ", to ", "", out);
	print_list(event, SMTPGUARD_A_TLS_ALPN_OFFERED, ", to speak ", "", out);
}

static void print_server_hello(const struct event *event, FILE *out)
{
	char version[TLS_NAME_MAX], cipher[TLS_NAME_MAX];

	if (event->attribute[SMTPGUARD_A_TLS_VERSION])
		fprintf(out, ": %s, %s",
			name_of(event, SMTPGUARD_A_TLS_VERSION, version),
			name_of(event, SMTPGUARD_A_TLS_CIPHER, cipher));
	print_list(event, SMTPGUARD_A_TLS_ALPN, ", ", "", out);
	if (event->attribute[SMTPGUARD_A_TLS_RETRY])
		fputs(", with a second hello", out);
	if (event->attribute[SMTPGUARD_A_TLS_ALERT])
		fprintf(out, ", alert %llu (%s)",
			event_number(event, SMTPGUARD_A_TLS_ALERT),
			tls_alert(event_number(event,
					       SMTPGUARD_A_TLS_ALERT)));
}

static void tell_tls(const struct event *event, FILE *out)
{
	fprintf(out, "=== TLS %s", event_string(event, SMTPGUARD_A_RESULT));
	print_client_hello(event, out);
	print_server_hello(event, out);
}

static void tell_parameter(const struct event *event, FILE *out)
{
	fprintf(out, "!!! %s=%s, was %s, by user %llu",
		event_string(event, SMTPGUARD_A_PARAMETER),
		event_string(event, SMTPGUARD_A_SETTING),
		event_string(event, SMTPGUARD_A_FORMER),
		event_number(event, SMTPGUARD_A_UID));
}

static void tell_withdrawal(const struct event *event, FILE *out)
{
	fprintf(out, "!!! %s was offered here, and is not any more",
		event_string(event, SMTPGUARD_A_CAPABILITY));
}

static const struct {
	const char *name;
	void (*tell)(const struct event *event, FILE *out);
} events[__SMTPGUARD_EVENT_MAX] = {
	[SMTPGUARD_EVENT_OPEN]		= { "open", tell_open },
	[SMTPGUARD_EVENT_GREETING]	= { "greeting", tell_reply },
	[SMTPGUARD_EVENT_COMMAND]	= { "command", tell_command },
	[SMTPGUARD_EVENT_REPLY]		= { "reply", tell_reply },
	[SMTPGUARD_EVENT_DATA_BEGIN]	= { "data_begin", tell_data_begin },
	[SMTPGUARD_EVENT_DATA_END]	= { "data_end", tell_data_end },
	[SMTPGUARD_EVENT_TLS_START]	= { "tls_start", tell_tls_start },
	[SMTPGUARD_EVENT_REFUSAL]	= { "refusal", tell_refusal },
	[SMTPGUARD_EVENT_CLOSE]		= { "close", tell_close },
	[SMTPGUARD_EVENT_MESSAGE]	= { "message", tell_message },
	[SMTPGUARD_EVENT_PARAMETER]	= { "parameter", tell_parameter },
	[SMTPGUARD_EVENT_TLS]		= { "tls", tell_tls },
	[SMTPGUARD_EVENT_WITHDRAWAL]	= { "withdrawal", tell_withdrawal },
};

/**
 * event_known() - is an event in the table
 * @event: the event
 *
 * Return: false for one that cannot be printed.
 */
bool event_known(const struct event *event)
{
	unsigned long long kind = event_number(event, SMTPGUARD_A_EVENT);

	return kind < __SMTPGUARD_EVENT_MAX && events[kind].name;
}

/**
 * event_print() - write an event as a line for people
 * @event: an event that is known
 * @out: where to
 */
void event_print(const struct event *event, FILE *out)
{
	event_print_time(event_number(event, SMTPGUARD_A_TIME), out);
	fputs("  ", out);
	print_flow(event, out);
	fputs("  ", out);
	events[event_number(event, SMTPGUARD_A_EVENT)].tell(event, out);
	fputc('\n', out);
}

/**
 * event_print_told() - write for people what happened, without the time
 * @event: an event that is known
 * @out: where to
 */
void event_print_told(const struct event *event, FILE *out)
{
	if (print_ends(event, out))
		fputs("  ", out);
	events[event_number(event, SMTPGUARD_A_EVENT)].tell(event, out);
}

static void add_list(struct json *json, const struct event *event, int type,
		     const char *name)
{
	const struct nlattr *attribute;

	json_begin_list(json, name);
	mnl_attr_for_each(attribute, event->message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == type)
			json_add(json, mnl_attr_get_payload(attribute),
				 mnl_attr_get_payload_len(attribute));
	json_end_list(json);
}

/**
 * event_add_as() - add an attribute to an object of JSON
 * @event: the event
 * @type: enum smtpguard_attribute; what is not there is not added
 * @json: the object
 * @name: the member's name
 */
void event_add_as(const struct event *event, int type, struct json *json,
		  const char *name)
{
	const struct nlattr *attribute = event->attribute[type];
	char address[INET6_ADDRSTRLEN];
	char number[TLS_NAME_MAX];

	if (!attribute)
		return;
	switch (contents[type].content) {
	case CONTENT_NUMBER:
		json_number(json, name, event_number(event, type));
		break;
	case CONTENT_VERSION:
	case CONTENT_CIPHER:
		json_string(json, name, name_of(event, type, number));
		break;
	case CONTENT_STRING:
		json_string(json, name, event_string(event, type));
		break;
	case CONTENT_OCTETS:
		json_octets(json, name, mnl_attr_get_payload(attribute),
			    mnl_attr_get_payload_len(attribute));
		break;
	case CONTENT_LIST:
		add_list(json, event, type, name);
		break;
	case CONTENT_FLAG:
		json_true(json, name);
		break;
	case CONTENT_ADDRESS:
		address_format(attribute, address);
		json_string(json, name, address);
		break;
	default:
		break;
	}
}

/**
 * event_add() - add an attribute to an object of JSON, by its own name
 * @event: the event
 * @type: enum smtpguard_attribute; what is not there is not added
 * @json: the object
 */
void event_add(const struct event *event, int type, struct json *json)
{
	event_add_as(event, type, json, contents[type].name);
}

/**
 * event_name() - what an event is called
 * @event: an event that is known
 *
 * Return: its name, as it is in JSON.
 */
const char *event_name(const struct event *event)
{
	return events[event_number(event, SMTPGUARD_A_EVENT)].name;
}

/**
 * event_print_json() - write an event as a line of JSON
 * @event: an event that is known
 * @out: where to
 */
void event_print_json(const struct event *event, FILE *out)
{
	struct json json;
	int type;

	json_begin(&json, out);
	json_string(&json, contents[SMTPGUARD_A_EVENT].name,
		    event_name(event));
	for (type = SMTPGUARD_A_EVENT + 1; type < __SMTPGUARD_A_MAX; type++)
		event_add(event, type, &json);
	json_end(&json);
}

/* An attribute as octets that people can read, where it is not octets. */
static void take_attribute(const struct event *event,
			   const struct nlattr *attribute,
			   void (*take)(void *context, const char *name,
					const void *octets, size_t length),
			   void *context)
{
	int type = mnl_attr_get_type(attribute);
	char text[INET6_ADDRSTRLEN] = "1";
	const char *octets = text;

	switch (contents[type].content) {
	case CONTENT_NUMBER:
		snprintf(text, sizeof(text), "%llu", event_number(event, type));
		break;
	case CONTENT_STRING:
		octets = mnl_attr_get_str(attribute);
		break;
	case CONTENT_OCTETS:
	case CONTENT_LIST:
		take(context, contents[type].name,
		     mnl_attr_get_payload(attribute),
		     mnl_attr_get_payload_len(attribute));
		return;
	case CONTENT_ADDRESS:
		address_format(attribute, text);
		break;
	default:
		break;
	}
	take(context, contents[type].name, octets, strlen(octets));
}

/**
 * event_each() - hand out all attributes of an event
 * @event: an event that is known
 * @take: gets the name and the value of each, as JSON has them: of a list several
 *	times, of a flag 1
 * @context: for @take
 */
void event_each(const struct event *event,
		void (*take)(void *context, const char *name,
			     const void *octets, size_t length),
		void *context)
{
	const struct nlattr *attribute;
	const char *name = event_name(event);

	take(context, contents[SMTPGUARD_A_EVENT].name, name, strlen(name));
	mnl_attr_for_each(attribute, event->message, sizeof(struct genlmsghdr)) {
		int type = mnl_attr_get_type(attribute);

		if (type < __SMTPGUARD_A_MAX && type != SMTPGUARD_A_EVENT &&
		    event->attribute[type] &&
		    content_right(contents[type].content, attribute))
			take_attribute(event, attribute, take, context);
	}
}

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

/**
 * event_print_count_lost() - say how many events are missing
 * @count: how many; 0 where that is not known yet
 * @out: where to
 */
void event_print_count_lost(unsigned int count, FILE *out)
{
	if (count)
		fprintf(out, "%u event%s lost", count, count == 1 ? "" : "s");
	else
		fputs("events lost, the next one tells how many", out);
}

/**
 * event_print_lost() - tell people that events are missing
 * @count: how many; 0 where that is not known yet
 * @out: where to
 */
void event_print_lost(unsigned int count, FILE *out)
{
	event_print_time(now(), out);
	fprintf(out, "  %-*s  *** ", FLOW_WIDTH, "");
	event_print_count_lost(count, out);
	fputc('\n', out);
}

/**
 * event_print_lost_json() - tell programs that events are missing
 * @count: how many; 0 where that is not known yet
 * @out: where to
 */
void event_print_lost_json(unsigned int count, FILE *out)
{
	struct json json;

	json_begin(&json, out);
	json_string(&json, "event", "lost");
	json_number(&json, "time", now());
	if (count)
		json_number(&json, "count", count);
	json_end(&json);
}
