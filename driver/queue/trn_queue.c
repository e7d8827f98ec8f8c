// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues: the common part of both modes.
 *
 * A queue has one hardware queue, and one timeline unless it belongs to the driver itself.
 * The mode decides how work reaches the queue and how its end is reported (trn_kqueue.c,
 * trn_uqueue.c). The life of a queue is the same in both modes.
 *
 * A queue dies once: by a device error, by a timeout, by loss of the device, or because its
 * owner destroys it. The hardware queue is stopped first, and pending work fails after
 * that, because a waiter may free the memory as soon as the work has failed. If the
 * hardware queue does not stop, the whole device is reset before the work fails.
 *
 * Events and watchdogs, which report the progress of the device, are in trn_queue_watch.c.
 */
#include <linux/dma-fence.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>
#include <drm/drm_syncobj.h>

#include "base/trn_budget.h"
#include "base/trn_device.h"
#include "base/trn_user.h"
#include "hw/trn_chip_reset.h"
#include "hw/trn_engine.h"
#include "hw/trn_irq.h"
#include "hw/trn_udma.h"
#include "queue/trn_queue.h"
#include "queue/trn_trace.h"

/* Limit of attempts to start a queue; each foreign reset costs one. */
#define TRN_START_TRIES		4

/* Workqueue for the release of queues, which may also release their device. */
static struct workqueue_struct *trn_release_wq __ro_after_init;

static void trn_queue_read_fault_locked(struct trn_queue *queue)
{
	struct trn_udma_fault *fault = &queue->fault;

	lockdep_assert_held(&queue->lock);

	trn_udma_queue_fault(queue->tdev, queue->engine, queue->hw_queue, fault);
	if (trn_udma_fault_is_mmu(fault))
		queue->error = -EFAULT;
	trace_trn_fault(queue, fault);
}

/* States that a state may change to, as bits. */
static const u8 trn_queue_next_states[] = {
	[TRN_QUEUE_READY] = BIT(TRN_QUEUE_STOPPING),
	[TRN_QUEUE_STOPPING] = BIT(TRN_QUEUE_FAULTED) | BIT(TRN_QUEUE_TIMEDOUT) |
			       BIT(TRN_QUEUE_LOST),
	[TRN_QUEUE_FAULTED] = 0,
	[TRN_QUEUE_TIMEDOUT] = 0,
	[TRN_QUEUE_LOST] = 0,
};

/**
 * trn_queue_change_state_locked() - Change the state of a queue.
 * @queue: the queue
 * @state: new state
 *
 * Return: true, or false if the present state does not permit the change.
 */
static bool trn_queue_change_state_locked(struct trn_queue *queue, enum trn_queue_state state)
{
	lockdep_assert_held(&queue->lock);

	if (!(trn_queue_next_states[queue->state] & BIT(state)))
		return false;
	WRITE_ONCE(queue->state, state);
	return true;
}

/* State as processes see it: a stopping queue is not dead before its points are signalled. */
enum drm_trn_queue_state trn_queue_uapi_state(enum trn_queue_state state)
{
	switch (state) {
	case TRN_QUEUE_FAULTED:
		return DRM_TRN_QUEUE_STATE_FAULTED;
	case TRN_QUEUE_TIMEDOUT:
		return DRM_TRN_QUEUE_STATE_TIMEDOUT;
	case TRN_QUEUE_LOST:
		return DRM_TRN_QUEUE_STATE_LOST;
	case TRN_QUEUE_READY:
	case TRN_QUEUE_STOPPING:
	default:
		return DRM_TRN_QUEUE_STATE_READY;
	}
}

/* Take no more work. Returns false if the queue has been stopped before. */
static bool trn_queue_begin_stop_locked(struct trn_queue *queue, enum trn_queue_state end,
					int error)
{
	lockdep_assert_held(&queue->lock);

	if (!trn_queue_change_state_locked(queue, TRN_QUEUE_STOPPING))
		return false;
	trn_queue_set_notify_locked(queue, 0);
	queue->end = end;
	queue->error = error;
	return true;
}

/* Fail what is pending: the device no longer accesses the memory of the queue. */
static void trn_queue_end_stop_locked(struct trn_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	queue->ops->fail_locked(queue);
	trn_queue_change_state_locked(queue, queue->end);
}

