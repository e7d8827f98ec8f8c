/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_UDMA_H
#define TRN_UDMA_H

#include <linux/types.h>

struct trn_device;

/* What a hardware queue is started with. */
struct trn_udma_setup {
	u64 m2s;	/* chip addresses of rings and counter record */
	u64 s2m;
	u64 record;
	u32 ring_size;
	u32 event_queue;
};

/* What a halted queue tells about its error. */
struct trn_udma_fault {
	u32 code;	/* TRNX_ERR_*, or 0 */
	u64 addr;	/* chip address */
};

u64 trn_udma_engine_base(u32 engine);
int trn_udma_claim(struct trn_device *tdev, u32 *engine, u32 *hw_queue);
int trn_udma_claim_queue(struct trn_device *tdev, u32 engine, u32 hw_queue);
void trn_udma_release(struct trn_device *tdev, u32 engine, u32 hw_queue);
u32 trn_udma_num_free(struct trn_device *tdev, u32 engine);
void trn_udma_forget_engines(struct trn_device *tdev);

int trn_udma_queue_start(struct trn_device *tdev, u32 engine, u32 hw_queue,
			 const struct trn_udma_setup *setup);
int trn_udma_queue_stop(struct trn_device *tdev, u32 engine, u32 hw_queue);
bool trn_udma_queue_has_error(struct trn_device *tdev, u32 engine, u32 hw_queue);
void trn_udma_queue_fault(struct trn_device *tdev, u32 engine, u32 hw_queue,
			  struct trn_udma_fault *fault);
void trn_udma_doorbell(struct trn_device *tdev, u32 engine, u32 hw_queue, u32 pairs);
void trn_udma_arm(struct trn_device *tdev, u32 engine, u32 hw_queue, u64 count);

#endif /* TRN_UDMA_H */
