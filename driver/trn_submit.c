// SPDX-License-Identifier: GPL-2.0-only
/*
 * QUEUE_SUBMIT: from arguments in user memory to a job.
 *
 * All steps that can fail come first: arguments are copied once and checked, objects are
 * looked up, memory is allocated. After the job is started nothing fails: its fence is
 * attached to the syncobjs, and it is pushed.
 */
#include <linux/dma-fence-chain.h>
#include <linux/overflow.h>
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_sync.h"
#include "mem/trn_gem.h"
#include "queue/trn_job.h"
#include "queue/trn_kqueue.h"
#include "trn_ioctl.h"

/* Size of the struct in the first version of the interface. */
#define TRN_OP_MIN_STRIDE	offsetofend(struct drm_trn_op, pad)

struct trn_submit {
	struct drm_file *file;
	struct trn_kqueue *queue;
	struct trn_job *job;
	struct dma_fence_chain *chain;	/* for the queue's own timeline */
	struct trn_sync sync;
};

static int trn_op_check_range(const struct trn_bo *bo, u64 offset, u64 size)
{
	u64 end;

	if (check_add_overflow(offset, size, &end) || end > bo->size)
		return trn_refuse(bo->base.dev, -EINVAL, "offset=%#llx size=%#llx of BO size=%#llx",
				  offset, size, bo->size);
	return 0;
}

static bool trn_op_is_valid(const struct drm_trn_op *op)
{
	if (op->flags || op->pad || !op->size)
		return false;
	switch (op->type) {
	case DRM_TRN_OP_COPY:
		return !op->pattern;
	case DRM_TRN_OP_FILL:
		return !op->src && !op->src_offset &&
		       !((op->dst_offset | op->size) % sizeof(op->pattern));
	default:
		return false;
	}
}

static int trn_submit_copy(struct trn_submit *submit, u32 index, const struct drm_trn_op *op,
			   struct trn_bo *dst)
{
	struct trn_bo *src = trn_bo_lookup(submit->file, op->src);
	struct drm_device *drm = dst->base.dev;
	int ret;

	if (!src)
		return trn_refuse(drm, -ENOENT, "op %u: src=%u", index, op->src);
	ret = trn_op_check_range(src, op->src_offset, op->size);
	/* Both ranges are inside the BO, so the sums do not overflow. */
	if (!ret && src == dst && op->dst_offset < op->src_offset + op->size &&
	    op->src_offset < op->dst_offset + op->size)
		ret = trn_refuse(drm, -EINVAL, "op %u: dst_offset=%#llx overlaps src_offset=%#llx",
				 index, op->dst_offset, op->src_offset);
	if (ret) {
		trn_bo_put(src);
		return ret;
	}
	trn_job_set_op(submit->job, index, &(struct trn_op) {
		.dst = trn_bo_get(dst),
		.src = src,
		.dst_offset = op->dst_offset,
		.src_offset = op->src_offset,
		.size = op->size,
	});
	return 0;
}

static int trn_submit_op(struct trn_submit *submit, u32 index, const struct drm_trn_op *op)
{
	struct drm_device *drm = submit->file->minor->dev;
	struct trn_bo *dst;
	int ret;

	if (!trn_op_is_valid(op))
		return trn_refuse(drm, -EINVAL,
				  "op %u: type=%u flags=%#x pad=%#x src=%u pattern=%#x dst_offset=%#llx src_offset=%#llx size=%#llx",
				  index, op->type, op->flags, op->pad, op->src, op->pattern,
				  op->dst_offset, op->src_offset, op->size);
	dst = trn_bo_lookup(submit->file, op->dst);
	if (!dst)
		return trn_refuse(drm, -ENOENT, "op %u: dst=%u", index, op->dst);
	ret = trn_op_check_range(dst, op->dst_offset, op->size);
	if (!ret && dst->flags & DRM_TRN_BO_READ_ONLY)
		ret = trn_refuse(drm, -EACCES, "op %u: READ_ONLY dst=%u", index, op->dst);
	if (ret)
		goto out_put;
	if (op->type == DRM_TRN_OP_FILL)
		ret = trn_job_set_fill(submit->job, index, dst, op->dst_offset, op->size,
				       op->pattern);
	else
		ret = trn_submit_copy(submit, index, op, dst);
out_put:
	trn_bo_put(dst);
	return ret;
}

