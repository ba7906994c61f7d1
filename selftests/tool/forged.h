/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as the module would send them, for tests of what reads them.
 */
#ifndef FORGED_H
#define FORGED_H

#include "event.h"

void forged_begin(unsigned int kind, const char *group,
		  unsigned long long nanoseconds);
void forged_session(unsigned long long session, const char *client,
		    const char *server);
void forged_number(int type, unsigned long long value);
void forged_short(int type, unsigned short value);
void forged_string(int type, const char *value);
void forged_octets(int type, const char *value);
void forged_flag(int type);
struct event *forged_end(void);

#endif /* FORGED_H */
