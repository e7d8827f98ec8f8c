// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs: the operations of a submission, and their translation to descriptor pairs.
 */
#include <linux/slab.h>
#include <drm/gpu_scheduler.h>

#include "base/trn_compat.h"
#include "base/trn_fence.h"
#include "mem/trn_gem.h"
#include "mem/trn_host.h"
#include "queue/trn_job.h"
#include "queue/trn_kqueue.h"
#include "queue/trn_trace.h"

#define TRN_FILL_WORD	sizeof(u32)

static struct trn_job_bos *trn_job_bos_alloc(u32 num)
{
	struct trn_job_bos *bos = kvzalloc(struct_size(bos, bos, num), GFP_KERNEL_ACCOUNT);

	if (bos)
		bos->num = num;
	return bos;
}

/* Drop the references; they are NULL for operations that were not set. */
void trn_job_bos_free(struct trn_job_bos *bos)
{
	u32 i;

	for (i = 0; i < bos->num; i++)
		trn_bo_put(bos->bos[i]);
	kvfree(bos);
}

static struct trn_job *trn_job_alloc(u32 num_ops)
{
	struct trn_job *job = kvzalloc(struct_size(job, ops, num_ops), GFP_KERNEL_ACCOUNT);

	if (!job)
		return NULL;
	job->num_ops = num_ops;
	job->end_count = U64_MAX;
	INIT_LIST_HEAD(&job->node);
	/* Each operation has a source and a destination. */
	job->bos = trn_job_bos_alloc(2 * num_ops);
	job->done = trn_fence_alloc();
	if (job->bos && job->done)
		return job;
	trn_fence_discard(job->done);
	kvfree(job->bos);
	kvfree(job);
	return NULL;
}

/**
 * trn_job_create() - Make a job without operations.
 * @queue: gets a reference
 * @num_ops: number of operations to be set; freeing skips those that were not
 *
 * Waits while the queue has TRN_QUEUE_MAX_PENDING jobs.
 *
 * Return: the job, -ENOMEM or -ERESTARTSYS.
 */
struct trn_job *trn_job_create(struct trn_kqueue *queue, u32 num_ops)
{
	struct trn_job *job;
	int ret;

	ret = trn_kqueue_get_job(queue);
	if (ret)
		return ERR_PTR(ret);
	ret = -ENOMEM;
	job = trn_job_alloc(num_ops);
	if (!job)
		goto err_put;
	job->queue = queue;
	ret = trn_sched_job_init(&job->base, &queue->entity);
	if (ret)
		goto err_free;
	return job;

err_free:
	trn_fence_discard(job->done);
	kvfree(job->bos);
	kvfree(job);
err_put:
	trn_kqueue_put_job(queue);
	return ERR_PTR(ret);
}

/* Free a job that was not started. */
void trn_job_discard(struct trn_job *job)
{
	struct trn_kqueue *queue = job->queue;

	drm_sched_job_cleanup(&job->base);
	trn_fence_discard(job->done);
	trn_job_bos_free(job->bos);
	kvfree(job);
	trn_kqueue_put_job(queue);
}

/* Free a job returned by the scheduler; not in the fence-signalling path. */
void trn_job_free(struct trn_job *job)
{
	struct trn_kqueue *queue = job->queue;
	struct dma_fence *done = job->done;

	drm_sched_job_cleanup(&job->base);
	kvfree(job);
	trn_kqueue_put_job(queue);
	/* Last, because the fence may be the last holder of the module. */
	dma_fence_put(done);
}

/**
 * trn_job_set_op() - Set an operation of a job.
 * @job: the job
 * @index: of the operation
 * @op: the operation; its references to BOs pass to the job
 */
void trn_job_set_op(struct trn_job *job, u32 index, const struct trn_op *op)
{
	job->ops[index] = *op;
	job->bos->bos[2 * index] = op->dst;
	job->bos->bos[2 * index + 1] = op->src;
}

