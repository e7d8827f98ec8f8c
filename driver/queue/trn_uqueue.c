// SPDX-License-Identifier: GPL-2.0-only
/*
 * User-mode queues.
 *
 * The process writes the rings, in memory of its VM, and rings the doorbell, a mapped page
 * (trn_doorbell.c). The driver takes no part in this and does not see the work; it reads the
 * counts in the record, like the process. Addresses in the rings are virtual addresses of
 * the VM, which the device's MMU checks. A process never reaches registers.
 *
 * A point is added to the timeline when it is done, with a fence that is already signalled.
 * So no fence depends on the behaviour of a process. QUEUE_NOTIFY makes the driver ask the
 * device for an event at a point. The call also allocates the node of the timeline, because
 * event handling must not allocate. A dense set of points can use more nodes; the refill
 * work allocates them and asks for the next event.
 *
 * A dead queue signals U64_MAX, the last possible point, with its error.
 *
 * A due point is added to the timeline under timeline_lock and without trn_queue.lock. The
 * user owns the syncobj, so the cost of adding a point depends on the user.
 *
 * The watchdog runs only while a point is awaited. A queue has hung if the device had work
 * on both rings for the whole timeout and neither count changed.
 */
#include <linux/dma-fence-chain.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <drm/drm_print.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_ring.h>

#include "base/trn_device.h"
#include "base/trn_fence.h"
#include "base/trn_refuse.h"
#include "hw/trn_udma.h"
#include "queue/trn_doorbell.h"
#include "queue/trn_trace.h"
#include "queue/trn_uqueue.h"
#include "regs/trn_chip.h"
#include "regs/trn_trnx.h"
#include "regs/trn_udma.h"
#include "vm/trn_vm.h"

/* Number of watchdog runs within the timeout of a queue. */
#define TRN_WATCHDOG_LOOKS	4

/* Limit of the watchdog's interval for a queue without work, unless its timeout is longer. */
#define TRN_WATCH_IDLE_MAX	(5UL * HZ)
#define TRN_IDLE_LOOKS_MAX	8u

/*
 * Jiffies between two events of a dense set, so that a process with endless small work does
 * not keep the driver's threads busy all the time.
 */
#define TRN_DENSE_PAUSE		1

/* Pause between two attempts to allocate a node. */
#define TRN_REFILL_RETRY	msecs_to_jiffies(20)

/* Read the device's count. */
static bool trn_uqueue_collect_locked(struct trn_queue *queue)
{
	u64 count = le64_to_cpu(READ_ONCE(to_trn_uqueue(queue)->record->record.s2m));
	u64 before = queue->completed;

	lockdep_assert_held(&queue->lock);

	if (count == before)
		return true;
	if (count < before || count == U64_MAX) {
		drm_err_ratelimited(&queue->tdev->drm,
				    "queue %s: device counts %llu retired descriptors, %llu before\n",
				    queue->name, count, before);
		return false;
	}
	/* Count before data; pairs with the device writing data before count. */
	dma_rmb();
	trace_trn_retire(queue, count, count - before);
	queue->completed = count;
	return true;
}

/* Make the last done point due on the timeline, where it wakes all waiters up to it. */
static void trn_uqueue_signal_locked(struct trn_uqueue *uq)
{
	lockdep_assert_held(&uq->base.lock);

	if (!uq->due_chain)
		uq->due_chain = uq->chains[--uq->num_chains];
	uq->signalled = uq->base.completed;
	trn_waitset_retire(&uq->wanted, uq->signalled);
}

/* The interval grows with each run without work, since the driver cannot know the reason. */
static unsigned long trn_uqueue_look_interval(const struct trn_uqueue *uq)
{
	unsigned long interval = max(uq->base.timeout / TRN_WATCHDOG_LOOKS, TRN_WATCH_MIN);

	return clamp(TRN_WATCH_MIN << uq->idle_looks, interval,
		     max(interval, TRN_WATCH_IDLE_MAX));
}

