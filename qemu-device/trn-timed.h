/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines when the timing model is on: no threads. They run by the chip's timer
 * on the virtual clock, with the BQL held and in the order in which they became
 * ready, so that under -icount what happens when is the same in every run.
 */
#ifndef HW_MISC_TRN_TIMED_H
#define HW_MISC_TRN_TIMED_H

#include "core/chip.h"

typedef struct TrnTimed {
    TrnRun *run;
    uint8_t fifo[256];          /* engines, each at most once */
    uint8_t head;
    uint8_t tail;
    bool deferred;              /* trn_chip_deferred() is wanted */
} TrnTimed;

struct TrnState;

/* The bus of a chip that is timed, where it differs. */
void trn_timed_init_bus(TrnBus *bus);

/* False if the host is out of memory. */
bool trn_timed_init(struct TrnState *s);
void trn_timed_fini(struct TrnState *s);

/* When the timer's callback runs is exact; else a little later does no harm. */
bool trn_timed_is_exact(void);

/* Everything that is to be done now: by the timer. */
void trn_timed_run(struct TrnState *s);

#endif /* HW_MISC_TRN_TIMED_H */
