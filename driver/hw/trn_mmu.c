// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's MMU (trnx 10): ASIDs, the context table with the page table of each ASID,
 * and invalidation.
 *
 * The context table is host memory and survives resets; the registers do not. After a reset
 * the device has no cached translations. A device that is suspended, dead or gone has been
 * reset or cannot reach memory, so invalidation has nothing to do.
 *
 * The register write of an invalidation completes when the invalidation is done. So this
 * file never waits for the device, only for a reset in progress.
 */
#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <drm/drm_managed.h>
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

/* Without an MMU, or with one of an unknown version, the device has no address spaces. */
int trn_mmu_init(struct trn_device *tdev)
{
	struct trn_mmu *mmu = drmm_kzalloc(&tdev->drm, sizeof(*mmu), GFP_KERNEL);

	if (!mmu)
		return -ENOMEM;
	tdev->mmu = mmu;
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

/* The device no longer reaches memory. VMs may still exist. */
void trn_mmu_fini(struct trn_device *tdev)
{
	struct trn_mmu *mmu = tdev->mmu;

	mutex_lock(&mmu->lock);
	if (mmu->contexts)
		dma_free_coherent(tdev->drm.dev, TRN_MMU_CONTEXT_BYTES, mmu->contexts,
				  mmu->contexts_dma);
	mmu->contexts = NULL;
	mutex_unlock(&mmu->lock);
}

/* Set the address of the context table, after every reset. */
void trn_mmu_start(struct trn_device *tdev)
{
	struct trn_mmu *mmu = tdev->mmu;

	if (!mmu->contexts)
		return;
	trnx_write64(tdev, TRNX_MMU + TRNX_MMU_CTX_ADDR, mmu->contexts_dma | TRN_CHIP_HOST);
	trnx_write(tdev, TRNX_MMU + TRNX_MMU_CTX_SIZE, TRNX_MMU_NUM_ASIDS);
	trnx_write(tdev, TRNX_MMU + TRNX_MMU_CTRL, TRNX_MMU_CTRL_ENABLE);
}

/*
 * User-mode queues need VMs, and doorbell pages. A doorbell page is aligned to pages of the
 * processor, so that a mapping of one shows no other.
 */
bool trn_mmu_has_user_queues(const struct trn_device *tdev)
{
	const struct trn_geometry *geo = &tdev->geo;

	return tdev->mmu->contexts && geo->features & TRNX_FEAT_DOORBELLS &&
	       IS_ALIGNED(geo->doorbell_base | geo->doorbell_stride, PAGE_SIZE);
}

/* Returns 0, -ENOSPC or -ENOMEM. */
int trn_mmu_alloc_asid(struct trn_device *tdev, u32 *asid)
{
	int ret = xa_alloc(&tdev->mmu->vms, asid, NULL, XA_LIMIT(1, TRNX_MMU_NUM_ASIDS - 1),
			   GFP_KERNEL);

	return ret == -EBUSY ? -ENOSPC : ret;
}

/* The caller has called trn_mmu_clear_root(). */
void trn_mmu_free_asid(struct trn_device *tdev, u32 asid)
{
	xa_erase(&tdev->mmu->vms, asid);
}

static void trn_mmu_write_context(struct trn_mmu *mmu, u32 asid, u64 entry)
{
	mutex_lock(&mmu->lock);
	if (mmu->contexts) {
		/* Table before entry; pairs with the device reading the entry before the table. */
		dma_wmb();
		WRITE_ONCE(mmu->contexts[asid], cpu_to_le64(entry));
	}
	mutex_unlock(&mmu->lock);
}

/**
 * trn_mmu_set_root() - Set the page table of an ASID.
 * @tdev: the device
 * @asid: without a page table, so the device has cached nothing of it
 * @root: chip address of the root table
 */
void trn_mmu_set_root(struct trn_device *tdev, u32 asid, u64 root)
{
	trn_mmu_write_context(tdev->mmu, asid, root | TRNX_PTE_VALID);
}

static void trn_mmu_command(struct trn_device *tdev, u32 kind, u32 asid, u64 va, u64 size)
{
	down_read(&tdev->reset_sem);
	/* A device that is being removed may still work until it is marked dead. */
	if (tdev->state == TRN_DEVICE_RUNNING) {
		mutex_lock(&tdev->mmu->lock);
		if (kind == TRNX_MMU_INV_RANGE) {
			trnx_write64(tdev, TRNX_MMU + TRNX_MMU_INV_ADDR, va);
			trnx_write64(tdev, TRNX_MMU + TRNX_MMU_INV_SIZE, size);
		}
		/* MMIO writes are ordered after earlier writes to memory. */
		trnx_write(tdev, TRNX_MMU + TRNX_MMU_INVALIDATE,
			   FIELD_PREP(TRNX_MMU_INVALIDATE_KIND, kind) |
			   FIELD_PREP(TRNX_MMU_INVALIDATE_ASID, asid));
		mutex_unlock(&tdev->mmu->lock);
	}
	up_read(&tdev->reset_sem);
}

/* After this call no access by the ASID is in flight, and none will follow. */
void trn_mmu_clear_root(struct trn_device *tdev, u32 asid)
{
	trn_mmu_write_context(tdev->mmu, asid, 0);
	trn_mmu_command(tdev, TRNX_MMU_INV_ASID, asid, 0, 0);
}

/**
 * trn_mmu_invalidate() - Invalidate the cached translations of a range.
 * @tdev: the device
 * @asid: address space
 * @va: first byte
 * @size: bytes, not 0
 *
 * After this call no access by an entry changed before is in flight, and none will follow.
 * In the fence-signalling path.
 */
void trn_mmu_invalidate(struct trn_device *tdev, u32 asid, u64 va, u64 size)
{
	trn_mmu_command(tdev, TRNX_MMU_INV_RANGE, asid, va, size);
}
