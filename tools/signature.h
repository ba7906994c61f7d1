/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether the kernel will take the module's signature.
 */
#ifndef SIGNATURE_H
#define SIGNATURE_H

/* The half that is told to the firmware of the key that DKMS signs with. */
#define SIGNATURE_OWN_KEY	"/var/lib/dkms/mok.pub"

/**
 * enum signature - what becomes of it
 * @SIGNATURE_GOOD: the kernel takes it, or does not ask for one
 * @SIGNATURE_NONE: there is none, and the kernel asks for one
 * @SIGNATURE_NOT_ENROLLED: it is by this machine's own key, of which the
 *	firmware has not been told
 * @SIGNATURE_FOREIGN: it is by another key, which nobody here knows
 */
enum signature {
	SIGNATURE_GOOD,
	SIGNATURE_NONE,
	SIGNATURE_NOT_ENROLLED,
	SIGNATURE_FOREIGN,
};

enum signature signature_check(void);

#endif /* SIGNATURE_H */
