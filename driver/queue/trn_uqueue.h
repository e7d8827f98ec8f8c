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

/* As many as the set of points can use up before a point is added again. */
#define TRN_UQUEUE_CHAINS	(TRN_WAITSET_POINTS + 1)

/**
 * struct trn_uqueue - A user-mode queue.
 */
struct trn_uqueue {
	struct trn_queue base;
	struct trn_vm *vm;		/* until the hardware queue has been given back */
	u64 ring_va;
	u64 fence_context;

	/* base.lock protects these. */
	struct trn_waitset wanted;
	u64 signalled;			/* last point that was put on the timeline, or is due */
	struct dma_fence_chain *chains[TRN_UQUEUE_CHAINS];	/* nodes for points to come */
	u32 num_chains;
	struct dma_fence_chain *due_chain;	/* signalled is to be put there with it; or NULL */
	bool ended;			/* the last point is due, or there */
	u32 idle_looks;			/* of the watchdog, one after the other, without work */
	bool stalled;			/* work in the device, and seen says how far it was */
	struct trn_udma_progress seen;
	struct delayed_work refill;	/* of chains */

	struct mutex timeline_lock;	/* order of points on the timeline; protects these two */
	struct dma_fence *last_fence;	/* for the end, with its node; NULL after it */
	struct dma_fence_chain *last_chain;

	/* Page of the record: outlives the DMA mapping, for whoever has it mapped. */
	struct page *page;
	struct drm_trn_queue_page *record;
	dma_addr_t record_dma;
	bool record_mapped;

	struct mutex doorbell_lock;	/* protects these two; see trn_mmap.c */
	bool doorbell_closed;
	struct page *sink;		/* takes what is written to a closed doorbell; or NULL */
};

#define to_trn_uqueue(q) container_of(q, struct trn_uqueue, base)

struct trn_queue *trn_uqueue_create(struct trn_device *tdev,
				    const struct trn_queue_params *params);

#endif /* TRN_UQUEUE_H */
