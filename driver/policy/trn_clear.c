// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clearing of HBM before it gets a new owner.
 *
 * The device clears the memory. Hardware queue 0 of the H2T engine nearest to the stack is
 * reserved for this, and started at its first use.
 */
#include <drm/drm_managed.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "hw/trn_engine.h"
#include "mem/trn_gem.h"
#include "policy/trn_clear.h"
#include "queue/trn_job.h"
#include "queue/trn_kqueue.h"

#define TRN_CLEAR_HW_QUEUE	0

/* Limit of attempts: each reset of the device costs one, and several may follow each other. */
#define TRN_CLEAR_TRIES		100

int trn_clear_init(struct trn_device *tdev)
{
	u32 i;

	tdev->clear = drmm_kcalloc(&tdev->drm, tdev->geo.num_stacks, sizeof(*tdev->clear),
				   GFP_KERNEL);
	if (!tdev->clear)
		return -ENOMEM;
	for (i = 0; i < tdev->geo.num_stacks; i++)
		mutex_init(&tdev->clear[i].lock);
	return 0;
}

/* Close the queues when the driver unbinds. trn_clear() fails from now on. */
void trn_clear_fini(struct trn_device *tdev)
{
	u32 i;

	for (i = 0; i < tdev->geo.num_stacks; i++) {
		struct trn_clear_queue *clear = &tdev->clear[i];

		mutex_lock(&clear->lock);
		if (clear->queue)
			trn_queue_close(clear->queue);
		clear->queue = NULL;
		mutex_unlock(&clear->lock);
	}
}

static struct trn_queue *trn_clear_create_queue(struct trn_device *tdev, u32 engine)
{
	const struct trn_queue_params params = {
		.engine = engine,
		.hw_queue = TRN_CLEAR_HW_QUEUE,
		.ring_size = TRN_RING_SIZE_DEFAULT,
		.timeout_ms = TRN_TIMEOUT_MS_DEFAULT,
	};
	struct trn_queue *queue;
	int ret;

	ret = trn_engine_claim_queue(tdev, engine, TRN_CLEAR_HW_QUEUE);
	if (ret)
		return ERR_PTR(ret);
	queue = trn_kqueue_create(tdev, &params);
	if (IS_ERR(queue))
		trn_engine_release(tdev, engine, TRN_CLEAR_HW_QUEUE);
	return queue;
}

/* Get a live queue of the stack, with a reference. */
static struct trn_queue *trn_clear_get_queue(struct trn_device *tdev, u32 stack)
{
	struct trn_clear_queue *clear = &tdev->clear[stack];
	u32 engine = tdev->geo.first_h2t + stack;
	struct trn_queue *queue;
	int ret;

	ret = mutex_lock_interruptible(&clear->lock);
	if (ret)
		return ERR_PTR(ret);
	queue = clear->queue;
	if (queue && trn_queue_is_dead(queue)) {
		trn_queue_close(queue);
		queue = NULL;
	}
	if (!queue) {
		queue = trn_clear_create_queue(tdev, engine);
		clear->queue = IS_ERR(queue) ? NULL : queue;
	}
	if (!IS_ERR(queue))
		trn_queue_get(queue);
	mutex_unlock(&clear->lock);
	return queue;
}

static struct dma_fence *trn_clear_submit(struct trn_kqueue *queue, struct trn_bo *bo)
{
	struct trn_job *job = trn_job_create(queue, 1);
	struct dma_fence *fence;
	int ret;

	if (IS_ERR(job))
		return ERR_CAST(job);
	ret = trn_job_set_fill(job, 0, bo, 0, bo->size, 0);
	if (ret)
		goto err_discard;

	mutex_lock(&queue->submit_lock);
	ret = queue->closed ? -ECANCELED : trn_job_start(job);
	if (!ret) {
		fence = dma_fence_get(job->done);
		trn_job_push(job);
	}
	mutex_unlock(&queue->submit_lock);
	if (ret)
		goto err_discard;
	return fence;

err_discard:
	trn_job_discard(job);
	return ERR_PTR(ret);
}

static int trn_clear_once(struct trn_device *tdev, struct trn_bo *bo)
{
	struct trn_queue *queue = trn_clear_get_queue(tdev, bo->region);
	struct dma_fence *fence;
	int ret;

	if (IS_ERR(queue))
		return PTR_ERR(queue);
	fence = trn_clear_submit(to_trn_kqueue(queue), bo);
	if (IS_ERR(fence)) {
		ret = PTR_ERR(fence);
		goto out_put;
	}
	ret = dma_fence_wait(fence, true);
	if (!ret) {
		ret = min(dma_fence_get_status(fence), 0);
		/* Drop the references of the job, so that the new owner has the only one. */
		trn_kqueue_flush_frees(queue);
	}
	dma_fence_put(fence);
out_put:
	trn_queue_put(queue);
	return ret;
}

/*
 * Fill a new HBM BO with zeroes, and wait for the end.
 *
 * A signal may interrupt the wait, because the job holds the BO.
 *
 * Return: 0, -ERESTARTSYS, -EINTR, -ENOMEM, -ENODEV, or -EIO if the device fails to clear.
 */
int trn_clear(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	int ret = -ECANCELED;
	int tries;

	for (tries = 0; ret == -ECANCELED && tries < TRN_CLEAR_TRIES; tries++)
		ret = trn_clear_once(tdev, bo);
	return ret == -ECANCELED || ret == -ETIME || ret == -EBUSY ? -EIO : ret;
}
