// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events and watchdogs, which report the progress of the device to queues.
 *
 * An event raises a hint, and the event work of the queue then reads the device's progress.
 * Other code that notices a change of a queue also raises hints. The event work and the
 * watchdog of a kernel-mode queue are in the fence-signalling path. No fence depends on a
 * user-mode queue. Its works run on a separate workqueue, and may sleep for locks whose
 * duration depends on the user.
 */
#include <linux/dma-fence.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_chip_reset.h"
#include "hw/trn_irq.h"
#include "hw/trn_udma.h"
#include "queue/trn_queue.h"
#include "queue/trn_trace.h"
#include "regs/trn_trnx.h"

/* Interval of health checks of the device while user queues exist. */
#define TRN_HEALTH_INTERVAL	HZ

/* Set the count of the next event, or 0. While it is set, lost interrupts are looked for. */
void trn_queue_set_notify_locked(struct trn_queue *queue, u64 count)
{
	lockdep_assert_held(&queue->lock);

	if (count && !queue->notify_count)
		trn_irq_expect(queue->tdev);
	else if (!count && queue->notify_count)
		trn_irq_unexpect(queue->tdev);
	queue->notify_count = count;
}

/*
 * Begin a work of a queue. Works of kernel-mode queues are in the fence-signalling path.
 * Returns the cookie for dma_fence_end_signalling().
 */
static bool trn_queue_begin_work(struct trn_queue *queue)
{
	return queue->ops->mode != DRM_TRN_QUEUE_MODE_KERNEL || dma_fence_begin_signalling();
}

/* Queue the event work of a queue, to which the caller has a reference. */
void trn_queue_raise(struct trn_queue *queue, enum trn_queue_hint hint)
{
	set_bit(hint, &queue->hints);
	trn_queue_get(queue);
	if (!queue_work(queue->wq, &queue->event_work))
		trn_queue_put(queue);
}

/* The owner of a hardware queue may have come after the event, which proves nothing. */
static void trn_queue_hint(struct trn_device *tdev, u32 index, enum trn_queue_hint hint)
{
	struct trn_queue *queue = trn_queue_get_by_hw(tdev, index);

	if (!queue)
		return;
	trn_queue_raise(queue, hint);
	trn_queue_put(queue);
}

/**
 * trn_queue_event() - The device has an event for a hardware queue.
 * @tdev: the device
 * @event_queue: which has it
 * @type: TRNX_EVENT_*, as the device says
 * @index: engine * 16 + queue, as the device says
 */
void trn_queue_event(struct trn_device *tdev, u32 event_queue, u32 type, u32 index)
{
	trace_trn_event(tdev, event_queue, type, index);
	switch (type) {
	case TRNX_EVENT_COMPLETION:
		trn_queue_hint(tdev, index, TRN_HINT_EVENT);
		break;
	case TRNX_EVENT_QUEUE_ERROR:
	case TRNX_EVENT_MMU_FAULT:
		trn_queue_hint(tdev, index, TRN_HINT_ERROR);
		break;
	default:
		drm_err_ratelimited(&tdev->drm, "event queue %u: unknown event type %u\n",
				    event_queue, type);
	}
}

/* Events were lost: look at every queue, for completions and for errors. */
void trn_queue_events_lost(struct trn_device *tdev)
{
	u32 index;

	for (index = 0; index < trn_hw_index(tdev->geo.num_engines, 0); index++)
		trn_queue_hint(tdev, index, TRN_HINT_ERROR);
}

/* Returns true if the queue must be killed. */
static bool trn_queue_look_locked(struct trn_queue *queue, unsigned long hints)
{
	lockdep_assert_held(&queue->lock);

	if (queue->state != TRN_QUEUE_READY)
		return false;
	trn_queue_set_notify_locked(queue, 0);
	if (hints & BIT(TRN_HINT_BROKEN) ||
	    (hints & BIT(TRN_HINT_ERROR) &&
	     trn_udma_queue_has_error(queue->tdev, queue->engine, queue->hw_queue)) ||
	    !queue->ops->collect_locked(queue))
		return true;
	queue->ops->advance_locked(queue);
	return false;
}

static void trn_queue_end_faulted(struct trn_queue *queue)
{
	trn_queue_kill(queue, TRN_QUEUE_FAULTED, -EIO);
	drm_dbg(&queue->tdev->drm, "queue %s: error code=%u access=%u addr=%#llx\n",
		queue->name, queue->fault.code, queue->fault.access, queue->fault.addr);
	/* Rings and record of a kernel-mode queue have addresses of the DMA API. */
	if (queue->ops->mode == DRM_TRN_QUEUE_MODE_KERNEL &&
	    trn_udma_fault_is_own_memory(&queue->fault))
		drm_err_ratelimited(&queue->tdev->drm,
				    "queue %s: device cannot reach host memory at %#llx: an IOMMU may not translate for it (QEMU's amd-iommu does on pcie.0 only)\n",
				    queue->name, queue->fault.addr);
}

