// SPDX-License-Identifier: GPL-2.0-only
/*
 * BOs in HBM: their memory, its charge to a user and a cgroup, and its address in BAR4.
 */
#include <drm/trn_accel.h>

#include "base/trn_budget.h"
#include "base/trn_compat.h"
#include "base/trn_device.h"
#include "base/trn_refuse.h"
#include "base/trn_user.h"
#include "mem/trn_gem.h"
#include "mem/trn_hbm.h"
#include "mem/trn_hbm_bo.h"

/* Charge the memory of an HBM BO to a user and to the cgroup. */
static int trn_hbm_bo_charge(struct trn_bo *bo, struct trn_user *user)
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

static void trn_hbm_bo_uncharge(struct trn_bo *bo)
{
	if (!bo->owner)
		return;
	trn_dmem_uncharge(bo->dmem, bo->size);
	trn_budget_uncharge(bo->owner->hbm, bo->size);
	trn_user_put(bo->owner);
}

/* Whether BAR4 covers the whole HBM BO. */
bool trn_hbm_bo_is_in_bar4(const struct trn_bo *bo)
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
phys_addr_t trn_hbm_bo_bar4_addr(const struct trn_bo *bo, u64 addr)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);
	const struct trn_geometry *geo = &tdev->geo;

	return tdev->bar4 + bo->region * geo->hbm_stride + addr - geo->hbm_addr[bo->region];
}

static unsigned long trn_hbm_bo_pfn(const struct trn_bo *bo, pgoff_t page)
{
	u64 offset = (u64)page << PAGE_SHIFT;
	u32 seg = trn_bo_find_seg(bo, offset);
	u64 len = PAGE_SIZE;

	return PHYS_PFN(trn_hbm_bo_bar4_addr(bo, trn_bo_addr(bo, &seg, offset, &len)));
}

static void trn_hbm_bo_free(struct trn_bo *bo)
{
	struct trn_device *tdev = to_trn_device(bo->base.dev);

	trn_hbm_free(&tdev->hbm[bo->region], &bo->blocks);
	trn_hbm_bo_uncharge(bo);
}

static const struct trn_bo_ops trn_hbm_bo_ops = {
	.kind = TRN_BO_HBM,
	.free = trn_hbm_bo_free,
	.pfn = trn_hbm_bo_pfn,
};

/**
 * trn_hbm_bo_create() - Make a BO in HBM, with the contents of the last owner.
 * @tdev: the device
 * @size: bytes, a multiple of the page size
 * @stack: index of the stack
 * @mappable: allocate only memory that the CPU can map
 * @user: user charged for the memory
 *
 * Return: the BO, to be cleared before it is published, or -ENOSPC, -EDQUOT, -ENOMEM,
 * -EINTR.
 */
struct trn_bo *trn_hbm_bo_create(struct trn_device *tdev, u64 size, u32 stack, bool mappable,
				 struct trn_user *user)
{
	u64 base = tdev->geo.hbm_addr[stack] + tdev->geo.hbm_reserved;
	struct trn_hbm *hbm = &tdev->hbm[stack];
	struct drm_buddy_block *block;
	struct trn_bo *bo;
	int ret;

	/* This check also keeps the sum of all charges within 64 bits. */
	if (size > hbm->size)
		return ERR_PTR(-ENOSPC);
	bo = trn_bo_alloc(tdev, &trn_hbm_bo_ops, size, size);
	if (IS_ERR(bo))
		return bo;
	bo->region = stack;
	ret = trn_hbm_bo_charge(bo, user);
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
	return bo;

err_put:
	trn_bo_put(bo);
	return ERR_PTR(ret);
}
