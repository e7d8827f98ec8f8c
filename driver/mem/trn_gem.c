// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffer objects: handles, mappings for the CPU, addresses for the device.
 *
 * The kinds of memory are HBM (trn_hbm.c), pages of the driver (trn_host.c), pinned pages of
 * a process (trn_pin.c) and imported dma-bufs (trn_import.c). For the device each BO is a
 * sorted table of segments, which are contiguous.
 */
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/drm_vma_manager.h>
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_user.h"
#include "mem/trn_access.h"
#include "mem/trn_export.h"
#include "mem/trn_gem.h"
#include "mem/trn_host.h"
#include "mem/trn_pin.h"
#include "policy/trn_clear.h"
#include "policy/trn_import.h"
#include "queue/trn_kqueue.h"
#include "trn_mmap.h"

/* The memory is coherent; dma_sync_*() is never called on it. */
#define TRN_DMA_ATTRS		DMA_ATTR_SKIP_CPU_SYNC

/* Limit of pages mapped by one fault. */
#define TRN_FAULT_AROUND	64

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
 * @kind: kind
 * @size: bytes that operations can address
 * @span: bytes of the whole pages that hold them
 *
 * Return: a BO to be freed with trn_bo_put() in any state, or an error pointer.
 */
struct trn_bo *trn_bo_alloc(struct trn_device *tdev, enum trn_bo_kind kind, u64 size, u64 span)
{
	struct trn_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->kind = kind;
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
static void trn_bo_add_seg(struct trn_bo *bo, u64 addr, u64 len)
{
	struct trn_seg *last = bo->num_segs ? &bo->segs[bo->num_segs - 1] : NULL;
	u64 start = last ? last->end : 0;
	u64 last_start = bo->num_segs > 1 ? last[-1].end : 0;

	if (last && last->addr + (last->end - last_start) == addr)
		last->end += len;
	else
		bo->segs[bo->num_segs++] = (struct trn_seg) { addr, start + len };
}

static int trn_bo_alloc_segs(struct trn_bo *bo, size_t max)
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

/* Charge the memory of an HBM BO to a user and to the cgroup. */
static int trn_bo_charge(struct trn_bo *bo, struct trn_user *user)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	int ret;

	ret = trn_budget_charge_up_to(user->hbm, bo->size, READ_ONCE(tdev->max_hbm_bytes));
	if (ret)
		return trn_refuse(&tdev->drm, ret, "size=%#llx exceeds max_hbm_bytes", bo->size);
	ret = trn_dmem_charge(tdev->hbm[bo->region].dmem, bo->size, &bo->dmem);
	if (ret) {
		trn_budget_uncharge(user->hbm, bo->size);
		return ret;
	}
	bo->owner = trn_user_get(user);
	return 0;
}

static void trn_bo_uncharge(struct trn_bo *bo)
{
	if (!bo->owner)
		return;
	trn_dmem_uncharge(bo->dmem, bo->size);
	trn_budget_uncharge(bo->owner->hbm, bo->size);
	trn_user_put(bo->owner);
}

static void trn_gem_free(struct drm_gem_object *obj)
{
	struct trn_bo *bo = to_trn_bo(obj);
	struct trn_device *tdev = to_trn_device(obj->dev);

	mutex_lock(&tdev->bos_lock);
	trn_bo_unmap_locked(tdev, bo);
	mutex_unlock(&tdev->bos_lock);

	switch (bo->kind) {
	case TRN_BO_HBM:
		trn_hbm_free(&tdev->hbm[bo->region], &bo->blocks);
		trn_bo_uncharge(bo);
		break;
	case TRN_BO_HOST:
		trn_host_free(bo);
		break;
	case TRN_BO_USER:
		trn_unpin(bo);
		break;
	case TRN_BO_IMPORT:
		trn_import_free(bo);
		break;
	}
	kvfree(bo->segs);
	drm_gem_object_release(obj);
	kfree(bo);
}

static int trn_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	struct trn_bo *bo = to_trn_bo(obj);
	int ret;

	/* A private mapping would copy pages, but the BO has page frames only. */
	if (trn_compat_vma_is_cow(vma))
		return -EINVAL;
	ret = trn_vma_forbid_exec(vma);
	if (ret)
		return ret;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_IO);
	if (bo->kind == TRN_BO_HBM)
		vma->vm_page_prot = pgprot_writecombine(vm_get_page_prot(vma->vm_flags));
	return 0;
}

/* Whether BAR4 covers the whole HBM BO. */
bool trn_bo_is_in_bar4(const struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	u64 base = tdev->geo.hbm_addr[bo->region] + tdev->geo.hbm_reserved;
	u64 start = 0;
	u32 i;

	for (i = 0; i < bo->num_segs; start = bo->segs[i++].end)
		if (bo->segs[i].addr - base + bo->segs[i].end - start >
		    tdev->hbm[bo->region].cpu_visible)
			return false;
	return true;
}

/* Bus address in BAR4 of a chip address in an HBM BO. */
phys_addr_t trn_bo_bar4_addr(const struct trn_bo *bo, u64 addr)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	const struct trn_geometry *geo = &tdev->geo;

	return tdev->bar4 + bo->region * geo->hbm_stride + addr - geo->hbm_addr[bo->region];
}

