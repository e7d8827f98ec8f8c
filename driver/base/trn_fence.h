/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_FENCE_H
#define TRN_FENCE_H

#include <linux/dma-fence.h>

struct dma_fence *trn_fence_alloc(void);
void trn_fence_start(struct dma_fence *fence, const char *timeline, u64 context, u64 seqno,
		     bool is_public);
void trn_fence_discard(struct dma_fence *fence);

#endif /* TRN_FENCE_H */
