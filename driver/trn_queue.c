// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues.
 *
 * A queue is one hardware queue, one scheduler with one entity, and one timeline.
 * Jobs come from the scheduler in order, when their dependencies are done. The
 * pump turns them into descriptor pairs as far as the ring has room, rings the
 * doorbell, and arms the completion counter for the point at which something can
 * go on: the end of the oldest job, or a half empty ring. The event of that leads
 * back to the pump. A job may be larger than the ring.
 *
 * A queue dies once: by a device error, by a timeout (no descriptor retired for
 * that long while there was work), by loss of the device or by its owner. Then
 * the hardware queue is stopped first and the fences of all its jobs fail
 * afterwards, because whoever waits for them may release the memory. If the
 * hardware queue does not stop, the whole device is reset in between.
 *
 * The timeout is a watchdog of our own: the one of drm_sched starts anew with
 * every job that is run and knows nothing of progress inside a job.
 *
 * From run_job to the fence nothing allocates and nothing can fail.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>
#include <drm/drm_syncobj.h>

#include "regs/trn_trnx.h"
#include "trn_device.h"
#include "trn_irq.h"
#include "trn_job.h"
#include "trn_queue.h"
#include "trn_reset.h"
#include "trn_trace.h"

/* Pairs between two doorbells, so that the device starts while we still emit. */
#define TRN_DOORBELL_BATCH	256

/*
 * Closing a queue waits so long for its jobs to be freed, so that their memory is
 * free when it returns. Only a job that depends on a foreign fence may take longer.
 */
#define TRN_QUEUE_CLOSE_MS	1000

/* Runs the end of queues, which may be the end of their device, too. */
static struct workqueue_struct *trn_release_wq __ro_after_init;

static void trn_queue_signal_locked(struct trn_queue *queue, struct trn_job *job, int error)
{
	/* Once it is signalled the scheduler may free the job. */
	struct dma_fence *done = dma_fence_get(job->done);

	lockdep_assert_held(&queue->lock);

	trace_trn_job_done(queue, job->point, error);
	list_del_init(&job->node);
	trn_job_drop_bos(job);
	if (error)
		dma_fence_set_error(done, error);
	else
		queue->completed = job->point;
	dma_fence_signal(done);
	dma_fence_put(done);
}

/* Take over the device's count and signal what is done. False: it is nonsense. */
static bool trn_queue_collect_locked(struct trn_queue *queue)
{
	u64 count = le64_to_cpu(READ_ONCE(*queue->record));
	u64 before = queue->ring.retired;
	struct trn_job *job, *next;

	lockdep_assert_held(&queue->lock);

	if (count == before)
		return true;
	if (!trn_ring_retire(&queue->ring, count)) {
		drm_err_ratelimited(&queue->tdev->drm,
				    "queue %s: device counts %llu retired pairs of %llu, %llu before\n",
				    queue->name, count, queue->ring.emitted, before);
		return false;
	}
	/* Count before data; pairs with the device writing data before count. */
	dma_rmb();
	trace_trn_retire(queue, count, count - before);
	queue->progress = jiffies;
	list_for_each_entry_safe(job, next, &queue->running, node) {
		if (job->end_count > count)
			break;
		trn_queue_signal_locked(queue, job, 0);
	}
	return true;
}

/* Emit at most @space pairs of the job in turn. */
static u32 trn_queue_emit_locked(struct trn_queue *queue, u32 space)
{
	struct trn_job *job = queue->emitting;
	struct trn_ring_copy copy;
	u32 num = 0;

	lockdep_assert_held(&queue->lock);

	while (num < space) {
		bool more = trn_job_next_copy(job, &copy);

		trn_ring_emit(&queue->ring, &copy);
		num++;
		if (more)
			continue;
		job->end_count = queue->ring.emitted;
		queue->emitting = list_is_last(&job->node, &queue->running) ?
				  NULL : list_next_entry(job, node);
		break;
	}
	trace_trn_emit(queue, job->point, num);
	return num;
}

/* Ask for the event that lets the queue go on. */
static void trn_queue_arm_locked(struct trn_queue *queue)
{
	struct trn_job *head = list_first_entry_or_null(&queue->running, struct trn_job, node);
	u64 count = U64_MAX;

	lockdep_assert_held(&queue->lock);

	if (!head)
		return;
	if (head != queue->emitting)
		count = head->end_count;
	if (queue->emitting)
		count = min(count, queue->ring.emitted - queue->ring.size / 2);
	if (count == queue->armed)
		return;
	queue->armed = count;
	trn_udma_arm(queue->tdev, queue->engine, queue->hw_queue, count);
}

