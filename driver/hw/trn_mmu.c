// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's MMU: ASIDs, the context table that leads from each to its page
 * table, and invalidation (trnx 10).
 *
 * The context table is host memory, and outlives resets; the registers do not. A
 * device that was reset remembers no translation, and one that is suspended, dead or
 * gone has been reset, or does not reach memory: there is nothing to invalidate.
 *
 * The write of an invalidation returns when it is done, so that nothing here waits
 * for the device, but for a reset that is under way.
 */
#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <drm/drm_print.h>

#include "base/trn_device.h"
#include "hw/trn_io.h"
#include "hw/trn_mmu.h"
#include "regs/trn_trnx.h"

#define TRN_MMU_CONTEXT_BYTES	(TRNX_MMU_NUM_ASIDS * sizeof(__le64))
#define TRN_MMU_VA_BITS		48

static bool trn_mmu_is_known(struct trn_device *tdev)
{
	u32 caps = trnx_read(tdev, TRNX_MMU + TRNX_MMU_CAPS);

	return FIELD_GET(TRNX_MMU_CAPS_ASIDS, caps) == TRNX_MMU_NUM_ASIDS &&
	       FIELD_GET(TRNX_MMU_CAPS_VA_BITS, caps) == TRN_MMU_VA_BITS &&
	       FIELD_GET(TRNX_MMU_CAPS_LEVELS, caps) == TRNX_MMU_NUM_LEVELS;
}

/* A device without an MMU, or with one that is not known, has no address spaces. */
int trn_mmu_init(struct trn_device *tdev)
{
	struct trn_mmu *mmu = &tdev->mmu;

	mutex_init(&mmu->lock);
	xa_init_flags(&mmu->vms, XA_FLAGS_ALLOC1);
	if (!(tdev->geo.features & TRNX_FEAT_MMU))
		return 0;
	if (!trn_mmu_is_known(tdev)) {
		drm_info(&tdev->drm, "MMU of an unknown kind is not used\n");
		return 0;
	}
	mmu->contexts = dma_alloc_coherent(tdev->drm.dev, TRN_MMU_CONTEXT_BYTES,
					   &mmu->contexts_dma, GFP_KERNEL);
	return mmu->contexts ? 0 : -ENOMEM;
}

/* The device does not reach memory any more. VMs may still be there. */
void trn_mmu_fini(struct trn_device *tdev)
{
	struct trn_mmu *mmu = &tdev->mmu;

	mutex_lock(&mmu->lock);
	if (mmu->contexts)
		dma_free_coherent(tdev->drm.dev, TRN_MMU_CONTEXT_BYTES, mmu->contexts,
				  mmu->contexts_dma);
	mmu->contexts = NULL;
	mutex_unlock(&mmu->lock);
}

/* After every reset: make the device know the context table. */
void trn_mmu_start(struct trn_device *tdev)
{
	struct trn_mmu *mmu = &tdev->mmu;

	if (!mmu->contexts)
		return;
	trnx_write64(tdev, TRNX_MMU + TRNX_MMU_CTX_ADDR, mmu->contexts_dma | TRN_CHIP_HOST);
	trnx_write(tdev, TRNX_MMU + TRNX_MMU_CTX_SIZE, TRNX_MMU_NUM_ASIDS);
	trnx_write(tdev, TRNX_MMU + TRNX_MMU_CTRL, TRNX_MMU_CTRL_ENABLE);
}

/* Whether there can be user-mode queues, which take an MMU and doorbell pages. */
bool trn_mmu_has_vms(const struct trn_device *tdev)
{
	return tdev->mmu.contexts && tdev->geo.features & TRNX_FEAT_DOORBELLS;
}

/* Returns 0, -ENOSPC or -ENOMEM. */
int trn_mmu_alloc_asid(struct trn_device *tdev, u32 *asid)
{
	int ret = xa_alloc(&tdev->mmu.vms, asid, NULL, XA_LIMIT(1, TRNX_MMU_NUM_ASIDS - 1),
			   GFP_KERNEL);

	return ret == -EBUSY ? -ENOSPC : ret;
}

/* After trn_mmu_clear_root(). */
void trn_mmu_free_asid(struct trn_device *tdev, u32 asid)
{
	xa_erase(&tdev->mmu.vms, asid);
}

static void trn_mmu_write_context(struct trn_mmu *mmu, u32 asid, u64 entry)
{
	mutex_lock(&mmu->lock);
	if (mmu->contexts) {
		/* Pairs with the device reading the entry before the table. */
		dma_wmb();
		WRITE_ONCE(mmu->contexts[asid], cpu_to_le64(entry));
	}
	mutex_unlock(&mmu->lock);
}

/**
 * trn_mmu_set_root() - Give an ASID its page table.
 * @tdev: the device
 * @asid: has none yet, so that the device remembers nothing of it
 * @root: chip address of the table
 */
void trn_mmu_set_root(struct trn_device *tdev, u32 asid, u64 root)
{
	trn_mmu_write_context(&tdev->mmu, asid, root | TRNX_PTE_VALID);
}

static void trn_mmu_command(struct trn_device *tdev, u32 kind, u32 asid, u64 va, u64 size)
{
	down_read(&tdev->reset_sem);
	/* One that is being removed may be at work until it is dead. */
	if (!tdev->dead && !tdev->suspended) {
		mutex_lock(&tdev->mmu.lock);
		if (kind == TRNX_MMU_INV_RANGE) {
			trnx_write64(tdev, TRNX_MMU + TRNX_MMU_INV_ADDR, va);
			trnx_write64(tdev, TRNX_MMU + TRNX_MMU_INV_SIZE, size);
		}
		/* MMIO writes come after what was written to memory before. */
		trnx_write(tdev, TRNX_MMU + TRNX_MMU_INVALIDATE,
			   FIELD_PREP(TRNX_MMU_INVALIDATE_KIND, kind) |
			   FIELD_PREP(TRNX_MMU_INVALIDATE_ASID, asid));
		mutex_unlock(&tdev->mmu.lock);
	}
	up_read(&tdev->reset_sem);
}

/* No access by this ASID is in flight after this, and none will come. */
void trn_mmu_clear_root(struct trn_device *tdev, u32 asid)
{
	trn_mmu_write_context(&tdev->mmu, asid, 0);
	trn_mmu_command(tdev, TRNX_MMU_INV_ASID, asid, 0, 0);
}

/**
 * trn_mmu_invalidate() - Have the device forget what it knows of a range.
 * @tdev: the device
 * @asid: address space
 * @va: first byte
 * @size: bytes, not 0
 *
 * No access by an entry that was changed before is in flight after this, and none
 * will come. In the path of fences.
 */
void trn_mmu_invalidate(struct trn_device *tdev, u32 asid, u64 va, u64 size)
{
	trn_mmu_command(tdev, TRNX_MMU_INV_RANGE, asid, va, size);
}
