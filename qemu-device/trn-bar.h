/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BARs of the device. */
#ifndef HW_MISC_TRN_BAR_H
#define HW_MISC_TRN_BAR_H

#include "trn-device.h"

/* The three BARs, and HBM. */
bool trn_bars_init(TrnState *s, Error **errp);

/* Takes the memory out of the BARs. trn_hbm_exit() follows. */
void trn_bars_exit(TrnState *s);

/* Pulls the device out of its slot, or pushes it back in. */
void trn_bars_set_gone(TrnState *s, bool gone);

#endif /* HW_MISC_TRN_BAR_H */
