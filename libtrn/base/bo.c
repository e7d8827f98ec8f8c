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

void trn_bo_close_handle(const struct trn_device *dev, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	trn_ioctl(dev, DRM_IOCTL_GEM_CLOSE, &args);
}

int trn_bo_wrap(struct trn_device *dev, uint32_t handle, struct trn_bo **out)
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
	trn_bo_close_handle(dev, handle);
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
	return trn_bo_wrap(dev, args.handle, bo);
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
	ret = trn_bo_wrap(dev, args.handle, bo);
	if (ret)
		return ret;
	(*bo)->addr = addr;
	(*bo)->head = (uintptr_t)addr % dev->limits.bo_granule;
	(*bo)->pinned = true;
	(*bo)->read_only = flags & TRN_BO_READ_ONLY;
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
	if (trn_device_is_ours(bo->dev)) {
		trn_mapping_end_bo(bo);
		if (bo->shared)
			trn_bo_end_sharing(bo);
		else
			trn_bo_close_handle(bo->dev, bo->handle);
	}
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

bool trn_bo_has(const struct trn_device *dev, const struct trn_bo *bo, uint64_t offset,
		uint64_t size)
{
	return bo && bo->dev == dev && size && offset <= bo->size && size <= bo->size - offset;
}

/*
 * EAGAIN is the limit of locked memory, of a program that locks all it maps (mlockall(2));
 * EOVERFLOW an offset that is none for a 32-bit program.
 */
static int error_of_mmap(int err)
{
	return err == EAGAIN || err == EOVERFLOW ? -ENOMEM : -err;
}

int trn_map_file(const struct trn_device *dev, uint64_t offset, size_t size, int prot,
		 void **addr)
{
	int saved = errno, ret = 0;
	void *map;

	map = mmap(NULL, size, prot, MAP_SHARED, dev->fd, offset);
	if (map == MAP_FAILED)
		ret = error_of_mmap(errno);
	else
		*addr = map;
	errno = saved;
	return ret;
}

int trn_bo_map(struct trn_bo *bo, void **addr)
{
	int ret;

	if (!bo->addr) {
		if (!bo->mmap_offset)
			return -EPERM;
		if (bo->size > SIZE_MAX)
			return -ENOMEM;
		ret = trn_map_file(bo->dev, bo->mmap_offset, bo->size, PROT_READ | PROT_WRITE,
				   &bo->addr);
		if (ret)
			return ret;
	}
	*addr = bo->addr;
	return 0;
}
