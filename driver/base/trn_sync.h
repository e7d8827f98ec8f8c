/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_SYNC_H
#define TRN_SYNC_H

#include <linux/types.h>

struct dma_fence;
struct drm_file;
struct drm_trn_array;
struct trn_signal;

/* The fences of a call: those to wait for, and the syncobjs to signal. */
struct trn_sync {
	struct dma_fence **waits;
	struct trn_signal *signals;
	u32 num_waits;
	u32 num_signals;
};

int trn_array_check(struct drm_file *file, const struct drm_trn_array *array, u32 max,
		    size_t min_stride);
int trn_array_copy(struct drm_file *file, void *to, size_t size,
		   const struct drm_trn_array *array, u32 index);

int trn_sync_check(struct drm_file *file, const struct drm_trn_array *array);
int trn_sync_read(struct trn_sync *sync, struct drm_file *file,
		  const struct drm_trn_array *array);
void trn_sync_attach(struct trn_sync *sync, struct dma_fence *fence);
void trn_sync_free(struct trn_sync *sync);

#endif /* TRN_SYNC_H */
