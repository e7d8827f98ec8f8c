/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware mailbox in MISC RAM (HW 6): status words, both request protocols,
 * and the trigger that also starts resets on silicon (HW 7.2).
 *
 * The firmware answers inside the write of TRIGGER.
 */
#ifndef TRN_CORE_MBOX_H
#define TRN_CORE_MBOX_H

#include "../port.h"
#include "../../regs/trn_chip.h"

struct TrnChip;

/* Status words at the start of MISC RAM, written by firmware (HW 6.1). */
#define TRN_MBOX_STATUS_SIZE 0x0c0

typedef struct TrnMbox {
    uint32_t ram[TRN_MISC_RAM_SIZE / 4];
} TrnMbox;

/* Identity from the configuration, the rest 0. */
void trn_mbox_init(struct TrnChip *chip);

/* Clears all but the status words, which survive a reset. */
void trn_mbox_reset(struct TrnChip *chip);

uint64_t trn_mbox_serial(struct TrnChip *chip);

/* The status word at @offset, and its bits in @mask set to @value. Big lock. */
uint32_t trn_mbox_status(struct TrnChip *chip, uint32_t offset);
void trn_mbox_set_status(struct TrnChip *chip, uint32_t offset, uint32_t mask,
                         uint32_t value);

/* @offset: inside MISC RAM, a multiple of 4. Big lock held. */
uint32_t trn_mbox_read(struct TrnChip *chip, uint32_t offset);
void trn_mbox_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

#endif /* TRN_CORE_MBOX_H */
