/* SPDX-License-Identifier: MIT */
#ifndef TRN_QUEUE_WAIT_H
#define TRN_QUEUE_WAIT_H

#include "queue/queue.h"

/* How long a wait polls, in nanoseconds; 0 in kernel mode. */
uint32_t trn_spin_time(const struct trn_queue *queue);

/* Adapt that time to a wait that took @took nanoseconds. */
void trn_spin_learn(struct trn_queue *queue, int64_t took);

/*
 * drmSyncobjTimelineWait() until a deadline of this process's clock: 0, -ETIMEDOUT or the
 * error of the kernel.
 */
int trn_timeline_wait(const struct trn_device *dev, uint32_t *handles, uint64_t *points,
		      unsigned int count, int64_t deadline, uint32_t flags, uint32_t *first);

#endif /* TRN_QUEUE_WAIT_H */
