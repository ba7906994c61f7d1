// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that was booted by Secure Boot takes modules that are signed with a
 * key that it knows; DKMS signs with a key of the machine's own, of which the
 * owner has to tell the firmware (mokutil --import).  What the kernel says of a
 * module that it does not take is "Key was rejected by service", whatever is
 * missing.
 */
#define _GNU_SOURCE		/* memmem() */
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "modinfo.h"
#include "signature.h"

#define SIG_ENFORCE	"/sys/module/module/parameters/sig_enforce"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
/* Before the value of a variable of the firmware. */
#define EFI_ATTRIBUTES	4
#define KEYS		"/proc/keys"

#define FIELD_SIZE	512
/* Certificates are 1 kB, the list of them is 64 kB at most. */
#define FILE_SIZE	65536

/* Where the kernel shows which keys the firmware was told of. */
static const char *const enrolled_keys[] = {
	"/sys/firmware/efi/mok-variables/MokListRT*",
	"/sys/firmware/efi/efivars/MokListRT*-605dab50-e046-4300-abb6-3dd810dd8b23",
};

/**
 * struct octets - some octets of a buffer
 * @at: the first
 * @length: how many
 */
struct octets {
	const unsigned char *at;
	size_t length;
};

/* How much of a file was read into the buffer; nothing, where it is not there. */
static size_t read_file(const char *path, void *buffer, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length = 0;

	if (file) {
		length = fread(buffer, 1, size, file);
		fclose(file);
	}
	return length;
}

static bool secure_boot(void)
{
	unsigned char value[EFI_ATTRIBUTES + 1];

	return read_file(SECURE_BOOT, value, sizeof(value)) == sizeof(value) &&
	       value[EFI_ATTRIBUTES] == 1;
}

/* It reads as "none [integrity] confidentiality". */
static bool locked_down(void)
{
	char value[FIELD_SIZE] = "";

	read_file(LOCKDOWN, value, sizeof(value) - 1);
	return strchr(value, '[') && !strstr(value, "[none]");
}

static bool is_enforced(void)
{
	char value = 'N';

	read_file(SIG_ENFORCE, &value, 1);
	return value == 'Y' || locked_down() || secure_boot();
}

/*
 * The element of DER at the begin of some octets, without its tag and length; these
 * go on behind it.
 */
static bool der_take(struct octets *octets, unsigned char tag,
		     struct octets *content)
{
	const unsigned char *at = octets->at;
	const unsigned char *end = at + octets->length;
	unsigned int lengths = 0;
	size_t length;

	if (end - at < 2 || *at++ != tag)
		return false;
	length = *at++;
	if (length & 0x80) {
		lengths = length & 0x7f;
		length = 0;
	}
	if (lengths > 3 || end - at < lengths)
		return false;
	while (lengths--)
		length = length << 8 | *at++;
	if ((size_t)(end - at) < length)
		return false;
	*content = (struct octets){ at, length };
	*octets = (struct octets){ at + length, end - at - length };
	return true;
}

#define DER_INTEGER	0x02
#define DER_SEQUENCE	0x30
#define DER_VERSION	0xa0

/* The number by which a signature names the certificate of its key. */
static bool serial_number(struct octets certificate, struct octets *serial)
{
	struct octets inner, body, version;

	if (!der_take(&certificate, DER_SEQUENCE, &inner) ||
	    !der_take(&inner, DER_SEQUENCE, &body))
		return false;
	der_take(&body, DER_VERSION, &version);
	return der_take(&body, DER_INTEGER, serial);
}

/* modinfo's form: 01:AB:CD, without the zero that makes a number positive. */
static bool is_serial(struct octets serial, const char *text)
{
	if (serial.length > 1 && !*serial.at) {
		serial.at++;
		serial.length--;
	}
	if (strlen(text) != serial.length * 3 - 1)
		return false;
	for (; serial.length; serial.at++, serial.length--, text += 3)
		if (strtoul(text, NULL, 16) != *serial.at)
			return false;
	return true;
}

static bool file_has(const char *path, struct octets octets)
{
	static unsigned char content[FILE_SIZE];
	size_t length = read_file(path, content, sizeof(content));

	return memmem(content, length, octets.at, octets.length);
}

static bool is_enrolled(struct octets certificate)
{
	bool found = false;
	size_t i, j;

	for (i = 0; i < sizeof(enrolled_keys) / sizeof(enrolled_keys[0]); i++) {
		glob_t paths;

		if (glob(enrolled_keys[i], 0, NULL, &paths))
			continue;
		for (j = 0; j < paths.gl_pathc && !found; j++)
			found = file_has(paths.gl_pathv[j], certificate);
		globfree(&paths);
	}
	return found;
}

/* A distributor signs with a key that the kernel has. */
static bool kernel_knows(const char *signer)
{
	char line[FIELD_SIZE];
	bool found = false;
	FILE *file = fopen(KEYS, "re");

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, " asymmetri ") && strstr(line, signer);
	fclose(file);
	return found;
}

/**
 * signature_check() - tell whether the kernel will take the module's signature
 *
 * Return: what becomes of it.
 */
enum signature signature_check(void)
{
	static unsigned char file[FILE_SIZE];
	char key[FIELD_SIZE], signer[FIELD_SIZE];
	struct octets own = { .at = file };
	struct octets serial;

	if (!is_enforced())
		return SIGNATURE_GOOD;
	modinfo_field("sig_key", key, sizeof(key));
	modinfo_field("signer", signer, sizeof(signer));
	if (!*key)
		return SIGNATURE_NONE;
	own.length = read_file(SIGNATURE_OWN_KEY, file, sizeof(file));
	if (!own.length)
		return *signer && kernel_knows(signer) ? SIGNATURE_GOOD :
							 SIGNATURE_FOREIGN;
	if (!serial_number(own, &serial) || !is_serial(serial, key))
		return SIGNATURE_FOREIGN;
	return is_enrolled(own) ? SIGNATURE_GOOD : SIGNATURE_NOT_ENROLLED;
}
