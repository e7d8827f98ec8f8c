// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <xf86drm.h>

#include "tt_device.h"
#include "tt_queue.h"
#include "tt_sync.h"

int tt_queue_create(int fd, uint32_t engine, uint32_t ring_size, struct tt_queue *queue)
{
	struct drm_trn_queue_create args = {
		.engine = engine,
		.ring_size = ring_size,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_QUEUE_CREATE, &args);

	memset(queue, 0, sizeof(*queue));
	if (ret)
		return ret;
	queue->fd = fd;
	queue->id = args.queue_id;
	queue->engine = args.engine;
	queue->hw_queue = args.hw_queue;
	queue->ring_size = args.ring_size;
	queue->syncobj = args.syncobj;
	return 0;
}

int tt_queue_destroy(struct tt_queue *queue)
{
	struct drm_trn_queue_destroy args = { .queue_id = queue->id };
	int ret = tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_DESTROY, &args);

	drmSyncobjDestroy(queue->fd, queue->syncobj);
	memset(queue, 0, sizeof(*queue));
	return ret;
}

int tt_queue_state(const struct tt_queue *queue, struct drm_trn_queue_get_state *state)
{
	memset(state, 0, sizeof(*state));
	state->queue_id = queue->id;
	return tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_GET_STATE, state);
}

struct drm_trn_op tt_op_copy(const struct tt_bo *dst, uint64_t dst_offset,
			     const struct tt_bo *src, uint64_t src_offset, uint64_t size)
{
	return (struct drm_trn_op) {
		.type = DRM_TRN_OP_COPY,
		.dst = dst->handle,
		.src = src->handle,
		.dst_offset = dst_offset,
		.src_offset = src_offset,
		.size = size,
	};
}

struct drm_trn_op tt_op_fill(const struct tt_bo *dst, uint64_t offset, uint64_t size,
			     uint32_t pattern)
{
	return (struct drm_trn_op) {
		.type = DRM_TRN_OP_FILL,
		.dst = dst->handle,
		.dst_offset = offset,
		.size = size,
		.pattern = pattern,
	};
}

int tt_submit_syncs(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
		    const struct drm_trn_sync *syncs, uint32_t num_syncs, uint64_t *point)
{
	struct drm_trn_queue_submit args = {
		.queue_id = queue->id,
		.ops = { sizeof(*ops), num_ops, (uintptr_t)ops },
		.syncs = { sizeof(*syncs), num_syncs, (uintptr_t)syncs },
	};
	int ret = tt_ioctl(queue->fd, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);

	if (!ret && point)
		*point = args.point;
	return ret;
}

int tt_submit(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops,
	      uint64_t *point)
{
	return tt_submit_syncs(queue, ops, num_ops, NULL, 0, point);
}

int tt_wait(const struct tt_queue *queue, uint64_t point)
{
	struct drm_trn_queue_get_state state;
	int ret;

	ret = tt_sync_wait(queue->fd, queue->syncobj, point, tt_deadline(TT_DEADLINE_S), 0);
	if (ret)
		return ret;
	ret = tt_queue_state(queue, &state);
	if (ret)
		return ret;
	return state.error_point && point >= state.error_point ? state.error : 0;
}

int tt_run(const struct tt_queue *queue, const struct drm_trn_op *ops, uint32_t num_ops)
{
	uint64_t point;
	int ret = tt_submit(queue, ops, num_ops, &point);

	return ret ? ret : tt_wait(queue, point);
}

int tt_copy(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t dst_offset,
	    const struct tt_bo *src, uint64_t src_offset, uint64_t size)
{
	struct drm_trn_op op = tt_op_copy(dst, dst_offset, src, src_offset, size);

	return tt_run(queue, &op, 1);
}

int tt_fill(const struct tt_queue *queue, const struct tt_bo *dst, uint64_t offset, uint64_t size,
	    uint32_t pattern)
{
	struct drm_trn_op op = tt_op_fill(dst, offset, size, pattern);

	return tt_run(queue, &op, 1);
}
