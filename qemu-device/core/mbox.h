/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware mailbox in MISC RAM (HW 6): status words, both request protocols,
 * and the trigger that also starts resets on silicon (HW 7.2).
 *
 * The firmware answers inside the write of TRIGGER.
 */
#ifndef TRN_CORE_MBOX_H
#define TRN_CORE_MBOX_H

#include "port.h"
#include "../regs/trn_chip.h"

struct TrnChip;

typedef struct TrnMbox {
    uint32_t ram[TRN_MISC_RAM_SIZE / 4];
    uint16_t power_samples;
} TrnMbox;

/* Power-on contents: identity from the configuration, the rest 0. */
void trn_mbox_reset(struct TrnChip *chip);

/* @offset: inside MISC RAM, a multiple of 4. Big lock held. */
uint32_t trn_mbox_read(struct TrnChip *chip, uint32_t offset);
void trn_mbox_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

#endif /* TRN_CORE_MBOX_H */
