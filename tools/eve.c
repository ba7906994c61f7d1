// SPDX-License-Identifier: GPL-2.0
/*
 * Suricata's EVE JSON, for what reads it already: its own names wherever it has
 * one for what an event says, and the object "smtpguard" for the rest, which is
 * all that Suricata's schema does not have.
 *
 * An event may come by two groups.  What it is here depends on the group, so that
 * each record is there once whichever are followed: ends of sessions come by the
 * lines, refusals and ends without a reply by the alerts.
 */
#include <linux/genetlink.h>
#include <string.h>
#include <time.h>

#include "community.h"
#include "eve.h"
#include "reason.h"
#include "sha1.h"

#define NANOSECONDS			1000000000ULL
#define NANOSECONDS_PER_MICRO		1000ULL
#define NANOSECONDS_PER_MILLI		1000000ULL
#define MILLISECONDS_PER_SECOND		1000
#define TIME_MAX			64
/* What programs take for a double loses no bit of it. */
#define FLOW_ID_BITS			53
/* The module tells no more of an address. */
#define ADDRESS_SHOWN			255
/* Of no generator that Suricata has. */
#define GENERATOR			25
#define SEVERITY_RESET			2
#define SEVERITY_OTHER			3

/*
 * By enum reason: the number by which alerts are known, which is never given to
 * another reason; and the name that Suricata's own parser has for it, if any.
 */
static const struct {
	unsigned int signature;
	const char *anomaly;
} alerts[REASON_COUNT] = {
	[REASON_VERB]			= { 1, NULL },
	[REASON_COMMAND_LINE]		= { 2, "MAX_COMMAND_LINE_LEN_EXCEEDED" },
	[REASON_RECIPIENTS]		= { 3, NULL },
	[REASON_BARE_CR]		= { 4, NULL },
	[REASON_UNMASKABLE]		= { 5, NULL },
	[REASON_REFUSED]		= { 6, NULL },
	[REASON_PIPELINE]		= { 7, NULL },
	[REASON_SYNC]			= { 8, "INVALID_PIPELINED_SEQUENCE" },
	[REASON_REPLY]			= {
		9, "UNABLE_TO_MATCH_REPLY_WITH_REQUEST"
	},
	[REASON_NOT_TLS]		= { 10, "FAILED_PROTOCOL_CHANGE" },
	[REASON_END_OF_DATA]		= { 11, NULL },
	[REASON_CAPABILITY]		= { 12, NULL },
	[REASON_MIDSTREAM]		= { 13, NULL },
	[REASON_UNVERIFIABLE]		= { 14, NULL },
	[REASON_FOREIGN]		= { 15, "NO_SERVER_WELCOME_MESSAGE" },
	[REASON_BARE_LF]		= { 16, NULL },
	[REASON_OCTET]			= { 17, NULL },
	[REASON_PATH]			= { 18, NULL },
	[REASON_SPECIAL_CHARACTER]	= { 19, NULL },
	[REASON_SOURCE_ROUTE]		= { 20, NULL },
	[REASON_PERCENT_HACK]		= { 21, NULL },
	[REASON_RELAY]			= { 22, NULL },
	[REASON_ORDER]			= { 23, NULL },
	[REASON_MECHANISM]		= { 24, NULL },
	[REASON_PROXY]			= { 25, NULL },
	[REASON_EXTRA]			= { 26, NULL },
	[REASON_CHUNK]			= { 27, "INVALID_BDAT" },
	[REASON_CHUNKING]		= { 28, NULL },
	[REASON_NO_RECIPIENT]		= { 29, NULL },
	[REASON_CHUNK_REFUSED]		= { 30, NULL },
	[REASON_BROKEN_OFF]		= { 31, NULL },
	[REASON_DESYNC]			= { 32, NULL },
	[REASON_ERRORS]			= { 33, NULL },
	[REASON_MESSAGES]		= { 34, NULL },
	[REASON_AHEAD]			= { 35, NULL },
	[REASON_ACKNOWLEDGMENT]		= { 36, NULL },
	[REASON_RESPONSE]		= { 37, NULL },
	[REASON_LAYER]			= { 38, NULL },
	[REASON_ORIGIN]			= { 39, NULL },
};

