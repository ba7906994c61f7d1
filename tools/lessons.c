// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals are gathered by the parameter that decided.  Then each is made as
 * strict as it can be without them: a list gets the words that were missing, a
 * limit what was needed, any other the value that refuses nothing.  One may hide
 * behind another: a verb that a list lacks and that starttls would take away as
 * well, a capability whose verb is refused.  So the policy is asked again until
 * it would not refuse.
 */
#define _GNU_SOURCE		/* memrchr() */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/capability.h"
#include "core/mechanism.h"
#include "core/verb.h"
#include "lessons.h"
#include "text.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define BLANKS		" \t"
#define ANY_MECHANISM	"all"
#define NO_LIMIT	"0"
#define NAMELESS \
	"#   what some of them were is not known: a log tells, with refuse=mask\n"

/**
 * struct opening - a parameter that is no list, and what makes it refuse nothing
 * @parameter: which
 * @value: the value; the greatest of a limit that has to be
 * @milder: what is enough in the place of its strictest value, NULL for none
 * @strictest: that value
 */
struct opening {
	enum parameter_index parameter;
	const char *value;
	const char *milder;
	const char *strictest;
};

static const struct opening openings[] = {
	{ .parameter = PARAMETER_PROXY_PROTOCOL,	.value = "accept" },
	{ .parameter = PARAMETER_STARTTLS,		.value = "allow" },
	{ .parameter = PARAMETER_AUTH,			.value = "allow" },
	{ .parameter = PARAMETER_SECURITY_LAYERS,	.value = "accept" },
	{ .parameter = PARAMETER_PIPELINING,		.value = "accept" },
	{ .parameter = PARAMETER_COMMAND_ORDER,		.value = "accept" },
	{ .parameter = PARAMETER_SPECIAL_CHARACTERS,	.value = "accept" },
	{ .parameter = PARAMETER_SOURCE_ROUTES,		.value = "accept" },
	{ .parameter = PARAMETER_PERCENT_HACK,		.value = "accept" },
	{ .parameter = PARAMETER_END_OF_DATA,		.value = "accept" },
	{ .parameter = PARAMETER_BARE_NEWLINE,		.value = "accept" },
	{ .parameter = PARAMETER_DESYNC,		.value = "log" },
	{ .parameter = PARAMETER_MIDSTREAM,		.value = "accept",
	  .milder = "resync", .strictest = "reset" },
	{ .parameter = PARAMETER_MAX_COMMAND_LINE,	.value = "16000" },
	{ .parameter = PARAMETER_MAX_PATH,		.value = "2000" },
	{ .parameter = PARAMETER_MAX_RECIPIENTS,	.value = NO_LIMIT },
	{ .parameter = PARAMETER_MAX_ERRORS,		.value = NO_LIMIT },
	{ .parameter = PARAMETER_MAX_MESSAGES,		.value = NO_LIMIT },
};

static const struct parameter *row_of(enum parameter_index index)
{
	return &settings_parameters[index];
}

static struct lesson *lesson_of(struct lessons *lessons,
				const struct parameter *parameter)
{
	return &lessons->lesson[parameter - settings_parameters];
}

/**
 * lessons_init() - nothing was refused yet
 * @lessons: filled in
 * @before: the policy that refuses, or would if it were not only monitoring
 * @adopts: it is but a guess, and refusals know better
 */
void lessons_init(struct lessons *lessons, const struct settings *before,
		  bool adopts)
{
	const struct parameter *profile = row_of(PARAMETER_PROFILE);
	const char *wrong;

	memset(lessons, 0, sizeof(*lessons));
	settings_copy(&lessons->before, before);
	lessons->adopts = adopts;
	settings_init(&lessons->standard);
	/* monitor decides as the default does, and custom is no policy */
	if (before->profile == PROFILE_MAILGUARD)
		settings_set(&lessons->standard, profile,
			     profile->words[PROFILE_MAILGUARD], &wrong);
}

