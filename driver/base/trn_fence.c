// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fences of jobs. The queue's timeline, the syncobjs of a submission and the scheduler all
 * wait for the same fence.
 *
 * The fence is started at submission, in order. So a dead queue can fail all its jobs at
 * once, even those that still wait for other fences. The fence may outlive the queue, the
 * device and the open file; it therefore points to none of them. It holds the module if
 * user space can reach it.
 *
 * The scheduler's own fence of a job (drm_sched_fence.finished) is not enough. If a job
 * waits for a foreign fence, the scheduler does not signal it before that fence. A waiter
 * for the job may hold a lock that the foreign fence needs, which would deadlock.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "base/trn_fence.h"

struct trn_fence {
	struct dma_fence base;
	spinlock_t lock;	/* lock of base */
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

/* The module's exit waits for RCU callbacks, and so for the end of this function. */
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

/* Allocate a fence, to be started or discarded later. */
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
 * trn_fence_start() - Initialise a fence, with one reference. Cannot fail.
 * @fence: from trn_fence_alloc()
 * @timeline: name of the timeline, for debugging
 * @context: fence context of the queue
 * @seqno: sequence number of the queue's previous fence + 1
 * @is_public: user space can reach the fence
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
