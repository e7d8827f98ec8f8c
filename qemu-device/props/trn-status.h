/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties that are status words of the mailbox. */
#ifndef HW_MISC_TRN_STATUS_H
#define HW_MISC_TRN_STATUS_H

#include "trn-device.h"

/* Adds them to the class TYPE_TRN; gives an object its default values. */
void trn_status_class_init(ObjectClass *klass);
void trn_status_instance_init(TrnState *s);

/* Copies the values set before realize into the mailbox. */
void trn_status_apply(TrnState *s);

#endif /* HW_MISC_TRN_STATUS_H */
