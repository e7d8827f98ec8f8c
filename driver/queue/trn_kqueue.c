// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel-mode queues.
 *
 * A kernel-mode queue has one scheduler with one entity. The scheduler runs jobs in order,
 * when their dependencies are signalled. trn_kqueue_pump_locked() emits descriptor pairs
 * while the ring has room, and rings the doorbell. It then asks for an event at the next
 * useful count: the end of the oldest job, or a half empty ring. The event leads back to
 * trn_kqueue_pump_locked(). A job may be larger than the ring.
 *
 * The queue has its own watchdog. The timeout of drm_sched restarts with every job that is
 * run, and does not see progress inside a job. Besides, a job of a user has a time limit
 * that does not depend on progress: trn_device.max_job_ms, from the moment when it is the
 * oldest job. So fences are signalled in reasonable time.
 *
 * From run_job to the fence nothing allocates, fails or frees memory, because dropping a BO
 * takes locks of other subsystems. Memory to free goes to the queue's free work before the
 * fence is signalled. A waiter for the fence and then for the free work finds it freed.
 */
#include <linux/dma-mapping.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "hw/trn_udma.h"
#include "mem/trn_gem.h"
#include "queue/trn_job.h"
#include "queue/trn_kqueue.h"
#include "queue/trn_trace.h"
#include "regs/trn_trnx.h"

/* Pairs per doorbell. The device starts while the driver emits the next batch. */
#define TRN_DOORBELL_BATCH	256

static void trn_kqueue_free_bos(struct trn_kqueue *kq, struct trn_job *job)
{
	llist_add(&job->bos->node, &kq->idle_bos);
	job->bos = NULL;
	queue_work(kq->base.tdev->free_wq, &kq->free_work);
}

/* The scheduler has returned a job: pass it to the free work. */
void trn_kqueue_free_job(struct trn_job *job)
{
	struct trn_kqueue *kq = job->queue;

	/*
	 * The free work may take the job at once, and with it the last reference to the
	 * queue and the module. RCU delays their end until this section is over.
	 */
	rcu_read_lock();
	llist_add(&job->free_node, &kq->done_jobs);
	queue_work(kq->base.tdev->free_wq, &kq->free_work);
	rcu_read_unlock();
}

static void trn_kqueue_free_work(struct work_struct *work)
{
	struct trn_kqueue *kq = container_of(work, struct trn_kqueue, free_work);
	/* Jobs first, because the BOs of a job are on their list before the job is. */
	struct llist_node *jobs = llist_del_all(&kq->done_jobs);
	struct llist_node *all_bos = llist_del_all(&kq->idle_bos);
	struct trn_job_bos *bos, *next_bos;
	struct trn_job *job, *next_job;

	llist_for_each_entry_safe(bos, next_bos, all_bos, node)
		trn_job_bos_free(bos);
	/* The last job may hold the last reference to the queue. */
	llist_for_each_entry_safe(job, next_job, jobs, free_node)
		trn_job_free(job);
}

static void trn_kqueue_signal_locked(struct trn_kqueue *kq, struct trn_job *job, int error)
{
	/* The scheduler may free the job once its fence is signalled. */
	struct dma_fence *done = dma_fence_get(job->done);

	lockdep_assert_held(&kq->base.lock);

	trace_trn_job_done(&kq->base, job->point, error);
	list_del_init(&job->node);
	trn_kqueue_free_bos(kq, job);
	if (error)
		dma_fence_set_error(done, error);
	else
		kq->base.completed = job->point;
	dma_fence_signal(done);
	dma_fence_put(done);
}

/* Read the device's count, and signal the fences of finished jobs. */
static bool trn_kqueue_collect_locked(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);
	u64 count = le64_to_cpu(READ_ONCE(kq->record[TRNX_RECORD_S2M / sizeof(__le64)]));
	u64 before = kq->ring.retired;
	struct trn_job *job, *next;

	lockdep_assert_held(&queue->lock);

	if (count == before)
		return true;
	if (!trn_ring_retire(&kq->ring, count)) {
		drm_err_ratelimited(&queue->tdev->drm,
				    "queue %s: device counts %llu retired pairs of %llu, %llu before\n",
				    queue->name, count, kq->ring.emitted, before);
		return false;
	}
	/* Count before data; pairs with the device writing data before count. */
	dma_rmb();
	trace_trn_retire(queue, count, count - before);
	queue->progress = jiffies;
	list_for_each_entry_safe(job, next, &kq->running, node) {
		if (job->end_count > count)
			break;
		trn_kqueue_signal_locked(kq, job, 0);
		kq->head_start = jiffies;
	}
	return true;
}

