/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device must not do to itself. The message of an interrupt, or of an
 * IOMMU that faults, is a store to an address of the guest's choice: a register
 * of the chip that sends it, the configuration space of any device, the slot of
 * one that is to be unplugged.
 */
#ifndef HW_MISC_TRN_GUARD_H
#define HW_MISC_TRN_GUARD_H

#include "trn-device.h"

/*
 * Around what the device does with the BQL held that is not the access of a
 * vCPU: as inside one, its own BARs do not answer. Nests; @was is what begin
 * returned.
 */
bool trn_guard_begin(TrnState *s);
void trn_guard_end(TrnState *s, bool was);

/*
 * Around what may run an IOMMU, with the BQL held: the thread may be inside an
 * engine, and inside a neighbour. No device of the fabric answers, and those
 * that are to be reset or to go do so later.
 */
void trn_guard_fabric_begin(TrnState *s);
void trn_guard_fabric_end(TrnState *s);

/* No register of the device answers: it has left, or a fabric is guarded. */
bool trn_guard_is_deaf(TrnState *s);

/* @what is done now or, where it would have to wait for this thread, soon. */
void trn_guard_now_or_later(TrnState *s, TrnLate what);

/* What has not been done yet is done now. */
void trn_guard_do_late(TrnState *s);

/* Drops a reference when whoever holds the BQL now has let go of it. */
void trn_guard_unref_later(TrnState *s);

#endif /* HW_MISC_TRN_GUARD_H */