/* Returns 0, or an error if the device may still work for the queue. */
static int trn_queue_kill_locked(struct trn_queue *queue, enum trn_queue_state end, int error)
{
	int ret;

	lockdep_assert_held(&queue->lock);

	if (!trn_queue_begin_stop_locked(queue, end, error))
		return queue->state == TRN_QUEUE_STOPPING ? -EBUSY : 0;
	if (end == TRN_QUEUE_FAULTED)
		trn_queue_read_fault_locked(queue);
	if (end != TRN_QUEUE_LOST && queue->tfile)
		atomic_inc(&queue->tfile->faults);
	trace_trn_queue_dead(queue, trn_queue_uapi_state(end), queue->submitted);

	ret = trn_udma_queue_stop(queue->tdev, queue->engine, queue->hw_queue);
	if (!ret)
		trn_queue_end_stop_locked(queue);
	return ret;
}

/**
 * trn_queue_kill() - Kill a queue, unless it is dead.
 * @queue: the queue
 * @end: state of the queue when it has stopped
 * @error: errno of its pending work
 *
 * After this call the device does not access memory for the queue.
 */
void trn_queue_kill(struct trn_queue *queue, enum trn_queue_state end, int error)
{
	struct trn_device *tdev = queue->tdev;
	u64 reset_count;
	bool cookie;
	int ret;

	if (queue->ops->quiesce)
		queue->ops->quiesce(queue);
	cookie = dma_fence_begin_signalling();
	down_read(&tdev->reset_sem);
	reset_count = tdev->reset_count;
	mutex_lock(&queue->lock);
	ret = trn_queue_kill_locked(queue, end, error);
	mutex_unlock(&queue->lock);
	up_read(&tdev->reset_sem);

	if (ret) {
		drm_err_ratelimited(&tdev->drm,
				    "queue %s does not stop (%d), resetting the device\n",
				    queue->name, ret);
		tdev->upcalls->recover(tdev, reset_count);
	}
	dma_fence_end_signalling(cookie);
	trn_queue_deliver(queue);
}

/* Close the doorbells of all queues, before a reset or when the driver unbinds. */
void trn_queue_quiesce_all(struct trn_device *tdev)
{
	struct trn_queue *queue;
	u32 index;

	for (index = 0; index < trn_hw_index(tdev->geo.num_engines, 0); index++) {
		queue = trn_queue_get_by_hw(tdev, index);
		if (!queue)
			continue;
		if (queue->ops->quiesce)
			queue->ops->quiesce(queue);
		trn_queue_put(queue);
	}
}

/* Close the doorbells of queues that a reset has killed. Not in the fence-signalling path. */
void trn_queue_quiesce_work(struct work_struct *work)
{
	struct trn_device *tdev = container_of(work, struct trn_device, quiesce_work);
	struct trn_queue *queue;
	u32 index;

	for (index = 0; index < trn_hw_index(tdev->geo.num_engines, 0); index++) {
		queue = trn_queue_get_by_hw(tdev, index);
		if (!queue)
			continue;
		if (queue->ops->quiesce && trn_queue_is_dead(queue))
			queue->ops->quiesce(queue);
		trn_queue_put(queue);
	}
}

/*
 * Mark all queues dead, before a reset.
 *
 * Their work stays pending until trn_queue_fail_all().
 */
void trn_queue_freeze_all(struct trn_device *tdev)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue) {
		mutex_lock(&queue->lock);
		trn_queue_begin_stop_locked(queue, TRN_QUEUE_LOST, -ECANCELED);
		mutex_unlock(&queue->lock);
	}
}

/**
 * trn_queue_fail_all() - Fail the work of dead queues.
 * @tdev: the device, which no longer accesses memory
 * @error: -ECANCELED, or -ENODEV if the device is gone
 */
void trn_queue_fail_all(struct trn_device *tdev, int error)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue) {
		mutex_lock(&queue->lock);
		if (queue->state == TRN_QUEUE_STOPPING) {
			if (queue->end == TRN_QUEUE_LOST)
				queue->error = error;
			trn_queue_end_stop_locked(queue);
			trn_queue_raise(queue, TRN_HINT_EVENT);
		}
		mutex_unlock(&queue->lock);
	}
	queue_work(system_unbound_wq, &tdev->quiesce_work);
}

