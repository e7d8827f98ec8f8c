/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_HBM_BO_H
#define TRN_HBM_BO_H

#include <linux/types.h>

struct trn_bo;
struct trn_device;
struct trn_user;

struct trn_bo *trn_hbm_bo_create(struct trn_device *tdev, u64 size, u32 stack, bool mappable,
				 struct trn_user *user);
bool trn_hbm_bo_is_in_bar4(const struct trn_bo *bo);
phys_addr_t trn_hbm_bo_bar4_addr(const struct trn_bo *bo, u64 addr);

#endif /* TRN_HBM_BO_H */