void trn_queue_event_work(struct work_struct *work)
{
	struct trn_queue *queue = container_of(work, struct trn_queue, event_work);
	bool cookie = trn_queue_begin_work(queue);
	bool broken;

	mutex_lock(&queue->lock);
	broken = trn_queue_look_locked(queue, xchg(&queue->hints, 0));
	mutex_unlock(&queue->lock);
	trn_queue_deliver(queue);
	if (broken)
		trn_queue_end_faulted(queue);
	dma_fence_end_signalling(cookie);
	trn_queue_put(queue);
}

/* Deliver finished points without trn_queue.lock; not in the fence-signalling path. */
void trn_queue_deliver(struct trn_queue *queue)
{
	if (queue->ops->deliver)
		queue->ops->deliver(queue);
}

/* Read the device's progress, and go on. The caller calls trn_queue_deliver() after it. */
void trn_queue_poll_locked(struct trn_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	if (queue->ops->collect_locked(queue))
		queue->ops->advance_locked(queue);
	else
		trn_queue_raise(queue, TRN_HINT_BROKEN);
}

/* Ask for one event when @count S2M descriptors are done. */
void trn_queue_notify_locked(struct trn_queue *queue, u64 count)
{
	lockdep_assert_held(&queue->lock);

	if (count == queue->notify_count)
		return;
	trn_queue_set_notify_locked(queue, count);
	trn_udma_notify(queue->tdev, queue->engine, queue->hw_queue, count);
}

/* Work is outstanding: run the watchdog in @delay jiffies or earlier. */
void trn_queue_watch_locked(struct trn_queue *queue, unsigned long delay)
{
	lockdep_assert_held(&queue->lock);

	queue_delayed_work(queue->wq, &queue->watchdog, delay);
}

/* Returns true if the queue has hung. */
static bool trn_queue_check_locked(struct trn_queue *queue)
{
	unsigned long time_left;

	lockdep_assert_held(&queue->lock);

	if (queue->state != TRN_QUEUE_READY)
		return false;
	/* After a foreign reset the queue is lost, which does not count as its fault. */
	if (trn_chip_was_reset(queue->tdev)) {
		queue_work(queue->tdev->wq, &queue->tdev->check_work);
		queue_delayed_work(queue->wq, &queue->watchdog, TRN_HEALTH_INTERVAL);
		return false;
	}
	/* The event of the error may have been lost. */
	if (trn_udma_queue_has_error(queue->tdev, queue->engine, queue->hw_queue) ||
	    !queue->ops->collect_locked(queue)) {
		trn_queue_raise(queue, TRN_HINT_BROKEN);
		return false;
	}
	time_left = queue->ops->time_left_locked(queue);
	if (!time_left)
		return true;
	/* If an event was lost the next one is asked for with another count. */
	queue->ops->advance_locked(queue);
	if (time_left != TRN_NO_TIMEOUT)
		mod_delayed_work(queue->wq, &queue->watchdog, time_left);
	return false;
}

void trn_queue_watchdog(struct work_struct *work)
{
	struct trn_queue *queue = container_of(to_delayed_work(work), struct trn_queue,
					       watchdog);
	bool cookie = trn_queue_begin_work(queue);
	bool hangs;

	mutex_lock(&queue->lock);
	hangs = trn_queue_check_locked(queue);
	mutex_unlock(&queue->lock);
	trn_queue_deliver(queue);
	if (hangs)
		trn_queue_kill(queue, TRN_QUEUE_TIMEDOUT, -ETIME);
	dma_fence_end_signalling(cookie);
}

static bool trn_queue_any_of_users(struct trn_device *tdev)
{
	struct trn_queue *queue;
	unsigned long index;
	bool found = false;

	rcu_read_lock();
	xa_for_each(&tdev->hw_queues, index, queue)
		found |= queue->tfile && READ_ONCE(queue->state) == TRN_QUEUE_READY;
	rcu_read_unlock();
	return found;
}

/* Schedule the next health check of the device if user queues exist. */
void trn_queue_watch_device(struct trn_device *tdev)
{
	if (trn_queue_any_of_users(tdev))
		queue_delayed_work(tdev->wq, &tdev->health_work, TRN_HEALTH_INTERVAL);
}
