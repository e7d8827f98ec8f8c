/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RAM of the device: HBM, and the pool of on-chip memory. */
#ifndef HW_MISC_TRN_RAM_H
#define HW_MISC_TRN_RAM_H

#include "trn-device.h"

bool trn_hbm_init(TrnState *s, Error **errp);

/* Takes HBM out of BAR4. */
void trn_hbm_unmap(TrnState *s);

/* Follows trn_hbm_unmap() when the chip has stopped for good. */
void trn_hbm_exit(TrnState *s);

bool trn_pool_init(TrnState *s, Error **errp);
void trn_pool_exit(TrnState *s);

/* TrnBus.hbm_dirty, .scratch_dirty and .scratch_clear. */
void trn_hbm_dirty(void *opaque, uint64_t offset, uint64_t len);
void trn_pool_dirty(void *opaque, uint64_t offset, uint64_t len);
void trn_pool_clear(void *opaque, uint64_t len);

#endif /* HW_MISC_TRN_RAM_H */
