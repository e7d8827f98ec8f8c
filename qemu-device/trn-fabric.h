/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fabric as a QOM object. Devices are neighbours if their property "fabric"
 * names the same object. A device without that property uses the fabric of the
 * machine.
 */
#ifndef HW_MISC_TRN_FABRIC_H
#define HW_MISC_TRN_FABRIC_H

#include "hw/qdev-core.h"
#include "qom/object.h"
#include "core/fabric/fabric.h"

#define TYPE_TRN_FABRIC "trn-fabric"
OBJECT_DECLARE_SIMPLE_TYPE(TrnFabricState, TRN_FABRIC)

struct TrnFabricState {
    DeviceState parent_obj;
    TrnFabric core;
    unsigned guarded;           /* trn_guard_fabric_begin(); BQL */
};

/* The fabric of the machine; the first call creates it. */
TrnFabricState *trn_fabric_of_machine(void);

#endif /* HW_MISC_TRN_FABRIC_H */