static unsigned long trn_bo_pfn(struct trn_bo *bo, pgoff_t page)
{
	u64 offset = (u64)page << PAGE_SHIFT;
	u64 len = PAGE_SIZE;
	u32 seg;

	if (bo->kind == TRN_BO_HOST)
		return page_to_pfn(bo->pages[page]);
	seg = trn_bo_find_seg(bo, offset);
	return PHYS_PFN(trn_bo_bar4_addr(bo, trn_bo_addr(bo, &seg, offset, &len)));
}

static vm_fault_t trn_bo_insert(struct trn_bo *bo, struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	pgoff_t page = vmf->pgoff - drm_vma_node_start(&bo->base.vma_node);
	pgoff_t end = min_t(pgoff_t, bo->base.size >> PAGE_SHIFT,
			    page + ((vma->vm_end - vmf->address) >> PAGE_SHIFT));
	unsigned long address = vmf->address;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	int i;

	for (i = 0; i < TRN_FAULT_AROUND && page < end; i++, page++, address += PAGE_SIZE) {
		vm_fault_t one = vmf_insert_pfn(vma, address, trn_bo_pfn(bo, page));

		/* Only the result of the faulting page matters. */
		if (!i)
			ret = one;
		if (one != VM_FAULT_NOPAGE)
			break;
	}
	return ret;
}

/* Hide HBM: after this call no CPU mapping leads to BAR4, and faults wait. */
void trn_gem_hide_hbm(struct trn_device *tdev)
{
	down_write(&tdev->hbm_sem);
	tdev->hbm_hidden = true;
	up_write(&tdev->hbm_sem);
	unmap_mapping_range(tdev->drm.anon_inode->i_mapping,
			    (loff_t)DRM_FILE_PAGE_OFFSET_START << PAGE_SHIFT, 0, 1);
}

/* Let faults go on: BAR4 is back, or the device is dead and faults fail. */
void trn_gem_show_hbm(struct trn_device *tdev)
{
	down_write(&tdev->hbm_sem);
	tdev->hbm_hidden = false;
	up_write(&tdev->hbm_sem);
	wake_up_all(&tdev->resumed);
}

/* Wait until HBM is shown, if possible without the locks of the fault, then fault again. */
static vm_fault_t trn_gem_wait_hbm(struct trn_device *tdev, struct vm_fault *vmf)
{
	struct file *file;

	if (!fault_flag_allow_retry_first(vmf->flags)) {
		wait_event_killable(tdev->resumed, !READ_ONCE(tdev->hbm_hidden));
		return VM_FAULT_NOPAGE;
	}
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY;
	/* Without the lock the mapping may end, so the file must hold device and module. */
	file = get_file(vmf->vma->vm_file);
	release_fault_lock(vmf);
	wait_event_killable(tdev->resumed, !READ_ONCE(tdev->hbm_hidden));
	fput(file);
	return VM_FAULT_RETRY;
}

static vm_fault_t trn_gem_fault_hbm(struct trn_bo *bo, struct vm_fault *vmf)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	vm_fault_t ret = VM_FAULT_SIGBUS;
	bool hidden;
	int idx;

	/* BAR4 exists until the driver unbinds, which removes all mappings. */
	if (!drm_dev_enter(&tdev->drm, &idx))
		return VM_FAULT_SIGBUS;
	down_read(&tdev->hbm_sem);
	hidden = tdev->hbm_hidden;
	if (!hidden && !READ_ONCE(tdev->dead))
		ret = trn_bo_insert(bo, vmf);
	up_read(&tdev->hbm_sem);
	drm_dev_exit(idx);
	return hidden ? trn_gem_wait_hbm(tdev, vmf) : ret;
}

static vm_fault_t trn_gem_fault(struct vm_fault *vmf)
{
	struct trn_bo *bo = to_trn_bo((struct drm_gem_object *)vmf->vma->vm_private_data);

	return bo->kind == TRN_BO_HOST ? trn_bo_insert(bo, vmf) : trn_gem_fault_hbm(bo, vmf);
}

static const struct vm_operations_struct trn_gem_vm_ops = {
	.fault = trn_gem_fault,
	.access = trn_gem_access,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};

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

static struct trn_bo *trn_bo_create_hbm(struct trn_device *tdev, u64 size, u32 stack,
					bool mappable, struct trn_user *user)
{
	u64 base = tdev->geo.hbm_addr[stack] + tdev->geo.hbm_reserved;
	struct trn_hbm *hbm = &tdev->hbm[stack];
	struct drm_buddy_block *block;
	struct trn_bo *bo;
	int ret;

	/* This check also keeps the sum of all charges within 64 bits. */
	if (size > hbm->size)
		return ERR_PTR(-ENOSPC);
	bo = trn_bo_alloc(tdev, TRN_BO_HBM, size, size);
	if (IS_ERR(bo))
		return bo;
	bo->region = stack;
	ret = trn_bo_charge(bo, user);
	if (ret)
		goto err_put;
	ret = trn_hbm_alloc(hbm, size, mappable, &bo->blocks);
	if (ret)
		goto err_put;
	ret = trn_bo_alloc_segs(bo, list_count_nodes(&bo->blocks));
	if (ret)
		goto err_put;
	list_for_each_entry(block, &bo->blocks, link)
		trn_bo_add_seg(bo, base + drm_buddy_block_offset(block),
			       drm_buddy_block_size(&hbm->mm, block));
	ret = trn_clear(bo);
	if (ret)
		goto err_put;
	return bo;

err_put:
	trn_bo_put(bo);
	return ERR_PTR(ret);
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
