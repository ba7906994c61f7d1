// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in chunks (RFC 3030): chunks and the commands behind them, lines
 * whose size cannot be told, and BDAT and XEXCH50 where they are not allowed,
 * which are never masked, for then their octets would run as commands.
 */
#include "core/verb.h"
#include "dialogue.h"
#include "policies.h"

static const struct dialogue chunk_table[] = {
	{ "one chunk",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 8 LAST\r\na\r\n.\r\n\0b"),
		SERVER("250 queued\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,BDAT,end,250,!VRFY" },
	{ "chunks under way, and the next message behind them",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 4\r\nVRFYBDAT 5\r\n\r\n.\r\nBDAT 4 LAST\r\nEXPNMAIL\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n250 d\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "begin,BDAT,BDAT,BDAT,end,MAIL,250,250,250,250" },
	{ "two messages, the verb in small letters",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("bdat 1 last\r\naMAIL\r\nRCPT\r\nBDAT 1 Last\r\nb"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n250 d\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "begin,BDAT,end,MAIL,RCPT,begin,BDAT,end,250,250,250,250" },
	{ "an empty last chunk ends a message",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 3\r\nabcBDAT 0 LAST\r\nNOOP\r\n"),
		SERVER("250 a\r\n250 queued\r\n250 b\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "begin,BDAT,end,BDAT,NOOP,250,250,250" },
	{ "no room among the replies that are owed: no chunk",
	  .change = policy_chunking, .opening = crowded_chunking,
	  .turns = { CLIENT_RESET("BDAT 5\r\nhello", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_PIPELINE },
	{ "an empty chunk has no octets",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = { CLIENT_AS("BDAT 0\r\nVRFY\r\n", "BDAT 0\r\nXXXX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,BDAT,!VRFY" },
	{ "an empty message",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 0 LAST\r\n"),
		SERVER("250 queued\r\n"),
		CLIENT_AS("VRFY\r\n", "XXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "begin,end,BDAT,250,!VRFY" },
	{ "a chunk of the greatest size takes in all that comes",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 2147483647 LAST\r\nVRFY\r\n.\r\n"),
		SERVER("250 ok\r\n"),
		CLIENT("EXPN\r\n"),
	  },
	  .phase = PHASE_CHUNK, .trace = "begin,BDAT,250" },
	{ "binary octets pass (BINARYMIME)",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("RSET\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT\r\n"),
		SERVER("250 a\r\n250 b\r\n250 c\r\n"),
		CLIENT("BDAT 9 LAST\r\n\0\n.\n\xff\r.\r\0"),
		SERVER("250 queued\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "RSET,MAIL,RCPT,250,250,250,begin,BDAT,end,250" },
	{ "a 503 to a chunk whose recipient was refused meanwhile",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("RSET\r\nMAIL\r\nRCPT\r\nBDAT 9\r\nVRFY\r\n"),
		SERVER("250 a\r\n250 b\r\n550 c\r\n503 no\r\n"),
		CLIENT_AS("abcVRFY\r\n", "abcXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "RSET,MAIL,RCPT,begin,BDAT,250,250,550,503,!VRFY" },
	{ "a 503 to a chunk whose recipient was accepted resets",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 9\r\nVRFY\r\n"),
		SERVER("503 no\r\n"),
		CLIENT_RESET("abc", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_CHUNK_REFUSED,
	  .trace = "begin,BDAT,503,reset" },
	{ "the rest is dropped where a final reply is owed, and then reset",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 1\r\naBDAT 9 LAST\r\nVRFY\r\n"),
		SERVER("500 what\r\n"),
		CLIENT_AS("abcVRFY\r\n", ""),
		SERVER("500 what\r\n"),
		CLIENT_RESET("abc", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_CHUNK_REFUSED },
	{ "no chunk without CHUNKING",
	  .change = policy_chunking, .opening = in_transaction,
	  .turns = { CLIENT_RESET("BDAT 9\r\n", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_CHUNKING },
	{ "no chunk without a recipient",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = { CLIENT_RESET("RSET\r\nBDAT 9\r\n", "RSET\r\nBDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_NO_RECIPIENT },
	{ "no chunk behind a DATA that is not answered",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = { CLIENT_RESET("DATA\r\nBDAT 9\r\n", "DATA\r\nBDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_SYNC },
	{ "an error to a chunk amid others under way",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 2\r\nabBDAT 2\r\ncdBDAT 2 LAST\r\nefRSET\r\n"),
		SERVER("250 a\r\n552 b\r\n503 c\r\n250 d\r\n"),
		CLIENT("DATA\r\n"),
		SERVER("503 no\r\n"),
	  },
	  .phase = PHASE_COMMAND,
	  .trace = "begin,BDAT,BDAT,BDAT,end,RSET,250,552,503,250,order,DATA,503" },
	{ "RSET behind a chunk gives the message up",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT_RESET("BDAT 3\r\nabcRSET\r\nBDAT 1\r\na",
			     "BDAT 3\r\nabcRSET\r\nBDAT"),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_NO_RECIPIENT,
	  .trace = "begin,BDAT,RSET,reset" },
	{ "354 to BDAT opens nothing, and resets",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = {
		CLIENT("BDAT 1\r\na"),
		SERVER("354 go\r\n"),
		CLIENT_RESET("VRFY\r\n", ""),
	  },
	  .phase = PHASE_CLOSED, .reason = REASON_REPLY,
	  .trace = "begin,BDAT,354,reset" },
};

/* A line that some server reads in another way, and what passes of it. */
#define NO_SIZE(sentence, argument, others) {				\
	sentence,							\
	.change = policy_chunking, .opening = in_chunking,		\
	.turns = { CLIENT_RESET("BDAT" argument, "BDAT" others) },	\
	.phase = PHASE_CLOSED, .reason = REASON_CHUNK,			\
	.trace = "reset" }

static const struct dialogue size_table[] = {
	NO_SIZE("no size", "\r\n", ""),
	NO_SIZE("a blank and no size", " \r\n", " "),
	NO_SIZE("a tab before the size", "\t5\r\n", ""),
	NO_SIZE("two blanks before it", "  5\r\n", " "),
	NO_SIZE("a size below zero", " -1\r\n", " "),
	NO_SIZE("a size with a plus", " +5\r\n", " "),
	NO_SIZE("a word for a size", " five\r\n", " "),
	NO_SIZE("LAST for a size", " LAST\r\n", " "),
	NO_SIZE("a leading zero", " 05\r\n", " 0"),
	NO_SIZE("a hexadecimal size", " 0x10\r\n", " 0"),
	NO_SIZE("a unit behind the size", " 5k\r\n", " 5"),
	NO_SIZE("a fraction", " 5.0\r\n", " 5"),
	NO_SIZE("2^31", " 2147483648\r\n", " 214748364"),
	NO_SIZE("2^32 and 5", " 4294967301\r\n", " 429496730"),
	NO_SIZE("2^64 and 1", " 18446744073709551617\r\n", " 1844674407"),
	NO_SIZE("twenty nines", " 99999999999999999999\r\n", " 999999999"),
	NO_SIZE("a tab before LAST", " 5\tLAST\r\n", " 5"),
	NO_SIZE("nothing before LAST", " 5LAST\r\n", " 5"),
	NO_SIZE("half of LAST", " 5 LAS\r\n", " 5 LAS"),
	NO_SIZE("more than LAST", " 5 LASTS\r\n", " 5 LAST"),
	NO_SIZE("a blank behind LAST", " 5 LAST \r\n", " 5 LAST"),
	NO_SIZE("another word than LAST", " 5 FIRST\r\n", " 5 "),
	NO_SIZE("two sizes", " 5 5\r\n", " 5 "),
	NO_SIZE("a LF without CR", " 5\n", " 5"),
	NO_SIZE("a CR without LF", " 5\rx\r\n", " 5\r"),
	NO_SIZE("two CRs", " 5\r\r\n", " 5\r"),
	NO_SIZE("a NUL", " 5\0\r\n", " 5"),
};

static const struct dialogue refused_table[] = {
	{ "BDAT resets, and none of its octets gets to the server",
	  .opening = in_transaction,
	  .turns = { CLIENT_RESET("BDAT 6\r\nVRFY\r\n", "BDAT") },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "reset" },
	{ "so does XEXCH50, where BDAT is allowed too",
	  .change = policy_chunking, .opening = in_chunking,
	  .turns = { CLIENT_RESET("XEXCH50 6 2\r\nVRFY\r\n", "XEXCH50") },
	  .phase = PHASE_CLOSED, .reason = REASON_UNMASKABLE,
	  .trace = "reset" },
	{ "both are hidden, and BINARYMIME with BDAT",
	  .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER_AS("250-mx\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 XEXCH50\r\n",
			  "250-mx\r\n250-XXXXXXXX\r\n250-XXXXXXXXXX\r\n250 XXXXXXX\r\n"),
	  },
	  .phase = PHASE_COMMAND, .reason = REASON_CAPABILITY,
	  .trace = "EHLO,250-,hidden,250-,hidden,250-,hidden,250" },
	{ "they are shown where BDAT is allowed",
	  .change = policy_chunking, .opening = greeted,
	  .turns = {
		CLIENT("EHLO c\r\n"),
		SERVER("250-mx\r\n250-CHUNKING\r\n250 BINARYMIME\r\n"),
	  },
	  .phase = PHASE_COMMAND, .trace = "EHLO,250-,250-,250" },
	{ "a verb that only begins so is masked",
	  .opening = greeted,
	  .turns = { CLIENT_AS("BDATA 5\r\nXEXCH5 1\r\n",
			       "BDATXXX\r\nXEXCH5XX\r\n") },
	  .phase = PHASE_COMMAND, .reason = REASON_VERB,
	  .trace = "!unknown,!unknown" },
};

KUNIT_ARRAY_PARAM(chunk, chunk_table, dialogue_name);
KUNIT_ARRAY_PARAM(size, size_table, dialogue_name);
KUNIT_ARRAY_PARAM(refused, refused_table, dialogue_name);

static struct kunit_case session_chunk_cases[] = {
	DIALOGUES(chunk, chunks_are_counted_down),
	DIALOGUES(size, a_size_that_cannot_be_told_resets),
	DIALOGUES(refused, what_octets_follow_is_never_masked),
	{}
};

static struct kunit_suite session_chunk_suite = {
	.name = "smtpguard_session_chunk",
	.test_cases = session_chunk_cases,
};

kunit_test_suite(session_chunk_suite);
