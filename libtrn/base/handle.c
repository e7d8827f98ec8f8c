// SPDX-License-Identifier: MIT
/*
 * GEM handles and the objects that stand for them.
 */
#include <errno.h>

#include <xf86drm.h>

#include "base/bo.h"
#include "base/ioctl.h"
#include "base/util.h"

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

bool trn_bo_has(const struct trn_device *dev, const struct trn_bo *bo, uint64_t offset,
		uint64_t size)
{
	return bo && bo->dev == dev && size && offset <= bo->size && size <= bo->size - offset;
}
