// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs made of dma-bufs of others: udmabuf, another driver, another device of ours.
 *
 * The memory is attached and mapped as long as the BO lives. It is pinned, because
 * descriptors that name it may be in the device at any time: so if the exporter
 * still tells of a move, it takes the memory back, for good. Then no address space
 * and no queue of ours uses it any more when the notice has been taken, and what
 * is asked of the BO later fails (-ENXIO).
 *
 * The reservation lock of the dma-buf protects the mapping.
 */
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <drm/drm_drv.h>

#include "trn_compat.h"
#include "trn_device.h"
#include "trn_export.h"
#include "trn_gem.h"
#include "trn_import.h"
#include "trn_kqueue.h"
#include "trn_vm.h"

static void trn_import_unmap_locked(struct trn_bo *bo)
{
	struct dma_buf_attachment *attach = bo->attach;

	dma_resv_assert_held(attach->dmabuf->resv);

	if (bo->import_sgt) {
		dma_buf_unmap_attachment(attach, bo->import_sgt, DMA_BIDIRECTIONAL);
		dma_buf_unpin(attach);
	}
	bo->import_sgt = NULL;
}

/* The exporter takes the memory back. */
static void trn_import_revoke(struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = attach->importer_priv;

	trn_vm_revoke_bo(bo);
	trn_kqueue_revoke_bo(bo);
	trn_import_unmap_locked(bo);
}

static const struct dma_buf_attach_ops trn_import_ops = {
	.allow_peer2peer = true,
	.move_notify = trn_import_revoke,
};

static int trn_import_map_locked(struct trn_bo *bo)
{
	struct dma_buf_attachment *attach = bo->attach;
	struct sg_table *sgt;
	int ret;

	ret = dma_buf_pin(attach);
	if (ret)
		return ret;
	sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt)) {
		dma_buf_unpin(attach);
		return PTR_ERR(sgt);
	}
	bo->import_sgt = sgt;
	ret = trn_bo_add_sgt_segs(bo, sgt);
	/* It may have been revoked between attaching and mapping. */
	return ret ?: trn_bo_is_revoked(bo) ? -ENXIO : 0;
}

static int trn_import_attach(struct trn_bo *bo, struct dma_buf *buf)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	int ret;

	/* Also keeps a detachment of all from coming in between. */
	mutex_lock(&tdev->imports_lock);
	bo->attach = dma_buf_dynamic_attach(buf, tdev->drm.dev, &trn_import_ops, bo);
	if (IS_ERR(bo->attach)) {
		ret = PTR_ERR(bo->attach);
		bo->attach = NULL;
		goto out_unlock;
	}
	get_dma_buf(buf);
	list_add_tail(&bo->node, &tdev->imports);

	ret = dma_resv_lock_interruptible(buf->resv, NULL);
	if (ret)
		goto out_unlock;
	ret = trn_import_map_locked(bo);
	dma_resv_unlock(buf->resv);
out_unlock:
	mutex_unlock(&tdev->imports_lock);
	return ret;
}

/* The exporter may still be bringing the memory to where it is now. */
static int trn_import_wait(struct dma_buf *buf)
{
	long ret = dma_resv_wait_timeout(buf->resv, DMA_RESV_USAGE_KERNEL, true,
					 MAX_SCHEDULE_TIMEOUT);

	return min(ret, 0);
}

static int trn_import_bo(struct trn_bo *bo, struct dma_buf *buf)
{
	int ret, idx;

	if (!drm_dev_enter(bo->base.dev, &idx))
		return -ENODEV;
	ret = trn_import_attach(bo, buf);
	drm_dev_exit(idx);
	return ret ?: trn_import_wait(buf);
}

/**
 * trn_import() - Make a BO of a dma-buf.
 * @drm: the device
 * @buf: the dma-buf
 *
 * Return: the BO, which is that one if it was exported by this device, or an error
 * pointer: -EINVAL it has no whole pages, -ENODEV, -ENXIO, or of the exporter.
 */
struct drm_gem_object *trn_import(struct drm_device *drm, struct dma_buf *buf)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_bo *bo = trn_export_find_bo(tdev, buf);
	int ret;

	if (bo)
		return &trn_bo_get(bo)->base;
	if (!buf->size || !PAGE_ALIGNED(buf->size))
		return ERR_PTR(-EINVAL);
	bo = trn_bo_alloc(tdev, TRN_BO_IMPORT, buf->size, buf->size);
	if (IS_ERR(bo))
		return ERR_CAST(bo);
	ret = trn_import_bo(bo, buf);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return &bo->base;
}

static void trn_import_detach_locked(struct trn_device *tdev, struct trn_bo *bo)
{
	struct dma_buf *buf;

	lockdep_assert_held(&tdev->imports_lock);

	if (!bo->attach)
		return;
	buf = bo->attach->dmabuf;
	dma_resv_lock(buf->resv, NULL);
	trn_import_unmap_locked(bo);
	dma_resv_unlock(buf->resv);
	dma_buf_detach(buf, bo->attach);
	dma_buf_put(buf);
	bo->attach = NULL;
	list_del_init(&bo->node);
}

/* For trn_gem_free(), as far as it had come. */
void trn_import_free(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);

	mutex_lock(&tdev->imports_lock);
	trn_import_detach_locked(tdev, bo);
	mutex_unlock(&tdev->imports_lock);
}

/* The driver unbinds; no job is left. */
void trn_import_detach_all(struct trn_device *tdev)
{
	struct trn_bo *bo, *next;

	mutex_lock(&tdev->imports_lock);
	list_for_each_entry_safe(bo, next, &tdev->imports, node)
		trn_import_detach_locked(tdev, bo);
	mutex_unlock(&tdev->imports_lock);
}
