/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a session's TLS handshake says in clear.
 */
#ifndef SMTPGUARD_HELLOS_H
#define SMTPGUARD_HELLOS_H

#include "core/hello.h"
#include "core/step.h"
#include "guard.h"

struct packet;

/**
 * struct hellos - a handshake that is being read
 * @hello: what was read of it
 * @next: behind STARTTLS: number of the server's next octet
 * @client: enum direction of whose hello is first
 */
struct hellos {
	struct hello hello;
	u32 next;
	u8 client;
};

void hellos_step(const struct packet *packet, const struct step *step,
		 const u8 *data);
void hellos_opaque(struct packet *packet);
void hellos_close(struct guard *guard);
void hellos_free(struct guard *guard);

/**
 * hellos_concern() - is a step one of a handshake
 * @guard: the session's guard
 * @step: the step
 *
 * Return: true where hellos_step() is to see it.
 */
static inline bool hellos_concern(const struct guard *guard,
				  const struct step *step)
{
	return guard->hellos || step->phase == PHASE_TLS ||
	       step->events & STEP_TLS_START;
}

#endif /* SMTPGUARD_HELLOS_H */
