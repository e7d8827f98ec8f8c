// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "tt_bo.h"
#include "tt_device.h"

static int bo_create(int fd, uint64_t size, uint64_t placement, uint32_t flags, struct tt_bo *bo)
{
	struct drm_trn_bo_create args = {
		.size = size,
		.placement = placement,
		.flags = flags,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_BO_CREATE, &args);

	memset(bo, 0, sizeof(*bo));
	if (ret)
		return ret;
	bo->fd = fd;
	bo->handle = args.handle;
	bo->size = args.size;
	bo->mmap_offset = args.mmap_offset;
	return 0;
}

int tt_bo_create(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo)
{
	int ret = bo_create(fd, size, placement, 0, bo);

	if (ret)
		return ret;
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, bo->mmap_offset);
	if (bo->map == MAP_FAILED) {
		ret = -errno;
		bo->map = NULL;
		tt_bo_close(bo);
	}
	return ret;
}

int tt_bo_create_unmapped(int fd, uint64_t size, uint64_t placement, struct tt_bo *bo)
{
	return bo_create(fd, size, placement, DRM_TRN_BO_NO_MMAP, bo);
}

int tt_bo_userptr(int fd, void *addr, uint64_t size, uint32_t flags, struct tt_bo *bo)
{
	struct drm_trn_bo_userptr args = {
		.addr = (uintptr_t)addr,
		.size = size,
		.flags = flags,
	};
	int ret = tt_ioctl(fd, DRM_IOCTL_TRN_BO_USERPTR, &args);

	memset(bo, 0, sizeof(*bo));
	if (ret)
		return ret;
	bo->fd = fd;
	bo->handle = args.handle;
	bo->size = size;
	bo->map = addr;
	bo->userptr = true;
	return 0;
}

int tt_bo_info(int fd, uint32_t handle, struct drm_trn_bo_info *info)
{
	memset(info, 0, sizeof(*info));
	info->handle = handle;
	return tt_ioctl(fd, DRM_IOCTL_TRN_BO_INFO, info);
}

int tt_gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	return tt_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

void tt_bo_close(struct tt_bo *bo)
{
	if (bo->map && !bo->userptr)
		munmap(bo->map, bo->size);
	if (bo->handle)
		tt_gem_close(bo->fd, bo->handle);
	memset(bo, 0, sizeof(*bo));
}

void *tt_pages(size_t size)
{
	void *addr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return addr == MAP_FAILED ? NULL : addr;
}