static struct lesson_word *find_word(struct lesson *lesson, const char *text,
				     size_t length)
{
	size_t i;

	for (i = 0; i < lesson->count; i++)
		if (strncasecmp(lesson->words[i].text, text, length) == 0 &&
		    !lesson->words[i].text[length])
			return &lesson->words[i];
	return NULL;
}

/* What is longer than any word can be has no name. */
static void add_word(struct lesson *lesson, const char *text, size_t length,
		     unsigned long long count)
{
	struct lesson_word *word;

	if (!length || length >= LESSON_WORD_MAX) {
		lesson->nameless = true;
		return;
	}
	word = find_word(lesson, text, length);
	if (!word && lesson->count < LESSON_WORDS_MAX) {
		word = &lesson->words[lesson->count++];
		memcpy(word->text, text, length);
	}
	if (word)
		word->count += count;
	else
		lesson->nameless = true;
}

/* The part of a text from one place on, without blanks before it. */
static struct reader_text behind(const struct reader_text *text, size_t at)
{
	while (at < text->length && strchr(BLANKS, text->octets[at]) &&
	       text->octets[at])
		at++;
	if (at > text->length)
		at = text->length;
	return (struct reader_text){ text->octets + at, text->length - at };
}

static size_t word_length(const struct reader_text *text, const char *ends)
{
	size_t length = 0;

	while (length < text->length && text->octets[length] &&
	       !strchr(ends, text->octets[length]))
		length++;
	return length;
}

/* "EXPN root" */
static void add_verb_of_line(struct lesson *lesson,
			     const struct refusal *refusal)
{
	struct reader_text verb = behind(refusal->text, 0);

	add_word(lesson, verb.octets, word_length(&verb, BLANKS "\r"),
		 refusal->count);
}

/* What "250-VRFY" announces. */
static void add_verb_announced(struct lesson *lesson,
			       const struct refusal *refusal)
{
	u8 row = capability_of_line((const u8 *)refusal->text->octets,
				    refusal->text->length);
	const char *name = row == WORD_NONE ? "" :
		verb_name(capability_table.rows[row].value);

	add_word(lesson, name, strlen(name), refusal->count);
}

static bool is_known(const struct reader_text *verb)
{
	return verb && word_find(&verb_table, verb->octets, verb->length) !=
		       WORD_NONE;
}

static void add_verb(struct lesson *lesson, const struct refusal *refusal)
{
	if (is_known(refusal->verb))
		add_word(lesson, refusal->verb->octets, refusal->verb->length,
			 refusal->count);
	else if (!refusal->text)
		lesson->nameless = true;
	else if (refusal->reason == REASON_CAPABILITY)
		add_verb_announced(lesson, refusal);
	else
		add_verb_of_line(lesson, refusal);
}

static void add_capability(struct lesson *lesson,
			   const struct refusal *refusal)
{
	struct reader_text name;

	if (!refusal->text) {
		lesson->nameless = true;
		return;
	}
	name = behind(refusal->text, REPLY_TEXT_AT);
	add_word(lesson, name.octets, word_length(&name, BLANKS "="),
		 refusal->count);
}

/* "AUTH PLAIN", or all that "250-AUTH PLAIN LOGIN" offers and is not allowed. */
static void add_mechanisms(struct lessons *lessons, struct lesson *lesson,
			   const struct refusal *refusal)
{
	struct reader_text rest;
	size_t length;
	u8 row;

	if (!refusal->text) {
		lesson->nameless = true;
		return;
	}
	rest = behind(refusal->text, refusal->reason == REASON_CAPABILITY ?
				     REPLY_TEXT_AT : 0);
	rest = behind(&rest, word_length(&rest, BLANKS "="));
	if (rest.length && *rest.octets == '=')
		rest = behind(&rest, 1);
	while (rest.length) {
		length = word_length(&rest, BLANKS);
		row = word_find(&mechanism_table, rest.octets, length);
		if (row == WORD_NONE)
			lesson->nameless = true;
		else if (!word_in_set(lessons->before.mechanisms.set, row))
			add_word(lesson, rest.octets, length, refusal->count);
		if (refusal->reason != REASON_CAPABILITY || !length)
			return;
		rest = behind(&rest, length);
	}
}