static void trn_uqueue_advance_locked(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);
	bool wakes;

	lockdep_assert_held(&queue->lock);

	wakes = queue->completed > uq->signalled && (uq->due_chain || uq->num_chains) &&
		trn_waitset_is_reached(&uq->wanted, queue->completed);
	if (wakes)
		trn_uqueue_signal_locked(uq);
	if (trn_waitset_is_empty(&uq->wanted))
		return;
	if (wakes && uq->wanted.dense_until)
		queue_delayed_work(queue->wq, &uq->refill, TRN_DENSE_PAUSE);
	else if (uq->num_chains < trn_waitset_num_signals(&uq->wanted))
		queue_delayed_work(queue->wq, &uq->refill, 0);
	else
		trn_queue_notify_locked(queue, trn_waitset_next(&uq->wanted, queue->completed));
	trn_queue_watch_locked(queue, trn_uqueue_look_interval(uq));
}

/* Store the node, unless the queue has enough. */
static void trn_uqueue_add_chain_locked(struct trn_uqueue *uq, struct dma_fence_chain **chain)
{
	lockdep_assert_held(&uq->base.lock);

	if (uq->num_chains == TRN_UQUEUE_CHAINS)
		return;
	uq->chains[uq->num_chains++] = *chain;
	*chain = NULL;
}

static void trn_uqueue_refill_work(struct work_struct *work)
{
	struct trn_uqueue *uq = container_of(to_delayed_work(work), struct trn_uqueue, refill);
	struct trn_queue *queue = &uq->base;
	struct dma_fence_chain *chain = dma_fence_chain_alloc();

	if (!chain) {
		queue_delayed_work(queue->wq, &uq->refill, TRN_REFILL_RETRY);
		return;
	}
	mutex_lock(&queue->lock);
	if (queue->state == TRN_QUEUE_READY) {
		trn_uqueue_add_chain_locked(uq, &chain);
		trn_queue_poll_locked(queue);
	}
	mutex_unlock(&queue->lock);
	trn_queue_deliver(queue);
	dma_fence_chain_free(chain);
}

/*
 * Whether the device has had work without progress since queue->progress. Work rung between
 * two runs of the watchdog counts from the second run on.
 */
static bool trn_uqueue_is_stalled_locked(struct trn_uqueue *uq)
{
	struct trn_queue *queue = &uq->base;
	struct trn_udma_progress now;

	lockdep_assert_held(&queue->lock);

	trn_udma_queue_progress(queue->tdev, queue->engine, queue->hw_queue, &now);
	/* A record not yet written is outstanding work, too: a waiter depends on it. */
	now.has_work |= now.s2m != queue->completed;
	if (uq->stalled && now.has_work && now.s2m == uq->seen.s2m && now.m2s == uq->seen.m2s)
		return true;
	uq->stalled = now.has_work;
	uq->idle_looks = now.has_work ? 0 : min(uq->idle_looks + 1, TRN_IDLE_LOOKS_MAX);
	uq->seen = now;
	queue->progress = jiffies;
	return false;
}

static unsigned long trn_uqueue_time_left_locked(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);
	unsigned long interval, expires;

	lockdep_assert_held(&queue->lock);

	if (trn_waitset_is_empty(&uq->wanted)) {
		uq->stalled = false;
		return TRN_NO_TIMEOUT;
	}
	if (!trn_uqueue_is_stalled_locked(uq))
		return trn_uqueue_look_interval(uq);
	interval = trn_uqueue_look_interval(uq);
	expires = queue->progress + queue->timeout;
	return time_before(jiffies, expires) ? min(interval, expires - jiffies) : 0;
}

/* Signal the last point, U64_MAX, which wakes every waiter. */
static void trn_uqueue_deliver_end(struct trn_uqueue *uq)
{
	struct dma_fence *fence = uq->last_fence;

	lockdep_assert_held(&uq->timeline_lock);

	if (!fence)
		return;
	trn_fence_start(fence, uq->base.name, uq->fence_context, U64_MAX, true);
	dma_fence_set_error(fence, uq->base.error);
	dma_fence_signal(fence);
	drm_syncobj_add_point(uq->base.syncobj, uq->last_chain, fence, U64_MAX);
	dma_fence_put(fence);
	uq->last_fence = NULL;
	uq->last_chain = NULL;
}