static void trn_queue_pump_locked(struct trn_queue *queue)
{
	u32 space, num;

	lockdep_assert_held(&queue->lock);

	while (queue->emitting) {
		space = min_t(u32, trn_ring_space(&queue->ring), TRN_DOORBELL_BATCH);
		if (!space)
			break;
		num = trn_queue_emit_locked(queue, space);
		trace_trn_doorbell(queue, queue->ring.emitted, num);
		trn_udma_doorbell(queue->tdev, queue->engine, queue->hw_queue, num);
	}
	trn_queue_arm_locked(queue);
	if (!list_empty(&queue->running))
		queue_delayed_work(queue->tdev->wq, &queue->watchdog, queue->timeout);
}

/**
 * trn_queue_run_locked() - Take a job whose dependencies are done.
 * @queue: the queue
 * @job: of its waiting list; stays there if the queue is dead
 */
void trn_queue_run_locked(struct trn_queue *queue, struct trn_job *job)
{
	lockdep_assert_held(&queue->lock);

	if (queue->state != DRM_TRN_QUEUE_READY)
		return;
	if (list_empty(&queue->running))
		queue->progress = jiffies;
	list_move_tail(&job->node, &queue->running);
	if (!queue->emitting)
		queue->emitting = job;
	trn_queue_pump_locked(queue);
}

/* Only after the device has let go of the queue's memory. */
static void trn_queue_fail_jobs_locked(struct trn_queue *queue)
{
	struct trn_job *job, *next;
	int error = queue->error;

	lockdep_assert_held(&queue->lock);

	queue->emitting = NULL;
	/* What finished before the end has finished. */
	trn_queue_collect_locked(queue);

	/* A job that has not run is not guilty. */
	if (list_empty(&queue->running) && error != -ENODEV)
		error = -ECANCELED;
	list_splice_tail_init(&queue->waiting, &queue->running);
	list_for_each_entry_safe(job, next, &queue->running, node) {
		if (!queue->error_point) {
			queue->error_point = job->point;
			queue->point_error = error;
		}
		trn_queue_signal_locked(queue, job, error);
		if (error != -ENODEV)
			error = -ECANCELED;
	}
}

/* Returns 0, or why the device may still be at work for the queue. */
static int trn_queue_kill_locked(struct trn_queue *queue, enum drm_trn_queue_state state,
				 int error)
{
	int ret;

	lockdep_assert_held(&queue->lock);

	if (queue->state != DRM_TRN_QUEUE_READY)
		return 0;
	queue->state = state;
	queue->error = error;
	if (state == DRM_TRN_QUEUE_FAULTED)
		trn_udma_queue_fault(queue->tdev, queue->engine, queue->hw_queue,
				     &queue->fault);
	trace_trn_queue_dead(queue, queue->submitted, state);

	ret = trn_udma_queue_stop(queue->tdev, queue->engine, queue->hw_queue);
	if (ret) {
		queue->stuck = true;
		return ret;
	}
	trn_queue_fail_jobs_locked(queue);
	return 0;
}

static void trn_queue_kill(struct trn_queue *queue, enum drm_trn_queue_state state, int error)
{
	struct trn_device *tdev = queue->tdev;
	bool cookie = dma_fence_begin_signalling();
	u64 reset_count;
	int ret;

	down_read(&tdev->reset_sem);
	reset_count = tdev->reset_count;
	mutex_lock(&queue->lock);
	ret = trn_queue_kill_locked(queue, state, error);
	mutex_unlock(&queue->lock);
	up_read(&tdev->reset_sem);

	if (ret) {
		drm_err(&tdev->drm, "queue %s does not stop (%d), resetting the device\n",
			queue->name, ret);
		trn_reset_device(tdev, reset_count);
	}
	dma_fence_end_signalling(cookie);
}

static void trn_queue_fault_work(struct work_struct *work)
{
	struct trn_queue *queue = container_of(work, struct trn_queue, fault_work);

	trn_queue_kill(queue, DRM_TRN_QUEUE_FAULTED, -EIO);
	drm_dbg(&queue->tdev->drm, "queue %s: error %u at %#llx\n", queue->name,
		queue->fault.code, queue->fault.addr);
}

/**
 * trn_queue_process() - The device has an event for a queue.
 * @queue: the queue
 * @error: it reports an error, else a completion
 */
