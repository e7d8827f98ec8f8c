// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma-bufs made of BOs.
 *
 * An importer gets host memory as pages, and HBM as bus addresses in BAR4, which have no
 * pages. HBM therefore needs an importer that accepts such addresses (peer2peer), reaches
 * BAR4, and can release the memory at any time (move_notify).
 *
 * Memory never moves. But HBM is lost when the device is reset or removed: all importers
 * must then release it (trn_export_revoke_all()). After a reset it can be attached again.
 *
 * A dma-buf holds its BO and the drm_device, but nothing of the open file that made it.
 */
#include <linux/dcache.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci-p2pdma.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/trn_accel.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm_bo.h"

/* The memory is coherent; dma_sync_*() is never called on it. */
#define TRN_EXPORT_ATTRS	DMA_ATTR_SKIP_CPU_SYNC

/* Whether the importer is this driver, which releases the memory in move_notify. */
static bool trn_export_is_ours(struct trn_device *tdev, const struct dma_buf_attachment *attach)
{
	return attach->importer_ops == tdev->upcalls->import_ops;
}

/*
 * Whether transactions of the importer's device reach BAR4. Software devices of one machine
 * are parts of one program and always reach each other. For other devices the kernel knows
 * the topologies that route such transactions; without PCI_P2PDMA there are none.
 */
static bool trn_export_is_reached(struct trn_device *tdev, struct dma_buf_attachment *attach)
{
	return trn_export_is_ours(tdev, attach) ||
	       pci_p2pdma_distance(tdev->pdev, attach->dev, false) >= 0;
}

VISIBLE_IF_KUNIT int trn_export_attach(struct dma_buf *buf, struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)buf->priv);

	if (bo->kind == TRN_BO_HOST)
		return 0;
	if (!trn_export_is_reached(to_trn_device(bo->base.dev), attach))
		attach->peer2peer = false;
	return attach->peer2peer && trn_hbm_bo_is_in_bar4(bo) ? 0 : -EOPNOTSUPP;
}

/*
 * Host memory can always be pinned. HBM cannot, because it is lost when the device is reset
 * or removed.
 *
 * An exporter with .pin makes the core treat importers that have move_notify as dynamic, so
 * those need no pin. Without DMABUF_MOVE_NOTIFY the core pins for them, and does not accept
 * a refusal. Importers of this driver are therefore always accepted: they release the
 * memory in move_notify, pinned or not.
 */
VISIBLE_IF_KUNIT int trn_export_pin(struct dma_buf_attachment *attach)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)attach->dmabuf->priv);

	return bo->kind == TRN_BO_HOST ||
	       trn_export_is_ours(to_trn_device(bo->base.dev), attach) ? 0 : -EOPNOTSUPP;
}

static void trn_export_unpin(struct dma_buf_attachment *attach)
{
}

/* Limit of a DMA segment of the importer's device, in whole pages. */
static unsigned int trn_export_max_seg(struct device *dev)
{
	return max(round_down(dma_get_max_seg_size(dev), PAGE_SIZE), PAGE_SIZE);
}

static struct sg_table *trn_export_map_pages(struct trn_bo *bo, struct device *dev,
					     enum dma_data_direction dir)
{
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table_from_pages_segment(sgt, bo->pages, bo->size >> PAGE_SHIFT, 0,
						bo->size, trn_export_max_seg(dev),
						GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_free;
	ret = dma_map_sgtable(dev, sgt, dir, TRN_EXPORT_ATTRS);
	if (ret)
		goto err_free_table;
	return sgt;

err_free_table:
	sg_free_table(sgt);
err_free:
	kfree(sgt);
	return ERR_PTR(ret);
}

static void trn_export_unmap_bar4(struct sg_table *sgt, struct device *dev,
				  enum dma_data_direction dir)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(sgt, sg, i)
		if (sg_dma_len(sg))
			dma_unmap_resource(dev, sg_dma_address(sg), sg_dma_len(sg), dir,
					   TRN_EXPORT_ATTRS);
	sg_free_table(sgt);
	kfree(sgt);
}

