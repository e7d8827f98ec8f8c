// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs: what a submission asks, and how it becomes descriptor pairs.
 */
#include <linux/slab.h>
#include <drm/gpu_scheduler.h>

#include "trn_compat.h"
#include "trn_fence.h"
#include "trn_gem.h"
#include "trn_host.h"
#include "trn_job.h"
#include "trn_kqueue.h"
#include "trn_trace.h"

#define TRN_FILL_WORD	sizeof(u32)

static void trn_job_free(struct trn_job *job)
{
	struct trn_kqueue *queue = job->queue;
	u32 i;

	for (i = 0; i < job->num_ops; i++) {
		trn_bo_put(job->ops[i].dst);
		trn_bo_put(job->ops[i].src);
	}
	kvfree(job);
	trn_kqueue_put_job(queue);
}

/**
 * trn_job_create() - Job without operations yet.
 * @queue: gets a reference
 * @num_ops: room for so many; those left empty are skipped when it is freed
 */
struct trn_job *trn_job_create(struct trn_kqueue *queue, u32 num_ops)
{
	struct trn_job *job;
	int ret = -ENOMEM;

	job = kvzalloc(struct_size(job, ops, num_ops), GFP_KERNEL_ACCOUNT);
	if (!job)
		return ERR_PTR(-ENOMEM);
	job->done = trn_fence_alloc();
	if (!job->done)
		goto err_free;
	ret = trn_sched_job_init(&job->base, &queue->entity);
	if (ret)
		goto err_free_fence;
	trn_kqueue_get_job(queue);
	job->queue = queue;
	job->num_ops = num_ops;
	job->end_count = U64_MAX;
	INIT_LIST_HEAD(&job->node);
	return job;

err_free_fence:
	trn_fence_discard(job->done);
err_free:
	kvfree(job);
	return ERR_PTR(ret);
}

/* Free a job that was not armed. */
void trn_job_discard(struct trn_job *job)
{
	drm_sched_job_cleanup(&job->base);
	trn_fence_discard(job->done);
	trn_job_free(job);
}

/* The pattern of the operation before is used again if it is the same and as long. */
static struct trn_bo *trn_job_pattern(struct trn_job *job, u32 index, u32 pattern, u64 size)
{
	struct trn_op *prev = index ? &job->ops[index - 1] : NULL;

	if (prev && prev->fill && trn_host_pattern_is(prev->src, pattern) &&
	    prev->size >= size)
		return trn_bo_get(prev->src);
	return trn_host_create_pattern(job->queue->base.tdev, pattern, size);
}

/**
 * trn_job_set_fill() - Make an operation of a job a fill.
 * @job: the job
 * @index: of the operation; those before it are set
 * @dst: gets a reference
 * @offset: byte offset in @dst
 * @size: bytes
 * @pattern: word to repeat
 */
int trn_job_set_fill(struct trn_job *job, u32 index, struct trn_bo *dst, u64 offset, u64 size,
		     u32 pattern)
{
	struct trn_bo *src = trn_job_pattern(job, index, pattern, size);

	if (IS_ERR(src))
		return PTR_ERR(src);
	job->ops[index] = (struct trn_op) {
		.dst = trn_bo_get(dst),
		.src = src,
		.dst_offset = offset,
		.size = size,
		.fill = true,
	};
	return 0;
}

/* Some operation names the BO. */
bool trn_job_uses(const struct trn_job *job, const struct trn_bo *bo)
{
	u32 i;

	for (i = 0; i < job->num_ops; i++)
		if (job->ops[i].dst == bo || job->ops[i].src == bo)
			return true;
	return false;
}

static bool trn_job_is_revoked(const struct trn_job *job)
{
	u32 i;

	for (i = 0; i < job->num_ops; i++)
		if (trn_bo_is_revoked(job->ops[i].dst) || trn_bo_is_revoked(job->ops[i].src))
			return true;
	return false;
}

/*
 * Give the job its point on the queue's timeline.
 *
 * The caller holds the queue's submit_lock until trn_job_push(), which must follow.
 *
 * Return: 0, -ECANCELED the queue is dead, or -ENXIO memory was revoked.
 */