void trn_queue_process(struct trn_queue *queue, bool error)
{
	mutex_lock(&queue->lock);
	if (queue->state == DRM_TRN_QUEUE_READY) {
		queue->armed = 0;
		if (trn_queue_collect_locked(queue) && !error)
			trn_queue_pump_locked(queue);
		else
			queue_work(queue->tdev->wq, &queue->fault_work);
	}
	mutex_unlock(&queue->lock);
}

static void trn_queue_watchdog(struct work_struct *work)
{
	struct trn_queue *queue = container_of(to_delayed_work(work), struct trn_queue,
					       watchdog);
	bool cookie = dma_fence_begin_signalling();
	bool hung = false;

	mutex_lock(&queue->lock);
	if (queue->state == DRM_TRN_QUEUE_READY && !list_empty(&queue->running)) {
		unsigned long expires;
		u64 retired = queue->ring.retired;

		if (!trn_queue_collect_locked(queue))
			queue_work(queue->tdev->wq, &queue->fault_work);
		else if (retired != queue->ring.retired)
			queue->armed = 0;
		expires = queue->progress + queue->timeout;
		hung = !list_empty(&queue->running) && !time_before(jiffies, expires);
		if (!hung) {
			trn_queue_pump_locked(queue);
			if (!list_empty(&queue->running))
				mod_delayed_work(queue->tdev->wq, &queue->watchdog,
						 expires - jiffies);
		}
	}
	mutex_unlock(&queue->lock);

	if (hung)
		trn_queue_kill(queue, DRM_TRN_QUEUE_TIMEDOUT, -ETIME);
	dma_fence_end_signalling(cookie);
}

/*
 * All queues are dead from here on; a reset follows.
 *
 * Their jobs stay pending until trn_queue_fail_all().
 */
void trn_queue_freeze_all(struct trn_device *tdev)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue) {
		mutex_lock(&queue->lock);
		if (queue->state == DRM_TRN_QUEUE_READY) {
			queue->state = DRM_TRN_QUEUE_LOST;
			queue->error = -ECANCELED;
			queue->stuck = true;
		}
		mutex_unlock(&queue->lock);
	}
}

/**
 * trn_queue_fail_all() - The device has let go of all memory: fail what was lost.
 * @tdev: the device
 * @error: -ECANCELED, or -ENODEV if it is gone
 */
void trn_queue_fail_all(struct trn_device *tdev, int error)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue) {
		mutex_lock(&queue->lock);
		if (queue->stuck) {
			if (queue->state == DRM_TRN_QUEUE_LOST)
				queue->error = error;
			trn_queue_fail_jobs_locked(queue);
			queue->stuck = false;
		}
		mutex_unlock(&queue->lock);
	}
}

static void trn_queue_free_memory(struct trn_queue *queue)
{
	mutex_lock(&queue->lock);
	if (queue->mem)
		dma_free_coherent(queue->tdev->drm.dev, queue->mem_size, queue->mem,
				  queue->mem_dma);
	queue->mem = NULL;
	mutex_unlock(&queue->lock);
}

/* The driver unbinds: give back all DMA memory. */
void trn_queue_free_all_memory(struct trn_device *tdev)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue)
		trn_queue_free_memory(queue);
}

static int trn_queue_alloc_memory(struct trn_queue *queue, u32 ring_size)
{
	size_t ring_bytes = ring_size * sizeof(struct trn_desc);

	queue->mem_size = 2 * ring_bytes + TRNX_RECORD_SIZE;
	queue->mem = dma_alloc_coherent(queue->tdev->drm.dev, queue->mem_size,
					&queue->mem_dma, GFP_KERNEL);
	if (!queue->mem)
		return -ENOMEM;
	queue->record = queue->mem + 2 * ring_bytes + TRNX_RECORD_S2M;
	trn_ring_init(&queue->ring, queue->mem, queue->mem + ring_bytes, ring_size);
	return 0;
}

