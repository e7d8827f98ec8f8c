// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a call brings from user memory besides its own struct: arrays, and among
 * them the fences to wait for and to signal.
 */
#include <linux/dma-fence-chain.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_sync.h"

/* Length of the struct in the first version of the interface. */
#define TRN_SYNC_MIN_STRIDE	offsetofend(struct drm_trn_sync, point)

/* A syncobj that will be signalled. */
struct trn_signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;	/* NULL for a binary syncobj */
	u64 point;
};

/**
 * trn_array_check() - Whether an array obeys the rules of the interface.
 * @array: from user space
 * @max: elements
 * @min_stride: bytes of an element in the first version of the interface
 */
int trn_array_check(const struct drm_trn_array *array, u32 max, size_t min_stride)
{
	if (array->count > max)
		return -EINVAL;
	if (!array->count)
		return 0;
	if (array->stride < min_stride || array->stride % 8)
		return -EINVAL;
	/* Its tail would have to be searched for bytes that are not zero. */
	return array->stride > PAGE_SIZE ? -E2BIG : 0;
}

/* Element @index of an array that was checked. */
int trn_array_copy(void *to, size_t size, const struct drm_trn_array *array, u32 index)
{
	u64 ptr = array->ptr + (u64)index * array->stride;

	return copy_struct_from_user(to, size, u64_to_user_ptr(ptr), array->stride);
}

int trn_sync_check(const struct drm_trn_array *array)
{
	return trn_array_check(array, TRN_MAX_SYNCS, TRN_SYNC_MIN_STRIDE);
}

static int trn_sync_add_wait(struct trn_sync *sync, struct drm_file *file,
			     const struct drm_trn_sync *arg)
{
	int ret = drm_syncobj_find_fence(file, arg->handle, arg->point, 0,
					 &sync->waits[sync->num_waits]);

	if (!ret)
		sync->num_waits++;
	return ret;
}

static int trn_sync_add_signal(struct trn_sync *sync, struct drm_file *file,
			       const struct drm_trn_sync *arg)
{
	struct trn_signal *signal = &sync->signals[sync->num_signals];

	if (arg->point) {
		signal->chain = dma_fence_chain_alloc();
		if (!signal->chain)
			return -ENOMEM;
	}
	signal->point = arg->point;
	signal->syncobj = drm_syncobj_find(file, arg->handle);
	sync->num_signals++;
	return signal->syncobj ? 0 : -ENOENT;
}

static int trn_sync_add(struct trn_sync *sync, struct drm_file *file,
			const struct drm_trn_sync *arg)
{
	switch (arg->flags) {
	case DRM_TRN_SYNC_WAIT:
		return trn_sync_add_wait(sync, file, arg);
	case DRM_TRN_SYNC_SIGNAL:
		return trn_sync_add_signal(sync, file, arg);
	default:
		return -EINVAL;
	}
}

/**
 * trn_sync_read() - Take the fences of a call.
 * @sync: all zero; to be freed with trn_sync_free() whatever is returned
 * @file: whose syncobjs they are
 * @array: of struct drm_trn_sync, checked
 */
int trn_sync_read(struct trn_sync *sync, struct drm_file *file,
		  const struct drm_trn_array *array)
{
	struct drm_trn_sync arg;
	u32 i;
	int ret;

	if (!array->count)
		return 0;
	sync->waits = kvcalloc(array->count, sizeof(*sync->waits), GFP_KERNEL_ACCOUNT);
	sync->signals = kvcalloc(array->count, sizeof(*sync->signals), GFP_KERNEL_ACCOUNT);
	if (!sync->waits || !sync->signals)
		return -ENOMEM;
	for (i = 0; i < array->count; i++) {
		ret = trn_array_copy(&arg, sizeof(arg), array, i);
		if (!ret)
			ret = trn_sync_add(sync, file, &arg);
		if (ret)
			return ret;
	}
	return 0;
}

/* Put the fence of the work where it was asked for, once. Cannot fail. */
void trn_sync_attach(struct trn_sync *sync, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < sync->num_signals; i++) {
		struct trn_signal *signal = &sync->signals[i];

		if (signal->chain)
			drm_syncobj_add_point(signal->syncobj, signal->chain, fence,
					      signal->point);
		else
			drm_syncobj_replace_fence(signal->syncobj, fence);
		signal->chain = NULL;
	}
}

void trn_sync_free(struct trn_sync *sync)
{
	u32 i;

	for (i = 0; i < sync->num_waits; i++)
		dma_fence_put(sync->waits[i]);
	for (i = 0; i < sync->num_signals; i++) {
		dma_fence_chain_free(sync->signals[i].chain);
		if (sync->signals[i].syncobj)
			drm_syncobj_put(sync->signals[i].syncobj);
	}
	kvfree(sync->waits);
	kvfree(sync->signals);
}
