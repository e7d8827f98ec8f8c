// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs made of memory of a process: its pages, pinned as long as the BO lives.
 *
 * The pages are charged to the user before they are pinned, against RLIMIT_MEMLOCK. The
 * limit covers the pages that other processes of the user, io_uring and iommufd have
 * pinned. The charge belongs to the BO, because the BO may outlive the process. The pages
 * also appear in mm->pinned_vm.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <drm/trn_accel.h>

#include "base/trn_device.h"
#include "mem/trn_gem.h"
#include "mem/trn_pin.h"

/* Pages pinned between two checks for a fatal signal. */
#define TRN_PIN_BATCH	512

static int trn_pin_charge_user(struct trn_bo *bo, long num)
{
	long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct user_struct *user = current_user();
	long locked = atomic_long_read(&user->locked_vm);

	if (capable(CAP_IPC_LOCK))
		return 0;
	do {
		if (locked > limit || num > limit - locked)
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &locked, locked + num));
	bo->user = get_uid(user);
	return 0;
}

static int trn_pin_account(struct trn_bo *bo, long num)
{
	int ret = trn_pin_charge_user(bo, num);

	if (ret)
		return ret;
	atomic64_add(num, &current->mm->pinned_vm);
	mmgrab(current->mm);
	bo->mm = current->mm;
	return 0;
}

static void trn_pin_unaccount(struct trn_bo *bo)
{
	long num = bo->base.size >> PAGE_SHIFT;

	if (bo->user) {
		atomic_long_sub(num, &bo->user->locked_vm);
		free_uid(bo->user);
	}
	if (bo->mm) {
		atomic64_sub(num, &bo->mm->pinned_vm);
		mmdrop(bo->mm);
	}
}

static int trn_pin_pages(u64 start, unsigned long num, bool writable, struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (writable ? FOLL_WRITE : 0);
	unsigned long done = 0;
	int ret = 0;

	while (done < num) {
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
		ret = pin_user_pages_fast(start + done * PAGE_SIZE,
					  min(num - done, (unsigned long)TRN_PIN_BATCH), flags,
					  pages + done);
		if (ret <= 0) {
			/* The interface reports memory that cannot be pinned as -EFAULT. */
			ret = ret == -ENOMEM || ret == -EINTR ? ret : -EFAULT;
			break;
		}
		done += ret;
	}
	if (done == num)
		return 0;
	unpin_user_pages(pages, done);
	return ret;
}

static int trn_pin_bo(struct trn_device *tdev, struct trn_bo *bo, u64 addr)
{
	unsigned long num = bo->base.size >> PAGE_SHIFT;
	bool writable = !(bo->flags & DRM_TRN_BO_READ_ONLY);
	struct page **pages;
	int ret;

	ret = trn_pin_account(bo, num);
	if (ret)
		return ret;
	pages = kvmalloc_array(num, sizeof(*pages), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pages)
		return -ENOMEM;
	ret = trn_pin_pages(addr & PAGE_MASK, num, writable, pages);
	if (ret)
		goto out_free;
	ret = sg_alloc_table_from_pages_segment(&bo->sgt, pages, num, offset_in_page(addr),
						bo->size, dma_get_max_seg_size(tdev->drm.dev),
						GFP_KERNEL_ACCOUNT);
	if (ret)
		unpin_user_pages(pages, num);
	else
		ret = trn_bo_map_dma(bo, writable);
out_free:
	kvfree(pages);
	return ret;
}

/* Unpin the pages, also after an attempt to pin them that failed. */
static void trn_pin_free(struct trn_bo *bo)
{
	bool dirty = !(bo->flags & DRM_TRN_BO_READ_ONLY);
	struct scatterlist *sg;
	unsigned int i;

	if (bo->sgt.sgl)
		for_each_sgtable_sg(&bo->sgt, sg, i) {
			unpin_user_page_range_dirty_lock(sg_page(sg),
							 PFN_UP(sg->offset + sg->length),
							 dirty);
			cond_resched();
		}
	sg_free_table(&bo->sgt);
	trn_pin_unaccount(bo);
}

static const struct trn_bo_ops trn_pin_ops = {
	.kind = TRN_BO_USER,
	.free = trn_pin_free,
};

/**
 * trn_pin_create() - Pin a range of the caller's address space.
 * @tdev: the device
 * @addr: user address, any alignment
 * @size: bytes
 * @flags: DRM_TRN_BO_READ_ONLY or 0
 *
 * Return: the BO, or -EINVAL, -EFAULT, -ENOMEM, -EINTR.
 */
struct trn_bo *trn_pin_create(struct trn_device *tdev, u64 addr, u64 size, u32 flags)
{
	struct trn_bo *bo;
	u64 end, span;
	int ret;

	addr = untagged_addr(addr);
	if (!size || check_add_overflow(addr, size, &end) ||
	    check_add_overflow(end, PAGE_SIZE - 1, &end))
		return ERR_PTR(-EINVAL);
	span = (end & PAGE_MASK) - (addr & PAGE_MASK);
	/* No machine can pin more; the check also keeps the page count within an int. */
	if (span >> PAGE_SHIFT > min_t(u64, totalram_pages(), INT_MAX))
		return ERR_PTR(-ENOMEM);

	bo = trn_bo_alloc(tdev, &trn_pin_ops, size, span);
	if (IS_ERR(bo))
		return bo;
	bo->flags = flags;
	ret = trn_pin_bo(tdev, bo, addr);
	if (ret) {
		trn_bo_put(bo);
		return ERR_PTR(ret);
	}
	return bo;
}