static int trn_queue_init_sched(struct trn_queue *queue)
{
	struct drm_gpu_scheduler *sched = &queue->sched;
	int ret;

	ret = drm_sched_init(sched, &trn_sched_ops, queue->tdev->wq, 1, TRN_QUEUE_MAX_JOBS, 0,
			     MAX_SCHEDULE_TIMEOUT, NULL, NULL, queue->name,
			     queue->tdev->drm.dev);
	if (ret)
		return ret;
	ret = drm_sched_entity_init(&queue->entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (ret)
		drm_sched_fini(sched);
	return ret;
}

/* Takes reset_sem for reading when the device can be used. */
static int trn_queue_wait_unparked(struct trn_device *tdev)
{
	int ret;

	for (;;) {
		ret = wait_event_interruptible(tdev->unparked, !READ_ONCE(tdev->parked));
		if (ret)
			return ret;
		down_read(&tdev->reset_sem);
		if (!tdev->parked)
			return 0;
		up_read(&tdev->reset_sem);
	}
}

/* Make the device know the queue; from here on events come. */
static int trn_queue_start(struct trn_queue *queue)
{
	struct trn_device *tdev = queue->tdev;
	u64 mem = queue->mem_dma | TRN_CHIP_HOST;
	u64 ring_bytes = (u64)queue->ring.size * TRN_DESC_SIZE;
	struct trn_udma_setup setup = {
		.m2s = mem,
		.s2m = mem + ring_bytes,
		.record = mem + 2 * ring_bytes,
		.ring_size = queue->ring.size,
		.event_queue = queue->event_queue,
	};
	u32 index = trn_hw_index(queue->engine, queue->hw_queue);
	int ret, idx;

	ret = xa_reserve(&tdev->hw_queues, index, GFP_KERNEL);
	if (ret)
		return ret;
	ret = trn_queue_wait_unparked(tdev);
	if (ret)
		goto out_release;
	if (drm_dev_enter(&tdev->drm, &idx)) {
		ret = tdev->dead;
		if (!ret)
			ret = trn_udma_queue_start(tdev, queue->engine, queue->hw_queue, &setup);
		if (!ret)
			xa_store(&tdev->hw_queues, index, queue, GFP_NOWAIT);
		drm_dev_exit(idx);
	} else {
		ret = -ENODEV;
	}
	up_read(&tdev->reset_sem);
out_release:
	if (ret)
		xa_release(&tdev->hw_queues, index);
	return ret;
}

static void trn_queue_release_work(struct work_struct *work)
{
	struct trn_queue *queue = container_of(to_rcu_work(work), struct trn_queue, release);
	struct trn_device *tdev = queue->tdev;

	drm_sched_fini(&queue->sched);
	mutex_destroy(&queue->lock);
	mutex_destroy(&queue->submit_lock);
	kfree(queue);
	drm_dev_put(&tdev->drm);
}

/* After a grace period: readers of hw_queues, and fence callbacks of the entity. */
static void trn_queue_release(struct kref *ref)
{
	struct trn_queue *queue = container_of(ref, struct trn_queue, ref);

	queue_rcu_work(trn_release_wq, &queue->release);
}

void trn_queue_get(struct trn_queue *queue)
{
	kref_get(&queue->ref);
}

void trn_queue_put(struct trn_queue *queue)
{
	kref_put(&queue->ref, trn_queue_release);
}

/* References of the queue's own jobs. */
void trn_queue_get_job(struct trn_queue *queue)
{
	trn_queue_get(queue);
	atomic_inc(&queue->num_jobs);
}

void trn_queue_put_job(struct trn_queue *queue)
{
	if (atomic_dec_and_test(&queue->num_jobs))
		wake_up_all(&queue->no_jobs);
	trn_queue_put(queue);
}

static struct trn_queue *trn_queue_alloc(struct trn_device *tdev, u32 engine, u32 hw_queue)
{
	struct trn_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);

	if (!queue)
		return NULL;
	kref_init(&queue->ref);
	queue->tdev = tdev;
	queue->engine = engine;
	queue->hw_queue = hw_queue;
	queue->event_queue = trn_irq_pick(tdev, engine, hw_queue);
	queue->fence_context = dma_fence_context_alloc(1);
	snprintf(queue->name, sizeof(queue->name), "trn%u.%u", engine, hw_queue);
	mutex_init(&queue->submit_lock);
	mutex_init(&queue->lock);
	INIT_LIST_HEAD(&queue->waiting);
	INIT_LIST_HEAD(&queue->running);
	INIT_DELAYED_WORK(&queue->watchdog, trn_queue_watchdog);
	INIT_WORK(&queue->fault_work, trn_queue_fault_work);
	init_waitqueue_head(&queue->no_jobs);
	INIT_RCU_WORK(&queue->release, trn_queue_release_work);
	return queue;
}