/* "RCPT TO:<a@example>" */
static void add_domain(struct lesson *lesson, const struct refusal *refusal)
{
	const char *at = NULL, *end = NULL;

	if (refusal->text && !refusal->cut) {
		end = memchr(refusal->text->octets, '>', refusal->text->length);
		at = end ? memrchr(refusal->text->octets, '@',
				   end - refusal->text->octets) : NULL;
	}
	if (at)
		add_word(lesson, at + 1, end - at - 1, refusal->count);
	else
		lesson->nameless = true;
}

/* The path with its brackets, where all of it is there. */
static void add_path(struct lesson *lesson, const struct refusal *refusal)
{
	const char *from = NULL, *to = NULL;

	if (refusal->text && !refusal->cut) {
		from = memchr(refusal->text->octets, '<', refusal->text->length);
		to = memrchr(refusal->text->octets, '>', refusal->text->length);
	}
	if (!from || !to || to < from)
		lesson->nameless = true;
	else if (lesson->most < (unsigned long long)(to - from + 1))
		lesson->most = to - from + 1;
}

/* What starttls or auth refused the list may refuse, too, or the other of them. */
static void note_taken_away(struct lessons *lessons,
			    const struct refusal *refusal)
{
	const struct reader_text *text = refusal->text;
	u8 row = WORD_NONE;

	if (refusal->reason == REASON_CAPABILITY && text) {
		row = capability_of_line((const u8 *)text->octets, text->length);
		if (row != WORD_NONE)
			lessons->capabilities |= 1ULL << row;
	} else if (refusal->verb) {
		row = word_find(&verb_table, refusal->verb->octets,
				refusal->verb->length);
		if (row != WORD_NONE)
			lessons->verbs |= 1ULL << row;
	}
}

static const struct opening *find_opening(enum parameter_index index)
{
	size_t i;

	for (i = 0; i < COUNT(openings); i++)
		if (openings[i].parameter == index)
			return &openings[i];
	return NULL;
}

/* What the parameter was when it decided. */
static void read_setting(const struct lessons *lessons,
			 const struct refusal *refusal, char *value)
{
	const struct reader_text *setting = refusal->setting;

	if (!setting || setting->length >= SETTINGS_TEXT_MAX) {
		settings_show(&lessons->before, refusal->parameter, value,
			      SETTINGS_TEXT_MAX);
		return;
	}
	memcpy(value, setting->octets, setting->length);
	value[setting->length] = '\0';
}

static bool change(struct settings *settings, const struct parameter *parameter,
		   const char *value)
{
	static struct settings changed;
	const char *wrong;

	settings_copy(&changed, settings);
	if (settings_set(&changed, parameter, value, &wrong))
		return false;
	settings_copy(settings, &changed);
	return true;
}

static void add_opening(struct lesson *lesson, const struct opening *opening,
			const char *setting)
{
	unsigned long long limit = strtoull(setting, NULL, 10);

	if (lesson->limit < limit)
		lesson->limit = limit;
	/* the strictest value may have hidden that the milder one will not do */
	if (!opening->milder || strcmp(setting, opening->strictest) != 0)
		lesson->passes = true;
}

