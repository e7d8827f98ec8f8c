// SPDX-License-Identifier: MIT
/*
 * Memory that the device can reach: allocated by the driver, or the caller's own.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xf86drm.h>

#include "trn_priv.h"

static_assert(TRN_BO_NO_MMAP == DRM_TRN_BO_NO_MMAP, "flags are those of the kernel");
static_assert(TRN_BO_READ_ONLY == DRM_TRN_BO_READ_ONLY, "flags are those of the kernel");

static void close_handle(const struct trn_device *dev, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	trn_ioctl(dev, DRM_IOCTL_GEM_CLOSE, &args);
}

/* Make the object of a new handle, which is closed on failure. */
static int bo_wrap(struct trn_device *dev, uint32_t handle, struct trn_bo **out)
{
	struct drm_trn_bo_info info = { .handle = handle };
	struct trn_bo *bo;
	int ret;

	ret = trn_ioctl(dev, DRM_IOCTL_TRN_BO_INFO, &info);
	if (ret)
		goto err_close;
	bo = trn_zalloc(1, sizeof(*bo));
	if (!bo) {
		ret = -ENOMEM;
		goto err_close;
	}
	atomic_init(&bo->refs, 1);
	bo->dev = trn_device_ref(dev);
	bo->handle = handle;
	bo->size = info.size;
	bo->region = info.region;
	bo->mmap_offset = info.mmap_offset;
	*out = bo;
	return 0;

err_close:
	close_handle(dev, handle);
	return ret;
}

int trn_bo_new(struct trn_device *dev, uint64_t size, uint64_t placement, uint32_t flags,
	       struct trn_bo **bo)
{
	struct drm_trn_bo_create args = {
		.size = size,
		.placement = placement,
		.flags = flags,
	};
	int ret;

	ret = trn_ioctl(dev, DRM_IOCTL_TRN_BO_CREATE, &args);
	if (ret)
		return ret;
	return bo_wrap(dev, args.handle, bo);
}

int trn_bo_pin(struct trn_device *dev, void *addr, uint64_t size, uint32_t flags,
	       struct trn_bo **bo)
{
	struct drm_trn_bo_userptr args = {
		.addr = (uintptr_t)addr,
		.size = size,
		.flags = flags,
	};
	int ret;

	ret = trn_ioctl(dev, DRM_IOCTL_TRN_BO_USERPTR, &args);
	if (ret)
		return ret;
	ret = bo_wrap(dev, args.handle, bo);
	if (ret)
		return ret;
	(*bo)->addr = addr;
	(*bo)->pinned = true;
	return 0;
}

struct trn_bo *trn_bo_ref(struct trn_bo *bo)
{
	trn_ref_get(&bo->refs);
	return bo;
}

void trn_bo_unref(struct trn_bo *bo)
{
	int saved = errno;

	if (!bo || !trn_ref_put(&bo->refs))
		return;
	if (bo->addr && !bo->pinned)
		munmap(bo->addr, bo->size);
	if (trn_device_is_ours(bo->dev))
		close_handle(bo->dev, bo->handle);
	trn_device_unref(bo->dev);
	free(bo);
	errno = saved;
}

uint64_t trn_bo_size(const struct trn_bo *bo)
{
	return bo->size;
}

uint32_t trn_bo_region(const struct trn_bo *bo)
{
	return bo->region;
}

uint32_t trn_bo_handle(const struct trn_bo *bo)
{
	return bo->handle;
}

int trn_bo_map(struct trn_bo *bo, void **addr)
{
	int saved = errno;
	void *map;
	int ret;

	if (!bo->addr) {
		if (!bo->mmap_offset)
			return -EPERM;
		if (bo->size > SIZE_MAX)
			return -ENOMEM;
		map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, bo->dev->fd,
			   bo->mmap_offset);
		if (map == MAP_FAILED) {
			ret = -errno;
			errno = saved;
			return ret;
		}
		bo->addr = map;
	}
	*addr = bo->addr;
	return 0;
}