/**
 * trn_queue_create() - Make a queue of a claimed hardware queue and start it.
 * @tdev: the device
 * @engine: engine
 * @hw_queue: hardware queue, claimed; given back when the queue is closed, or here
 * on error
 * @ring_size: descriptors
 * @timeout_ms: see drm_trn_queue_create
 *
 * Return: the queue, to be closed with trn_queue_close(), or an error pointer.
 */
struct trn_queue *trn_queue_create(struct trn_device *tdev, u32 engine, u32 hw_queue,
				   u32 ring_size, u32 timeout_ms)
{
	struct trn_queue *queue;
	int ret = -ENOMEM;

	queue = trn_queue_alloc(tdev, engine, hw_queue);
	if (!queue)
		goto err_release_hw;
	queue->timeout = msecs_to_jiffies(timeout_ms);
	ret = trn_queue_alloc_memory(queue, ring_size);
	if (ret)
		goto err_free;
	ret = trn_queue_init_sched(queue);
	if (ret)
		goto err_free_memory;

	/* Its end may come after that of the file, and of the device. */
	drm_dev_get(&tdev->drm);
	ret = trn_queue_start(queue);
	if (ret)
		goto err_put;
	return queue;

err_put:
	trn_queue_free_memory(queue);
	drm_sched_entity_fini(&queue->entity);
	trn_queue_put(queue);
	goto err_release_hw;
err_free_memory:
	trn_queue_free_memory(queue);
err_free:
	kfree(queue);
err_release_hw:
	trn_udma_release(tdev, engine, hw_queue);
	return ERR_PTR(ret);
}

/* No submission from here on, and the fences of all jobs have failed. */
static void trn_queue_cancel(struct trn_queue *queue)
{
	mutex_lock(&queue->submit_lock);
	queue->closed = true;
	mutex_unlock(&queue->submit_lock);
	trn_queue_kill(queue, DRM_TRN_QUEUE_LOST, -ECANCELED);
}

/* Give back what a cancelled queue has, and the reference. */
static void trn_queue_fini(struct trn_queue *queue)
{
	struct trn_device *tdev = queue->tdev;

	/* Dead: nothing queues them again. */
	cancel_delayed_work_sync(&queue->watchdog);
	cancel_work_sync(&queue->fault_work);
	/*
	 * Not while the scheduler takes a job from the entity: it may then put the
	 * entity back into its tree, and run a job that is also being killed.
	 */
	drm_sched_wqueue_stop(&queue->sched);
	drm_sched_entity_fini(&queue->entity);
	drm_sched_wqueue_start(&queue->sched);
	wait_event_timeout(queue->no_jobs, !atomic_read(&queue->num_jobs),
			   msecs_to_jiffies(TRN_QUEUE_CLOSE_MS));
	if (queue->syncobj)
		drm_syncobj_put(queue->syncobj);

	/* Waits for a reset that has frozen the queue. */
	down_read(&tdev->reset_sem);
	xa_erase(&tdev->hw_queues, trn_hw_index(queue->engine, queue->hw_queue));
	trn_queue_free_memory(queue);
	trn_udma_release(tdev, queue->engine, queue->hw_queue);
	up_read(&tdev->reset_sem);
	trn_queue_put(queue);
}

/**
 * trn_queue_close() - Cancel its work, give back the hardware, drop the reference.
 * @queue: the queue
 */
void trn_queue_close(struct trn_queue *queue)
{
	trn_queue_cancel(queue);
	trn_queue_fini(queue);
}

bool trn_queue_is_dead(struct trn_queue *queue)
{
	bool dead;

	mutex_lock(&queue->lock);
	dead = queue->state != DRM_TRN_QUEUE_READY;
	mutex_unlock(&queue->lock);
	return dead;
}

static struct trn_queue *trn_queue_load(struct xarray *xa, unsigned long index)
{
	struct trn_queue *queue;

	rcu_read_lock();
	queue = xa_load(xa, index);
	if (queue && !kref_get_unless_zero(&queue->ref))
		queue = NULL;
	rcu_read_unlock();
	return queue;
}

/* Queue of a file, with a reference, or NULL. */
struct trn_queue *trn_queue_lookup(struct drm_file *file, u32 id)
{
	struct trn_file *tfile = file->driver_priv;

	return trn_queue_load(&tfile->queues, id);
}

/* Started queue by index, with a reference, or NULL. */
struct trn_queue *trn_queue_get_by_hw(struct trn_device *tdev, u32 index)
{
	return trn_queue_load(&tdev->hw_queues, index);
}