static void add_to(struct lessons *lessons, struct lesson *lesson,
		   const struct refusal *refusal)
{
	enum parameter_index index = refusal->parameter - settings_parameters;
	char setting[SETTINGS_TEXT_MAX];

	read_setting(lessons, refusal, setting);
	if (lessons->adopts)
		change(&lessons->before, refusal->parameter, setting);
	/* what is refused no more counts no more */
	if (index == PARAMETER_MAX_REFUSED)
		return;
	switch (index) {
	case PARAMETER_VERBS:
		add_verb(lesson, refusal);
		return;
	case PARAMETER_CAPABILITIES:
		add_capability(lesson, refusal);
		return;
	case PARAMETER_AUTH_MECHANISMS:
		add_mechanisms(lessons, lesson, refusal);
		return;
	case PARAMETER_RELAY_DOMAINS:
		add_domain(lesson, refusal);
		return;
	case PARAMETER_MAX_PATH:
		add_path(lesson, refusal);
		break;
	case PARAMETER_STARTTLS:
	case PARAMETER_AUTH:
		note_taken_away(lessons, refusal);
		break;
	default:
		break;
	}
	add_opening(lesson, find_opening(index), setting);
}

static bool may_be_learnt(const struct parameter *parameter)
{
	enum parameter_index index = parameter - settings_parameters;

	return find_opening(index) || index == PARAMETER_VERBS ||
	       index == PARAMETER_CAPABILITIES ||
	       index == PARAMETER_AUTH_MECHANISMS ||
	       index == PARAMETER_RELAY_DOMAINS ||
	       index == PARAMETER_MAX_REFUSED;
}

/* Who does not wait is reset by pipelining=reset, or by what the server does. */
static const struct parameter *decider_of(const struct lessons *lessons,
					  const struct refusal *refusal)
{
	if (refusal->reason == REASON_SYNC &&
	    lessons->before.policy.pipelining == PIPELINING_RESET)
		return row_of(PARAMETER_PIPELINING);
	return refusal->parameter;
}

/**
 * lessons_add() - something was refused
 * @lessons: learn from it
 * @refusal: what
 */
void lessons_add(struct lessons *lessons, const struct refusal *refusal)
{
	struct lesson *lesson = &lessons->hopeless;
	struct refusal decided = *refusal;

	decided.parameter = decider_of(lessons, refusal);
	if (decided.parameter && may_be_learnt(decided.parameter))
		lesson = lesson_of(lessons, decided.parameter);
	lesson->seen[decided.reason] += decided.count;
	if (lesson != &lessons->hopeless)
		add_to(lessons, lesson, &decided);
}

/**
 * lessons_need() - tell how much of something there was in one session
 * @lessons: learn from it
 * @index: of the parameter that limits it
 * @number: how much
 */
void lessons_need(struct lessons *lessons, enum parameter_index index,
		  unsigned long long number)
{
	struct lesson *lesson = &lessons->lesson[index];

	if (lesson->most < number)
		lesson->most = number;
}

static bool was_seen(const struct lesson *lesson)
{
	int reason;

	for (reason = 0; reason < REASON_COUNT; reason++)
		if (lesson->seen[reason])
			return true;
	return false;
}

/* @after is as it was where the value is not taken. */
static bool take(struct lessons *lessons, enum parameter_index index,
		 const char *value)
{
	return change(&lessons->after, row_of(index), value);
}

static u8 row_in(const struct word_table *table, const char *word)
{
	return word_find(table, word, strlen(word));
}

/* Has a list a word, be it of its table or not? */
static bool has_word(const struct word_table *table, u64 set,
		     const struct extra *extra, const char *word)
{
	return word_in_set(set, row_in(table, word)) ||
	       row_in(&extra->table, word) != WORD_NONE;
}

static bool is_listed(const struct settings *settings,
		      enum parameter_index index, const char *word)
{
	if (index == PARAMETER_VERBS)
		return has_word(&verb_table, settings->verbs.set,
				&settings->extra_verbs, word);
	return has_word(&capability_table, settings->capabilities.set,
			&settings->extra_capabilities, word);
}

