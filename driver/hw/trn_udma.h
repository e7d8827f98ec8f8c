/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_UDMA_H
#define TRN_UDMA_H

#include <linux/types.h>

struct trn_device;

/* Parameters of the start of a hardware queue. */
struct trn_udma_setup {
	u64 m2s;	/* addresses of the rings and of the record of counts */
	u64 s2m;
	u64 record;
	u32 ring_size;
	u32 event_queue;
	u32 priority;	/* enum drm_trn_queue_priority */
	u32 asid;	/* address space of rings and descriptor addresses, or 0 */
	bool doorbell;	/* the doorbell page is enabled */
};

/* Error report of a halted queue. */
struct trn_udma_fault {
	u32 code;	/* TRNX_ERR_*, or 0 */
	u64 addr;	/* of the access: chip address, or virtual address with an ASID */
	u32 access;	/* enum drm_trn_access; valid for MMU faults */
};

/* Progress of a hardware queue, from its registers. */
struct trn_udma_progress {
	u64 s2m;	/* descriptors done */
	u64 m2s;
	bool has_work;	/* both rings have descriptors, and no error stops the queue */
};

u64 trn_udma_engine_base(u32 engine);
int trn_udma_map_engine(struct trn_device *tdev, u32 engine);

int trn_udma_queue_start(struct trn_device *tdev, u32 engine, u32 hw_queue,
			 const struct trn_udma_setup *setup);
int trn_udma_queue_stop(struct trn_device *tdev, u32 engine, u32 hw_queue);
bool trn_udma_queue_has_error(struct trn_device *tdev, u32 engine, u32 hw_queue);
void trn_udma_queue_fault(struct trn_device *tdev, u32 engine, u32 hw_queue,
			  struct trn_udma_fault *fault);
bool trn_udma_fault_is_mmu(const struct trn_udma_fault *fault);
bool trn_udma_fault_is_own_memory(const struct trn_udma_fault *fault);
void trn_udma_queue_progress(struct trn_device *tdev, u32 engine, u32 hw_queue,
			     struct trn_udma_progress *progress);
void trn_udma_doorbell(struct trn_device *tdev, u32 engine, u32 hw_queue, u32 pairs);
void trn_udma_notify(struct trn_device *tdev, u32 engine, u32 hw_queue, u64 count);

#endif /* TRN_UDMA_H */
