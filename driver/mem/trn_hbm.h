/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_HBM_H
#define TRN_HBM_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "base/trn_compat.h"

/*
 * Allocator of one HBM stack.
 *
 * Offsets count from the first byte behind the memory of the firmware.
 */
struct trn_hbm {
	struct mutex lock;	/* protects mm */
	struct drm_buddy mm;
	struct dmem_cgroup_region *dmem;	/* NULL: no accounting by the kernel */
	u64 size;
	u64 cpu_visible;	/* bytes from offset 0 on that BAR4 covers */
};

int trn_hbm_init(struct trn_hbm *hbm, u64 size, u64 cpu_visible);
void trn_hbm_fini(struct trn_hbm *hbm);
int trn_hbm_alloc(struct trn_hbm *hbm, u64 size, bool mappable, struct list_head *blocks);
void trn_hbm_free(struct trn_hbm *hbm, struct list_head *blocks);
u64 trn_hbm_avail(struct trn_hbm *hbm);

#endif /* TRN_HBM_H */