static bool take_word(struct lessons *lessons, enum parameter_index index,
		      const char *word)
{
	char value[LESSON_WORD_MAX + 1];

	if (is_listed(&lessons->after, index, word))
		return true;
	snprintf(value, sizeof(value), "+%s", word);
	return take(lessons, index, value);
}

static bool allow_verb(struct lessons *lessons, u8 verb);

/* Has the parameter that is in the way let it pass. */
static bool clear_way(struct lessons *lessons, const char *decider, u8 verb,
		      int reason, unsigned long long count)
{
	const struct parameter *parameter = settings_find(decider);
	enum parameter_index index = parameter - settings_parameters;
	struct lesson *lesson = &lessons->lesson[index];
	const char *name = verb_name(verb);

	if (index != PARAMETER_VERBS) {
		lesson->seen[reason] += count;
		return take(lessons, index, find_opening(index)->value);
	}
	if (!take_word(lessons, index, name))
		return false;
	lesson->seen[reason] += count;
	add_word(lesson, name, strlen(name), count);
	return allow_verb(lessons, verb);
}

/* A verb that the list has may be taken away by another parameter. */
static bool allow_verb(struct lessons *lessons, u8 verb)
{
	while (verb < VERB_COUNT &&
	       !word_in_set(lessons->after.policy.verbs, verb))
		if (!clear_way(lessons,
			       settings_verb_decider(&lessons->after, verb),
			       verb, REASON_VERB, 1))
			return false;
	return true;
}

static bool allow_capability(struct lessons *lessons, u8 row,
			     unsigned long long count)
{
	while (row != WORD_NONE &&
	       !word_in_set(lessons->after.policy.capabilities, row))
		if (!clear_way(lessons,
			       settings_capability_decider(&lessons->after, row),
			       capability_table.rows[row].value,
			       REASON_CAPABILITY, count))
			return false;
	return true;
}

static bool learn_verbs(struct lessons *lessons)
{
	struct lesson *lesson = &lessons->lesson[PARAMETER_VERBS];
	bool good = !lesson->nameless;
	size_t i;

	for (i = 0; i < lesson->count; i++) {
		struct lesson_word *word = &lesson->words[i];

		word->impossible =
			!take_word(lessons, PARAMETER_VERBS, word->text) ||
			!allow_verb(lessons, row_in(&verb_table, word->text));
		good = good && !word->impossible;
	}
	return good;
}

static bool learn_capabilities(struct lessons *lessons)
{
	struct lesson *lesson = &lessons->lesson[PARAMETER_CAPABILITIES];
	static struct settings former;
	bool good = !lesson->nameless;
	size_t i;

	for (i = 0; i < lesson->count; i++) {
		struct lesson_word *word = &lesson->words[i];

		settings_copy(&former, &lessons->after);
		word->impossible =
			!take_word(lessons, PARAMETER_CAPABILITIES,
				   word->text) ||
			!allow_capability(lessons,
					  row_in(&capability_table, word->text),
					  word->count);
		if (word->impossible)
			settings_copy(&lessons->after, &former);
		good = good && !word->impossible;
	}
	return good;
}

static bool learn_taken_away(struct lessons *lessons)
{
	bool good = true;
	u8 row;

	for (row = 0; row < WORD_TABLE_MAX; row++) {
		if (word_in_set(lessons->verbs, row))
			good = allow_verb(lessons, row) && good;
		if (word_in_set(lessons->capabilities, row))
			good = allow_capability(lessons, row, 1) && good;
	}
	return good;
}

/* A list that takes no changes is written anew; too long a one allows all. */
static void learn_list(struct lessons *lessons, enum parameter_index index,
		       const char *all)
{
	struct lesson *lesson = &lessons->lesson[index];
	char value[SETTINGS_TEXT_MAX * 2];
	bool fits = !lesson->nameless;
	size_t length, i;

	settings_show(&lessons->after, row_of(index), value,
		      SETTINGS_TEXT_MAX);
	for (i = 0; i < lesson->count && fits; i++) {
		if (row_in(&lessons->after.relay_domains.table,
			   lesson->words[i].text) != WORD_NONE)
			continue;
		length = strlen(value);
		snprintf(value + length, sizeof(value) - length, "%s%s",
			 length ? "," : "", lesson->words[i].text);
		fits = strlen(value) < SETTINGS_TEXT_MAX;
	}
	if (!fits || !take(lessons, index, value))
		take(lessons, index, all);
}

