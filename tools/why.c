// SPDX-License-Identifier: GPL-2.0
/*
 * smtpguard why: what a kept log says of a client, of an address, or of the name
 * that a server gave to a message.
 *
 * An event is made a sentence as soon as it is read.  Those of whoever was asked
 * for are kept, the last of them; and the last of all, since what a reply names
 * comes when most of its session has been told.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "event.h"
#include "kept.h"
#include "reader.h"
#include "reason.h"
#include "subcommands.h"
#include "text.h"
#include "tls.h"

/* What is printed at most, and how far back the rest of a session is sought. */
#define CHOSEN_MAX	50
#define RECENT_MAX	512
#define SENTENCE_MAX	2048
/* No reason's word is as long. */
#define SLUG_MAX	64

/**
 * struct fact - what is told of an event
 * @session: of which session it is
 * @port: the client's, by which a session is told from one of that number later
 * @sentence: what is told; empty where it was taken already
 */
struct fact {
	unsigned long long session;
	unsigned long long port;
	char sentence[SENTENCE_MAX];
};

/**
 * struct ring - the last facts
 * @fact: the facts
 * @room: how many there are at most
 * @count: how many there have been
 */
struct ring {
	struct fact *fact;
	size_t room;
	size_t count;
};

/** enum about - what was asked for */
enum about {
	ABOUT_CLIENT,
	ABOUT_ADDRESS,
	ABOUT_REPLY,
};

/**
 * struct question - what is sought
 * @about: what @word is
 * @word: what was asked for
 * @chosen: what is told of it
 * @recent: what was told of anything
 */
struct question {
	enum about about;
	char word[READER_LINE_MAX];
	struct ring chosen;
	struct ring recent;
};

static struct reader reader;
static struct fact chosen_facts[CHOSEN_MAX];
static struct fact recent_facts[RECENT_MAX];
static struct question question = {
	.chosen = { chosen_facts, CHOSEN_MAX, 0 },
	.recent = { recent_facts, RECENT_MAX, 0 },
};

static struct fact *ring_take(struct ring *ring)
{
	return &ring->fact[ring->count++ % ring->room];
}

static size_t ring_first(const struct ring *ring)
{
	return ring->count > ring->room ? ring->count - ring->room : 0;
}

static unsigned long long number(const char *name)
{
	return reader_number(&reader, name);
}

static bool is_there(const char *name)
{
	return reader_has(&reader, name);
}

static const struct reader_text *find_text(const char *name)
{
	return reader_text(&reader, name);
}

static bool text_is(const char *name, const char *value)
{
	return reader_text_is(&reader, name, value);
}

static void write_text(FILE *out, const char *before,
		       const struct reader_text *text, const char *behind)
{
	if (!text)
		return;
	fputs(before, out);
	text_write(out, text->octets, text->length);
	fputs(behind, out);
}

static void write_list(FILE *out, const char *name, const char *first,
		       const char *before, const char *behind)
{
	const struct reader_member *list = reader_find(&reader, name,
						       READER_LIST);
	size_t i;

	for (i = 0; list && i < list->count; i++)
		write_text(out, i ? before : first, &list->text[i], behind);
}

static void write_milliseconds(FILE *out, const char *name)
{
	unsigned long long waited = number(name);

	fprintf(out, "%llu.%03u s", waited / 1000,
		(unsigned int)(waited % 1000));
}

/* By the highest digit of a code. */
static const char *const answers[] = {
	[2] = "accepted by the server",
	[4] = "put off by the server",
	[5] = "refused by the server",
};

static const char *answer(void)
{
	unsigned long long digit = number("code") / 100;

	return digit < sizeof(answers) / sizeof(answers[0]) && answers[digit] ?
	       answers[digit] : "answered by the server";
}

static void tell_unanswered(FILE *out)
{
	fputs("its end was forwarded, and the session ended without a ", out);
	fputs("final reply: the client will send it again, ", out);
	fputs("and the server may have it", out);
}

static void tell_result(FILE *out)
{
	unsigned long long waited = number("microseconds");

	if (text_is("result", "answered"))
		fputs(answer(), out);
	else if (text_is("result", "unanswered"))
		tell_unanswered(out);
	else if (is_there("code"))
		fprintf(out, "came to no end, %s", answer());
	else
		fputs("came to no end: the client gave it up, or the session ended", out);
	write_list(out, "reply", ": ", ", ", "");
	if (is_there("microseconds"))
		fprintf(out, ", %llu.%06u s after its end", waited / 1000000,
			(unsigned int)(waited % 1000000));
}

static void tell_message(FILE *out)
{
	if (text_is("result", "tls")) {
		fputs("went into TLS, in which no message is seen", out);
		return;
	}
	fprintf(out, "message %llu", number("index"));
	write_text(out, " from <", find_text("sender"), ">");
	write_list(out, "recipient", " to <", ", <", ">");
	if (is_there("bytes"))
		fprintf(out, ", %llu octets", number("bytes"));
	if (number("rejected"))
		fprintf(out, ", %llu of %llu recipients refused by the server",
			number("rejected"), number("recipients"));
	if (number("masked"))
		fprintf(out, ", %llu octets overwritten by the guard",
			number("masked"));
	fputs(": ", out);
	tell_result(out);
}

