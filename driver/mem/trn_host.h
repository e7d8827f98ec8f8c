/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_HOST_H
#define TRN_HOST_H

#include <linux/types.h>

struct trn_bo;
struct trn_device;

struct trn_bo *trn_host_create(struct trn_device *tdev, u64 size);
struct trn_bo *trn_host_create_pattern(struct trn_device *tdev, u32 pattern, u64 size);
bool trn_host_pattern_is(const struct trn_bo *bo, u32 pattern);

#endif /* TRN_HOST_H */
