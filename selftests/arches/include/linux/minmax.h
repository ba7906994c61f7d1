/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ARCHES_LINUX_MINMAX_H
#define ARCHES_LINUX_MINMAX_H

/* Each operand is computed once. */
#define min(left, right)						\
({									\
	__auto_type one = (left);					\
	__auto_type other = (right);					\
									\
	one < other ? one : other;					\
})
#define max(left, right)						\
({									\
	__auto_type one = (left);					\
	__auto_type other = (right);					\
									\
	one > other ? one : other;					\
})
#define min_t(type, left, right)	min((type)(left), (type)(right))

#endif /* ARCHES_LINUX_MINMAX_H */