/* Emit at most @space pairs of the current job. */
static u32 trn_kqueue_emit_locked(struct trn_kqueue *kq, u32 space)
{
	struct trn_job *job = kq->emitting;
	struct trn_ring_copy copy;
	u32 num = 0;

	lockdep_assert_held(&kq->base.lock);

	while (num < space) {
		bool more = trn_job_next_copy(job, &copy);

		trn_ring_emit(&kq->ring, &copy);
		num++;
		if (more)
			continue;
		job->end_count = kq->ring.emitted;
		kq->emitting = list_is_last(&job->node, &kq->running) ?
			       NULL : list_next_entry(job, node);
		break;
	}
	trace_trn_emit(&kq->base, job->point, num);
	return num;
}

/* Ask for an event at the next count at which the queue can go on. */
static void trn_kqueue_notify_locked(struct trn_kqueue *kq)
{
	struct trn_job *head = list_first_entry_or_null(&kq->running, struct trn_job, node);
	u64 count = U64_MAX;

	lockdep_assert_held(&kq->base.lock);

	if (!head)
		return;
	if (head != kq->emitting)
		count = head->end_count;
	if (kq->emitting)
		count = min(count, kq->ring.emitted - kq->ring.size / 2);
	trn_queue_notify_locked(&kq->base, count);
}

/* Jiffies at which the oldest job fails, without further progress. */
static unsigned long trn_kqueue_expires(const struct trn_kqueue *kq)
{
	const struct trn_queue *queue = &kq->base;
	unsigned long stalled = queue->progress + queue->timeout;
	unsigned long end;

	/* Fences of the driver's own queues stay inside the driver, so they have no limit. */
	if (!queue->syncobj)
		return stalled;
	end = kq->head_start + msecs_to_jiffies(READ_ONCE(queue->tdev->max_job_ms));
	return time_before(end, stalled) ? end : stalled;
}

static unsigned long trn_kqueue_time_left(const struct trn_kqueue *kq)
{
	unsigned long expires = trn_kqueue_expires(kq);

	return time_before(jiffies, expires) ? expires - jiffies : 0;
}

static void trn_kqueue_pump_locked(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);
	u32 space, num;

	lockdep_assert_held(&queue->lock);

	while (kq->emitting) {
		space = min_t(u32, trn_ring_space(&kq->ring), TRN_DOORBELL_BATCH);
		if (!space)
			break;
		num = trn_kqueue_emit_locked(kq, space);
		trace_trn_doorbell(queue, kq->ring.emitted, num);
		trn_udma_doorbell(queue->tdev, queue->engine, queue->hw_queue, num);
	}
	trn_kqueue_notify_locked(kq);
	if (!list_empty(&kq->running))
		trn_queue_watch_locked(queue, trn_kqueue_time_left(kq));
}

/**
 * trn_kqueue_run_locked() - Run a job whose dependencies are signalled.
 * @kq: the queue
 * @job: on the waiting list; stays there if the queue is dead
 */
void trn_kqueue_run_locked(struct trn_kqueue *kq, struct trn_job *job)
{
	lockdep_assert_held(&kq->base.lock);

	if (kq->base.state != TRN_QUEUE_READY)
		return;
	if (list_empty(&kq->running)) {
		kq->base.progress = jiffies;
		kq->head_start = jiffies;
	}
	list_move_tail(&job->node, &kq->running);
	if (!kq->emitting)
		kq->emitting = job;
	trn_kqueue_pump_locked(&kq->base);
}

static unsigned long trn_kqueue_time_left_locked(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);

	lockdep_assert_held(&queue->lock);

	return list_empty(&kq->running) ? TRN_NO_TIMEOUT : trn_kqueue_time_left(kq);
}

static void trn_kqueue_fail_locked(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);
	struct trn_job *job, *next;
	int error = queue->error;

	lockdep_assert_held(&queue->lock);

	kq->emitting = NULL;
	/* Work that the device finished before the end counts as done. */
	trn_kqueue_collect_locked(queue);

	/* A job that has not run did not cause the error. */
	if (list_empty(&kq->running) && error != -ENODEV)
		error = -ECANCELED;
	list_splice_tail_init(&kq->waiting, &kq->running);
	list_for_each_entry_safe(job, next, &kq->running, node) {
		if (!queue->error_point) {
			queue->error_point = job->point;
			queue->point_error = error;
		}
		trn_kqueue_signal_locked(kq, job, error);
		if (error != -ENODEV)
			error = -ECANCELED;
	}
	/* Wake submitters that wait for room: the queue is dead. */
	wake_up_all(&kq->fewer_jobs);
}

