/* SPDX-License-Identifier: GPL-2.0 */
/* What every line of the kernel log begins with; included before all else. */
#define pr_fmt(fmt)	"smtpguard: " fmt
