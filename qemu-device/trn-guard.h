/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guards against accesses of the device to itself. The message of an
 * interrupt, or of an IOMMU fault, is a store to an address of the guest's
 * choice. This may be a register of the chip that sends it, the configuration
 * space of any device, or the control register of a slot, which unplugs a
 * device.
 */
#ifndef HW_MISC_TRN_GUARD_H
#define HW_MISC_TRN_GUARD_H

#include "trn-device.h"

/*
 * Encloses code of the device that holds the BQL outside of an access by a
 * vCPU. The BARs of the device do not answer inside, as during an access by a
 * vCPU. Pairs nest: @was is the value that the begin of the pair returned.
 */
bool trn_guard_begin(TrnState *s);
void trn_guard_end(TrnState *s, bool was);

/*
 * Encloses code that may run an IOMMU, with the BQL held. The thread may be
 * inside an engine, and inside a neighbour. No device of the fabric answers,
 * and resets and removals of these devices are delayed.
 */
void trn_guard_fabric_begin(TrnState *s);
void trn_guard_fabric_end(TrnState *s);

/* The device answers no access: it has left, or its fabric is guarded. */
bool trn_guard_is_deaf(TrnState *s);

/*
 * Does @action now. If that would wait for this thread, a bottom half does it.
 */
void trn_guard_now_or_later(TrnState *s, TrnLate action);

/* Does the delayed actions now. */
void trn_guard_do_late(TrnState *s);

/* Drops a reference to the device after the caller has released the BQL. */
void trn_guard_unref_later(TrnState *s);

#endif /* HW_MISC_TRN_GUARD_H */
