/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Migration and snapshots of the device. */
#ifndef HW_MISC_TRN_MIGRATE_H
#define HW_MISC_TRN_MIGRATE_H

#include "trn-device.h"

extern const VMStateDescription trn_vmstate;

/* This QEMU was built with the mend of qemu.patch. */
bool trn_migrate_is_mended(void);

/* Migration is refused where it would break. */
bool trn_migrate_init(TrnState *s, Error **errp);
void trn_migrate_exit(TrnState *s);

/* Ends a load that was not finished. Called before the chip is used. */
void trn_migrate_settle(TrnState *s);

#endif /* HW_MISC_TRN_MIGRATE_H */
