/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker threads: a FIFO of engines that have work, and the threads that give
 * each a turn. An engine is in the FIFO at most once.
 */
#ifndef HW_MISC_TRN_WORKER_H
#define HW_MISC_TRN_WORKER_H

#include "core/chip.h"
#include "qemu/thread.h"
#include "qom/object.h"

#define TRN_WORKERS_MAX 16

struct TrnWorkers;

typedef struct TrnWorker {
    struct TrnWorkers *pool;
    TrnRun *run;
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
    uint32_t spin_ns;
    Object *owner;
    TrnWorker worker[TRN_WORKERS_MAX];
} TrnWorkers;

/* False if the host is out of memory. */
bool trn_workers_init(TrnWorkers *w, TrnChip *chip, unsigned count,
                      uint32_t spin_ns);

/* Of what init left, if it was called; all threads are gone. */
void trn_workers_fini(TrnWorkers *w);

/* Starts the threads. Each has a reference to @owner until it ends. */
void trn_workers_start(TrnWorkers *w, Object *owner);

/*
 * Has the threads end soon: to wait for them is not possible with the BQL held,
 * because they may wait for that. The chip is stopped.
 */
void trn_workers_stop(TrnWorkers *w);

/* Gives @engine a turn soon. Any thread. */
void trn_workers_add(TrnWorkers *w, unsigned engine);

#endif /* HW_MISC_TRN_WORKER_H */
