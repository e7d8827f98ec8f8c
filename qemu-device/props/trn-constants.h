/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that are constants of the energy model or the timing model. They
 * can be set until the device is realized. The core has their default values.
 */
#ifndef HW_MISC_TRN_CONSTANTS_H
#define HW_MISC_TRN_CONSTANTS_H

#include "trn-device.h"

/* Adds them to the class TYPE_TRN; gives an object its default values. */
void trn_constants_class_init(ObjectClass *klass);
void trn_constants_instance_init(TrnState *s);

/* Name and value of constant @i; NULL if there are not so many. */
const char *trn_constants_get(const TrnState *s, unsigned i,
                               uint64_t *value);

#endif /* HW_MISC_TRN_CONSTANTS_H */