/* What has another place than the object "smtpguard". */
static const bool placed[__SMTPGUARD_A_MAX] = {
	[SMTPGUARD_A_EVENT]		= true,
	[SMTPGUARD_A_TIME]		= true,
	[SMTPGUARD_A_CLIENT_ADDRESS]	= true,
	[SMTPGUARD_A_CLIENT_PORT]	= true,
	[SMTPGUARD_A_SERVER_ADDRESS]	= true,
	[SMTPGUARD_A_SERVER_PORT]	= true,
	[SMTPGUARD_A_HELO]		= true,
	[SMTPGUARD_A_SENDER]		= true,
	[SMTPGUARD_A_RECIPIENT]		= true,
	[SMTPGUARD_A_MESSAGES]		= true,
	[SMTPGUARD_A_BYTES_TO_SERVER]	= true,
	[SMTPGUARD_A_BYTES_TO_CLIENT]	= true,
	[SMTPGUARD_A_TLS_SNI]		= true,
};

static void add_time(struct json *json, const char *name,
		     unsigned long long nanoseconds)
{
	time_t seconds = nanoseconds / NANOSECONDS;
	char text[TIME_MAX], whole[TIME_MAX] = "1970-01-01T00:00:00";
	char zone[sizeof("+0000")] = "+0000";
	struct tm local;

	if (localtime_r(&seconds, &local)) {
		strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &local);
		strftime(zone, sizeof(zone), "%z", &local);
	}
	snprintf(text, sizeof(text), "%.32s.%06u%s", whole,
		 (unsigned int)(nanoseconds % NANOSECONDS /
				NANOSECONDS_PER_MICRO), zone);
	json_string(json, name, text);
}

static bool find_community(const struct event *event, char *text)
{
	const struct nlattr *client =
		event->attribute[SMTPGUARD_A_CLIENT_ADDRESS];
	const struct nlattr *server =
		event->attribute[SMTPGUARD_A_SERVER_ADDRESS];
	struct community_end ends[2];

	if (!client || !server || mnl_attr_get_payload_len(client) !=
				  mnl_attr_get_payload_len(server))
		return false;
	ends[0].address = mnl_attr_get_payload(client);
	ends[0].port = event_number(event, SMTPGUARD_A_CLIENT_PORT);
	ends[1].address = mnl_attr_get_payload(server);
	ends[1].port = event_number(event, SMTPGUARD_A_SERVER_PORT);
	community_id(text, &ends[0], &ends[1],
		     mnl_attr_get_payload_len(client));
	return true;
}

/* Nothing but the session and its ends is in each of its events. */
static unsigned long long flow_id(const struct event *event,
				  const char *community)
{
	char text[COMMUNITY_MAX + sizeof(" 18446744073709551615")];
	unsigned long long number = 0;
	uint8_t digest[SHA1_SIZE];
	size_t i;

	snprintf(text, sizeof(text), "%s %llu", community,
		 event_number(event, SMTPGUARD_A_SESSION));
	sha1(digest, text, strlen(text));
	for (i = 0; i < sizeof(number); i++)
		number = number << 8 | digest[i];
	return number >> (64 - FLOW_ID_BITS);
}

static void add_flow(struct json *json, const struct event *event)
{
	char community[COMMUNITY_MAX];

	if (!event->attribute[SMTPGUARD_A_SESSION] ||
	    !find_community(event, community))
		return;
	json_number(json, "flow_id", flow_id(event, community));
	event_add_as(event, SMTPGUARD_A_CLIENT_ADDRESS, json, "src_ip");
	event_add_as(event, SMTPGUARD_A_CLIENT_PORT, json, "src_port");
	event_add_as(event, SMTPGUARD_A_SERVER_ADDRESS, json, "dest_ip");
	event_add_as(event, SMTPGUARD_A_SERVER_PORT, json, "dest_port");
	json_string(json, "proto", "TCP");
	json_string(json, "community_id", community);
	json_string(json, "app_proto", "smtp");
}

static void begin(struct json *json, const struct event *event,
		  const char *type, FILE *out)
{
	json_begin(json, out);
	add_time(json, "timestamp", event_number(event, SMTPGUARD_A_TIME));
	json_string(json, "event_type", type);
	add_flow(json, event);
}

