/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Migration and snapshots of the device. */
#ifndef HW_MISC_TRN_MIGRATE_H
#define HW_MISC_TRN_MIGRATE_H

#include "trn-device.h"

extern const VMStateDescription trn_vmstate;

/* This QEMU has the fix of qemu.patch. */
bool trn_migrate_is_mended(void);

/* Blocks migration if this QEMU would lose data. */
bool trn_migrate_init(TrnState *s, Error **errp);
void trn_migrate_exit(TrnState *s);

/* Ends a load that failed half way. To be called before the chip is used. */
void trn_migrate_settle(TrnState *s);

#endif /* HW_MISC_TRN_MIGRATE_H */
