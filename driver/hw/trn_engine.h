/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_ENGINE_H
#define TRN_ENGINE_H

#include <linux/types.h>

struct trn_device;

/* Set of engines to choose from. */
struct trn_engine_filter {
	u32 engine_class;	/* enum drm_trn_engine_class */
	u64 stacks;		/* bitmap: the nearest HBM stack is one of these; 0: any */
};

u32 trn_engine_stack(const struct trn_device *tdev, u32 engine);
int trn_engine_claim(struct trn_device *tdev, const struct trn_engine_filter *filter, u32 *engine,
		     u32 *hw_queue);
int trn_engine_claim_queue(struct trn_device *tdev, u32 engine, u32 hw_queue);
void trn_engine_release(struct trn_device *tdev, u32 engine, u32 hw_queue);
u32 trn_engine_num_free(struct trn_device *tdev, u32 engine);
void trn_engine_forget_all(struct trn_device *tdev);

#endif /* TRN_ENGINE_H */