/* All that has no other place. */
static void end(struct json *json, const struct event *event)
{
	int type;

	json_begin_object(json, "smtpguard");
	json_string(json, "event", event_name(event));
	for (type = 0; type < __SMTPGUARD_A_MAX; type++)
		if (!placed[type])
			event_add(event, type, json);
	json_end_object(json);
	json_end(json);
}

/* Suricata has the path as it was said, with brackets; a hash never had any. */
static size_t write_path(char path[ADDRESS_SHOWN + 2],
			 const struct event *event,
			 const struct nlattr *address)
{
	size_t length = mnl_attr_get_payload_len(address);

	if (length > ADDRESS_SHOWN)
		length = ADDRESS_SHOWN;
	if (event->attribute[SMTPGUARD_A_HASHED]) {
		memcpy(path, mnl_attr_get_payload(address), length);
		return length;
	}
	path[0] = '<';
	memcpy(path + 1, mnl_attr_get_payload(address), length);
	path[length + 1] = '>';
	return length + 2;
}

static void add_sender(struct json *json, const struct event *event)
{
	const struct nlattr *sender = event->attribute[SMTPGUARD_A_SENDER];
	char path[ADDRESS_SHOWN + 2];

	if (sender)
		json_octets(json, "mail_from", path,
			    write_path(path, event, sender));
}

static void add_recipients(struct json *json, const struct event *event)
{
	const struct nlattr *attribute;
	char path[ADDRESS_SHOWN + 2];

	if (!event->attribute[SMTPGUARD_A_RECIPIENT])
		return;
	json_begin_list(json, "rcpt_to");
	mnl_attr_for_each(attribute, event->message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == SMTPGUARD_A_RECIPIENT)
			json_add(json, path,
				 write_path(path, event, attribute));
	json_end_list(json);
}

/* Suricata counts transactions from 0 on. */
static void print_message(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "smtp", out);
	if (event_number(event, SMTPGUARD_A_INDEX))
		json_number(&json, "tx_id",
			    event_number(event, SMTPGUARD_A_INDEX) - 1);
	json_begin_object(&json, "smtp");
	event_add_as(event, SMTPGUARD_A_HELO, &json, "helo");
	add_sender(&json, event);
	add_recipients(&json, event);
	json_end_object(&json);
	end(&json, event);
}

static void add_anomaly(struct json *json, const char *name)
{
	json_begin_object(json, "anomaly");
	json_string(json, "type", "applayer");
	json_string(json, "event", name);
	json_string(json, "layer", "proto_parser");
	json_end_object(json);
}

static void add_verdict(struct json *json)
{
	json_begin_object(json, "verdict");
	json_string(json, "action", "drop");
	json_string(json, "reject_target", "both");
	json_begin_list(json, "reject");
	json_add(json, "tcp-reset", strlen("tcp-reset"));
	json_end_list(json);
	json_end_object(json);
}

static void print_refusal(const struct event *event, FILE *out)
{
	const char *slug = event_string(event, SMTPGUARD_A_REASON);
	const char *verdict = event_string(event, SMTPGUARD_A_VERDICT);
	bool is_reset = strcmp(verdict, "reset") == 0;
	int reason = reason_find(slug);
	struct json json;

	begin(&json, event, "alert", out);
	json_begin_object(&json, "alert");
	json_string(&json, "action", strcmp(verdict, "monitor") == 0 ?
		    "allowed" : "blocked");
	json_number(&json, "gid", GENERATOR);
	json_number(&json, "signature_id", alerts[reason].signature);
	json_number(&json, "rev", 1);
	json_string(&json, "signature", reason_sentence(slug));
	json_string(&json, "category", "Generic Protocol Command Decode");
	json_number(&json, "severity",
		    is_reset ? SEVERITY_RESET : SEVERITY_OTHER);
	json_end_object(&json);
	if (alerts[reason].anomaly)
		add_anomaly(&json, alerts[reason].anomaly);
	if (is_reset)
		add_verdict(&json);
	end(&json, event);
}

