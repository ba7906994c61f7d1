// SPDX-License-Identifier: GPL-2.0
/*
 * For a User-Mode Linux kernel: how much time of the host's processor it has
 * taken, and what the scanner alone takes there.  Other work of the host is not
 * in that, nor is a process of this kernel as long as it makes no system call.
 */
#include <linux/moduleparam.h>
#include <linux/module.h>
#include <linux/time.h>
#include <linux/vmalloc.h>
#include <asm/unistd.h>

#include "bodies.h"
#include "core/body.h"

#define BODY_SIZE	(1 << 20)

struct host_time {
	long seconds, nanoseconds;
};

static u8 *body;
static enum body_kind_number body_made = BODY_KINDS;
static u64 scanned;
/* used, or the compiler leaves the scan out */
static unsigned int marks;

/* A system call of the host's: this kernel is a process of it. */
static u64 clock_now(void)
{
	struct host_time time;
	long result = __NR_clock_gettime;

	asm volatile("syscall" : "+a" (result)
		     : "D" (CLOCK_PROCESS_CPUTIME_ID), "S" (&time)
		     : "rcx", "r11", "memory");
	return WARN_ON_ONCE(result) ? 0 :
	       time.seconds * NSEC_PER_SEC + time.nanoseconds;
}

static int clock_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", clock_now());
}

static const struct kernel_param_ops clock_ops = { .get = clock_get };
module_param_cb(clock, &clock_ops, NULL, 0400);
MODULE_PARM_DESC(clock, "nanoseconds of the host's processor");

static int make_body(const char *name)
{
	enum body_kind_number kind = bodies_find(name);

	if (kind == BODY_KINDS)
		return -EINVAL;
	if (kind == body_made)
		return 0;
	bodies_seed();
	body_kinds[kind].make(body, BODY_SIZE);
	body_made = kind;
	return 0;
}

static void scan_piece(struct body *state, const u8 *data, size_t length)
{
	enum body_mark mark;
	struct dots dots;
	size_t at = 0;

	body_segment(state);
	while (at < length) {
		at += body_scan(state, data + at, length - at, &dots, &mark);
		marks += mark;
	}
}

static void scan_all(size_t piece)
{
	struct body state;
	size_t at;

	body_begin(&state);
	for (at = 0; at < BODY_SIZE; at += piece)
		scan_piece(&state, body + at, min(piece, BODY_SIZE - at));
}

/* KIND PIECE: a mebibyte in pieces of so many octets. */
static int scan_set(const char *value, const struct kernel_param *kp)
{
	unsigned int piece;
	char kind[16];
	u64 before;
	int err;

	if (sscanf(value, "%15s %u", kind, &piece) != 2 || !piece)
		return -EINVAL;
	err = make_body(kind);
	if (err)
		return err;
	scan_all(piece);
	before = clock_now();
	scan_all(piece);
	scanned = clock_now() - before;
	return 0;
}

static int scan_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", scanned);
}

static const struct kernel_param_ops scan_ops = {
	.set = scan_set,
	.get = scan_get,
};
module_param_cb(scan, &scan_ops, NULL, 0600);
MODULE_PARM_DESC(scan, "KIND PIECE: nanoseconds for 1 MiB");

static int __init path_init(void)
{
	body = vmalloc(BODY_SIZE);
	return body ? 0 : -ENOMEM;
}

static void __exit path_exit(void)
{
	vfree(body);
}

module_init(path_init);
module_exit(path_exit);
MODULE_DESCRIPTION("what the host's processor spends on this kernel");
MODULE_LICENSE("GPL");
