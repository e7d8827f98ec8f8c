// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of the two pages of a user-mode queue: doorbell and record.
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
#include <drm/drm_drv.h>
#include <drm/drm_vma_manager.h>

#include "base/trn_device.h"
#include "mem/trn_gem_mmap.h"
#include "queue/trn_doorbell.h"
#include "queue/trn_trace.h"
#include "queue/trn_uqueue.h"

/* Below DRM_FILE_PAGE_OFFSET_START, and usable by 32-bit programs without large files. */
#define TRN_DOORBELL_PAGES	0x10000000UL
#define TRN_DOORBELL_RECORDS	0x20000000UL
#define TRN_DOORBELL_BYTES		(TRN_NUM_ENGINES * TRN_QUEUES_PER_ENGINE * PAGE_SIZE)

static u64 trn_doorbell_queue_offset(const struct trn_queue *queue)
{
	return (u64)trn_hw_index(queue->engine, queue->hw_queue) << PAGE_SHIFT;
}

u64 trn_doorbell_offset(const struct trn_queue *queue)
{
	return TRN_DOORBELL_PAGES + trn_doorbell_queue_offset(queue);
}

u64 trn_doorbell_record_offset(const struct trn_queue *queue)
{
	return TRN_DOORBELL_RECORDS + trn_doorbell_queue_offset(queue);
}

/**
 * trn_doorbell_close() - Close the doorbell of a queue, finally.
 * @uq: the queue
 *
 * After this call no store reaches the device through a mapping. The call takes locks under
 * which other code allocates and waits for fences.
 */
void trn_doorbell_close(struct trn_uqueue *uq)
{
	struct trn_device *tdev = uq->base.tdev;

	mutex_lock(&uq->doorbell_lock);
	uq->doorbell_closed = true;
	mutex_unlock(&uq->doorbell_lock);
	unmap_mapping_range(tdev->drm.anon_inode->i_mapping, trn_doorbell_offset(&uq->base),
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

static void trn_doorbell_vma_open(struct vm_area_struct *vma)
{
	struct trn_uqueue *uq = vma->vm_private_data;

	trn_queue_get(&uq->base);
}

static void trn_doorbell_vma_close(struct vm_area_struct *vma)
{
	struct trn_uqueue *uq = vma->vm_private_data;

	trn_queue_put(&uq->base);
}

static const struct vm_operations_struct trn_doorbell_vm_ops = {
	.open = trn_doorbell_vma_open,
	.close = trn_doorbell_vma_close,
	.fault = trn_doorbell_fault,
};

static const struct vm_operations_struct trn_record_vm_ops = {
	.open = trn_doorbell_vma_open,
	.close = trn_doorbell_vma_close,
	.fault = trn_record_fault,
};

/* For writing only; not inherited by a child, not dumped, not copied on write. */
static int trn_doorbell_mmap_page(struct vm_area_struct *vma)
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
static int trn_doorbell_mmap_record(struct vm_area_struct *vma)
{
	/* A mapping of a file opened for reading has VM_MAYSHARE without VM_SHARED. */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_flags & VM_WRITE ||
	    trn_gem_forbid_exec(vma))
		return -EINVAL;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE);
	vma->vm_ops = &trn_record_vm_ops;
	return 0;
}

/**
 * trn_doorbell_find() - Find the page at an offset of the device file.
 * @offset: offset below those of BOs
 * @is_record: gets true for a record, false for a doorbell
 *
 * Return: index of the hardware queue, or -EINVAL.
 */
int trn_doorbell_find(u64 offset, bool *is_record)
{
	u64 base;

	*is_record = offset >= TRN_DOORBELL_RECORDS;
	base = *is_record ? TRN_DOORBELL_RECORDS : TRN_DOORBELL_PAGES;
	if (offset < base || offset - base >= TRN_DOORBELL_BYTES)
		return -EINVAL;
	return (offset - base) >> PAGE_SHIFT;
}

/**
 * trn_doorbell_mmap() - Map a page of a queue.
 * @uq: the queue; on success its reference passes to the mapping
 * @vma: one page
 * @is_record: map the record, else the doorbell
 *
 * Return: 0 or -EINVAL.
 */
int trn_doorbell_mmap(struct trn_uqueue *uq, struct vm_area_struct *vma, bool is_record)
{
	int ret = is_record ? trn_doorbell_mmap_record(vma) : trn_doorbell_mmap_page(vma);

	if (!ret)
		vma->vm_private_data = uq;
	return ret;
}
