// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs made of foreign dma-bufs: of udmabuf, of another driver, of another device of this
 * driver.
 *
 * The memory is attached and mapped as long as the BO lives. It is pinned if the exporter
 * can pin, because the device may use it at any time.
 *
 * If the exporter cannot pin, and for HBM of another device of this driver, a move of the
 * memory revokes the import for good. When move_notify returns, no address space and no
 * queue of the device uses the memory. Later calls with the BO fail (-ENXIO).
 *
 * The reservation lock of the dma-buf protects the mapping.
 */
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <drm/drm_drv.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "policy/trn_import.h"
#include "queue/trn_kqueue.h"
#include "vm/trn_vm.h"

/* Limit of the wait for pending work of the exporter, milliseconds. */
#define TRN_IMPORT_WAIT_MS	2000

static void trn_import_unmap_locked(struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = attach->importer_priv;

	dma_resv_assert_held(attach->dmabuf->resv);

	if (bo->import_sgt)
		dma_buf_unmap_attachment(attach, bo->import_sgt, DMA_BIDIRECTIONAL);
	bo->import_sgt = NULL;
	if (bo->import_pinned)
		dma_buf_unpin(attach);
	bo->import_pinned = false;
}

/* move_notify: the exporter takes back the memory. It may run before bo->attach is set. */
static void trn_import_revoke(struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = attach->importer_priv;

	trn_vm_revoke_bo(bo);
	trn_kqueue_revoke_bo(bo);
	trn_import_unmap_locked(attach);
}

const struct dma_buf_attach_ops trn_import_ops = {
	.allow_peer2peer = true,
	.move_notify = trn_import_revoke,
};

/* An exporter that cannot pin may take back the memory by move_notify. */
static int trn_import_pin_locked(struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = attach->importer_priv;
	int ret = dma_buf_pin(attach);

	bo->import_pinned = !ret;
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static int trn_import_map_locked(struct trn_bo *bo)
{
	struct dma_buf_attachment *attach = bo->attach;
	struct sg_table *sgt;
	int ret;

	ret = trn_import_pin_locked(attach);
	if (ret)
		return ret;
	sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	bo->import_sgt = sgt;
	ret = trn_bo_add_sgt_segs(bo, sgt);
	/* The import may have been revoked between attaching and mapping. */
	return ret ?: trn_bo_is_revoked(bo) ? -ENXIO : 0;
}

static void trn_import_detach(struct trn_bo *bo)
{
	struct dma_buf *buf = bo->attach->dmabuf;

	dma_resv_lock(buf->resv, NULL);
	trn_import_unmap_locked(bo->attach);
	dma_resv_unlock(buf->resv);
	dma_buf_detach(buf, bo->attach);
	dma_buf_put(buf);
	bo->attach = NULL;
}

/* The device is present. After an error trn_import_free() undoes the steps done so far. */
static int trn_import_attach(struct trn_bo *bo, struct dma_buf *buf)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	struct dma_buf_attachment *attach;
	int ret;

	attach = dma_buf_dynamic_attach(buf, tdev->drm.dev, &trn_import_ops, bo);
	if (IS_ERR(attach))
		return PTR_ERR(attach);
	get_dma_buf(buf);
	bo->attach = attach;
	mutex_lock(&tdev->imports_lock);
	list_add_tail(&bo->node, &tdev->imports);
	mutex_unlock(&tdev->imports_lock);

	ret = dma_resv_lock_interruptible(buf->resv, NULL);
	if (ret)
		return ret;
	ret = trn_import_map_locked(bo);
	dma_resv_unlock(buf->resv);
	return ret;
}

/*
 * Wait until the exporter has finished moving the memory. Locks of the file and of the
 * device are held, so the wait is short.
 */
static int trn_import_wait(struct dma_buf *buf)
{
	long ret = dma_resv_wait_timeout(buf->resv, DMA_RESV_USAGE_KERNEL, true,
					 msecs_to_jiffies(TRN_IMPORT_WAIT_MS));

	return ret ? min(ret, 0) : -EBUSY;
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

/* Take @bo, or if NULL the next import, for detaching. NULL if another thread has it. */
static struct trn_bo *trn_import_take(struct trn_device *tdev, struct trn_bo *bo)
{
	mutex_lock(&tdev->imports_lock);
	if (!bo)
		bo = list_first_entry_or_null(&tdev->imports, struct trn_bo, node);
	if (bo && list_empty(&bo->node))
		bo = NULL;
	if (bo)
		list_del_init(&bo->node);
	mutex_unlock(&tdev->imports_lock);
	return bo;
}

/*
 * Detach an import, also after a failed trn_import(). While the device is
 * present, its removal waits for this call. After that either this call or the removal
 * detaches, and the other one waits.
 */
static void trn_import_free(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	bool is_there;
	int idx;

	is_there = drm_dev_enter(&tdev->drm, &idx);
	if (!is_there)
		mutex_lock(&tdev->detach_lock);
	if (trn_import_take(tdev, bo))
		trn_import_detach(bo);
	if (is_there)
		drm_dev_exit(idx);
	else
		mutex_unlock(&tdev->detach_lock);
}

static const struct trn_bo_ops trn_import_bo_ops = {
	.kind = TRN_BO_IMPORT,
	.free = trn_import_free,
};

/**
 * trn_import() - Make a BO of a dma-buf.
 * @drm: the device
 * @buf: the dma-buf
 *
 * Return: the BO, or an error pointer. If this device exported the dma-buf, the result is
 * the exported BO. Errors: -EINVAL the size is not a multiple of the page size, -EBUSY the
 * memory is still being moved, -ENODEV, -ENXIO, or an error of the exporter.
 */
struct drm_gem_object *trn_import(struct drm_device *drm, struct dma_buf *buf)
{
	struct trn_device *tdev = to_trn_device(drm);
	struct trn_bo *bo = trn_export_find_bo(tdev, buf);
	int ret;

	if (bo)
		return &trn_bo_get(bo)->base;
	if (!buf->size || !PAGE_ALIGNED(buf->size))
		return ERR_PTR(trn_refuse(drm, -EINVAL, "dma-buf of size=%#zx", buf->size));
	bo = trn_bo_alloc(tdev, &trn_import_bo_ops, buf->size, buf->size);
	if (IS_ERR(bo))
		return ERR_CAST(bo);
	ret = trn_import_bo(bo, buf);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return &bo->base;
}

/* Detach all imports when the driver unbinds. No job is left. */
void trn_import_detach_all(struct trn_device *tdev)
{
	struct trn_bo *bo;

	mutex_lock(&tdev->detach_lock);
	while ((bo = trn_import_take(tdev, NULL)))
		trn_import_detach(bo);
	mutex_unlock(&tdev->detach_lock);
}
