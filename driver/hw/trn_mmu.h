/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_MMU_H
#define TRN_MMU_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct trn_device;
struct trn_vm;

/* The device's MMU; see trn_mmu.c. */
struct trn_mmu {
	struct mutex lock;	/* protects contexts and the registers of invalidation */
	__le64 *contexts;	/* NULL: no MMU, or the driver has unbound */
	dma_addr_t contexts_dma;
	struct xarray vms;	/* struct trn_vm by ASID; NULL during creation; own lock */
};

int trn_mmu_init(struct trn_device *tdev);
void trn_mmu_fini(struct trn_device *tdev);
void trn_mmu_start(struct trn_device *tdev);
bool trn_mmu_has_user_queues(const struct trn_device *tdev);

int trn_mmu_alloc_asid(struct trn_device *tdev, u32 *asid);
void trn_mmu_free_asid(struct trn_device *tdev, u32 asid);
void trn_mmu_set_root(struct trn_device *tdev, u32 asid, u64 root);
void trn_mmu_clear_root(struct trn_device *tdev, u32 asid);
void trn_mmu_invalidate(struct trn_device *tdev, u32 asid, u64 va, u64 size);

#endif /* TRN_MMU_H */