int trn_job_arm(struct trn_job *job)
{
	struct trn_kqueue *queue = job->queue;
	int ret = 0;

	lockdep_assert_held(&queue->submit_lock);

	mutex_lock(&queue->base.lock);
	if (queue->base.state != DRM_TRN_QUEUE_READY) {
		ret = -ECANCELED;
	} else if (trn_job_is_revoked(job)) {
		/* Else trn_kqueue_revoke_bo(), which comes after it, finds the job. */
		ret = -ENXIO;
	} else {
		job->point = ++queue->base.submitted;
		trn_fence_arm(job->done, queue->base.name, queue->fence_context, job->point,
			      queue->base.syncobj);
		list_add_tail(&job->node, &queue->waiting);
	}
	mutex_unlock(&queue->base.lock);
	return ret;
}

/* Hand an armed job to the scheduler; it may be freed at once. */
void trn_job_push(struct trn_job *job)
{
	trace_trn_submit(&job->queue->base, job->point, job->num_ops);
	drm_sched_job_arm(&job->base);
	drm_sched_entity_push_job(&job->base);
}

/**
 * trn_job_next_copy() - The next descriptor pair of a job.
 * @job: has pairs left
 * @copy: gets it
 *
 * A pair ends where a piece of contiguous bus addresses of either side ends. The
 * source of a fill starts again with every pair, at the word's byte of the place.
 *
 * Return: whether there are more.
 */
bool trn_job_next_copy(struct trn_job *job, struct trn_ring_copy *copy)
{
	const struct trn_op *op = &job->ops[job->op];
	u64 src_offset = op->fill ? job->pos % TRN_FILL_WORD : op->src_offset + job->pos;
	u64 left = op->size - job->pos;
	u64 len = min_t(u64, left, TRN_DESC_MAX_LEN);

	if (!job->pos) {
		job->dst_seg = trn_bo_find_seg(op->dst, op->dst_offset);
		job->src_seg = trn_bo_find_seg(op->src, src_offset);
	} else if (op->fill) {
		job->src_seg = 0;
	}
	copy->dst = trn_bo_addr(op->dst, &job->dst_seg, op->dst_offset + job->pos, &len);
	copy->src = trn_bo_addr(op->src, &job->src_seg, src_offset, &len);
	copy->len = len;
	copy->first = !job->pos;
	copy->last = len == left;

	job->pos += len;
	if (copy->last) {
		job->pos = 0;
		job->op++;
	}
	return job->op < job->num_ops;
}

static void trn_job_drop_bo(struct trn_bo **bo)
{
	if (*bo && refcount_dec_not_one(&(*bo)->base.refcount.refcount))
		*bo = NULL;
}

/**
 * trn_job_drop_bos() - The device is done with the memory of a job.
 * @job: not signalled yet
 *
 * Who waits for the job and then closes the BO finds the memory free at once. The
 * last reference stays for the scheduler's worker to drop: freeing takes locks under
 * which others allocate, and this is the path of a fence.
 */
void trn_job_drop_bos(struct trn_job *job)
{
	u32 i;

	for (i = 0; i < job->num_ops; i++) {
		trn_job_drop_bo(&job->ops[i].dst);
		trn_job_drop_bo(&job->ops[i].src);
	}
}

static struct dma_fence *trn_job_run(struct drm_sched_job *sched_job)
{
	struct trn_job *job = to_trn_job(sched_job);
	struct trn_kqueue *queue = job->queue;

	mutex_lock(&queue->base.lock);
	trn_kqueue_run_locked(queue, job);
	mutex_unlock(&queue->base.lock);
	return dma_fence_get(job->done);
}

static void trn_job_free_sched(struct drm_sched_job *sched_job)
{
	struct trn_job *job = to_trn_job(sched_job);
	struct dma_fence *done = job->done;

	drm_sched_job_cleanup(sched_job);
	trn_job_free(job);
	/* Last, since it may be what holds the module. */
	dma_fence_put(done);
}

/* No timedout_job: the queue has its own watchdog, see trn_kqueue.c. */
const struct drm_sched_backend_ops trn_sched_ops = {
	.run_job = trn_job_run,
	.free_job = trn_job_free_sched,
};
