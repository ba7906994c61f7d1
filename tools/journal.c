// SPDX-License-Identifier: GPL-2.0
/*
 * systemd's journal, by its own protocol, as systemd's "Native Journal Protocol"
 * describes it: one datagram an entry, of lines NAME=VALUE; or, where a value may
 * have a line end in it, NAME, its length as 64 bits with the lowest octet first,
 * and the value.  What is too large for a datagram goes into a sealed file in
 * memory, whose descriptor is sent.
 *
 * The socket is named anew for each entry: journald may be started again.
 */
#define _GNU_SOURCE		/* memfd_create() */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "complain.h"
#include "journal.h"

#define NAME_MAX_LENGTH	64
#define PREFIX		"SMTPGUARD_"
#define IDENTIFIER	"smtpguard"
/* The journal takes no file that could still change. */
#define SEALS		(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | \
			 F_SEAL_WRITE)

/**
 * struct entry_kind - what an entry is, to programs and to smtpguard.catalog
 * @id: its MESSAGE_ID, which is never given another meaning
 * @priority: as syslog has it
 */
struct entry_kind {
	const char *id;
	int priority;
};

static const struct entry_kind kinds[__SMTPGUARD_EVENT_MAX] = {
	[SMTPGUARD_EVENT_OPEN]		= { "0fab01371aee499ab144bf7c9bf3ed4a", LOG_INFO },
	[SMTPGUARD_EVENT_GREETING]	= { "ad07538dd5be49a7ae746fa506aed001", LOG_INFO },
	[SMTPGUARD_EVENT_COMMAND]	= { "821faa91ca6c48d69d0f3f01c855ce87", LOG_INFO },
	[SMTPGUARD_EVENT_REPLY]		= { "bd090f5ad6b64ccc8308311361577cbf", LOG_INFO },
	[SMTPGUARD_EVENT_DATA_BEGIN]	= { "726ceccd22f444dfb745b01e1bd562e4", LOG_INFO },
	[SMTPGUARD_EVENT_DATA_END]	= { "b33bea2ee6854cf9a8efb754896c00b4", LOG_INFO },
	[SMTPGUARD_EVENT_TLS_START]	= { "001902f8fa4c4e5aa3c5a2e9a151a116", LOG_INFO },
	[SMTPGUARD_EVENT_REFUSAL]	= { "3442ea5d1f514f6fa8fc5c680c364268", LOG_WARNING },
	[SMTPGUARD_EVENT_CLOSE]		= { "6ac694ba11cc456999509e34b6b2b6f3", LOG_INFO },
	[SMTPGUARD_EVENT_MESSAGE]	= { "3fcadb33ebdd4c59b5e07abee10bc5b1", LOG_INFO },
	[SMTPGUARD_EVENT_PARAMETER]	= { "315a2a476b1046fc8bd6511e4e1fa98d", LOG_NOTICE },
	[SMTPGUARD_EVENT_TLS]		= { "89e5e92b93db4aba90fc2528d66d797f", LOG_INFO },
	[SMTPGUARD_EVENT_WITHDRAWAL]	= { "426650fa1bf142409fbdefa171d61ca8", LOG_WARNING },
};

static const struct entry_kind hidden = {
	"14d6766708bb4060a6f030c23edcc4ba", LOG_INFO
};

static const struct entry_kind reset = {
	"075fa7a5e0a243f99b4ae3f4f2d96058", LOG_WARNING
};

static const struct entry_kind unanswered = {
	"d07cbdc49cef4ad2bf6f548e8dce94ad", LOG_WARNING
};

static const struct entry_kind lost = {
	"cb5a0d6f2a354c6a8e0f4b6cb7a3d911", LOG_WARNING
};

/**
 * struct journal - where entries go
 * @socket: a socket of datagrams
 * @address: of the journal's
 * @error: a negative errno, of the first entry that could not be sent
 */
static struct journal {
	int socket;
	struct sockaddr_un address;
	int error;
} journal;

/**
 * journal_open() - begin to write to the journal
 * @path: its socket
 *
 * Return: the socket, or a negative errno after a complaint.
 */
int journal_open(const char *path)
{
	journal.address.sun_family = AF_UNIX;
	snprintf(journal.address.sun_path, sizeof(journal.address.sun_path),
		 "%s", path);
	journal.error = 0;
	journal.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal.socket >= 0 && access(path, F_OK) == 0)
		return journal.socket;
	journal.error = -errno;
	complain("%s: %s: is there a journald?", path, strerror(errno));
	return journal.error;
}

/**
 * journal_error() - has an entry not been sent
 *
 * Return: 0, or a negative errno.
 */
int journal_error(void)
{
	return journal.error;
}

