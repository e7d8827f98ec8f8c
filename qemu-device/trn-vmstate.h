/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a chip, as it travels. Nothing here knows the device around it, nor
 * more of QEMU than VMState, so that a fuzzer can do without.
 */
#ifndef HW_MISC_TRN_VMSTATE_H
#define HW_MISC_TRN_VMSTATE_H

#include "core/chip.h"
#include "migration/vmstate.h"

/* TrnChip; all but the RAM that the bus has given it. */
extern const VMStateDescription trn_vmstate_chip;

/* TrnChip.engine. */
extern const VMStateInfo trn_vmstate_info_engines;

#endif /* HW_MISC_TRN_VMSTATE_H */
