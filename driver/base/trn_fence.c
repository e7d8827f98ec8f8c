// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fence of a job: what the queue's timeline, the syncobjs of a submission and
 * the scheduler all wait for.
 *
 * It exists, in order, from the moment of submission, so that a dead queue can
 * fail its jobs at once even if they still wait for other fences. It may outlive
 * the queue, the device and the open file, therefore it points to none of them,
 * and holds the module if user space can get at it.
 *
 * The scheduler's own fence of a job (drm_sched_fence.finished) would not do: the
 * scheduler signals it when it comes to it, for a job that waits for a foreign fence
 * not before that one. A queue that dies has to fail all of its jobs at once, because
 * whoever waits for them may wait with a lock that the foreign fence needs.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "base/trn_fence.h"

struct trn_fence {
	struct dma_fence base;
	spinlock_t lock;	/* of base */
	bool holds_module;
	char timeline[16];
};

#define to_trn_fence(f) container_of(f, struct trn_fence, base)

static const char *trn_fence_get_driver_name(struct dma_fence *fence)
{
	return "trn";
}

static const char *trn_fence_get_timeline_name(struct dma_fence *fence)
{
	return to_trn_fence(fence)->timeline;
}

/* Unloading waits for the callbacks of RCU, and so for the end of this function. */
static void trn_fence_free_rcu(struct rcu_head *rcu)
{
	struct trn_fence *tf = container_of(rcu, struct trn_fence, base.rcu);
	bool holds_module = tf->holds_module;

	kfree(tf);
	if (holds_module)
		module_put(THIS_MODULE);
}

static void trn_fence_release(struct dma_fence *fence)
{
	call_rcu(&fence->rcu, trn_fence_free_rcu);
}

static const struct dma_fence_ops trn_fence_ops = {
	.get_driver_name = trn_fence_get_driver_name,
	.get_timeline_name = trn_fence_get_timeline_name,
	.release = trn_fence_release,
};

/* Memory of a fence; to be started or discarded. */
struct dma_fence *trn_fence_alloc(void)
{
	struct trn_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	spin_lock_init(&fence->lock);
	return &fence->base;
}

/* Free a fence that was never started. */
void trn_fence_discard(struct dma_fence *fence)
{
	if (fence)
		kfree(to_trn_fence(fence));
}

/**
 * trn_fence_start() - Make it a fence, with one reference. Cannot fail.
 * @fence: from trn_fence_alloc()
 * @timeline: name for people
 * @context: of the queue
 * @seqno: one more than that of the queue's fence before
 * @is_public: it may leave the driver
 */
void trn_fence_start(struct dma_fence *fence, const char *timeline, u64 context, u64 seqno,
		     bool is_public)
{
	struct trn_fence *tf = to_trn_fence(fence);

	tf->holds_module = is_public;
	if (is_public)
		__module_get(THIS_MODULE);
	strscpy(tf->timeline, timeline, sizeof(tf->timeline));
	dma_fence_init(fence, &trn_fence_ops, &tf->lock, context, seqno);
}
