/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of the kernel, and their operations. */
#ifndef TT_QUEUE_H
#define TT_QUEUE_H

#include <stdint.h>

#include "tt_bo.h"

struct tt_queue {
	int fd;
	uint32_t id;
	uint32_t engine;
	uint32_t hw_queue;
	uint32_t ring_size;
	uint32_t syncobj;
};

int tt_queue_create(int fd, uint32_t engine, uint32_t ring_size, struct tt_queue *queue);
int tt_queue_destroy(struct tt_queue *queue);
int tt_queue_state(const struct tt_queue *queue, struct drm_trn_queue_get_state *state);

struct drm_trn_op tt_op_copy(const struct tt_bo *dst, uint64_t dst_offset,
			     const struct tt_bo *src, uint64_t src_offset, uint64_t size);
struct drm_trn_op tt_op_fill(const struct tt_bo *dst, uint64_t offset, uint64_t size,
			     uint32_t pattern);
int tt_submit_syncs(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
		    const struct drm_trn_sync *syncs, uint32_t num_syncs, uint64_t *point);
int tt_submit(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
	      uint64_t *point);
/* Wait for a point; then the error of that point as GET_STATE tells it. */
int tt_wait(const struct tt_queue *queue, uint64_t point);
/* Submit and wait. */
int tt_run(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops);
int tt_copy(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t dst_offset,
	    const struct tt_bo *src, uint64_t src_offset, uint64_t size);
int tt_fill(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t offset, uint64_t size,
	    uint32_t pattern);

#endif /* TT_QUEUE_H */
