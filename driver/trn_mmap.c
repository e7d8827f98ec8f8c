// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of the device file: BOs, and the two pages of a user-mode queue.
 *
 * The offsets of these pages are below those of BOs, one for each hardware queue, so that
 * unmap_mapping_range() affects one queue only. Both mappings hold the queue.
 *
 * The doorbell is a page of BAR2, mapped by the fault handler. Closing the doorbell removes
 * the page from all page tables. Stores to a closed doorbell go to a private zero page, so a
 * process that rings during a reset is not killed by SIGBUS. The doorbell is closed before
 * the hardware queue is stopped. In the fence-signalling path it is closed later (see
 * trn_queue_ops.quiesce), and the device refuses rings until then.
 *
 * The record is a page of memory, mapped for reading only. Its mapping never changes.
 */
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "base/trn_device.h"
#include "base/trn_trace.h"
#include "queue/trn_uqueue.h"
#include "trn_mmap.h"

/* Below DRM_FILE_PAGE_OFFSET_START, and usable by 32-bit programs without large files. */
#define TRN_MMAP_DOORBELLS	0x10000000UL
#define TRN_MMAP_RECORDS	0x20000000UL
#define TRN_MMAP_BYTES		(TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE * PAGE_SIZE)

static u64 trn_mmap_queue_offset(const struct trn_queue *queue)
{
	return (u64)trn_hw_index(queue->engine, queue->hw_queue) << PAGE_SHIFT;
}

u64 trn_mmap_doorbell_offset(const struct trn_queue *queue)
{
	return TRN_MMAP_DOORBELLS + trn_mmap_queue_offset(queue);
}

u64 trn_mmap_record_offset(const struct trn_queue *queue)
{
	return TRN_MMAP_RECORDS + trn_mmap_queue_offset(queue);
}

/**
 * trn_mmap_close_doorbell() - Close the doorbell of a queue, finally.
 * @uq: the queue
 *
 * After this call no store reaches the device through a mapping. The call takes locks under
 * which other code allocates and waits for fences.
 */
void trn_mmap_close_doorbell(struct trn_uqueue *uq)
{
	struct trn_device *tdev = uq->base.tdev;

	mutex_lock(&uq->doorbell_lock);
	uq->doorbell_closed = true;
	mutex_unlock(&uq->doorbell_lock);
	unmap_mapping_range(tdev->drm.anon_inode->i_mapping, trn_mmap_doorbell_offset(&uq->base),
			    PAGE_SIZE, 1);
}

static unsigned long trn_doorbell_pfn(const struct trn_queue *queue)
{
	const struct trn_device *tdev = queue->tdev;
	u32 index = trn_hw_index(queue->engine, queue->hw_queue);

	return PHYS_PFN(pci_resource_start(tdev->pdev, TRN_BAR_TRNX) + tdev->geo.doorbell_base +
			(u64)index * tdev->geo.doorbell_stride);
}

static vm_fault_t trn_doorbell_insert_sink_locked(struct trn_uqueue *uq, struct vm_fault *vmf)
{
	lockdep_assert_held(&uq->doorbell_lock);

	if (!uq->sink)
		uq->sink = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!uq->sink)
		return VM_FAULT_OOM;
	trace_trn_doorbell_map(&uq->base, true);
	/* The page is memory, so map it cached like all its other mappings. */
	return vmf_insert_pfn_prot(vmf->vma, vmf->address, page_to_pfn(uq->sink),
				   vm_get_page_prot(vmf->vma->vm_flags));
}

static vm_fault_t trn_doorbell_fault(struct vm_fault *vmf)
{
	struct trn_uqueue *uq = vmf->vma->vm_private_data;
	vm_fault_t ret;
	int idx;

	mutex_lock(&uq->doorbell_lock);
	/* BAR2 exists until the driver unbinds, which removes all mappings. */
	if (!uq->doorbell_closed && drm_dev_enter(&uq->base.tdev->drm, &idx)) {
		trace_trn_doorbell_map(&uq->base, false);
		ret = vmf_insert_pfn(vmf->vma, vmf->address, trn_doorbell_pfn(&uq->base));
		drm_dev_exit(idx);
	} else {
		ret = trn_doorbell_insert_sink_locked(uq, vmf);
	}
	mutex_unlock(&uq->doorbell_lock);
	return ret;
}

