// SPDX-License-Identifier: GPL-2.0-only
/*
 * HBM allocator: one buddy allocator for each stack.
 *
 * It returns ranges, not addresses, and never accesses the memory. Freed memory is cleared
 * at its next allocation (trn_clear.c).
 */
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "mem/trn_hbm.h"

#define TRN_HBM_CHUNK SZ_4K

/* Bytes allocated before the lock is released: up to 262144 blocks. */
#define TRN_HBM_PIECE SZ_1G

/**
 * trn_hbm_init() - Set up a stack.
 * @hbm: zeroed memory
 * @size: bytes, rounded down to a chunk
 * @cpu_visible: bytes from the start that the CPU can map
 *
 * Return: 0 or -ENOMEM.
 */
int trn_hbm_init(struct trn_hbm *hbm, u64 size, u64 cpu_visible)
{
	hbm->size = round_down(size, TRN_HBM_CHUNK);
	hbm->cpu_visible = min(round_down(cpu_visible, TRN_HBM_CHUNK), hbm->size);
	mutex_init(&hbm->lock);
	return drm_buddy_init(&hbm->mm, hbm->size, TRN_HBM_CHUNK);
}

void trn_hbm_fini(struct trn_hbm *hbm)
{
	drm_buddy_fini(&hbm->mm);
	mutex_destroy(&hbm->lock);
}

static int trn_hbm_alloc_piece(struct trn_hbm *hbm, u64 end, u64 size, struct list_head *blocks,
			       unsigned long flags)
{
	int ret = -ENOSPC;

	mutex_lock(&hbm->lock);
	if (size <= hbm->mm.avail)
		ret = drm_buddy_alloc_blocks(&hbm->mm, 0, end, size, TRN_HBM_CHUNK, blocks,
					     flags);
	mutex_unlock(&hbm->lock);
	return ret;
}

/**
 * trn_hbm_alloc() - Allocate ranges of a stack.
 * @hbm: the stack
 * @size: bytes, a multiple of the page size
 * @mappable: allocate only memory that the CPU can map
 * @blocks: empty; gets the drm_buddy_blocks
 *
 * Return: 0, -ENOSPC, -ENOMEM, or -EINTR if the process is being killed.
 */
int trn_hbm_alloc(struct trn_hbm *hbm, u64 size, bool mappable, struct list_head *blocks)
{
	u64 end = mappable ? hbm->cpu_visible : hbm->size;
	unsigned long flags = 0;
	u64 piece;
	int ret;

	if (size > end || size > trn_hbm_avail(hbm))
		return -ENOSPC;
	if (end < hbm->size)
		flags |= DRM_BUDDY_RANGE_ALLOCATION;
	else if (hbm->cpu_visible < hbm->size)
		flags |= DRM_BUDDY_TOPDOWN_ALLOCATION;

	for (ret = 0; size && !ret; size -= piece) {
		piece = min_t(u64, size, TRN_HBM_PIECE);
		cond_resched();
		ret = fatal_signal_pending(current) ? -EINTR :
		      trn_hbm_alloc_piece(hbm, end, piece, blocks, flags);
	}
	if (ret)
		trn_hbm_free(hbm, blocks);
	return ret;
}

void trn_hbm_free(struct trn_hbm *hbm, struct list_head *blocks)
{
	mutex_lock(&hbm->lock);
	drm_buddy_free_list(&hbm->mm, blocks, 0);
	mutex_unlock(&hbm->lock);
}

u64 trn_hbm_avail(struct trn_hbm *hbm)
{
	u64 avail;

	mutex_lock(&hbm->lock);
	avail = hbm->mm.avail;
	mutex_unlock(&hbm->lock);
	return avail;
}