static unsigned int number_of(const struct settings *settings,
			      const struct parameter *row)
{
	u16 number;

	memcpy(&number, (const char *)settings + row->offset, sizeof(number));
	return number;
}

/* As high as it had to be, where that was told, or as high as it can be. */
static void learn_limit(struct lessons *lessons, enum parameter_index index,
			const char *highest)
{
	const struct lesson *lesson = &lessons->lesson[index];
	const struct parameter *row = row_of(index);
	unsigned int now = number_of(&lessons->before, row);
	bool told = !lesson->nameless && lesson->most > lesson->limit;
	char value[32];

	snprintf(value, sizeof(value), "%llu", lesson->most);
	if ((told && lesson->most <= now) || (!now && row->unlimited))
		return;
	if (!told || !take(lessons, index, value))
		take(lessons, index, highest);
}

static bool is_limit(enum parameter_index index)
{
	return row_of(index)->maximum;
}

static void learn_openings(struct lessons *lessons)
{
	size_t i;

	for (i = 0; i < COUNT(openings); i++) {
		const struct opening *opening = &openings[i];
		enum parameter_index index = opening->parameter;
		const struct lesson *lesson = &lessons->lesson[index];

		if (!was_seen(lesson))
			continue;
		if (is_limit(index))
			learn_limit(lessons, index, opening->value);
		else if (!opening->milder || lesson->passes)
			take(lessons, index, opening->value);
		else
			take(lessons, index, opening->milder);
	}
}

/**
 * lessons_learn() - find the policy that would not have refused
 * @lessons: all refusals are known
 *
 * Return: false where no policy would not have.
 */
bool lessons_learn(struct lessons *lessons)
{
	bool good = !was_seen(&lessons->hopeless);

	settings_copy(&lessons->after, &lessons->before);
	learn_openings(lessons);
	if (was_seen(&lessons->lesson[PARAMETER_AUTH_MECHANISMS]))
		learn_list(lessons, PARAMETER_AUTH_MECHANISMS, ANY_MECHANISM);
	if (was_seen(&lessons->lesson[PARAMETER_RELAY_DOMAINS]) &&
	    lessons->before.policy.relay_domains)
		learn_list(lessons, PARAMETER_RELAY_DOMAINS, "");
	good = learn_verbs(lessons) && good;
	good = learn_capabilities(lessons) && good;
	good = learn_taken_away(lessons) && good;
	/* commands that are refused all the same count on */
	if (!good && was_seen(&lessons->lesson[PARAMETER_MAX_REFUSED]))
		take(lessons, PARAMETER_MAX_REFUSED, NO_LIMIT);
	return good;
}

static void print_words(const struct lesson *lesson, bool impossible, FILE *out)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < lesson->count; i++) {
		const struct lesson_word *word = &lesson->words[i];

		if (word->impossible != impossible)
			continue;
		fputs(before, out);
		text_write(out, word->text, strlen(word->text));
		if (word->count > 1)
			fprintf(out, " (%llu times)", word->count);
		before = ", ";
	}
}

static bool has_words(const struct lesson *lesson, bool impossible)
{
	size_t i;

	for (i = 0; i < lesson->count; i++)
		if (lesson->words[i].impossible == impossible)
			return true;
	return false;
}

