/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IOFIC: the interrupt and abort controller of an engine. Registers as HW 3.7
 * and, for what it leaves open, as section 5.1 of the block family:
 *
 *   cause       write 0 clears a bit, 1 leaves it; cleared by a read if control
 *               bit 0
 *   cause set   write 1 sets
 *   mask clear  write 0 clears the mask bit, 1 leaves it
 *   status      latched level of the sources: here, what was raised last
 *
 * The reference gives no reset values. Masks begin as all-ones: software
 * only ever clears bits of them (HW 3.5, steps 18 and 21), and then reads what
 * it wants as the abort mask (steps 27 and 28). All else begins as 0.
 */
#ifndef TRN_CORE_IOFIC_H
#define TRN_CORE_IOFIC_H

#include "../port.h"

typedef struct TrnIofic {
    uint32_t cause;
    uint32_t mask;
    uint32_t status;
    uint32_t control;
    uint32_t abort_mask;
    uint32_t log_mask;
} TrnIofic;

void trn_iofic_reset(TrnIofic *group);

/* @offset: inside the 0x40-byte group. */
uint32_t trn_iofic_read(TrnIofic *group, uint32_t offset);
void trn_iofic_write(TrnIofic *group, uint32_t offset, uint32_t value);

/*
 * A source reports @bits. True if one of them aborts the engine: abort is a
 * function of cause and abort mask, not of mask (family 5.1).
 */
bool trn_iofic_raise(TrnIofic *group, uint32_t bits);

#endif /* TRN_CORE_IOFIC_H */
