/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_PIN_H
#define TRN_PIN_H

#include <linux/types.h>

struct trn_bo;
struct trn_device;

struct trn_bo *trn_pin_create(struct trn_device *tdev, u64 addr, u64 size, u32 flags);

#endif /* TRN_PIN_H */
