/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the module is not there.
 */
#ifndef ABSENCE_H
#define ABSENCE_H

void absence_complain(void);

#endif /* ABSENCE_H */