static void tell_reason(FILE *out)
{
	const struct reader_text *reason = find_text("reason");
	char slug[SLUG_MAX] = "";

	if (reason && reason->length < sizeof(slug))
		memcpy(slug, reason->octets, reason->length);
	if (reason_find(slug) == REASON_NONE) {
		write_text(out, "", reason, "");
		return;
	}
	fprintf(out, "%s (%s)", reason_sentence(slug), slug);
}

static void tell_refusal(FILE *out)
{
	bool is_command = find_text("verb") || find_text("text");

	if (find_text("text"))
		write_text(out, "", find_text("text"), ": ");
	else
		write_text(out, "", find_text("verb"), ": ");
	if (text_is("verdict", "reset"))
		fputs("the session was reset by the guard: ", out);
	else if (text_is("verdict", "monitor"))
		fputs("would have been refused by the guard: ", out);
	else
		fputs(is_command ? "refused by the guard: " :
				   "overwritten by the guard: ", out);
	tell_reason(out);
	write_text(out, ", by ", find_text("parameter"), "");
	write_text(out, "=", find_text("setting"), "");
	if (is_there("offset")) {
		fprintf(out, "; octet %llu of the ", number("offset") + 1);
		write_text(out, "", find_text("side"), "");
	}
}

static void tell_close(FILE *out)
{
	fprintf(out, "the session ended: %llu messages, %llu commands, ",
		number("messages"), number("commands"));
	fprintf(out, "%llu of them refused by the guard, ",
		number("refusals"));
	write_milliseconds(out, "milliseconds");
	if (is_there("unanswered"))
		fputs(", no final reply to an end of data", out);
}

/* By the finding of log --stall, and what stands behind the time. */
static const struct {
	const char *finding;
	const char *before;
	const char *behind;
} stalls[] = {
	{ "stalled", "stalled: no final reply ", " after its end" },
	{ "answered", "the final reply came after all, ", " after its end" },
	{ "ended", "the session ended without a final reply, ",
	  " after its end" },
	{ "repeated", "the same client, sender and size came ", " before" },
};

static void tell_stall(FILE *out)
{
	size_t i;

	write_text(out, "message from <", find_text("sender"), ">, ");
	fprintf(out, "%llu octets: ", number("size"));
	for (i = 0; i < sizeof(stalls) / sizeof(stalls[0]); i++) {
		if (!text_is("finding", stalls[i].finding))
			continue;
		fputs(stalls[i].before, out);
		write_milliseconds(out, "milliseconds");
		fputs(stalls[i].behind, out);
	}
}

/* By the result of a TLS handshake. */
static const struct {
	const char *result;
	const char *sentence;
} handshakes[] = {
	{ "agreed",	"TLS was agreed on" },
	{ "alert",	"the server ended the TLS handshake with an alert" },
	{ "declined",	"the server answered a TLS handshake in clear" },
	{ "ended",	"the session ended within its TLS handshake" },
	{ "unread",	"the server's part of a TLS handshake was not readable" },
};

static void tell_tls(FILE *out)
{
	size_t i;

	for (i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]); i++)
		if (text_is("result", handshakes[i].result))
			fputs(handshakes[i].sentence, out);
	write_text(out, "; the client spoke up to ", find_text("tls_offered"),
		   "");
	write_text(out, " and asked for ", find_text("tls_sni"), "");
	write_text(out, ", the server chose ", find_text("tls_version"), "");
	write_text(out, " with ", find_text("tls_cipher"), "");
	if (is_there("tls_alert"))
		fprintf(out, "; alert: %s", tls_alert(number("tls_alert")));
}

static void tell_withdrawal(FILE *out)
{
	write_text(out, "the server offered ", find_text("capability"), "");
	fputs(" before, and does not any more: it was set so, or somebody ", out);
	fputs("before it takes that out", out);
}

static const struct {
	const char *event;
	void (*tell)(FILE *out);
} tellers[] = {
	{ "message", tell_message },
	{ "refusal", tell_refusal },
	{ "close", tell_close },
	{ "stall", tell_stall },
	{ "tls", tell_tls },
	{ "withdrawal", tell_withdrawal },
};

/* What is longer than a sentence may be is cut off. */
static void write_sentence(char *sentence, void (*tell)(FILE *out))
{
	FILE *out = fmemopen(sentence, SENTENCE_MAX, "w");

	sentence[0] = '\0';
	if (!out)
		return;
	event_print_time(number("time"), out);
	write_text(out, "  ", find_text("client_address"), "");
	fprintf(out, ", session %llu: ", number("session"));
	tell(out);
	fclose(out);
	sentence[SENTENCE_MAX - 1] = '\0';
}

static bool equals_word(const struct reader_text *text)
{
	return text && text->length == strlen(question.word) &&
	       strncasecmp(text->octets, question.word, text->length) == 0;
}

