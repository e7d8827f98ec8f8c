/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker threads: a FIFO of engines that have work, and the threads that give
 * each a turn. An engine is in the FIFO at most once.
 */
#ifndef HW_MISC_TRN_WORKER_H
#define HW_MISC_TRN_WORKER_H

#include "core/chip.h"
#include "qemu/thread.h"

#define TRN_WORKERS_MAX 16

struct TrnWorkers;

typedef struct TrnWorker {
    struct TrnWorkers *pool;
    TrnRun *run;
    QemuThread thread;
} TrnWorker;

typedef struct TrnWorkers {
    QemuMutex lock;             /* protects what follows; innermost */
    QemuCond wake;
    uint8_t fifo[256];
    uint8_t head;
    uint8_t tail;
    unsigned sleeping;
    bool quit;
    unsigned count;
    unsigned gone;              /* under the BQL */
    QemuCond all_gone;          /* with the BQL */
    uint32_t spin_ns;
    TrnWorker worker[TRN_WORKERS_MAX];
} TrnWorkers;

/* False, with nothing started, if the host is out of memory. */
bool trn_workers_start(TrnWorkers *w, TrnChip *chip, unsigned count,
                       uint32_t spin_ns);

/*
 * Ends the threads. The chip is stopped. The BQL is held, and dropped while
 * waiting.
 */
void trn_workers_stop(TrnWorkers *w);

/* Gives @engine a turn soon. Any thread. */
void trn_workers_add(TrnWorkers *w, unsigned engine);

#endif /* HW_MISC_TRN_WORKER_H */