/* Add due points to the timeline. They are there on return, even if another thread added them. */
static void trn_uqueue_deliver(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);
	struct dma_fence *done = dma_fence_get_stub();
	struct dma_fence_chain *chain;
	bool ended;
	u64 point;

	mutex_lock(&uq->timeline_lock);
	mutex_lock(&queue->lock);
	chain = uq->due_chain;
	uq->due_chain = NULL;
	point = uq->signalled;
	ended = uq->ended;
	mutex_unlock(&queue->lock);
	if (chain)
		drm_syncobj_add_point(queue->syncobj, chain, done, point);
	if (ended)
		trn_uqueue_deliver_end(uq);
	mutex_unlock(&uq->timeline_lock);
	dma_fence_put(done);
}

static void trn_uqueue_fail_locked(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);

	lockdep_assert_held(&queue->lock);

	/* Work that the device finished before the end counts as done. */
	trn_uqueue_collect_locked(queue);
	queue->error_point = queue->completed + 1;
	queue->point_error = queue->error;
	WRITE_ONCE(uq->record->error, queue->error);
	uq->ended = true;
}

/* The page itself stays, because it may be mmapped. */
static void trn_uqueue_free_memory_locked(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);

	lockdep_assert_held(&queue->lock);

	if (uq->record_mapped)
		dma_unmap_page_attrs(queue->tdev->drm.dev, uq->record_dma, PAGE_SIZE,
				     DMA_BIDIRECTIONAL, DMA_ATTR_SKIP_CPU_SYNC);
	uq->record_mapped = false;
}

static int trn_uqueue_alloc_memory(struct trn_queue *queue, struct trn_udma_setup *setup)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);
	struct device *dev = queue->tdev->drm.dev;

	/* The memory is coherent, like that of BOs. */
	uq->record_dma = dma_map_page_attrs(dev, uq->page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL,
					    DMA_ATTR_SKIP_CPU_SYNC);
	if (dma_mapping_error(dev, uq->record_dma))
		return -ENOMEM;
	uq->record_mapped = true;
	setup->m2s = uq->ring_va;
	setup->s2m = uq->ring_va + (u64)queue->ring_size * TRN_DESC_SIZE;
	setup->record = uq->record_dma | TRN_CHIP_HOST;
	setup->asid = trn_vm_asid(uq->vm);
	setup->doorbell = true;
	return 0;
}

static int trn_uqueue_alloc_record(struct trn_uqueue *uq)
{
	BUILD_BUG_ON(sizeof(struct drm_trn_queue_page) > PAGE_SIZE);
	BUILD_BUG_ON(sizeof(struct drm_trn_record) != TRNX_RECORD_SIZE);

	uq->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!uq->page)
		return -ENOMEM;
	uq->record = page_address(uq->page);
	return 0;
}

static int trn_uqueue_alloc_end(struct trn_uqueue *uq)
{
	uq->last_fence = trn_fence_alloc();
	uq->last_chain = dma_fence_chain_alloc();
	return uq->last_fence && uq->last_chain ? 0 : -ENOMEM;
}

static void trn_uqueue_quiesce(struct trn_queue *queue)
{
	trn_doorbell_close(to_trn_uqueue(queue));
}

static void trn_uqueue_fini(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);

	cancel_delayed_work_sync(&uq->refill);
	/* The event work, which normally delivers, may have been cancelled. */
	trn_uqueue_deliver(queue);
	/* The hardware queue has stopped, so the device does not use the VM for it. */
	trn_vm_put(uq->vm);
}

static void trn_uqueue_free(struct trn_queue *queue)
{
	struct trn_uqueue *uq = to_trn_uqueue(queue);

	while (uq->num_chains)
		dma_fence_chain_free(uq->chains[--uq->num_chains]);
	dma_fence_chain_free(uq->due_chain);
	dma_fence_chain_free(uq->last_chain);
	trn_fence_discard(uq->last_fence);
	if (uq->page)
		put_page(uq->page);
	if (uq->sink)
		__free_page(uq->sink);
	mutex_destroy(&uq->doorbell_lock);
	mutex_destroy(&uq->timeline_lock);
	kfree(uq);
}