/* Cut the segments of @bo into pieces of at most @max bytes; with @sg, fill it in. */
static int trn_export_cut(struct trn_bo *bo, u64 max, struct scatterlist *sg, struct device *dev,
			  enum dma_data_direction dir)
{
	u64 pos, len;
	u32 seg = 0;
	int num = 0;

	for (pos = 0; pos < bo->size; pos += len, num++) {
		phys_addr_t phys;
		dma_addr_t dma;

		len = min(bo->size - pos, max);
		phys = trn_hbm_bo_bar4_addr(bo, trn_bo_addr(bo, &seg, pos, &len));
		if (!sg)
			continue;
		dma = dma_map_resource(dev, phys, len, dir, TRN_EXPORT_ATTRS);
		if (dma_mapping_error(dev, dma))
			return -ENOMEM;
		sg_set_page(sg, NULL, len, 0);
		sg_dma_address(sg) = dma;
		sg_dma_len(sg) = len;
		sg = sg_next(sg);
	}
	return num;
}

static struct sg_table *trn_export_map_bar4(struct trn_bo *bo, struct device *dev,
					    enum dma_data_direction dir)
{
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL_ACCOUNT);
	u64 max = trn_export_max_seg(dev);
	int ret;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table(sgt, trn_export_cut(bo, max, NULL, dev, dir), GFP_KERNEL_ACCOUNT);
	if (ret) {
		kfree(sgt);
		return ERR_PTR(ret);
	}
	ret = trn_export_cut(bo, max, sgt->sgl, dev, dir);
	if (ret < 0) {
		trn_export_unmap_bar4(sgt, dev, dir);
		return ERR_PTR(ret);
	}
	return sgt;
}

static struct sg_table *trn_export_map(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)attach->dmabuf->priv);
	struct sg_table *sgt;
	int idx;

	if (bo->kind == TRN_BO_HOST)
		return trn_export_map_pages(bo, attach->dev, dir);
	/* BAR4 exists until the driver unbinds, which revokes all mappings. */
	if (!drm_dev_enter(bo->base.dev, &idx))
		return ERR_PTR(-ENODEV);
	/* A suspension is followed by a revocation, which takes the lock held here. */
	sgt = READ_ONCE(to_trn_device(bo->base.dev)->hbm_hidden) ?
	      ERR_PTR(-EBUSY) : trn_export_map_bar4(bo, attach->dev, dir);
	drm_dev_exit(idx);
	return sgt;
}

static void trn_export_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			     enum dma_data_direction dir)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)attach->dmabuf->priv);

	if (bo->kind == TRN_BO_HBM) {
		trn_export_unmap_bar4(sgt, attach->dev, dir);
		return;
	}
	dma_unmap_sgtable(attach->dev, sgt, dir, TRN_EXPORT_ATTRS);
	sg_free_table(sgt);
	kfree(sgt);
}

static int trn_export_mmap(struct dma_buf *buf, struct vm_area_struct *vma)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)buf->priv);

	return bo->flags & DRM_TRN_BO_NO_MMAP ? -EINVAL : drm_gem_dmabuf_mmap(buf, vma);
}

static void trn_export_release(struct dma_buf *buf)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)buf->priv);
	struct trn_device *tdev = to_trn_device(bo->base.dev);

	mutex_lock(&tdev->exports_lock);
	list_del_init(&bo->export_node);
	bo->exported = NULL;
	mutex_unlock(&tdev->exports_lock);
	drm_gem_dmabuf_release(buf);
}

static const struct dma_buf_ops trn_export_ops = {
	.attach = trn_export_attach,
	.pin = trn_export_pin,
	.unpin = trn_export_unpin,
	.map_dma_buf = trn_export_map,
	.unmap_dma_buf = trn_export_unmap,
	.mmap = trn_export_mmap,
	.release = trn_export_release,
};

