/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error injection: faults that somebody outside the guest arms. They survive
 * every reset and are not migrated.
 */
#ifndef TRN_CORE_ERRINJ_H
#define TRN_CORE_ERRINJ_H

#include "port.h"
#include "../regs/trn_chip.h"

struct TrnChip;

typedef enum TrnEcc {
    TRN_ECC_CORRECTED,          /* counted, the data is right */
    TRN_ECC_UNCORRECTED,        /* counted, and an AXI error at the source */
} TrnEcc;

/* What is wrong with the replies of the mailbox (HW 6.4, 6.5). */
typedef enum TrnMboxFault {
    TRN_MBOX_FAULT_NONE,
    TRN_MBOX_FAULT_SEQUENCE,    /* the number of some other request */
    TRN_MBOX_FAULT_FAILED,      /* error 1, and nothing was done */
    TRN_MBOX_FAULT_UNKNOWN,     /* error 2, and nothing was done */
    TRN_MBOX_FAULT_CRC,         /* the request arrives damaged */
    TRN_MBOX_FAULT_SILENT,      /* no reply; TRIGGER stays 1 */
    TRN_MBOX_FAULT_MAX,
} TrnMboxFault;

#define TRN_MALICE_CHANCES  16  /* of which malice.h takes the first */

/*
 * Counts that are used up are atomic; what else workers read is written whole.
 * All is 0 when nothing is armed.
 */
typedef struct TrnErrinj {
    TrnMboxFault mbox_fault;    /* big lock */
    uint32_t not_ready;         /* reads of MISC RAM to come that fail */
    uint32_t engine;            /* the queue that the next three are about */
    uint32_t queue;
    uint32_t axi_error_at;      /* M2S descriptor from here on; 0 = none */
    uint32_t delay_ns;          /* from S2M data moved to S2M completed */
    uint32_t busy;              /* 1: it never says that it is idle */
    uint32_t lose_irqs;         /* interrupts to come that are lost */
    uint32_t ignore_resets;     /* resets to come that are not done */
    uint32_t malice_kinds;      /* bits by TrnMalice (malice.h) */
    uint32_t malice_rate;       /* one chance in so many is a lie */
    uint32_t malice_seed;
    uint32_t malice_stuck;      /* reads that say that a reset is not over */
    uint64_t malice_chances[TRN_MALICE_CHANCES];    /* so far, by TrnMalice */
    uint32_t links_down;        /* a bit for each window */
    uint32_t throttle;          /* the chip is throttled, hot or not */
    uint64_t ecc_at[2];         /* by TrnEcc: HBM address + 1, or 0; atomic */
    uint32_t ecc_hits[TRN_NUM_HBM_STACKS];  /* as ECC_HBM has them; atomic */
    bool delayed;               /* some queue has been, ever */
    bool gone;                  /* trn_chip_set_gone() */
    bool malice_disobeyed;      /* the last reset was not done */
} TrnErrinj;

/* Returns *@count, and decrements it unless it is 0. Any thread. */
uint32_t trn_errinj_take(uint32_t *count);

/*
 * Before the data of a new M2S descriptor is read: true if that read must fail.
 * On the worker that runs the engine.
 */
bool trn_errinj_axi_error(struct TrnChip *chip, unsigned engine, unsigned q);

/*
 * When an S2M descriptor is full: true if its completion is delayed. The queue
 * is kicked at the end of the delay. On the worker that runs the engine.
 */
bool trn_errinj_delays(struct TrnChip *chip, unsigned engine, unsigned q);

/* True if the queue must report itself busy. */
bool trn_errinj_busy(const struct TrnChip *chip, unsigned engine, unsigned q);

/* Kicks the queues whose completion is delayed. Big lock held. */
void trn_errinj_woken(struct TrnChip *chip);

/* After a fault was set or cleared. Big lock held. */
void trn_errinj_changed(struct TrnChip *chip);

#endif /* TRN_CORE_ERRINJ_H */
