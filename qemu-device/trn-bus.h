/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TrnBus of a chip in QEMU. */
#ifndef HW_MISC_TRN_BUS_H
#define HW_MISC_TRN_BUS_H

#include "core/bus.h"

/* Its opaque argument is the TrnState. */
extern const TrnBus trn_bus;

#endif /* HW_MISC_TRN_BUS_H */
