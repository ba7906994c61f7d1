/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SMTPGUARD_VERSION_H
#define SMTPGUARD_VERSION_H

#define SMTPGUARD_VERSION	"0.1.0"

#endif /* SMTPGUARD_VERSION_H */
