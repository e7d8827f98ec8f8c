// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of BOs for the CPU: page frames, put in place by faults.
 *
 * HBM can be hidden for a while, during which no mapping leads to BAR4 and faults wait.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "mem/trn_access.h"
#include "mem/trn_gem.h"
#include "mem/trn_gem_mmap.h"

/* Limit of pages mapped by one fault. */
#define TRN_FAULT_AROUND	64

/**
 * trn_gem_forbid_exec() - Forbid execution of memory that the device writes.
 * @vma: about to be mapped
 *
 * mprotect() cannot allow it later. A program with READ_IMPLIES_EXEC asks for execution
 * without knowing; it gets the mapping without that permission.
 *
 * Return: 0 or -EINVAL.
 */
int trn_gem_forbid_exec(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_EXEC && !(current->personality & READ_IMPLIES_EXEC))
		return -EINVAL;
	vm_flags_clear(vma, VM_EXEC | VM_MAYEXEC);
	return 0;
}

int trn_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	struct trn_bo *bo = to_trn_bo(obj);
	int ret;

	/* A private mapping would copy pages, but the BO has page frames only. */
	if (trn_compat_vma_is_cow(vma))
		return -EINVAL;
	ret = trn_gem_forbid_exec(vma);
	if (ret)
		return ret;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_IO);
	if (bo->kind == TRN_BO_HBM)
		vma->vm_page_prot = pgprot_writecombine(vm_get_page_prot(vma->vm_flags));
	return 0;
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
		vm_fault_t one = vmf_insert_pfn(vma, address, bo->ops->pfn(bo, page));

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
	if (!hidden && !trn_device_is_dead(tdev))
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

const struct vm_operations_struct trn_gem_vm_ops = {
	.fault = trn_gem_fault,
	.access = trn_gem_access,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};
