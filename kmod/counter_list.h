/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of counters: id, name, and what it says it counts.  The enum
 * and the names in the module, the explanations in the tool and the check of
 * Documentation/counters.rst are made of it.  To add a counter, add its row
 * here, in the place where it is to be shown, and count where it happens.
 *
 * Who includes this defines COUNTER, for the rows; COUNTER_OF_BOUND,
 * COUNTER_OF_REASON and COUNTER_OF_VERB, for those that stand for one counter a
 * row of bound_list.h, a reason or a verb and end in its name; or leaves out
 * what is not needed.  There is no guard: each include is another use.
 *
 * Which of them add up to which, Documentation/counters.rst says, and
 * selftests/sums.py asks.
 */
#ifndef COUNTER
#define COUNTER(id, name, sentence)
#endif
#ifndef COUNTER_OF_BOUND
#define COUNTER_OF_BOUND(id, name, sentence)
#endif
#ifndef COUNTER_OF_REASON
#define COUNTER_OF_REASON(id, name, sentence)
#endif
#ifndef COUNTER_OF_VERB
#define COUNTER_OF_VERB(id, name, sentence)
#endif

COUNTER(SESSIONS_OPENED, "sessions_opened",
	"sessions that were taken under guard")
COUNTER(SESSIONS_CLOSED, "sessions_closed",
	"sessions under guard that have ended")
COUNTER(SESSIONS_DEFERRED, "sessions_deferred",
	"segments dropped because there was no memory for their session; they come again")
COUNTER(SESSIONS_EVICTED, "sessions_evicted",
	"silent sessions that gave up their memory for others")
COUNTER(SESSIONS_UNGUARDED, "sessions_unguarded",
	"sessions that pass unguarded because there was no memory for them, as full=pass says")
COUNTER(SESSIONS_FORGOTTEN, "sessions_forgotten",
	"ended sessions that there was no memory to remember")
COUNTER(SESSIONS_TLS, "sessions_tls",
	"sessions that went into TLS and were not read from there on")
COUNTER(HELLOS_UNREAD, "hellos_unread",
	"TLS handshakes of which the server's hello could not be read")
COUNTER(SESSIONS_TURNED, "sessions_turned",
	"sessions in which client and server changed places, after ATRN or TURN")
COUNTER(SESSIONS_FOREIGN, "sessions_foreign",
	"sessions reset because they were not SMTP")
COUNTER(SESSIONS_DESYNCHRONISED, "sessions_desynchronised",
	"times that a server ended a message elsewhere than the guard did")
COUNTER(SESSIONS_RESYNCHRONISED, "sessions_resynchronised",
	"times that the guard had to find its place in a session that was under way")
COUNTER(COMMANDS_PASSED, "commands_passed",
	"command lines that passed")
COUNTER(COMMANDS_REFUSED, "commands_refused",
	"command lines that were refused")
COUNTER(OTHERS_REFUSED, "others_refused",
	"capabilities, ends of data, AUTH responses and others that were refused")
COUNTER(COMMANDS_OUT_OF_ORDER, "commands_out_of_order",
	"command lines that passed although they were out of order")
COUNTER(MESSAGES, "messages",
	"messages whose end of data was forwarded")
COUNTER(MESSAGE_BYTES, "message_bytes",
	"octets of those messages, with their ends of data")
COUNTER(MESSAGES_OVER_DECLARED, "messages_over_declared_size",
	"messages larger than MAIL declared")
COUNTER(MESSAGES_OVER_LIMIT, "messages_over_size_limit",
	"messages larger than the server announced to take")
COUNTER(ENDS_OF_DATA_SPLIT, "ends_of_data_split",
	"ends of data that came in more than one segment")
COUNTER(ENDS_OF_DATA_AMBIGUOUS, "ends_of_data_ambiguous",
	"ends of data that servers read in different ways")
COUNTER(ENDS_OF_DATA_UNANSWERED, "ends_of_data_unanswered",
	"sessions that ended before the final reply to an end of data")
COUNTER(NEWLINES_BARE, "newlines_bare",
	"LFs alone in commands, CRs and LFs alone in messages where bare_newline is not accept")