static size_t trn_kqueue_ring_bytes(const struct trn_kqueue *kq)
{
	return kq->base.ring_size * sizeof(struct trn_desc);
}

static void trn_kqueue_free_memory_locked(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);
	struct device *dev = queue->tdev->drm.dev;

	lockdep_assert_held(&queue->lock);

	if (kq->rings)
		dma_free_coherent(dev, 2 * trn_kqueue_ring_bytes(kq), kq->rings, kq->rings_dma);
	kq->rings = NULL;
	if (kq->record)
		dma_free_coherent(dev, TRNX_RECORD_SIZE, kq->record, kq->record_dma);
	kq->record = NULL;
}

static int trn_kqueue_alloc_memory(struct trn_queue *queue, struct trn_udma_setup *setup)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);
	size_t ring_bytes = trn_kqueue_ring_bytes(kq);
	struct device *dev = queue->tdev->drm.dev;

	/* The size of the rings is the user's, and a power of two for the common ones. */
	kq->rings = dma_alloc_coherent(dev, 2 * ring_bytes, &kq->rings_dma,
				       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	kq->record = dma_alloc_coherent(dev, TRNX_RECORD_SIZE, &kq->record_dma,
					GFP_KERNEL_ACCOUNT);
	if (!kq->rings || !kq->record)
		return -ENOMEM;
	trn_ring_init(&kq->ring, kq->rings, kq->rings + ring_bytes, queue->ring_size);
	setup->m2s = kq->rings_dma | TRN_CHIP_HOST;
	setup->s2m = setup->m2s + ring_bytes;
	setup->record = kq->record_dma | TRN_CHIP_HOST;
	return 0;
}

static int trn_kqueue_init_sched(struct trn_kqueue *kq)
{
	struct trn_device *tdev = kq->base.tdev;
	struct drm_gpu_scheduler *sched = &kq->sched;
	int ret;

	ret = trn_sched_init(sched, &trn_sched_ops, tdev->wq, TRN_QUEUE_MAX_JOBS, kq->base.name,
			     tdev->drm.dev);
	if (ret)
		return ret;
	ret = drm_sched_entity_init(&kq->entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (ret)
		drm_sched_fini(sched);
	return ret;
}

/* Succeeds on a dead queue, which refuses the job later. */
static bool trn_kqueue_try_get_job(struct trn_kqueue *kq)
{
	if (atomic_add_unless(&kq->num_jobs, 1, TRN_QUEUE_MAX_PENDING))
		return true;
	if (READ_ONCE(kq->base.state) == TRN_QUEUE_READY)
		return false;
	atomic_inc(&kq->num_jobs);
	return true;
}

/* Get a reference and room for a new job. Returns 0 or -ERESTARTSYS. */
int trn_kqueue_get_job(struct trn_kqueue *kq)
{
	int ret = wait_event_interruptible(kq->fewer_jobs, trn_kqueue_try_get_job(kq));

	if (!ret)
		trn_queue_get(&kq->base);
	return ret;
}

void trn_kqueue_put_job(struct trn_kqueue *kq)
{
	atomic_dec(&kq->num_jobs);
	wake_up_all(&kq->fewer_jobs);
	trn_queue_put(&kq->base);
}

static void trn_kqueue_close(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);

	mutex_lock(&kq->submit_lock);
	kq->closed = true;
	mutex_unlock(&kq->submit_lock);
}

static void trn_kqueue_fini(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);

	/*
	 * Stop the scheduler first. If it is taking a job from the entity, it may put the
	 * entity back into its tree, and run a job that is also being killed.
	 *
	 * Linux 6.12 has a second race, with the callback of the fence that the entity
	 * waits for: drm_sched_entity_fini() reads entity->dependency several times. It
	 * needs a foreign fence that signals in between, and a fix in the core.
	 */
	drm_sched_wqueue_stop(&kq->sched);
	drm_sched_entity_fini(&kq->entity);
	drm_sched_wqueue_start(&kq->sched);
	/*
	 * After the flush all memory of jobs is free. A job that waits for a foreign fence
	 * stays, but holds no BO. Jobs of the driver wait for no fence, and do not hold the
	 * module.
	 */
	flush_work(&kq->free_work);
	if (queue->syncobj)
		return;
	wait_event(kq->fewer_jobs, !atomic_read(&kq->num_jobs));
	flush_work(&kq->free_work);
}

