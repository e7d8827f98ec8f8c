// SPDX-License-Identifier: MIT
/*
 * Submitting work to a kernel-mode queue.
 *
 * The kernel takes a submission as one unit, so all its operations are translated into one
 * array, which is on the stack if they are few.
 */
#include <assert.h>
#include <errno.h>

#include "base/bo.h"
#include "base/ioctl.h"
#include "base/util.h"
#include "queue/queue.h"

/* A submission of more operations allocates memory (3 KiB of stack). */
#define STACK_OPS 64

static_assert((int)TRN_OP_COPY == DRM_TRN_OP_COPY, "types are those of the kernel");
static_assert((int)TRN_OP_FILL == DRM_TRN_OP_FILL, "types are those of the kernel");

/* The caller's syncs are passed on as they are. */
static_assert(TRN_SYNC_WAIT == DRM_TRN_SYNC_WAIT, "flags are those of the kernel");
static_assert(TRN_SYNC_SIGNAL == DRM_TRN_SYNC_SIGNAL, "flags are those of the kernel");
#define DRM_OFFSET(field) offsetof(struct drm_trn_sync, field)
static_assert(sizeof(struct trn_sync) == sizeof(struct drm_trn_sync), "same layout");
static_assert(offsetof(struct trn_sync, flags) == DRM_OFFSET(flags), "same layout");
static_assert(offsetof(struct trn_sync, handle) == DRM_OFFSET(handle), "same layout");
static_assert(offsetof(struct trn_sync, point) == DRM_OFFSET(point), "same layout");

/* A handle is valid only in the open file that it comes from. */
static bool bo_is_usable(const struct trn_queue *queue, const struct trn_bo *bo)
{
	return bo && bo->dev == queue->dev;
}

static int translate_op(const struct trn_queue *queue, const struct trn_op *op,
			struct drm_trn_op *out)
{
	if (!bo_is_usable(queue, op->dst))
		return -EINVAL;
	*out = (struct drm_trn_op){
		.type = op->type,
		.dst = op->dst->handle,
		.dst_offset = op->dst_offset,
		.size = op->size,
	};

	switch (op->type) {
	case TRN_OP_COPY:
		if (!bo_is_usable(queue, op->src))
			return -EINVAL;
		out->src = op->src->handle;
		out->src_offset = op->src_offset;
		return 0;
	case TRN_OP_FILL:
		out->pattern = op->pattern;
		return 0;
	default:
		return -EINVAL;
	}
}

static int submit(struct trn_queue *queue, const struct trn_op *ops, size_t num_ops,
		  struct drm_trn_op *translated, const struct trn_sync *syncs, size_t num_syncs,
		  uint64_t *point)
{
	struct drm_trn_queue_submit args = {
		.queue_id = queue->id,
		.ops = {
			.stride = sizeof(*translated),
			.count = num_ops,
			.ptr = (uintptr_t)translated,
		},
		.syncs = {
			.stride = sizeof(*syncs),
			.count = num_syncs,
			.ptr = (uintptr_t)syncs,
		},
	};
	int ret;

	for (size_t i = 0; i < num_ops; i++) {
		ret = translate_op(queue, &ops[i], &translated[i]);
		if (ret)
			return ret;
	}
	ret = trn_ioctl(queue->dev, DRM_IOCTL_TRN_QUEUE_SUBMIT, &args);
	if (ret)
		return ret;
	if (point)
		*point = args.point;
	return 0;
}

int trn_submit(struct trn_queue *queue, const struct trn_op *ops, size_t num_ops,
	       const struct trn_sync *syncs, size_t num_syncs, uint64_t *point)
{
	struct drm_trn_op on_stack[STACK_OPS], *translated;
	int ret;

	if (!ops || !num_ops || num_ops > queue->dev->limits.max_ops || (num_syncs && !syncs) ||
	    num_syncs > UINT32_MAX)
		return -EINVAL;
	translated = trn_scratch_get(on_stack, STACK_OPS, num_ops, sizeof(*translated));
	if (!translated)
		return -ENOMEM;
	ret = submit(queue, ops, num_ops, translated, syncs, num_syncs, point);
	trn_scratch_put(on_stack, translated);
	return ret;
}

int trn_copy_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   struct trn_bo *src, uint64_t src_offset, uint64_t size, uint64_t *point)
{
	const struct trn_op op = {
		.type = TRN_OP_COPY,
		.dst = dst,
		.src = src,
		.dst_offset = dst_offset,
		.src_offset = src_offset,
		.size = size,
	};

	return trn_submit(queue, &op, 1, NULL, 0, point);
}

int trn_fill_async(struct trn_queue *queue, struct trn_bo *dst, uint64_t dst_offset,
		   uint64_t size, uint32_t pattern, uint64_t *point)
{
	const struct trn_op op = {
		.type = TRN_OP_FILL,
		.pattern = pattern,
		.dst = dst,
		.dst_offset = dst_offset,
		.size = size,
	};

	return trn_submit(queue, &op, 1, NULL, 0, point);
}