static const struct trn_queue_ops trn_uqueue_ops = {
	.mode = DRM_TRN_QUEUE_MODE_USER,
	.quiesce = trn_uqueue_quiesce,
	.collect_locked = trn_uqueue_collect_locked,
	.advance_locked = trn_uqueue_advance_locked,
	.time_left_locked = trn_uqueue_time_left_locked,
	.deliver = trn_uqueue_deliver,
	.fail_locked = trn_uqueue_fail_locked,
	.alloc_memory = trn_uqueue_alloc_memory,
	.free_memory_locked = trn_uqueue_free_memory_locked,
	.fini = trn_uqueue_fini,
	.free = trn_uqueue_free,
};

/**
 * trn_uqueue_create() - Make a user-mode queue and start it.
 * @tdev: the device
 * @params: with a claimed hardware queue, which the caller keeps after an error
 *
 * Return: the queue, to be closed with trn_queue_close(), or an error pointer.
 */
struct trn_queue *trn_uqueue_create(struct trn_device *tdev,
				    const struct trn_queue_params *params)
{
	struct trn_uqueue *uq = kzalloc(sizeof(*uq), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!uq)
		return ERR_PTR(-ENOMEM);
	trn_queue_init(&uq->base, &trn_uqueue_ops, tdev, params);
	trn_vm_get(params->vm);
	uq->vm = params->vm;
	uq->ring_va = params->ring_va;
	uq->fence_context = dma_fence_context_alloc(1);
	mutex_init(&uq->doorbell_lock);
	mutex_init(&uq->timeline_lock);
	INIT_DELAYED_WORK(&uq->refill, trn_uqueue_refill_work);

	ret = trn_uqueue_alloc_end(uq);
	if (!ret)
		ret = trn_uqueue_alloc_record(uq);
	if (!ret)
		ret = trn_queue_start(&uq->base);
	if (ret) {
		trn_vm_put(uq->vm);
		trn_queue_put(&uq->base);
		return ERR_PTR(ret);
	}
	return &uq->base;
}

static int trn_uqueue_notify_locked(struct trn_uqueue *uq, u64 point,
				    struct dma_fence_chain **chain)
{
	lockdep_assert_held(&uq->base.lock);

	if (uq->base.state != TRN_QUEUE_READY)
		return trn_refuse(&uq->base.tdev->drm, -ECANCELED, "queue_id=%u is dead",
				  uq->base.id);
	if (point <= uq->signalled)
		return 0;
	trace_trn_notify(&uq->base, point, uq->base.completed);
	trn_uqueue_add_chain_locked(uq, chain);
	trn_waitset_add(&uq->wanted, point);
	/* A queue that was idle for long is now likely to have work. */
	if (uq->idle_looks) {
		uq->idle_looks = 0;
		mod_delayed_work(uq->base.wq, &uq->base.watchdog, trn_uqueue_look_interval(uq));
	}
	/* The point may be done already. */
	trn_queue_poll_locked(&uq->base);
	return 0;
}

/**
 * trn_uqueue_notify() - Have a point put on the timeline when it is done.
 * @uq: the queue
 * @point: not 0
 *
 * Return: 0, -ENOMEM, -ECANCELED the queue is dead, or -ERESTARTSYS.
 */
int trn_uqueue_notify(struct trn_uqueue *uq, u64 point)
{
	struct dma_fence_chain *chain = dma_fence_chain_alloc();
	int ret;

	if (!chain)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&uq->base.lock);
	if (ret)
		goto out_free;
	ret = trn_uqueue_notify_locked(uq, point, &chain);
	mutex_unlock(&uq->base.lock);
	trn_queue_deliver(&uq->base);
out_free:
	dma_fence_chain_free(chain);
	return ret;
}
