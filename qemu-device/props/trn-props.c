/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "props/trn-props.h"

bool trn_props_visit_range(Visitor *v, const char *name, uint32_t *value,
                           uint32_t min, uint32_t max, Error **errp)
{
    if (!visit_type_uint32(v, name, value, errp)) {
        return false;
    }
    if (*value < min || *value > max) {
        error_setg(errp, "%s must be %u to %u", name, min, max);
        return false;
    }
    return true;
}

void trn_props_add(ObjectClass *klass, const char *name, const char *type,
                   ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                   const void *opaque, const char *description)
{
    object_class_property_add(klass, name, type, get, set, NULL,
                              (void *)opaque);
    object_class_property_set_description(klass, name, description);
}
