/* SPDX-License-Identifier: GPL-2.0-only */
/* Resources in use, which must be the same after a test as before it. */
#ifndef TT_USAGE_H
#define TT_USAGE_H

#include <stdint.h>

/* Amounts that must be the same after a test as before it. */
struct tt_usage {
	uint64_t hbm_free;
	uint64_t free_queues;
	int64_t pinned_pages;	/* of the whole machine */
};

int tt_usage_read(int fd, struct tt_usage *usage);
/* Wait until everything is given back, or the deadline passes (-ETIMEDOUT). */
int tt_usage_settle(int fd, const struct tt_usage *before);
/* Locked and pinned bytes of this process, from /proc/self/status. */
int64_t tt_pinned_bytes(void);

#endif /* TT_USAGE_H */