static void add_totals(struct json *json, const struct event *event)
{
	unsigned long long lasted = event_number(event,
						 SMTPGUARD_A_MILLISECONDS);
	unsigned long long ended = event_number(event, SMTPGUARD_A_TIME);

	json_begin_object(json, "flow");
	event_add_as(event, SMTPGUARD_A_BYTES_TO_SERVER, json,
		     "bytes_toserver");
	event_add_as(event, SMTPGUARD_A_BYTES_TO_CLIENT, json,
		     "bytes_toclient");
	add_time(json, "start", ended - lasted * NANOSECONDS_PER_MILLI);
	add_time(json, "end", ended);
	json_number(json, "age", lasted / MILLISECONDS_PER_SECOND);
	json_string(json, "state", "closed");
	event_add_as(event, SMTPGUARD_A_MESSAGES, json, "tx_cnt");
	json_end_object(json);
}

static void print_unanswered(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "anomaly", out);
	add_anomaly(&json, "END_OF_DATA_UNANSWERED");
	add_totals(&json, event);
	end(&json, event);
}

static void print_withdrawal(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "anomaly", out);
	add_anomaly(&json, "CAPABILITY_WITHDRAWN");
	end(&json, event);
}

static void print_close(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "flow", out);
	add_totals(&json, event);
	end(&json, event);
}

/* Without a version Suricata says so, too. */
static void print_tls(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "tls", out);
	json_begin_object(&json, "tls");
	event_add_as(event, SMTPGUARD_A_TLS_SNI, &json, "sni");
	if (event->attribute[SMTPGUARD_A_TLS_VERSION])
		event_add_as(event, SMTPGUARD_A_TLS_VERSION, &json, "version");
	else
		json_string(&json, "version", "UNDETERMINED");
	json_end_object(&json);
	end(&json, event);
}

static void add_engine(struct json *json, const char *text)
{
	json_begin_object(json, "engine");
	json_string(json, "message", text);
	json_string(json, "module", "smtpguard");
	json_end_object(json);
}

static void print_parameter(const struct event *event, FILE *out)
{
	struct json json;

	begin(&json, event, "engine", out);
	json_string(&json, "log_level", "Notice");
	add_engine(&json, "parameter changed");
	end(&json, event);
}

/* What an event is, by its kind and the group by which it came. */
static const struct {
	unsigned int kind;
	const char *group;
	void (*print)(const struct event *event, FILE *out);
} records[] = {
	{ SMTPGUARD_EVENT_MESSAGE, SMTPGUARD_GENL_GROUP_MESSAGES,
	  print_message },
	{ SMTPGUARD_EVENT_TLS, SMTPGUARD_GENL_GROUP_MESSAGES, print_tls },
	{ SMTPGUARD_EVENT_REFUSAL, SMTPGUARD_GENL_GROUP_ALERTS,
	  print_refusal },
	{ SMTPGUARD_EVENT_CLOSE, SMTPGUARD_GENL_GROUP_ALERTS,
	  print_unanswered },
	{ SMTPGUARD_EVENT_CLOSE, SMTPGUARD_GENL_GROUP_LOG, print_close },
	{ SMTPGUARD_EVENT_WITHDRAWAL, SMTPGUARD_GENL_GROUP_ALERTS,
	  print_withdrawal },
	{ SMTPGUARD_EVENT_PARAMETER, SMTPGUARD_GENL_GROUP_ALERTS,
	  print_parameter },
};

/**
 * eve_print() - write an event as a line of EVE JSON
 * @event: an event that is known; nothing is written of one that is no record
 * @out: where to
 */
void eve_print(const struct event *event, FILE *out)
{
	const char *group = event_string(event, SMTPGUARD_A_GROUP);
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		if (records[i].kind ==
		    event_number(event, SMTPGUARD_A_EVENT) &&
		    strcmp(records[i].group, group) == 0)
			records[i].print(event, out);
}

/**
 * eve_print_lost() - tell programs that events are missing
 * @count: how many; 0 where that is not known yet
 * @out: where to
 */
void eve_print_lost(unsigned int count, FILE *out)
{
	struct timespec now;
	struct json json;

	clock_gettime(CLOCK_REALTIME, &now);
	json_begin(&json, out);
	add_time(&json, "timestamp", now.tv_sec * NANOSECONDS + now.tv_nsec);
	json_string(&json, "event_type", "engine");
	json_string(&json, "log_level", "Warning");
	add_engine(&json, "events lost");
	json_begin_object(&json, "smtpguard");
	json_string(&json, "event", "lost");
	if (count)
		json_number(&json, "count", count);
	json_end_object(&json);
	json_end(&json);
}
