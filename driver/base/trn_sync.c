// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays that an ioctl reads from user memory, and the fences that they name: those to
 * wait for and those to signal.
 */
#include <linux/dma-fence-chain.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_sync.h"

/* Size of the struct in the first version of the interface. */
#define TRN_SYNC_MIN_STRIDE	offsetofend(struct drm_trn_sync, point)

/* A syncobj to signal when the work is done. */
struct trn_signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;	/* NULL for a binary syncobj */
	u64 point;
};

/**
 * trn_array_check() - Check an array against the rules of the interface.
 * @file: of the call
 * @array: from user space
 * @max: limit of elements
 * @min_stride: size of an element in the first version of the interface, bytes
 *
 * Return: 0, -EINVAL or -E2BIG.
 */
int trn_array_check(struct drm_file *file, const struct drm_trn_array *array, u32 max,
		    size_t min_stride)
{
	struct drm_device *drm = file->minor->dev;

	if (array->count > max)
		return trn_refuse(drm, -EINVAL, "array of count=%u, at most %u", array->count, max);
	if (!array->count)
		return 0;
	if (array->stride < min_stride || array->stride % 8)
		return trn_refuse(drm, -EINVAL, "array of stride=%u, at least %zu", array->stride,
				  min_stride);
	/* A longer tail would take long to search for bytes that are not zero. */
	if (array->stride > PAGE_SIZE)
		return trn_refuse(drm, -E2BIG, "array of stride=%u", array->stride);
	return 0;
}

/* Copy element @index of a checked array. */
int trn_array_copy(struct drm_file *file, void *to, size_t size,
		   const struct drm_trn_array *array, u32 index)
{
	u64 ptr = array->ptr + (u64)index * array->stride;
	int ret = copy_struct_from_user(to, size, u64_to_user_ptr(ptr), array->stride);

	if (ret)
		return trn_refuse(file->minor->dev, ret, "array element %u of stride=%u", index,
				  array->stride);
	return 0;
}

int trn_sync_check(struct drm_file *file, const struct drm_trn_array *array)
{
	return trn_array_check(file, array, TRN_MAX_SYNCS, TRN_SYNC_MIN_STRIDE);
}

static int trn_sync_add_wait(struct trn_sync *sync, struct drm_file *file,
			     const struct drm_trn_sync *arg)
{
	int ret = drm_syncobj_find_fence(file, arg->handle, arg->point, 0,
					 &sync->waits[sync->num_waits]);

	if (ret)
		return trn_refuse(file->minor->dev, ret, "wait: handle=%u point=%llu",
				  arg->handle, arg->point);
	sync->num_waits++;
	return 0;
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
	if (!signal->syncobj)
		return trn_refuse(file->minor->dev, -ENOENT, "signal: handle=%u", arg->handle);
	return 0;
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
		return trn_refuse(file->minor->dev, -EINVAL, "sync flags=%#x", arg->flags);
	}
}

/**
 * trn_sync_read() - Read the fences of a call.
 * @sync: zeroed; the caller frees it with trn_sync_free(), also after an error
 * @file: owner of the syncobjs
 * @array: of struct drm_trn_sync, checked
 *
 * Return: 0, -ENOMEM, or the error of a bad element.
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
		ret = trn_array_copy(file, &arg, sizeof(arg), array, i);
		if (!ret)
			ret = trn_sync_add(sync, file, &arg);
		if (ret)
			return ret;
	}
	return 0;
}

/* Attach the fence of the work to all syncobjs to signal, once. Cannot fail. */
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