/* What was seen, by reason. */
static void print_seen(const struct lesson *lesson, FILE *out)
{
	int reason;

	for (reason = 0; reason < REASON_COUNT; reason++)
		if (lesson->seen[reason])
			fprintf(out, "# %s (%s): %llu time%s\n",
				reason_rows[reason].sentence,
				reason_rows[reason].slug, lesson->seen[reason],
				lesson->seen[reason] == 1 ? "" : "s");
	if (has_words(lesson, false)) {
		fputs("#   ", out);
		print_words(lesson, false, out);
		fputc('\n', out);
	}
	if (has_words(lesson, true)) {
		fputs("#   no policy allows: ", out);
		print_words(lesson, true, out);
		fputc('\n', out);
	}
}

static bool is_open_list(enum parameter_index index)
{
	return index == PARAMETER_VERBS || index == PARAMETER_CAPABILITIES;
}

static bool same(const struct settings *one, const struct settings *other,
		 enum parameter_index index)
{
	char a[SETTINGS_TEXT_MAX], b[SETTINGS_TEXT_MAX];

	settings_show(one, row_of(index), a, sizeof(a));
	settings_show(other, row_of(index), b, sizeof(b));
	return strcmp(a, b) == 0;
}

/* The changes to a list that is as the profile has it, or else the value. */
static void print_setting(const struct lessons *lessons,
			  enum parameter_index index, FILE *out)
{
	const struct lesson *lesson = &lessons->lesson[index];
	char value[SETTINGS_TEXT_MAX];
	size_t i;

	fprintf(out, "%s =", row_of(index)->name);
	if (!is_open_list(index) ||
	    !same(&lessons->before, &lessons->standard, index)) {
		settings_show(&lessons->after, row_of(index), value,
			      sizeof(value));
		fprintf(out, "%s%s\n", *value ? " " : "", value);
		return;
	}
	for (i = 0; i < lesson->count; i++)
		if (!is_listed(&lessons->before, index, lesson->words[i].text) &&
		    !lesson->words[i].impossible)
			fprintf(out, " +%s", lesson->words[i].text);
	fputc('\n', out);
}

static void print_parameter(const struct lessons *lessons,
			    enum parameter_index index, FILE *out)
{
	const struct lesson *lesson = &lessons->lesson[index];
	bool learnt = !same(&lessons->before, &lessons->after, index);

	if (was_seen(lesson) || lesson->nameless) {
		fputc('\n', out);
		print_seen(lesson, out);
		if (lesson->nameless && is_open_list(index))
			fputs(NAMELESS, out);
	}
	if (same(&lessons->standard, &lessons->after, index)) {
		if (learnt)
			fprintf(out, "# %s is what the profile sets again\n",
				row_of(index)->name);
		else if (was_seen(lesson) && !lesson->nameless &&
			 !has_words(lesson, true))
			fprintf(out, "# %s needs no change with what else is set here\n",
				row_of(index)->name);
		return;
	}
	if (!learnt && was_seen(lesson))
		fprintf(out, "# %s needs no change with what else is set here\n",
			row_of(index)->name);
	else if (!learnt)
		fputs("\n# as it is set now\n", out);
	print_setting(lessons, index, out);
}

static void print_hopeless(const struct lesson *hopeless, FILE *out)
{
	if (!was_seen(hopeless))
		return;
	fputs("\n# No parameter allows these, or too little is known of them:\n",
	      out);
	print_seen(hopeless, out);
}

/**
 * lessons_print() - print the policy in the form of smtpguard.conf
 * @lessons: what lessons_learn() has learnt
 * @out: where to
 */
void lessons_print(const struct lessons *lessons, FILE *out)
{
	const struct parameter *profile = row_of(PARAMETER_PROFILE);
	int i;

	fprintf(out, "%s = %s\n", profile->name,
		profile->words[lessons->standard.profile]);
	for (i = PARAMETER_PROFILE + 1; i < PARAMETER_COUNT; i++)
		print_parameter(lessons, i, out);
	print_hopeless(&lessons->hopeless, out);
}