static int send_datagram(struct iovec *part, const void *control,
			 size_t control_length)
{
	const struct msghdr message = {
		.msg_name = &journal.address,
		.msg_namelen = sizeof(journal.address),
		.msg_iov = part,
		.msg_iovlen = !!part,
		.msg_control = (void *)control,
		.msg_controllen = control_length,
	};
	ssize_t sent;

	do {
		sent = sendmsg(journal.socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static int send_descriptor(int descriptor)
{
	union {
		struct cmsghdr header;
		char octets[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		},
	};

	memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(descriptor));
	return send_datagram(NULL, &control, sizeof(control.octets));
}

static int fill_sealed(int descriptor, const char *entry, size_t length)
{
	while (length) {
		ssize_t written = write(descriptor, entry, length);

		if (written < 0)
			return -errno;
		entry += written;
		length -= written;
	}
	return fcntl(descriptor, F_ADD_SEALS, SEALS) < 0 ? -errno : 0;
}

static int send_large(const char *entry, size_t length)
{
	int descriptor = memfd_create(IDENTIFIER,
				      MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	if (descriptor < 0)
		return -errno;
	err = fill_sealed(descriptor, entry, length);
	if (!err)
		err = send_descriptor(descriptor);
	close(descriptor);
	return err;
}

static int send_entry(char *entry, size_t length)
{
	struct iovec part = { entry, length };
	int err = send_datagram(&part, NULL, 0);

	return err == -EMSGSIZE || err == -ENOBUFS ?
		send_large(entry, length) : err;
}

/* A value may be of a peer's octets. */
static void add_field(void *context, const char *attribute, const void *octets,
		      size_t length)
{
	char name[NAME_MAX_LENGTH] = PREFIX;
	size_t at = strlen(PREFIX);
	FILE *entry = context;
	size_t i;

	for (; *attribute && at + 1 < sizeof(name); attribute++)
		name[at++] = toupper((unsigned char)*attribute);
	name[at] = '\0';
	fprintf(entry, "%s\n", name);
	for (i = 0; i < sizeof(uint64_t); i++)
		fputc((uint64_t)length >> 8 * i & 0xff, entry);
	fwrite(octets, 1, length, entry);
	fputc('\n', entry);
}

static void begin_entry(FILE *entry, const struct entry_kind *kind)
{
	if (kind->id)
		fprintf(entry, "MESSAGE_ID=%s\n", kind->id);
	fprintf(entry, "PRIORITY=%d\nSYSLOG_IDENTIFIER=" IDENTIFIER "\n",
		kind->priority);
}

static bool string_is(const struct event *event, int attribute,
		      const char *value)
{
	return strcmp(event_string(event, attribute), value) == 0;
}

static const struct entry_kind *kind_of(const struct event *event)
{
	unsigned long long kind = event_number(event, SMTPGUARD_A_EVENT);

	if (event->attribute[SMTPGUARD_A_UNANSWERED] ||
	    string_is(event, SMTPGUARD_A_RESULT, "unanswered"))
		return &unanswered;
	if (kind == SMTPGUARD_EVENT_REFUSAL &&
	    string_is(event, SMTPGUARD_A_VERDICT, "reset"))
		return &reset;
	if (kind == SMTPGUARD_EVENT_REFUSAL &&
	    string_is(event, SMTPGUARD_A_REASON, "capability"))
		return &hidden;
	return &kinds[kind];
}

static void put_event(FILE *entry, const struct event *event)
{
	begin_entry(entry, kind_of(event));
	fputs("MESSAGE=", entry);
	event_print_told(event, entry);
	fputc('\n', entry);
	event_each(event, add_field, entry);
}

static void put_lost(FILE *entry, unsigned int count)
{
	begin_entry(entry, &lost);
	fputs("MESSAGE=*** ", entry);
	event_print_count_lost(count, entry);
	fprintf(entry, "\n" PREFIX "EVENT=lost\n" PREFIX "COUNT=%u\n", count);
}

static void note(int err)
{
	if (!journal.error)
		journal.error = err;
}

/* @event: NULL where @count events are lost */
static void write_entry(const struct event *event, unsigned int count)
{
	char *octets = NULL;
	size_t length = 0;
	FILE *entry = open_memstream(&octets, &length);

	if (!entry) {
		note(-errno);
		return;
	}
	if (event)
		put_event(entry, event);
	else
		put_lost(entry, count);
	note(fclose(entry) ? -ENOMEM : send_entry(octets, length));
	free(octets);
}

/**
 * journal_print() - write an event to the journal
 * @event: an event that is known
 * @out: not used
 */
void journal_print(const struct event *event, FILE *out)
{
	(void)out;
	write_entry(event, 0);
}

/**
 * journal_print_lost() - tell the journal that events are missing
 * @count: how many; 0 where that is not known yet
 * @out: not used
 */
void journal_print_lost(unsigned int count, FILE *out)
{
	(void)out;
	write_entry(NULL, count);
}