static vm_fault_t trn_record_fault(struct vm_fault *vmf)
{
	struct trn_uqueue *uq = vmf->vma->vm_private_data;

	get_page(uq->page);
	vmf->page = uq->page;
	return 0;
}

static void trn_mmap_vma_open(struct vm_area_struct *vma)
{
	struct trn_uqueue *uq = vma->vm_private_data;

	trn_queue_get(&uq->base);
}

static void trn_mmap_vma_close(struct vm_area_struct *vma)
{
	struct trn_uqueue *uq = vma->vm_private_data;

	trn_queue_put(&uq->base);
}

static const struct vm_operations_struct trn_doorbell_vm_ops = {
	.open = trn_mmap_vma_open,
	.close = trn_mmap_vma_close,
	.fault = trn_doorbell_fault,
};

static const struct vm_operations_struct trn_record_vm_ops = {
	.open = trn_mmap_vma_open,
	.close = trn_mmap_vma_close,
	.fault = trn_record_fault,
};

/**
 * trn_vma_forbid_exec() - Forbid execution of memory that the device writes.
 * @vma: about to be mapped
 *
 * mprotect() cannot allow it later. A program with READ_IMPLIES_EXEC asks for execution
 * without knowing; it gets the mapping without that permission.
 *
 * Return: 0 or -EINVAL.
 */
int trn_vma_forbid_exec(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_EXEC && !(current->personality & READ_IMPLIES_EXEC))
		return -EINVAL;
	vm_flags_clear(vma, VM_EXEC | VM_MAYEXEC);
	return 0;
}

/* For writing only; not inherited by a child, not dumped, not copied on write. */
static int trn_mmap_doorbell(struct vm_area_struct *vma)
{
	const vm_flags_t access = VM_SHARED | VM_READ | VM_WRITE | VM_EXEC;

	if ((vma->vm_flags & access) != (VM_SHARED | VM_WRITE))
		return -EINVAL;
	vm_flags_mod(vma, VM_IO | VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP,
		     VM_MAYREAD | VM_MAYEXEC);
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	vma->vm_ops = &trn_doorbell_vm_ops;
	return 0;
}

/* For reading only; mprotect() cannot allow writing later. */
static int trn_mmap_record(struct vm_area_struct *vma)
{
	/* A mapping of a file opened for reading has VM_MAYSHARE without VM_SHARED. */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_flags & VM_WRITE ||
	    trn_vma_forbid_exec(vma))
		return -EINVAL;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE);
	vma->vm_ops = &trn_record_vm_ops;
	return 0;
}

/* The file's user-mode queue on a hardware queue, with a reference, or NULL. */
static struct trn_queue *trn_mmap_lookup(struct drm_file *file, u32 index)
{
	struct trn_queue *queue, *own;

	queue = trn_queue_get_by_hw(to_trn_device(file->minor->dev), index);
	if (!queue)
		return NULL;
	own = trn_queue_lookup(file, queue->id);
	if (own)
		trn_queue_put(own);
	if (own == queue && queue->ops->mode == DRM_TRN_QUEUE_MODE_USER)
		return queue;
	trn_queue_put(queue);
	return NULL;
}

static int trn_mmap_queue_page(struct drm_file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	bool is_record = offset >= TRN_MMAP_RECORDS;
	u64 base = is_record ? TRN_MMAP_RECORDS : TRN_MMAP_DOORBELLS;
	struct trn_queue *queue;
	int ret;

	if (offset < base || offset - base >= TRN_MMAP_BYTES || vma_pages(vma) != 1)
		return -EINVAL;
	queue = trn_mmap_lookup(file, (offset - base) >> PAGE_SHIFT);
	if (!queue)
		return -EINVAL;
	ret = is_record ? trn_mmap_record(vma) : trn_mmap_doorbell(vma);
	if (ret) {
		trn_queue_put(queue);
		return ret;
	}
	vma->vm_private_data = to_trn_uqueue(queue);
	return 0;
}

int trn_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct drm_file *file = filp->private_data;

	if (vma->vm_pgoff >= DRM_FILE_PAGE_OFFSET_START)
		return drm_gem_mmap(filp, vma);
	if (drm_dev_is_unplugged(file->minor->dev))
		return -ENODEV;
	return trn_mmap_queue_page(file, vma);
}
