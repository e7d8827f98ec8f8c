/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties that inject faults. */
#ifndef HW_MISC_TRN_FAULTS_H
#define HW_MISC_TRN_FAULTS_H

#include "trn-device.h"

/* Adds them to the class TYPE_TRN; gives an object its default values. */
void trn_faults_class_init(ObjectClass *klass);
void trn_faults_instance_init(TrnState *s);

/* Copies the values set before realize into the chip. */
void trn_faults_apply(TrnState *s);

#endif /* HW_MISC_TRN_FAULTS_H */
