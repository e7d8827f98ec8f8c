/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trnx event queues: rings of 16-byte entries in memory, one MSI-X vector each
 * (regs/trn_trnx.h). All of it under the big lock.
 *
 * Arming is one shot. A write of CI to TRNX_EQ_ARM asks for one interrupt as
 * soon as there is an entry behind CI, so an entry written just before it
 * interrupts at once, and no interrupt is lost. An interrupt that comes too
 * early for MODERATION is held until its time; further interrupts merge with
 * it.
 */
#ifndef TRN_CORE_EQ_H
#define TRN_CORE_EQ_H

#include "../port.h"
#include "../../regs/trn_trnx.h"

struct TrnChip;

typedef struct TrnEq {
    uint64_t base;
    uint32_t base_low;          /* low half waiting for its high half */
    uint32_t size;              /* log2 of the entries, as written */
    uint32_t ctrl;
    uint64_t ring;              /* base and size when it was enabled */
    uint32_t log2;
    uint32_t pi;
    uint32_t ci;
    uint32_t status;
    bool armed;
    uint32_t moderation;        /* minimum ns between interrupts */
    uint64_t next_irq;          /* when the next may come */
    bool held;                  /* one is waiting for that time */
} TrnEq;

void trn_eq_reset(TrnEq *eq);

/* @offset: in the registers of all queues. The rest as in trnx.c. */
uint64_t trn_eq_read(struct TrnChip *chip, uint32_t offset);
void trn_eq_write(struct TrnChip *chip, uint32_t offset, uint32_t value);

/* Raises the held interrupts that are due. */
void trn_eq_woken(struct TrnChip *chip);

/* After the state was loaded from elsewhere. */
void trn_eq_resume(struct TrnChip *chip);

/*
 * Writes one event and interrupts if armed. An event to a queue that is off is
 * dropped; one that finds no room sets OVERFLOW.
 */
void trn_eq_post(struct TrnChip *chip, unsigned n, unsigned type,
                 uint32_t source, uint64_t data);

#endif /* TRN_CORE_EQ_H */