COUNTER(CAPABILITIES_HIDDEN, "capabilities_hidden",
	"lines of EHLO replies with a capability that was hidden")
COUNTER(CAPABILITIES_WITHDRAWN, "capabilities_withdrawn",
	"times that a server did not offer STARTTLS or CHUNKING any more")
COUNTER(GREETINGS_MASKED, "greetings_masked",
	"lines of greetings that were masked")
COUNTER(RESETS, "resets",
	"sessions that were reset, or would have been but for the profile monitor")
COUNTER(PACKETS_UNGUARDED, "packets_unguarded",
	"packets on guarded ports that passed unread; the kernel log tells why")
COUNTER(SYNS_DEFERRED, "syns_deferred",
	"SYNs with payload dropped because too many others had no answer yet; they come again")
COUNTER(SEGMENTS_OUT_OF_ORDER, "segments_out_of_order",
	"segments dropped because others had to come first; they come again")
COUNTER(SEGMENTS_AHEAD, "segments_ahead",
	"segments of messages that passed although others before them were missing")
COUNTER(SEGMENTS_DEFERRED, "segments_deferred",
	"segments dropped because too much was unacknowledged; they come again")
COUNTER(SEGMENTS_WITHHELD, "segments_withheld",
	"segments of clients dropped until a reply has passed that they must not go before")
COUNTER(SEGMENTS_REPEATED, "segments_repeated",
	"segments with octets that had passed before")
COUNTER(SEGMENTS_MISMATCHED, "segments_mismatched",
	"segments dropped because they repeated octets with other ones")
COUNTER(SEGMENTS_UNVERIFIABLE, "segments_unverifiable",
	"segments that repeated octets that were no longer known")
COUNTER(SEGMENTS_UNREADABLE, "segments_unreadable",
	"segments dropped because no processor can read them")
COUNTER(SEGMENTS_INVALID, "segments_invalid",
	"segments dropped because conntrack or their checksum said that they were invalid")
COUNTER(SEGMENTS_ONE_WAY, "segments_one_way",
	"segments of connections of which only one way crosses this router; they are reset")
COUNTER(SEGMENTS_MIDSTREAM, "segments_midstream",
	"segments from clients that passed while the phase of their session was not known")
COUNTER(SEGMENTS_FORGED, "segments_forged",
	"segments dropped because they did not come from the side that they were said to")
COUNTER(SEGMENTS_URGENT, "segments_urgent",
	"segments with urgent data, which was made plain")
COUNTER(SEGMENTS_MULTIPATH, "segments_multipath",
	"SYNs and answers to them that offered Multipath TCP; the offer was taken out")
COUNTER(LINES_OVER_LIMIT, "lines_over_limit",
	"lines longer than max_reply_line or max_text_line")
COUNTER(HEADERS_OVER_LIMIT, "headers_over_limit",
	"messages whose header is longer than max_header")
COUNTER(REPLIES_UNEXPECTED, "replies_unexpected",
	"replies other than 421 that answered nothing")
COUNTER(SYNCS_VIOLATED, "syncs_violated",
	"times that a client did not wait for the reply to a command that it must wait for")
COUNTER(ALLOCATION_FAILURES, "allocation_failures",
	"times that the kernel had no memory")
COUNTER(EVENTS_LOST, "events_lost",
	"events of the log that could not be told")
COUNTER(FINAL_REPLY_MICROSECONDS, "final_reply_microseconds",
	"microseconds that final replies have come after their ends of data, in all")
COUNTER_OF_BOUND(FINAL_REPLIES, "final_replies",
		 "final replies that came so soon after an end of data, and not sooner")
COUNTER_OF_REASON(REFUSED_FOR, "refused_for",
		  "command lines and others that were refused for this reason")
COUNTER_OF_REASON(RESET_FOR, "reset_for",
		  "sessions that were reset for this reason")
COUNTER_OF_VERB(PASSED, "passed",
		"command lines with this verb that passed")
COUNTER_OF_VERB(REFUSED, "refused",
		"command lines with this verb that were refused")

#undef COUNTER
#undef COUNTER_OF_BOUND
#undef COUNTER_OF_REASON
#undef COUNTER_OF_VERB