static int trn_submit_ops(struct trn_submit *submit, const struct drm_trn_array *array)
{
	struct drm_trn_op op;
	u32 i;
	int ret;

	for (i = 0; i < array->count; i++) {
		ret = trn_array_copy(submit->file, &op, sizeof(op), array, i);
		if (!ret)
			ret = trn_submit_op(submit, i, &op);
		if (ret)
			return ret;
	}
	return 0;
}

static int trn_submit_syncs(struct trn_submit *submit, const struct drm_trn_array *array)
{
	struct trn_sync *sync = &submit->sync;
	u32 i;
	int ret;

	ret = trn_sync_read(sync, submit->file, array);
	for (i = 0; !ret && i < sync->num_waits; i++)
		ret = drm_sched_job_add_dependency(&submit->job->base,
						   dma_fence_get(sync->waits[i]));
	return ret;
}

/* Attach the fence of a started job to the timeline and the syncobjs. Cannot fail. */
static void trn_submit_attach(struct trn_submit *submit)
{
	struct dma_fence *done = submit->job->done;

	drm_syncobj_add_point(submit->queue->base.syncobj, submit->chain, done, submit->job->point);
	submit->chain = NULL;
	trn_sync_attach(&submit->sync, done);
}

static int trn_submit_push(struct trn_submit *submit, u64 *point)
{
	struct trn_kqueue *queue = submit->queue;
	int ret;

	ret = mutex_lock_interruptible(&queue->submit_lock);
	if (ret)
		return ret;
	ret = queue->closed ? -ENOENT : trn_job_start(submit->job);
	if (!ret) {
		*point = submit->job->point;
		trn_submit_attach(submit);
		trn_job_push(submit->job);
		submit->job = NULL;
	} else {
		trn_refuse(&queue->base.tdev->drm, ret, "queue_id=%u", queue->base.id);
	}
	mutex_unlock(&queue->submit_lock);
	return ret;
}

static void trn_submit_cleanup(struct trn_submit *submit)
{
	trn_sync_free(&submit->sync);
	dma_fence_chain_free(submit->chain);
	if (submit->job)
		trn_job_discard(submit->job);
	trn_queue_put(&submit->queue->base);
}

static int trn_submit_prepare(struct trn_submit *submit,
			      const struct drm_trn_queue_submit *args)
{
	struct trn_job *job;
	int ret;

	submit->chain = dma_fence_chain_alloc();
	if (!submit->chain)
		return -ENOMEM;
	job = trn_job_create(submit->queue, args->ops.count);
	if (IS_ERR(job))
		return PTR_ERR(job);
	submit->job = job;
	ret = trn_submit_ops(submit, &args->ops);
	return ret ?: trn_submit_syncs(submit, &args->syncs);
}

int trn_queue_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_queue_submit *args = data;
	struct trn_submit submit = { .file = file };
	struct trn_queue *queue;
	int ret;

	if (args->flags || !args->ops.count)
		return trn_refuse(drm, -EINVAL, "flags=%#x ops.count=%u", args->flags,
				  args->ops.count);
	ret = trn_array_check(file, &args->ops, TRN_MAX_OPS, TRN_OP_MIN_STRIDE) ?:
	      trn_sync_check(file, &args->syncs);
	if (ret)
		return ret;
	queue = trn_queue_lookup(file, args->queue_id);
	if (!queue)
		return trn_refuse(drm, -ENOENT, "queue_id=%u", args->queue_id);
	if (queue->ops->mode != DRM_TRN_QUEUE_MODE_KERNEL) {
		trn_queue_put(queue);
		return trn_refuse(drm, -EOPNOTSUPP, "queue_id=%u is in user mode", args->queue_id);
	}
	submit.queue = to_trn_kqueue(queue);
	ret = trn_submit_prepare(&submit, args);
	if (!ret)
		ret = trn_submit_push(&submit, &args->point);
	trn_submit_cleanup(&submit);
	return ret;
}
