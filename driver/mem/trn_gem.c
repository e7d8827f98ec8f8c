// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffer objects, and their addresses for the device.
 *
 * The kinds of memory are HBM (trn_hbm_bo.c), pages of the driver (trn_host.c), pinned pages of
 * a process (trn_pin.c) and imported dma-bufs (trn_import.c). For the device each BO is a
 * sorted table of segments, which are contiguous.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/drm_vma_manager.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "base/trn_user.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "mem/trn_gem_mmap.h"

/* The memory is coherent; dma_sync_*() is never called on it. */
#define TRN_DMA_ATTRS		DMA_ATTR_SKIP_CPU_SYNC

static const struct drm_gem_object_funcs trn_gem_funcs;

/* Index of the segment that holds the byte at @offset, inside the BO. */
u32 trn_bo_find_seg(const struct trn_bo *bo, u64 offset)
{
	u32 low = 0, high = bo->num_segs - 1;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (bo->segs[mid].end <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * trn_bo_alloc() - Allocate a BO without memory.
 * @tdev: the device
 * @ops: of its kind
 * @size: bytes that operations can address
 * @span: bytes of the whole pages that hold them
 *
 * Return: a BO to be freed with trn_bo_put() in any state, or an error pointer.
 */
struct trn_bo *trn_bo_alloc(struct trn_device *tdev, const struct trn_bo_ops *ops, u64 size,
			    u64 span)
{
	struct trn_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->ops = ops;
	bo->kind = ops->kind;
	bo->size = size;
	bo->region = tdev->geo.num_stacks;
	bo->base.funcs = &trn_gem_funcs;
	INIT_LIST_HEAD(&bo->blocks);
	INIT_LIST_HEAD(&bo->export_node);
	INIT_LIST_HEAD(&bo->node);
	drm_gem_private_object_init(&tdev->drm, &bo->base, span);
	drm_gem_gpuva_set_lock(&bo->base, &tdev->vmas_lock);
	return bo;
}

/* Append a segment; merge it with the last one if both are contiguous. */
void trn_bo_add_seg(struct trn_bo *bo, u64 addr, u64 len)
{
	struct trn_seg *last = bo->num_segs ? &bo->segs[bo->num_segs - 1] : NULL;
	u64 start = last ? last->end : 0;
	u64 last_start = bo->num_segs > 1 ? last[-1].end : 0;

	if (last && last->addr + (last->end - last_start) == addr)
		last->end += len;
	else
		bo->segs[bo->num_segs++] = (struct trn_seg) { addr, start + len };
}

int trn_bo_alloc_segs(struct trn_bo *bo, size_t max)
{
	/* The user chooses the size, so a failure needs no warning. */
	bo->segs = kvmalloc_array(max, sizeof(*bo->segs), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	return bo->segs ? 0 : -ENOMEM;
}

static void trn_bo_unmap_locked(struct trn_device *tdev, struct trn_bo *bo)
{
	lockdep_assert_held(&tdev->bos_lock);

	if (!bo->mapped)
		return;
	dma_unmap_sgtable(tdev->drm.dev, &bo->sgt, bo->dma_dir, TRN_DMA_ATTRS);
	bo->mapped = false;
	list_del_init(&bo->node);
}

/*
 * Whether the DMA mapping is a bounce buffer. The probe refuses a device that needs them,
 * but memory may have been added since. Under DMA_API_DEBUG every mapping needs a sync, so
 * the check means nothing.
 */
static bool trn_bo_is_bounced(const struct trn_bo *bo, dma_addr_t addr)
{
	return !IS_ENABLED(CONFIG_DMA_API_DEBUG) && dma_need_sync(bo->base.dev->dev, addr);
}

/**
 * trn_bo_add_sgt_segs() - Make the segments of a BO from DMA addresses.
 * @bo: without segments
 * @sgt: DMA-mapped
 *
 * Return: 0, -ENOMEM, -EOPNOTSUPP for bounce buffers, or -EIO for addresses out of range.
 */
int trn_bo_add_sgt_segs(struct trn_bo *bo, struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	ret = trn_bo_alloc_segs(bo, sgt->nents);
	if (ret)
		return ret;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		dma_addr_t addr = sg_dma_address(sg);

		if ((addr + sg_dma_len(sg) - 1) & ~TRN_CHIP_HOST_ADDR)
			return -EIO;
		if (trn_bo_is_bounced(bo, addr))
			return -EOPNOTSUPP;
		trn_bo_add_seg(bo, addr | TRN_CHIP_HOST, sg_dma_len(sg));
		cond_resched();
	}
	/* The addresses of an import come from another driver, so check their sum. */
	return bo->num_segs && bo->segs[bo->num_segs - 1].end == bo->size ? 0 : -EIO;
}

/**
 * trn_bo_map_dma() - DMA-map the pages in a BO's sgt.
 * @bo: HOST or USER
 * @device_writes: the device may write, else it may only read
 *
 * Return: 0, -ENODEV, -ENOMEM, or an error of the mapping.
 */
int trn_bo_map_dma(struct trn_bo *bo, bool device_writes)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	int ret, idx;

	if (!drm_dev_enter(&tdev->drm, &idx))
		return -ENODEV;
	bo->dma_dir = device_writes ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE;
	ret = dma_map_sgtable(tdev->drm.dev, &bo->sgt, bo->dma_dir, TRN_DMA_ATTRS);
	if (!ret) {
		mutex_lock(&tdev->bos_lock);
		bo->mapped = true;
		list_add_tail(&bo->node, &tdev->bos);
		mutex_unlock(&tdev->bos_lock);
	}
	drm_dev_exit(idx);
	return ret ?: trn_bo_add_sgt_segs(bo, &bo->sgt);
}

/* Unmap all BOs when the driver unbinds. No job is left. */
void trn_bo_unmap_all(struct trn_device *tdev)
{
	struct trn_bo *bo, *next;

	mutex_lock(&tdev->bos_lock);
	list_for_each_entry_safe(bo, next, &tdev->bos, node)
		trn_bo_unmap_locked(tdev, bo);
	mutex_unlock(&tdev->bos_lock);
}

static void trn_gem_free(struct drm_gem_object *obj)
{
	struct trn_bo *bo = to_trn_bo(obj);
	struct trn_device *tdev = to_trn_device(obj->dev);

	mutex_lock(&tdev->bos_lock);
	trn_bo_unmap_locked(tdev, bo);
	mutex_unlock(&tdev->bos_lock);

	bo->ops->free(bo);
	kvfree(bo->segs);
	drm_gem_object_release(obj);
	kfree(bo);
}

static const struct drm_gem_object_funcs trn_gem_funcs = {
	.free = trn_gem_free,
	.export = trn_export,
	.mmap = trn_gem_mmap,
	.vm_ops = &trn_gem_vm_ops,
};

/* Look up a BO of a file. Returns it with a reference, or NULL. */
struct trn_bo *trn_bo_lookup(struct drm_file *file, u32 handle)
{
	struct drm_gem_object *obj = drm_gem_object_lookup(file, handle);

	return obj ? to_trn_bo(obj) : NULL;
}

static void trn_gem_add_stats(struct drm_memory_stats *stats, const struct trn_bo *bo)
{
	u64 size = bo->base.size;

	if (bo->base.handle_count > 1 || bo->base.dma_buf)
		stats->shared += size;
	else
		stats->private += size;
	/* Memory never moves; the memory of a revoked BO is gone. */
	if (!trn_bo_is_revoked(bo))
		stats->resident += size;
}

/* Print the memory of the file's BOs, by region. */
void trn_gem_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct trn_device *tdev = to_trn_device(file->minor->dev);
	struct drm_memory_stats stats[TRN_NUM_HBM_STACKS + 1] = {};
	struct drm_gem_object *obj;
	char name[16];
	u32 region;
	int id;

	spin_lock(&file->table_lock);
	idr_for_each_entry(&file->object_idr, obj, id)
		if (obj)
			trn_gem_add_stats(&stats[to_trn_bo(obj)->region], to_trn_bo(obj));
	spin_unlock(&file->table_lock);

	for (region = 0; region <= tdev->geo.num_stacks; region++) {
		if (region < tdev->geo.num_stacks)
			snprintf(name, sizeof(name), "hbm%u", region);
		else
			strscpy(name, "system");
		drm_print_memory_stats(p, &stats[region], DRM_GEM_OBJECT_RESIDENT, name);
	}
}
