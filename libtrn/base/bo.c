// SPDX-License-Identifier: MIT
/*
 * Memory that the device can reach: allocated by the driver, or pinned memory of the
 * program.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/bo.h"
#include "base/ioctl.h"
#include "base/util.h"

static_assert(TRN_BO_NO_MMAP == DRM_TRN_BO_NO_MMAP, "flags are those of the kernel");
static_assert(TRN_BO_READ_ONLY == DRM_TRN_BO_READ_ONLY, "flags are those of the kernel");

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
		if (bo->end_mappings)
			bo->end_mappings(bo);
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
