// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard flows: the sessions that are under guard, a line each, in the order
 * in which they began; for people, for scripts, as JSON.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "flow.h"
#include "json.h"
#include "subcommands.h"
#include "tls.h"

#define END_LENGTH	(INET6_ADDRSTRLEN + sizeof("[]:65535"))
#define DUMP		"dump"
#define SECOND		1000

/**
 * struct wanted - a word that says which sessions are asked for
 * @is_port: it is a port, not an address
 * @address: all of it, or its port alone
 */
struct wanted {
	bool is_port;
	struct flow_address address;
};

static bool read_port(const char *word, struct wanted *wanted)
{
	unsigned long port;
	char *end;

	if (strspn(word, "0123456789") != strlen(word))
		return false;
	port = strtoul(word, &end, 10);
	wanted->is_port = true;
	wanted->address.port = port;
	return *word && port && port <= UINT16_MAX;
}

static bool read_address(const char *word, struct wanted *wanted)
{
	struct flow_address *address = &wanted->address;

	if (inet_pton(AF_INET, word, address->octets) == 1)
		address->family = AF_INET;
	else if (inet_pton(AF_INET6, word, address->octets) == 1)
		address->family = AF_INET6;
	return address->family;
}

static bool is_wanted_end(const struct wanted *wanted,
			  const struct flow_address *end)
{
	if (wanted->is_port)
		return wanted->address.port == end->port;
	return wanted->address.family == end->family &&
	       !memcmp(wanted->address.octets, end->octets,
		       sizeof(end->octets));
}

static bool is_wanted(const struct wanted *wanted, const struct flow *flow)
{
	int i;

	for (i = 0; i < FLOW_ENDS; i++)
		if (is_wanted_end(wanted, &flow->end[i]))
			return true;
	return false;
}

/* Leaves those that all words want. */
static bool choose(struct flows *flows, char **words, int count)
{
	struct wanted wanted;
	size_t kept, i;
	int word;

	for (word = 0; word < count; word++) {
		memset(&wanted, 0, sizeof(wanted));
		if (!read_port(words[word], &wanted) &&
		    !read_address(words[word], &wanted)) {
			complain("flows: \"%s\" is neither an address nor a port",
				 words[word]);
			return false;
		}
		for (i = 0, kept = 0; i < flows->count; i++)
			if (is_wanted(&wanted, &flows->row[i]))
				flows->row[kept++] = flows->row[i];
		flows->count = kept;
	}
	return true;
}

static void print_ends(const struct flow *flow, enum flow_end client,
		       enum flow_end server)
{
	char text[END_LENGTH];

	flow_write_end(text, sizeof(text), &flow->end[client]);
	printf("%s > ", text);
	flow_write_end(text, sizeof(text), &flow->end[server]);
	fputs(text, stdout);
}

static bool is_translated(const struct flow *flow)
{
	return memcmp(&flow->end[FLOW_CLIENT], &flow->end[FLOW_NAT_CLIENT],
		      2 * sizeof(flow->end[0]));
}

static void print_line(const struct flow *flow)
{
	const uint64_t *number = flow->number;
	char version[TLS_NAME_MAX];

	print_ends(flow, FLOW_CLIENT, FLOW_SERVER);
	if (is_translated(flow)) {
		fputs(" (", stdout);
		print_ends(flow, FLOW_NAT_CLIENT, FLOW_NAT_SERVER);
		putchar(')');
	}
	printf("  %s", flow->phase);
	tls_version(version, flow->tls_version);
	if (flow->tls_version)
		printf(", %s", version);
	printf(", %llu s old, silent for %llu s, %llu messages, %llu commands, %llu refused, ",
	       (unsigned long long)number[FLOW_MILLISECONDS] / SECOND,
	       (unsigned long long)number[FLOW_SILENCE] / SECOND,
	       (unsigned long long)number[FLOW_MESSAGES],
	       (unsigned long long)number[FLOW_COMMANDS],
	       (unsigned long long)number[FLOW_REFUSALS]);
	printf("%llu octets to the server, %llu to the client, %llu of memory\n",
	       (unsigned long long)number[FLOW_BYTES_TO_SERVER],
	       (unsigned long long)number[FLOW_BYTES_TO_CLIENT],
	       (unsigned long long)number[FLOW_MEMORY]);
}

/*
 * The session's number, its ends, its phase, the other numbers, and that of TLS, whose
 * name has a space.
 */
static void print_tabs(const struct flow *flow)
{
	char text[INET6_ADDRSTRLEN];
	int i;

	printf("%llu", (unsigned long long)flow->number[FLOW_SESSION]);
	for (i = 0; i < FLOW_ENDS; i++) {
		flow_write_address(text, sizeof(text), &flow->end[i]);
		printf("\t%s\t%u", text, flow->end[i].port);
	}
	printf("\t%s", flow->phase);
	for (i = FLOW_SESSION + 1; i < FLOW_NUMBERS; i++)
		printf("\t%llu", (unsigned long long)flow->number[i]);
	printf("\t0x%04x\n", flow->tls_version);
}

static void print_json(const struct flow *flow)
{
	char version[TLS_NAME_MAX];
	char text[INET6_ADDRSTRLEN];
	char name[32];
	struct json json;
	int i;

	json_begin(&json, stdout);
	json_number(&json, flow_numbers[FLOW_SESSION],
		    flow->number[FLOW_SESSION]);
	for (i = 0; i < FLOW_ENDS; i++) {
		flow_write_address(text, sizeof(text), &flow->end[i]);
		snprintf(name, sizeof(name), "%s_address", flow_ends[i]);
		json_string(&json, name, text);
		snprintf(name, sizeof(name), "%s_port", flow_ends[i]);
		json_number(&json, name, flow->end[i].port);
	}
	json_string(&json, "phase", flow->phase);
	for (i = FLOW_SESSION + 1; i < FLOW_NUMBERS; i++)
		json_number(&json, flow_numbers[i], flow->number[i]);
	tls_version(version, flow->tls_version);
	if (flow->tls_version)
		json_string(&json, "tls_version", version);
	json_end(&json);
}

/**
 * flows() - print the sessions that are under guard
 * @arguments: "dump", or not; addresses and ports, of which each session has all
 *
 * Return: exit status.
 */
enum status flows(const struct arguments *arguments)
{
	bool dump = arguments->count && !strcmp(arguments->words[0], DUMP);
	void (*print)(const struct flow *flow) = print_line;
	enum status result = STATUS_FAILED;
	struct flows all;
	size_t i;

	if (dump)
		print = print_tabs;
	if (arguments->json)
		print = print_json;
	if (flows_read(&all))
		goto free;
	result = STATUS_USAGE;
	if (!choose(&all, arguments->words + dump, arguments->count - dump))
		goto free;
	for (i = 0; i < all.count; i++)
		print(&all.row[i]);
	result = STATUS_OK;
free:
	flows_free(&all);
	return result;
}
