/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of TLS, and what they are called.
 */
#ifndef TLS_H
#define TLS_H

#include <stdint.h>

/* The longest name of all. */
#define TLS_NAME_MAX	48

void tls_version(char text[TLS_NAME_MAX], uint16_t version);
void tls_cipher(char text[TLS_NAME_MAX], uint16_t cipher);
const char *tls_alert(uint16_t alert);

#endif /* TLS_H */
