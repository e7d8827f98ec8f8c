/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_CHIP_RESET_H
#define TRN_CHIP_RESET_H

#include <linux/types.h>

struct trn_device;

int trn_chip_reset(struct trn_device *tdev);
bool trn_chip_was_reset(struct trn_device *tdev);

#endif /* TRN_CHIP_RESET_H */
