/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as Suricata's EVE JSON.
 */
#ifndef EVE_H
#define EVE_H

#include <stdio.h>

#include "event.h"

void eve_print(const struct event *event, FILE *out);
void eve_print_lost(unsigned int count, FILE *out);

#endif /* EVE_H */
