/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "trn-fabric.h"

#define TRN_FABRIC_OWN "trn-fabric"     /* child of the machine */

TrnFabricState *trn_fabric_of_machine(void)
{
    Object *machine = qdev_get_machine();
    Object *fabric = object_resolve_path_component(machine, TRN_FABRIC_OWN);

    if (!fabric) {
        fabric = object_new(TYPE_TRN_FABRIC);
        object_property_add_child(machine, TRN_FABRIC_OWN, fabric);
        qdev_realize_and_unref(DEVICE(fabric), NULL, &error_abort);
    }
    return TRN_FABRIC(fabric);
}

static void trn_fabric_instance_init(Object *obj)
{
    trn_fabric_init(&TRN_FABRIC(obj)->core);
}

static void trn_fabric_finalize(Object *obj)
{
    trn_fabric_fini(&TRN_FABRIC(obj)->core);
}

static void trn_fabric_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Links between Trainium accelerators";
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo trn_fabric_types[] = {
    {
        .name = TYPE_TRN_FABRIC,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(TrnFabricState),
        .instance_init = trn_fabric_instance_init,
        .instance_finalize = trn_fabric_finalize,
        .class_init = trn_fabric_class_init,
    },
};

DEFINE_TYPES(trn_fabric_types)