static bool is_part_of_name(char character)
{
	return isalnum((unsigned char)character) || character == '-' ||
	       character == '_';
}

/* As a word of its own. */
static bool has_word(const struct reader_text *text)
{
	size_t length = strlen(question.word);
	size_t i;

	for (i = 0; i + length <= text->length; i++) {
		const char *at = text->octets + i;

		if (memcmp(at, question.word, length) == 0 &&
		    (i == 0 || !is_part_of_name(at[-1])) &&
		    (i + length == text->length ||
		     !is_part_of_name(at[length])))
			return true;
	}
	return false;
}

static bool any_of(const char *name,
		   bool (*holds)(const struct reader_text *text))
{
	const struct reader_member *list = reader_find(&reader, name,
						       READER_LIST);
	size_t i;

	for (i = 0; list && i < list->count; i++)
		if (holds(&list->text[i]))
			return true;
	return false;
}

static bool is_about(void)
{
	switch (question.about) {
	case ABOUT_CLIENT:
		return equals_word(find_text("client_address")) ||
		       equals_word(find_text("nat_client_address"));
	case ABOUT_ADDRESS:
		return equals_word(find_text("sender")) ||
		       any_of("recipient", equals_word);
	default:
		return any_of("reply", has_word);
	}
}

static bool is_of(const struct fact *fact, const struct fact *other)
{
	return fact->session == other->session && fact->port == other->port;
}

static bool is_chosen(const struct fact *fact)
{
	const struct ring *chosen = &question.chosen;
	size_t i;

	for (i = ring_first(chosen); i < chosen->count; i++)
		if (is_of(&chosen->fact[i % chosen->room], fact))
			return true;
	return false;
}

/* What was told of the same session before. */
static void choose_recent(const struct fact *fact)
{
	struct ring *recent = &question.recent;
	size_t i;

	for (i = ring_first(recent); i < recent->count; i++) {
		struct fact *former = &recent->fact[i % recent->room];

		if (!former->sentence[0] || !is_of(former, fact))
			continue;
		*ring_take(&question.chosen) = *former;
		former->sentence[0] = '\0';
	}
}

static void read_fact(void *unused)
{
	struct fact fact = { number("session"), number("client_port"), "" };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++)
		if (text_is("event", tellers[i].event))
			write_sentence(fact.sentence, tellers[i].tell);
	if (!fact.sentence[0])
		return;
	if (is_about()) {
		choose_recent(&fact);
		*ring_take(&question.chosen) = fact;
	} else if (question.about != ABOUT_CLIENT && is_chosen(&fact)) {
		*ring_take(&question.chosen) = fact;
	} else {
		*ring_take(&question.recent) = fact;
	}
}

static void print_answer(void)
{
	const struct ring *chosen = &question.chosen;
	size_t i;

	if (ring_first(chosen))
		printf("(%zu earlier events are not shown)\n",
		       ring_first(chosen));
	for (i = ring_first(chosen); i < chosen->count; i++)
		puts(chosen->fact[i % chosen->room].sentence);
}

/* An address as the log has it, in brackets or without. */
static bool understand(const char *word)
{
	unsigned char address[sizeof(struct in6_addr)];
	size_t length = strlen(word);

	if (length > 1 && word[0] == '<' && word[length - 1] == '>') {
		word++;
		length -= 2;
	}
	if (!length || length >= sizeof(question.word))
		return false;
	memcpy(question.word, word, length);
	if (inet_pton(AF_INET, question.word, address) == 1)
		return true;
	if (inet_pton(AF_INET6, question.word, address) == 1)
		return inet_ntop(AF_INET6, address, question.word,
				 sizeof(question.word));
	question.about = strchr(question.word, '@') ? ABOUT_ADDRESS :
						      ABOUT_REPLY;
	return true;
}

static enum status answer_from(FILE *file, const char *name)
{
	unsigned long bad = kept_read(file, name, &reader, read_fact, NULL);

	if (ferror(file)) {
		complain("%s: %s", name, strerror(errno));
		return STATUS_USAGE;
	}
	print_answer();
	if (bad)
		return STATUS_USAGE;
	if (question.chosen.count)
		return STATUS_OK;
	complain("%s: nothing is told of %s there", name, question.word);
	complain("it tells what was kept of: smtpguard log --json --messages --alerts");
	return STATUS_FAILED;
}

/**
 * why() - tell what a kept log says of somebody
 * @arguments: a client, an address or a name of a message; and a file, if not
 *	standard input
 *
 * Return: exit status.
 */
enum status why(const struct arguments *arguments)
{
	const char *path = arguments->count > 1 ? arguments->words[1] : "-";
	enum status result;
	FILE *file;

	if (!understand(arguments->words[0])) {
		complain("\"%s\" is no address, nor a name of a message",
			 arguments->words[0]);
		return STATUS_USAGE;
	}
	if (strcmp(path, "-") == 0)
		return answer_from(stdin, "standard input");
	file = fopen(path, "r");
	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return STATUS_USAGE;
	}
	result = answer_from(file, path);
	fclose(file);
	return result;
}
