/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that are constants of a model, of energy or of time: they are set
 * before the device is realized, and begin as the core has them.
 */
#ifndef HW_MISC_TRN_CONSTANTS_H
#define HW_MISC_TRN_CONSTANTS_H

#include "trn-device.h"

/* Of the class TYPE_TRN, and what an object begins with. */
void trn_constants_class_init(ObjectClass *klass);
void trn_constants_instance_init(TrnState *s);

/* Name and value of the @i-th constant; NULL behind the last. */
const char *trn_constants_get(const TrnState *s, unsigned i,
                               uint64_t *value);

#endif /* HW_MISC_TRN_CONSTANTS_H */