static void trn_queue_free_memory(struct trn_queue *queue)
{
	mutex_lock(&queue->lock);
	queue->ops->free_memory_locked(queue);
	mutex_unlock(&queue->lock);
}

/* Free the DMA memory of all queues when the driver unbinds. */
void trn_queue_free_all_memory(struct trn_device *tdev)
{
	struct trn_queue *queue;
	unsigned long index;

	lockdep_assert_held_write(&tdev->reset_sem);

	xa_for_each(&tdev->hw_queues, index, queue)
		trn_queue_free_memory(queue);
}

/*
 * Returns 0, -EAGAIN if the device is suspended, -ESTALE after a foreign reset, or another
 * error.
 */
static int trn_queue_start_hardware(struct trn_queue *queue, const struct trn_udma_setup *setup)
{
	struct trn_device *tdev = queue->tdev;
	u32 index = trn_hw_index(queue->engine, queue->hw_queue);
	int ret;

	down_read(&tdev->reset_sem);
	ret = trn_device_start_error(tdev);
	if (!ret && trn_chip_was_reset(tdev))
		ret = -ESTALE;
	if (!ret)
		ret = trn_udma_queue_start(tdev, queue->engine, queue->hw_queue, setup);
	if (!ret) {
		queue->reset_count = tdev->reset_count;
		xa_store(&tdev->hw_queues, index, queue, GFP_NOWAIT);
		trn_queue_watch_device(tdev);
	}
	up_read(&tdev->reset_sem);
	return ret;
}

/*
 * The driver cannot unbind during this call. So DMA memory is either freed here, or belongs
 * to a queue that unbinding finds.
 */
static int trn_queue_try_start(struct trn_queue *queue)
{
	struct trn_udma_setup setup = {
		.ring_size = queue->ring_size,
		.event_queue = queue->event_queue,
		.priority = queue->priority,
	};
	int ret, idx;

	if (!drm_dev_enter(&queue->tdev->drm, &idx))
		return -ENODEV;
	ret = queue->ops->alloc_memory(queue, &setup);
	if (!ret)
		ret = trn_queue_start_hardware(queue, &setup);
	if (ret)
		trn_queue_free_memory(queue);
	drm_dev_exit(idx);
	return ret;
}

/* Allocate memory and start the hardware queue. Events may arrive from here on. */
int trn_queue_start(struct trn_queue *queue)
{
	struct trn_device *tdev = queue->tdev;
	u32 index = trn_hw_index(queue->engine, queue->hw_queue);
	int ret, tries = TRN_START_TRIES;

	ret = xa_reserve(&tdev->hw_queues, index, GFP_KERNEL);
	if (ret)
		return ret;
	do {
		ret = wait_event_interruptible(tdev->resumed,
					       READ_ONCE(tdev->state) != TRN_DEVICE_SUSPENDED);
		if (!ret)
			ret = trn_queue_try_start(queue);
		if (ret == -ESTALE) {
			tdev->upcalls->check_reset(tdev);
			ret = --tries ? -EAGAIN : -EIO;
		}
	} while (ret == -EAGAIN);
	if (ret)
		xa_release(&tdev->hw_queues, index);
	return ret;
}

static void trn_queue_release_work(struct work_struct *work)
{
	struct trn_queue *queue = container_of(to_rcu_work(work), struct trn_queue, release);
	struct trn_device *tdev = queue->tdev;

	mutex_destroy(&queue->lock);
	if (queue->syncobj)
		drm_syncobj_put(queue->syncobj);
	queue->ops->free(queue);
	drm_dev_put(&tdev->drm);
}

/* Free after a grace period, for readers of hw_queues and fence callbacks of the entity. */
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

/**
 * trn_queue_init() - Initialise the common part of a queue, with one reference.
 * @queue: zeroed
 * @ops: operations of its mode
 * @tdev: gets a reference, because the queue may outlive the bound device
 * @params: parameters
 */
