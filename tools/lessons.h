/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What refusals teach: the fewest changes to a policy with which it would have
 * refused nothing.
 */
#ifndef LESSONS_H
#define LESSONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/settings.h"
#include "reader.h"
#include "reason.h"

#define LESSON_WORDS_MAX	64
#define LESSON_WORD_MAX		256

/**
 * struct refusal - something that was refused
 * @reason: enum reason
 * @parameter: the one that decided; NULL where none did, or it is not known
 * @setting: its value then, or NULL
 * @verb: the verb in capitals, or NULL
 * @text: the command line or the line of the reply, or NULL
 * @cut: there was more of it
 * @count: how many times
 */
struct refusal {
	int reason;
	const struct parameter *parameter;
	const struct reader_text *setting;
	const struct reader_text *verb;
	const struct reader_text *text;
	bool cut;
	unsigned long long count;
};

/**
 * struct lesson_word - a verb, capability, mechanism or domain
 * @text: the word, terminated; octets of a peer
 * @count: how many times it was refused
 * @impossible: no policy can allow it
 */
struct lesson_word {
	char text[LESSON_WORD_MAX];
	unsigned long long count;
	bool impossible;
};

/**
 * struct lesson - what was refused by a parameter
 * @seen: how many times, by enum reason
 * @words: what is to be added to a list
 * @count: how many words
 * @nameless: something was refused whose word is not known, or there were too
 *	many words
 * @most: how much there was of what is limited, as far as that was told
 * @limit: the limit, of several the highest
 * @passes: a less strict value is enough
 */
struct lesson {
	unsigned long long seen[REASON_COUNT];
	struct lesson_word words[LESSON_WORDS_MAX];
	size_t count;
	bool nameless;
	unsigned long long most;
	unsigned long long limit;
	bool passes;
};

/**
 * struct lessons - all of them
 * @standard: what the profile sets
 * @before: the policy that refused
 * @adopts: what events say that a parameter was is part of it
 * @after: the one that would not have
 * @lesson: by enum parameter_index
 * @verbs: verbs that another parameter than their list refused, a bit each
 * @capabilities: capabilities, likewise
 * @hopeless: refusals that no parameter decides, or of which too little is known
 */
struct lessons {
	struct settings standard;
	struct settings before;
	bool adopts;
	struct settings after;
	struct lesson lesson[PARAMETER_COUNT];
	u64 verbs;
	u64 capabilities;
	struct lesson hopeless;
};

void lessons_init(struct lessons *lessons, const struct settings *before,
		  bool adopts);
void lessons_add(struct lessons *lessons, const struct refusal *refusal);
void lessons_need(struct lessons *lessons, enum parameter_index index,
		  unsigned long long number);
bool lessons_learn(struct lessons *lessons);
void lessons_print(const struct lessons *lessons, FILE *out);

#endif /* LESSONS_H */