static void trn_kqueue_free(struct trn_queue *queue)
{
	struct trn_kqueue *kq = to_trn_kqueue(queue);

	if (kq->sched.ready)
		drm_sched_fini(&kq->sched);
	cancel_work_sync(&kq->free_work);
	mutex_destroy(&kq->submit_lock);
	kfree(kq);
}

static const struct trn_queue_ops trn_kqueue_ops = {
	.mode = DRM_TRN_QUEUE_MODE_KERNEL,
	.close = trn_kqueue_close,
	.collect_locked = trn_kqueue_collect_locked,
	.advance_locked = trn_kqueue_pump_locked,
	.time_left_locked = trn_kqueue_time_left_locked,
	.fail_locked = trn_kqueue_fail_locked,
	.alloc_memory = trn_kqueue_alloc_memory,
	.free_memory_locked = trn_kqueue_free_memory_locked,
	.fini = trn_kqueue_fini,
	.free = trn_kqueue_free,
};

/**
 * trn_kqueue_create() - Make a kernel-mode queue and start it.
 * @tdev: the device
 * @params: with a claimed hardware queue, which the caller keeps after an error
 *
 * Return: the queue, to be closed with trn_queue_close(), or an error pointer.
 */
struct trn_queue *trn_kqueue_create(struct trn_device *tdev,
				    const struct trn_queue_params *params)
{
	struct trn_kqueue *kq = kzalloc(sizeof(*kq), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!kq)
		return ERR_PTR(-ENOMEM);
	trn_queue_init(&kq->base, &trn_kqueue_ops, tdev, params);
	kq->fence_context = dma_fence_context_alloc(1);
	mutex_init(&kq->submit_lock);
	INIT_LIST_HEAD(&kq->waiting);
	INIT_LIST_HEAD(&kq->running);
	init_waitqueue_head(&kq->fewer_jobs);
	init_llist_head(&kq->idle_bos);
	init_llist_head(&kq->done_jobs);
	INIT_WORK(&kq->free_work, trn_kqueue_free_work);

	ret = trn_kqueue_init_sched(kq);
	if (ret)
		goto err_put;
	ret = trn_queue_start(&kq->base);
	if (ret)
		goto err_fini_entity;
	return &kq->base;

err_fini_entity:
	drm_sched_entity_fini(&kq->entity);
err_put:
	trn_queue_put(&kq->base);
	return ERR_PTR(ret);
}

/* Wait until memory of jobs that were done before the call is free. */
void trn_kqueue_flush_frees(struct trn_queue *queue)
{
	if (queue->ops == &trn_kqueue_ops)
		flush_work(&to_trn_kqueue(queue)->free_work);
}

/* Like trn_kqueue_flush_frees(), for all queues of a file. */
void trn_kqueue_flush_file(struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_queue *queue;
	unsigned long id;

	xa_for_each(&tfile->queues, id, queue) {
		/* The queue may be closed by now. */
		queue = trn_queue_lookup(file, id);
		if (!queue)
			continue;
		trn_kqueue_flush_frees(queue);
		trn_queue_put(queue);
	}
}

static bool trn_kqueue_uses(struct trn_kqueue *kq, const struct trn_bo *bo)
{
	struct trn_job *job;
	bool uses = false;

	mutex_lock(&kq->base.lock);
	list_for_each_entry(job, &kq->waiting, node)
		uses |= trn_job_uses(job, bo);
	list_for_each_entry(job, &kq->running, node)
		uses |= trn_job_uses(job, bo);
	mutex_unlock(&kq->base.lock);
	return uses;
}

/**
 * trn_kqueue_revoke_bo() - Kill all queues with work on a revoked BO.
 * @bo: after trn_vm_revoke_bo(), so that no new work can be submitted
 *
 * After this call the device does not reach the memory through kernel-mode queues.
 */
void trn_kqueue_revoke_bo(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	struct trn_queue *queue;
	u32 index;

	for (index = 0; index < trn_hw_index(tdev->geo.num_engines, 0); index++) {
		queue = trn_queue_get_by_hw(tdev, index);
		if (!queue)
			continue;
		if (queue->ops == &trn_kqueue_ops && trn_kqueue_uses(to_trn_kqueue(queue), bo))
			trn_queue_kill(queue, TRN_QUEUE_LOST, -ECANCELED);
		trn_queue_put(queue);
	}
}
