/* SPDX-License-Identifier: GPL-2.0-only */
/* Fences that signal when the test says so (those of vgem), and the errors of others. */
#ifndef TT_FENCE_H
#define TT_FENCE_H

#include "tt_test.h"

struct tt_fence {
	int vgem;
	uint32_t bo;
	uint32_t fence;
};

/*
 * Replace the fence of a binary syncobj of @fd by one that is not signalled yet; it
 * signals by itself after 10 s. -ENODEV: there is no vgem.
 */
int tt_fence_attach(int fd, uint32_t syncobj, struct tt_fence *fence);
int tt_fence_signal(struct tt_fence *fence);
/* Signals it if it was not. */
void tt_fence_close(struct tt_fence *fence);

/* Of the fence of a binary syncobj: 1 signalled, 0 not yet, or its error. */
int tt_fence_status(int fd, uint32_t syncobj);
/* Wait for it; then its error, or 0. */
int tt_fence_wait(int fd, uint32_t syncobj);

#endif /* TT_FENCE_H */