static int trn_queue_check_args(struct trn_device *tdev, struct drm_trn_queue_create *args)
{
	if (args->flags || args->vm_id || args->pad || args->ring_va ||
	    args->mode != DRM_TRN_QUEUE_KERNEL)
		return -EINVAL;
	if (args->engine_class || args->priority || args->placement)
		return -EINVAL;
	if (args->engine != DRM_TRN_NONE && args->engine >= tdev->geo.num_engines)
		return -EINVAL;
	if (!args->ring_size)
		args->ring_size = TRN_RING_SIZE_DEFAULT;
	if (args->ring_size < TRN_RING_SIZE_MIN || args->ring_size > TRN_RING_SIZE_MAX ||
	    args->ring_size % TRN_RING_GRANULE)
		return -EINVAL;
	if (!args->timeout_ms)
		args->timeout_ms = TRN_TIMEOUT_MS_DEFAULT;
	return args->timeout_ms > TRN_TIMEOUT_MS_MAX ? -EINVAL : 0;
}

int trn_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_queue_create *args = data;
	struct trn_queue *queue;
	int ret;

	ret = trn_queue_check_args(tdev, args);
	if (ret)
		return ret;

	/* Reserve the id first, so that publishing the queue cannot fail. */
	ret = xa_alloc(&tfile->queues, &args->queue_id, NULL, XA_LIMIT(1, TRN_MAX_QUEUES),
		       GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret == -EBUSY ? -EMFILE : ret;
	ret = trn_udma_claim(tdev, &args->engine, &args->hw_queue);
	if (ret)
		goto err_release_id;
	queue = trn_queue_create(tdev, args->engine, args->hw_queue, args->ring_size,
				 args->timeout_ms);
	if (IS_ERR(queue)) {
		ret = PTR_ERR(queue);
		goto err_release_id;
	}
	ret = drm_syncobj_create(&queue->syncobj, 0, NULL);
	if (ret)
		goto err_close;
	/* Last: there is no way to take a handle back. */
	ret = drm_syncobj_get_handle(file, queue->syncobj, &args->syncobj);
	if (ret)
		goto err_close;

	xa_store(&tfile->queues, args->queue_id, queue, GFP_KERNEL);
	return 0;

err_close:
	trn_queue_close(queue);
err_release_id:
	xa_release(&tfile->queues, args->queue_id);
	return ret;
}

int trn_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct drm_trn_queue_destroy *args = data;
	struct trn_queue *queue;

	if (args->pad)
		return -EINVAL;
	/* Erasing would free an id that a creation in progress has reserved. */
	xa_lock(&tfile->queues);
	queue = xa_load(&tfile->queues, args->queue_id);
	if (queue)
		__xa_erase(&tfile->queues, args->queue_id);
	xa_unlock(&tfile->queues);
	if (!queue)
		return -ENOENT;
	trn_queue_close(queue);
	return 0;
}

int trn_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_queue_get_state *args = data;
	struct trn_queue *queue = trn_queue_lookup(file, args->queue_id);
	int ret;

	if (!queue)
		return -ENOENT;
	ret = mutex_lock_interruptible(&queue->lock);
	if (ret)
		goto out_put;
	/* A stuck queue is not declared dead before its points are signalled. */
	args->state = queue->stuck ? DRM_TRN_QUEUE_READY : queue->state;
	args->submitted = queue->submitted;
	args->completed = queue->completed;
	args->error_point = queue->error_point;
	args->error = queue->point_error;
	args->fault_code = queue->fault.code;
	args->fault_addr = queue->fault.addr;
	mutex_unlock(&queue->lock);
out_put:
	trn_queue_put(queue);
	return ret;
}

/* The file is closed. */
void trn_queue_close_all(struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_queue *queue;
	unsigned long id;

	/* All at first: jobs of one may wait for another's. */
	xa_for_each(&tfile->queues, id, queue)
		trn_queue_cancel(queue);
	xa_for_each(&tfile->queues, id, queue)
		trn_queue_fini(queue);
	xa_destroy(&tfile->queues);
}

int __init trn_queue_module_init(void)
{
	trn_release_wq = alloc_workqueue("trn_release", WQ_UNBOUND, 0);
	return trn_release_wq ? 0 : -ENOMEM;
}

/* All queues have been put, since fences of jobs hold the module; some may still end. */
void trn_queue_module_exit(void)
{
	rcu_barrier();
	destroy_workqueue(trn_release_wq);
}
