/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of the files that add properties to the device's class. */
#ifndef HW_MISC_TRN_PROPS_H
#define HW_MISC_TRN_PROPS_H

#include "qom/object.h"

/* Adds a property that has a description. @opaque is for @get and @set. */
void trn_props_add(ObjectClass *klass, const char *name, const char *type,
                   ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                   const void *opaque, const char *description);

/* Takes a value. False, with an error set: it is not from @min to @max. */
bool trn_props_visit_range(Visitor *v, const char *name, uint32_t *value,
                           uint32_t min, uint32_t max, Error **errp);

#endif /* HW_MISC_TRN_PROPS_H */
