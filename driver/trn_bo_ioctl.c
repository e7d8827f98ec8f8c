// SPDX-License-Identifier: GPL-2.0-only
/*
 * BO_CREATE, BO_INFO and BO_USERPTR.
 */
#include <linux/overflow.h>
#include <drm/drm_file.h>
#include <drm/drm_vma_manager.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm.h"
#include "mem/trn_hbm_bo.h"
#include "mem/trn_host.h"
#include "mem/trn_pin.h"
#include "policy/trn_clear.h"
#include "queue/trn_kqueue.h"
#include "trn_ioctl.h"

static struct trn_bo *trn_bo_create_hbm(struct trn_device *tdev, u64 size, u32 stack,
					bool mappable, struct trn_user *user)
{
	struct trn_bo *bo = trn_hbm_bo_create(tdev, size, stack, mappable, user);
	int ret;

	if (IS_ERR(bo))
		return bo;
	ret = trn_clear(bo);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}

static struct trn_bo *trn_bo_create(struct trn_device *tdev, u64 size, u64 placement,
				    bool mappable, struct trn_user *user)
{
	struct trn_bo *bo = ERR_PTR(-EINVAL);
	u32 region;

	for (region = 0; region <= tdev->geo.num_stacks; region++) {
		if (!(placement & BIT_ULL(region)))
			continue;
		if (region == tdev->geo.num_stacks)
			return trn_host_create(tdev, size);
		if (mappable && !tdev->hbm[region].cpu_visible)
			continue;
		bo = trn_bo_create_hbm(tdev, size, region, mappable, user);
		if (bo != ERR_PTR(-ENOSPC))
			break;
	}
	return bo;
}

int trn_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct drm_trn_bo_create *args = data;
	bool mappable = !(args->flags & DRM_TRN_BO_NO_MMAP);
	struct trn_file *tfile = file->driver_priv;
	struct trn_bo *bo;
	u64 size;
	int ret;

	if (args->flags & ~DRM_TRN_BO_NO_MMAP)
		return trn_refuse(drm, -EINVAL, "flags=%#x", args->flags);
	if (!args->placement || args->placement >= BIT_ULL(tdev->geo.num_stacks + 1))
		return trn_refuse(drm, -EINVAL, "placement=%#llx", args->placement);
	if (!args->size || check_add_overflow(args->size, TRN_BO_GRANULE - 1, &size))
		return trn_refuse(drm, -EINVAL, "size=%#llx", args->size);
	size = round_down(size, TRN_BO_GRANULE);

	bo = trn_bo_create(tdev, size, args->placement, mappable, tfile->user);
	if (bo == ERR_PTR(-ENOSPC) || bo == ERR_PTR(-EDQUOT)) {
		/* Memory used by finished jobs of the file may be about to be freed. */
		trn_kqueue_flush_file(file);
		bo = trn_bo_create(tdev, size, args->placement, mappable, tfile->user);
	}
	if (IS_ERR(bo))
		return trn_refuse(drm, PTR_ERR(bo), "size=%#llx placement=%#llx flags=%#x", size,
				  args->placement, args->flags);
	bo->flags = args->flags;
	args->mmap_offset = 0;
	if (mappable) {
		ret = drm_gem_create_mmap_offset(&bo->base);
		if (ret)
			goto out_put;
		args->mmap_offset = drm_vma_node_offset_addr(&bo->base.vma_node);
	}
	args->size = size;
	ret = drm_gem_handle_create(file, &bo->base, &args->handle);
out_put:
	trn_bo_put(bo);
	return ret;
}

int trn_bo_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_bo_info *args = data;
	struct trn_bo *bo = trn_bo_lookup(file, args->handle);

	if (!bo)
		return trn_refuse(drm, -ENOENT, "handle=%u", args->handle);
	args->flags = bo->flags;
	if (bo->kind == TRN_BO_USER)
		args->flags |= DRM_TRN_BO_IS_USERPTR;
	else if (bo->kind == TRN_BO_IMPORT)
		args->flags |= DRM_TRN_BO_IS_IMPORT;
	args->size = bo->size;
	args->region = bo->region;
	args->pad = 0;
	args->mmap_offset = 0;
	if ((bo->kind == TRN_BO_HBM || bo->kind == TRN_BO_HOST) &&
	    !(bo->flags & DRM_TRN_BO_NO_MMAP))
		args->mmap_offset = drm_vma_node_offset_addr(&bo->base.vma_node);
	trn_bo_put(bo);
	return 0;
}

int trn_bo_userptr_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_trn_bo_userptr *args = data;
	struct trn_bo *bo;
	int ret;

	if (args->flags & ~DRM_TRN_BO_READ_ONLY)
		return trn_refuse(drm, -EINVAL, "flags=%#x", args->flags);
	bo = trn_pin_create(to_trn_device(drm), args->addr, args->size, args->flags);
	if (bo == ERR_PTR(-ENOMEM)) {
		/* Pages used by finished jobs of the file may be about to be unpinned. */
		trn_kqueue_flush_file(file);
		bo = trn_pin_create(to_trn_device(drm), args->addr, args->size, args->flags);
	}
	if (IS_ERR(bo))
		return trn_refuse(drm, PTR_ERR(bo), "addr=%#llx size=%#llx flags=%#x", args->addr,
				  args->size, args->flags);
	ret = drm_gem_handle_create(file, &bo->base, &args->handle);
	trn_bo_put(bo);
	return ret;
}
