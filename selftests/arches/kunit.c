// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites that are linked with it, see include/kunit/test.h: a line for
 * each test that failed, then how many passed and failed.
 */
#include <kunit/test.h>

#include "params.h"

static struct kunit_suite *suites;

const struct settings *params_settings(void)
{
	static struct settings settings;

	if (settings_init(&settings))
		abort();
	return &settings;
}

void kunit_register(struct kunit_suite *suite)
{
	suite->next = suites;
	suites = suite;
}

void *kunit_kzalloc(struct kunit *test, size_t size, int flags)
{
	void *memory = calloc(1, size);

	if (!memory || test->allocated == ALLOCATIONS_MAX)
		abort();
	test->allocations[test->allocated++] = memory;
	return memory;
}

void kunit_kfree(struct kunit *test, void *memory)
{
	size_t i;

	for (i = 0; i < test->allocated; i++)
		if (test->allocations[i] == memory)
			break;
	if (i == test->allocated)
		abort();
	free(memory);
	test->allocations[i] = test->allocations[--test->allocated];
}

void *kmemdup(const void *from, size_t size, int flags)
{
	void *memory = malloc(size);

	if (!memory)
		abort();
	return memcpy(memory, from, size);
}

int strscpy(char *to, const char *from, size_t size)
{
	return scnprintf(to, size, "%s", from);
}

int vscnprintf(char *text, size_t size, const char *format, va_list arguments)
{
	size_t length = vsnprintf(text, size, format, arguments);

	if (!size)
		return 0;
	return length < size ? length : size - 1;
}

int scnprintf(char *text, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(text, size, format, arguments);
	va_end(arguments);
	return length;
}

void kunit_expect(struct kunit *test, bool met, bool fatal, const char *file,
		  int line, const char *what, const char *format, ...)
{
	va_list arguments;

	if (met)
		return;
	test->failed = true;
	printf("# %s:%d: %s: ", file, line, what);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	if (fatal)
		longjmp(test->abort, 1);
}

static bool run_once(struct kunit_suite *suite, struct kunit_case *one,
		     const void *row)
{
	struct kunit *test = calloc(1, sizeof(*test));
	bool failed;

	if (!test)
		abort();
	test->param_value = row;
	if (!setjmp(test->abort)) {
		if (suite->init && suite->init(test))
			test->failed = true;
		else
			one->run_case(test);
	}
	if (suite->exit)
		suite->exit(test);
	while (test->allocated)
		free(test->allocations[--test->allocated]);
	failed = test->failed;
	free(test);
	return !failed;
}

static bool run_case(struct kunit_suite *suite, struct kunit_case *one)
{
	char description[KUNIT_PARAM_DESC_SIZE] = "";
	const void *row = NULL;
	bool good = true;

	if (!one->generate_params)
		return run_once(suite, one, NULL);
	while ((row = one->generate_params(row, description))) {
		if (run_once(suite, one, row))
			continue;
		printf("# %s\n", description);
		good = false;
	}
	return good;
}

int main(void)
{
	unsigned int passed = 0, failed = 0;
	struct kunit_suite *suite;
	struct kunit_case *one;

	for (suite = suites; suite; suite = suite->next) {
		for (one = suite->test_cases; one->run_case; one++) {
			if (run_case(suite, one)) {
				passed++;
				continue;
			}
			printf("not ok - %s.%s\n", suite->name, one->name);
			failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return !passed || failed;
}
