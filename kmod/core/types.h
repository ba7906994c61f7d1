/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header through which the protocol core sees its host: fixed-width
 * types, branch hints and build-time assertions, in the kernel and in user
 * space alike.
 */
#ifndef SMTPGUARD_CORE_TYPES_H
#define SMTPGUARD_CORE_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX

#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)
#endif

#endif /* SMTPGUARD_CORE_TYPES_H */
