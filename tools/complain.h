/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tool says when something is wrong, on standard error.
 */
#ifndef COMPLAIN_H
#define COMPLAIN_H

void complain(const char *format, ...)
	__attribute__
	((format(printf, 1, 2)));
void complain_not_loaded(void);

#endif /* COMPLAIN_H */
