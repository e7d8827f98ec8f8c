/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRN_MBOX_H
#define TRN_MBOX_H

#include <linux/types.h>

struct trn_device;

int trn_mbox_wait_ready(struct trn_device *tdev);
void trn_mbox_read_identity(struct trn_device *tdev);
int trn_mbox_reset(struct trn_device *tdev);

#endif /* TRN_MBOX_H */
