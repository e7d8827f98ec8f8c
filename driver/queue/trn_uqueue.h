/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_UQUEUE_H
#define TRN_UQUEUE_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "hw/trn_udma.h"
#include "queue/trn_queue.h"
#include "queue/trn_waitset.h"

struct dma_fence;
struct dma_fence_chain;
struct drm_trn_queue_page;
struct page;
struct trn_vm;

/* Limit of signals from one addition of a point to the next, see trn_waitset_num_signals(). */
#define TRN_UQUEUE_CHAINS	(TRN_WAITSET_POINTS + 1)

/**
 * struct trn_uqueue - A user-mode queue.
 */
struct trn_uqueue {
	struct trn_queue base;
	struct trn_vm *vm;		/* held until the hardware queue is released */
	u64 ring_va;
	u64 fence_context;

	/* base.lock protects these. */
	struct trn_waitset wanted;
	u64 signalled;			/* last point on the timeline, or due on it */
	struct dma_fence_chain *chains[TRN_UQUEUE_CHAINS];	/* nodes for points to come */
	u32 num_chains;
	struct dma_fence_chain *due_chain;	/* node for the point signalled, if due; or NULL */
	bool ended;			/* the last point, U64_MAX, is due or on the timeline */
	u32 idle_looks;			/* consecutive watchdog runs without work */
	bool stalled;			/* the device had work, at the progress in seen */
	struct trn_udma_progress seen;
	struct delayed_work refill;	/* allocates nodes for chains */

	struct mutex timeline_lock;	/* order of points on the timeline; protects the next two */
	struct dma_fence *last_fence;	/* for U64_MAX, with last_chain; NULL after its use */
	struct dma_fence_chain *last_chain;

	/* Page of the record. It outlives the DMA mapping, because it may be mmapped. */
	struct page *page;
	struct drm_trn_queue_page *record;
	dma_addr_t record_dma;
	bool record_mapped;

	struct mutex doorbell_lock;	/* protects the next two; see trn_doorbell.c */
	bool doorbell_closed;
	struct page *sink;		/* target of stores to a closed doorbell; or NULL */
};

#define to_trn_uqueue(q) container_of(q, struct trn_uqueue, base)

struct trn_queue *trn_uqueue_create(struct trn_device *tdev,
				    const struct trn_queue_params *params);
int trn_uqueue_notify(struct trn_uqueue *uq, u64 point);

#endif /* TRN_UQUEUE_H */
