/* SPDX-License-Identifier: MIT */
#ifndef TRN_QUEUE_POINT_H
#define TRN_QUEUE_POINT_H

#include "queue/queue.h"

/* How the work of @point ended, or -EINPROGRESS. A system call in kernel mode only. */
int trn_point_result(struct trn_queue *queue, uint64_t point);

/* The same, once the kernel has signalled the point. */
int trn_point_settle(struct trn_queue *queue, uint64_t point);

/* Ask the kernel to signal @point on the queue's timeline: it can be slept for. */
int trn_point_notify(struct trn_queue *queue, uint64_t point);

#endif /* TRN_QUEUE_POINT_H */
