/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header through which the protocol core sees its host: fixed-width
 * types, error numbers, strings and build-time assertions, in the kernel and
 * in user space alike.
 */
#ifndef SMTPGUARD_CORE_TYPES_H
#define SMTPGUARD_CORE_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX

#define fallthrough	__attribute__((__fallthrough__))
#define noinline	__attribute__((__noinline__))
#endif

#endif /* SMTPGUARD_CORE_TYPES_H */