/* Reuse the pattern BO of the previous operation if its word matches and it is long enough. */
static struct trn_bo *trn_job_pattern(struct trn_job *job, u32 index, u32 pattern, u64 size)
{
	struct trn_op *prev = index ? &job->ops[index - 1] : NULL;

	if (prev && prev->fill && trn_host_pattern_is(prev->src, pattern) &&
	    prev->size >= size)
		return trn_bo_get(prev->src);
	return trn_host_create_pattern(job->queue->base.tdev, pattern, size);
}

/**
 * trn_job_set_fill() - Set an operation of a job to a fill.
 * @job: the job
 * @index: of the operation; all earlier ones are set
 * @dst: gets a reference
 * @offset: byte offset in @dst
 * @size: bytes
 * @pattern: word to repeat
 *
 * Return: 0 or an error of trn_host_create_pattern().
 */
int trn_job_set_fill(struct trn_job *job, u32 index, struct trn_bo *dst, u64 offset, u64 size,
		     u32 pattern)
{
	struct trn_bo *src = trn_job_pattern(job, index, pattern, size);

	if (IS_ERR(src))
		return PTR_ERR(src);
	trn_job_set_op(job, index, &(struct trn_op) {
		.dst = trn_bo_get(dst),
		.src = src,
		.dst_offset = offset,
		.size = size,
		.fill = true,
	});
	return 0;
}

/* Whether an operation of the job uses the BO. */
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
 * Assign the job its point on the queue's timeline.
 *
 * The caller holds the queue's submit_lock until trn_job_push(), which must follow.
 *
 * Return: 0, -ECANCELED if the queue is dead, or -ENXIO if memory was revoked.
 */
int trn_job_start(struct trn_job *job)
{
	struct trn_kqueue *queue = job->queue;
	int ret = 0;

	lockdep_assert_held(&queue->submit_lock);

	mutex_lock(&queue->base.lock);
	if (queue->base.state != TRN_QUEUE_READY) {
		ret = -ECANCELED;
	} else if (trn_job_is_revoked(job)) {
		/* If a BO is revoked later, trn_kqueue_revoke_bo() finds the job. */
		ret = -ENXIO;
	} else {
		job->point = ++queue->base.submitted;
		trn_fence_start(job->done, queue->base.name, queue->fence_context, job->point,
				queue->base.syncobj);
		list_add_tail(&job->node, &queue->waiting);
	}
	mutex_unlock(&queue->base.lock);
	return ret;
}

/* Hand a started job to the scheduler; it may be freed at once. */
void trn_job_push(struct trn_job *job)
{
	trace_trn_submit(&job->queue->base, job->point, job->num_ops);
	drm_sched_job_arm(&job->base);
	drm_sched_entity_push_job(&job->base);
}

/**
 * trn_job_next_copy() - Get the next descriptor pair of a job.
 * @job: has pairs left
 * @copy: gets the pair
 *
 * A pair ends at the end of a segment of either side. Each pair of a fill reads the pattern
 * from its start, shifted by the position modulo 4.
 *
 * Return: true if the job has more pairs.
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

static struct dma_fence *trn_job_run(struct drm_sched_job *sched_job)
{
	struct trn_job *job = to_trn_job(sched_job);
	struct trn_kqueue *queue = job->queue;
	bool cookie = dma_fence_begin_signalling();

	mutex_lock(&queue->base.lock);
	trn_kqueue_run_locked(queue, job);
	mutex_unlock(&queue->base.lock);
	dma_fence_end_signalling(cookie);
	return dma_fence_get(job->done);
}

/* In the fence-signalling path, because the next job runs after this call. */
static void trn_job_free_sched(struct drm_sched_job *sched_job)
{
	trn_kqueue_free_job(to_trn_job(sched_job));
}

/* No timedout_job: the queue has its own watchdog, see trn_kqueue.c. */
const struct drm_sched_backend_ops trn_sched_ops = {
	.run_job = trn_job_run,
	.free_job = trn_job_free_sched,
};
