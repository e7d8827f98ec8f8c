/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a chip in a migration stream. These files use nothing of the
 * device, and of QEMU only VMState, so that a fuzzer can link them.
 */
#ifndef HW_MISC_TRN_VMSTATE_H
#define HW_MISC_TRN_VMSTATE_H

#include "core/chip.h"
#include "migration/vmstate.h"

/* TrnChip, without the RAM that the device provides. */
extern const VMStateDescription trn_vmstate_chip;

/* TrnChip.engine. */
extern const VMStateInfo trn_vmstate_info_engines;

#endif /* HW_MISC_TRN_VMSTATE_H */
