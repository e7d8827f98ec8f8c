/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that can be set while the device runs, with qom-set over QMP: what
 * its firmware reports, and faults.
 */
#ifndef HW_MISC_TRN_PROPS_H
#define HW_MISC_TRN_PROPS_H

#include "trn-device.h"

/* Of the class TYPE_TRN, and what an object begins with. */
void trn_props_class_init(ObjectClass *klass);
void trn_props_instance_init(TrnState *s);

/* What was set before there was a chip. */
void trn_props_apply(TrnState *s);

/* Of that, what the firmware reports. */
void trn_props_apply_status(TrnState *s);

#endif /* HW_MISC_TRN_PROPS_H */
