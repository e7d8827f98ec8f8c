/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties that inject faults. */
#ifndef HW_MISC_TRN_FAULTS_H
#define HW_MISC_TRN_FAULTS_H

#include "trn-device.h"

/* Of the class TYPE_TRN, and what an object begins with. */
void trn_faults_class_init(ObjectClass *klass);
void trn_faults_instance_init(TrnState *s);

/* Copies what was set at the start into the chip. */
void trn_faults_apply(TrnState *s);

#endif /* HW_MISC_TRN_FAULTS_H */
