/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as the tests of the protocol core need, in user space, so
 * that they can be run by an emulator of a processor without a kernel for it.
 */
#ifndef ARCHES_KUNIT_TEST_H
#define ARCHES_KUNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/minmax.h>

#include "core/types.h"

#define KUNIT_PARAM_DESC_SIZE	128
#define ALLOCATIONS_MAX		256

#define __printf(format, first) \
	__attribute__((__format__(printf, format, first)))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define GFP_KERNEL		0
#define S32_MAX			INT32_MAX
#define hweight8(value)		((unsigned int)__builtin_popcount((u8)(value)))
#define kfree			free

/* A mistake in a test. */
#define WARN_ON(mistaken)						\
({									\
	bool is_mistaken = (mistaken);					\
									\
	if (is_mistaken)						\
		abort();						\
	is_mistaken;							\
})

/**
 * struct kunit - a test that runs
 * @param_value: the row that it is for
 * @priv: what the suite's init keeps
 * @failed: an expectation was not met
 * @abort: where to go on when an assertion is not met
 * @allocations: what is freed when the test has ended
 * @allocated: how many of them
 */
struct kunit {
	const void *param_value;
	void *priv;
	bool failed;
	jmp_buf abort;
	void *allocations[ALLOCATIONS_MAX];
	size_t allocated;
};

/**
 * struct kunit_case - a test of a suite
 * @run_case: the test
 * @name: its name
 * @generate_params: gives one row after the other, or NULL
 */
struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *previous, char *description);
};

/**
 * struct kunit_suite - tests of one subject
 * @name: its name
 * @init: called before each test
 * @exit: called after each test
 * @test_cases: the tests, up to one without a function
 * @next: the suite that was registered before
 */
struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

void kunit_register(struct kunit_suite *suite);
void *kunit_kzalloc(struct kunit *test, size_t size, int flags);
void kunit_kfree(struct kunit *test, void *memory);
void *kmemdup(const void *from, size_t size, int flags);
int strscpy(char *to, const char *from, size_t size);
int scnprintf(char *text, size_t size, const char *format, ...) __printf(3, 4);
int vscnprintf(char *text, size_t size, const char *format, va_list arguments);

void kunit_expect(struct kunit *test, bool met, bool fatal, const char *file,
		  int line, const char *what, const char *format, ...)
	__printf(7, 8);

#define kunit_kmalloc	kunit_kzalloc

#define kunit_test_suite(suite)						\
	static void __attribute__((__constructor__)) suite##_register(void) \
	{								\
		kunit_register(&(suite));				\
	}

#define KUNIT_CASE(function)	{ .run_case = (function), .name = #function }
#define KUNIT_CASE_PARAM(function, generate)				\
	{ .run_case = (function), .name = #function,			\
	  .generate_params = (generate) }

#define KUNIT_ARRAY_PARAM(label, array, describe)			\
	static const void *label##_gen_params(const void *previous,	\
					      char *description)	\
	{								\
		size_t row = previous ? (typeof(&(array)[0]))previous -	\
					(array) + 1 : 0;		\
									\
		if (row == ARRAY_SIZE(array))				\
			return NULL;					\
		describe(&(array)[row], description);			\
		return &(array)[row];					\
	}

#define KUNIT_MET(test, met, fatal, what, ...)				\
	kunit_expect(test, met, fatal, __FILE__, __LINE__, what, __VA_ARGS__)
#define KUNIT_COMPARED(test, left, op, right, fatal, ...)		\
	KUNIT_MET(test, (left) op (right), fatal, #left " " #op " " #right, \
		  __VA_ARGS__)
#define KUNIT_STRINGS(test, left, right, fatal, ...)			\
	KUNIT_MET(test, !strcmp(left, right), fatal, #left " equals " #right, \
		  __VA_ARGS__)

#define KUNIT_EXPECT_TRUE_MSG(test, met, ...)				\
	KUNIT_MET(test, (met), false, #met, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(test, met, ...)				\
	KUNIT_MET(test, !(met), false, "not " #met, __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, ==, right, false, __VA_ARGS__)
#define KUNIT_EXPECT_NE_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, !=, right, false, __VA_ARGS__)
#define KUNIT_EXPECT_LT_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, <, right, false, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, <=, right, false, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE_MSG(test, met, ...)				\
	KUNIT_MET(test, (met), true, #met, __VA_ARGS__)
#define KUNIT_ASSERT_EQ_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, ==, right, true, __VA_ARGS__)
#define KUNIT_ASSERT_NE_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, !=, right, true, __VA_ARGS__)
#define KUNIT_ASSERT_LE_MSG(test, left, right, ...)			\
	KUNIT_COMPARED(test, left, <=, right, true, __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(test, met)	KUNIT_EXPECT_TRUE_MSG(test, met, " ")
#define KUNIT_EXPECT_FALSE(test, met)	KUNIT_EXPECT_FALSE_MSG(test, met, " ")
#define KUNIT_EXPECT_EQ(test, left, right)				\
	KUNIT_EXPECT_EQ_MSG(test, left, right, " ")
#define KUNIT_EXPECT_LE(test, left, right)				\
	KUNIT_EXPECT_LE_MSG(test, left, right, " ")
#define KUNIT_EXPECT_NULL(test, pointer)				\
	KUNIT_EXPECT_TRUE_MSG(test, !(pointer), " ")
#define KUNIT_EXPECT_NOT_NULL(test, pointer)				\
	KUNIT_EXPECT_TRUE_MSG(test, (pointer), " ")
#define KUNIT_EXPECT_STREQ(test, left, right)				\
	KUNIT_STRINGS(test, left, right, false, " ")
#define KUNIT_ASSERT_TRUE(test, met)	KUNIT_ASSERT_TRUE_MSG(test, met, " ")
#define KUNIT_ASSERT_FALSE(test, met)	KUNIT_ASSERT_TRUE_MSG(test, !(met), " ")
#define KUNIT_ASSERT_EQ(test, left, right)				\
	KUNIT_ASSERT_EQ_MSG(test, left, right, " ")
#define KUNIT_ASSERT_NE(test, left, right)				\
	KUNIT_ASSERT_NE_MSG(test, left, right, " ")
#define KUNIT_ASSERT_LT(test, left, right)				\
	KUNIT_COMPARED(test, left, <, right, true, " ")
#define KUNIT_ASSERT_LE(test, left, right)				\
	KUNIT_ASSERT_LE_MSG(test, left, right, " ")
#define KUNIT_ASSERT_GT(test, left, right)				\
	KUNIT_COMPARED(test, left, >, right, true, " ")
#define KUNIT_ASSERT_NOT_NULL(test, pointer)				\
	KUNIT_ASSERT_TRUE_MSG(test, (pointer), " ")
#define KUNIT_ASSERT_STREQ(test, left, right)				\
	KUNIT_STRINGS(test, left, right, true, " ")

#endif /* ARCHES_KUNIT_TEST_H */