/**
 * trn_export() - Make a dma-buf of a BO.
 * @obj: the BO
 * @flags: of the new file
 *
 * Return: the dma-buf, -ENOMEM, or -EOPNOTSUPP for USER and IMPORT, whose pages belong to
 * others. (The core itself returns the dma-buf of an imported BO.)
 */
struct dma_buf *trn_export(struct drm_gem_object *obj, int flags)
{
	struct trn_device *tdev = to_trn_device(obj->dev);
	struct trn_bo *bo = to_trn_bo(obj);
	struct dma_buf_export_info info = {
		.exp_name = KBUILD_MODNAME,
		.owner = THIS_MODULE,
		.ops = &trn_export_ops,
		.size = obj->size,
		.flags = flags,
		.resv = obj->resv,
		.priv = obj,
	};
	struct dma_buf *buf;

	if (bo->kind != TRN_BO_HBM && bo->kind != TRN_BO_HOST)
		return ERR_PTR(-EOPNOTSUPP);
	buf = drm_gem_dmabuf_export(obj->dev, &info);
	if (IS_ERR(buf) || bo->kind != TRN_BO_HBM)
		return buf;
	mutex_lock(&tdev->exports_lock);
	bo->exported = buf;
	bo->export_dentry = buf->file->f_path.dentry;
	list_add_tail(&bo->export_node, &tdev->exports);
	mutex_unlock(&tdev->exports_lock);
	return buf;
}

/* The BO of this device behind a dma-buf, or NULL. */
struct trn_bo *trn_export_find_bo(struct trn_device *tdev, struct dma_buf *buf)
{
	struct drm_gem_object *obj = buf->ops == &trn_export_ops ? buf->priv : NULL;

	return obj && obj->dev == &tdev->drm ? to_trn_bo(obj) : NULL;
}

/*
 * Take the next BO of @todo, or NULL, and move it back to the list of exports. The dentry
 * holds its dma-buf: a path keeps the dentry when the last descriptor, and with it the file,
 * is gone.
 */
static struct trn_bo *trn_export_next(struct trn_device *tdev, struct list_head *todo)
{
	struct trn_bo *bo, *next = NULL;

	mutex_lock(&tdev->exports_lock);
	while (!next && (bo = list_first_entry_or_null(todo, struct trn_bo, export_node))) {
		list_move_tail(&bo->export_node, &tdev->exports);
		/* A dma-buf with a dead dentry has no importer and no mapping. */
		if (lockref_get_not_dead(&bo->export_dentry->d_lockref))
			next = bo;
	}
	mutex_unlock(&tdev->exports_lock);
	return next;
}

/* Revoke the dma-buf of a BO from trn_export_next(). */
static void trn_export_revoke(struct trn_bo *bo)
{
	struct dentry *dentry = bo->export_dentry;
	struct dma_buf *buf = bo->exported;

	dma_resv_lock(buf->resv, NULL);
	dma_buf_move_notify(buf);
	dma_resv_unlock(buf->resv);
	unmap_mapping_range(d_inode(dentry)->i_mapping, 0, 0, 1);
	dput(dentry);
}

/*
 * Revoke all dma-bufs of HBM, whose contents are lost. After this call no importer reaches
 * HBM through an attachment. Mappings of processes fault, and the fault maps HBM again if
 * the device is present.
 */
void trn_export_revoke_all(struct trn_device *tdev)
{
	struct trn_bo *bo;
	LIST_HEAD(todo);

	mutex_lock(&tdev->revoke_lock);
	mutex_lock(&tdev->exports_lock);
	list_splice_init(&tdev->exports, &todo);
	mutex_unlock(&tdev->exports_lock);
	while ((bo = trn_export_next(tdev, &todo)))
		trn_export_revoke(bo);
	mutex_unlock(&tdev->revoke_lock);
}

/* Runs after a reset, which is in the fence-signalling path and must not revoke. */
void trn_export_revoke_work(struct work_struct *work)
{
	trn_export_revoke_all(container_of(work, struct trn_device, revoke_work));
}

TRN_IMPORT_NS(DMA_BUF);