void trn_queue_init(struct trn_queue *queue, const struct trn_queue_ops *ops,
		    struct trn_device *tdev, const struct trn_queue_params *params)
{
	kref_init(&queue->ref);
	drm_dev_get(&tdev->drm);
	queue->tdev = tdev;
	queue->ops = ops;
	queue->wq = ops->mode == DRM_TRN_QUEUE_MODE_USER ? tdev->user_wq : tdev->wq;
	queue->engine = params->engine;
	queue->hw_queue = params->hw_queue;
	queue->ring_size = params->ring_size;
	queue->timeout = clamp(msecs_to_jiffies(params->timeout_ms), TRN_WATCH_MIN,
			       msecs_to_jiffies(TRN_TIMEOUT_MS_MAX));
	queue->event_queue = trn_irq_pick(tdev, params->engine, params->hw_queue);
	queue->priority = params->priority;
	queue->id = params->id;
	queue->tfile = params->tfile;
	queue->syncobj = params->syncobj;
	if (queue->syncobj)
		drm_syncobj_get(queue->syncobj);
	snprintf(queue->name, sizeof(queue->name), "trn%u.%u", params->engine,
		 params->hw_queue);
	mutex_init(&queue->lock);
	INIT_DELAYED_WORK(&queue->watchdog, trn_queue_watchdog);
	INIT_WORK(&queue->event_work, trn_queue_event_work);
	INIT_RCU_WORK(&queue->release, trn_queue_release_work);
}

/* Refuse new work, and fail all pending work. */
static void trn_queue_cancel(struct trn_queue *queue)
{
	if (queue->ops->close)
		queue->ops->close(queue);
	trn_queue_kill(queue, TRN_QUEUE_LOST, -ECANCELED);
}

/* Release the resources of a cancelled queue, and drop the reference. */
static void trn_queue_fini(struct trn_queue *queue)
{
	struct trn_device *tdev = queue->tdev;

	/* The queue is dead: nothing queues the watchdog again, and event work does nothing. */
	cancel_delayed_work_sync(&queue->watchdog);
	if (cancel_work_sync(&queue->event_work))
		trn_queue_put(queue);
	queue->ops->fini(queue);

	/* Wait for a reset that has frozen the queue. */
	down_read(&tdev->reset_sem);
	xa_erase(&tdev->hw_queues, trn_hw_index(queue->engine, queue->hw_queue));
	trn_queue_free_memory(queue);
	trn_engine_release(tdev, queue->engine, queue->hw_queue);
	up_read(&tdev->reset_sem);
	if (queue->tfile)
		trn_budget_uncharge(queue->tfile->user->queues, 1);
	trn_queue_put(queue);
}

/**
 * trn_queue_close() - Cancel the work of a queue, release its hardware, drop the reference.
 * @queue: the queue
 */
void trn_queue_close(struct trn_queue *queue)
{
	trn_queue_cancel(queue);
	trn_queue_fini(queue);
}

/* Close all queues of a file that is being closed. */
void trn_queue_close_all(struct drm_file *file)
{
	struct trn_file *tfile = file->driver_priv;
	struct trn_queue *queue;
	unsigned long id;

	/* Cancel all queues first: jobs of one may wait for jobs of another. */
	xa_for_each(&tfile->queues, id, queue)
		trn_queue_cancel(queue);
	xa_for_each(&tfile->queues, id, queue)
		trn_queue_fini(queue);
	xa_destroy(&tfile->queues);
}

bool trn_queue_is_dead(struct trn_queue *queue)
{
	bool dead;

	mutex_lock(&queue->lock);
	dead = queue->state != TRN_QUEUE_READY;
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

/* Look up a queue of a file. Returns it with a reference, or NULL. */
struct trn_queue *trn_queue_lookup(struct drm_file *file, u32 id)
{
	struct trn_file *tfile = file->driver_priv;

	return trn_queue_load(&tfile->queues, id);
}

/* Look up a started queue by hardware index. Returns it with a reference, or NULL. */
struct trn_queue *trn_queue_get_by_hw(struct trn_device *tdev, u32 index)
{
	return trn_queue_load(&tdev->hw_queues, index);
}

int __init trn_queue_module_init(void)
{
	trn_release_wq = alloc_workqueue("trn_release", WQ_UNBOUND, 0);
	return trn_release_wq ? 0 : -ENOMEM;
}

/* All references to queues are dropped, because fences of jobs hold the module. */
void trn_queue_module_exit(void)
{
	/* Wait for the release of fences and queues. */
	rcu_barrier();
	destroy_workqueue(trn_release_wq);
}
