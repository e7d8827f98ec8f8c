/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scheduler gives a turn to each engine that has work, and calls
 * trn_chip_deferred() when the chip asks for it. There are two:
 * trn_sched_threads and trn_sched_virtual. The device chooses one at realize.
 */
#ifndef HW_MISC_TRN_SCHED_H
#define HW_MISC_TRN_SCHED_H

#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "core/chip.h"
#include "qom/object.h"

#define TRN_SCHED_THREADS_MAX 16

typedef struct TrnSchedOps TrnSchedOps;

/* The first member of each scheduler. */
typedef struct TrnSched {
    const TrnSchedOps *ops;
    TrnChip *chip;
} TrnSched;

typedef struct TrnSchedConfig {
    TrnChip *chip;
    Object *owner;              /* the device: each thread has a reference */
    QEMUBH *defer_bh;           /* calls trn_chip_deferred() */
    QEMUTimer *wake_timer;      /* its callback leads to trn_sched_run() */
    unsigned num_threads;       /* 1 to TRN_SCHED_THREADS_MAX */
    uint32_t spin_ns;
} TrnSchedConfig;

/* A hook that is NULL does nothing, or returns false. */
struct TrnSchedOps {
    /* Turns are given with the BQL held: no engine has to take it. */
    bool has_bql;

    /* NULL if the host is out of memory. */
    TrnSched *(*new)(const TrnSchedConfig *cfg);
    void (*free)(TrnSched *sched);
    void (*start)(TrnSched *sched);
    void (*stop)(TrnSched *sched);
    void (*engine_ready)(TrnSched *sched, unsigned engine);
    void (*defer)(TrnSched *sched);
    bool (*is_exact)(TrnSched *sched);
    void (*run)(TrnSched *sched);
};

extern const TrnSchedOps trn_sched_threads;
extern const TrnSchedOps trn_sched_virtual;

static inline TrnSched *trn_sched_new(const TrnSchedOps *ops,
                                      const TrnSchedConfig *cfg)
{
    TrnSched *sched = ops->new(cfg);

    if (sched) {
        sched->ops = ops;
        sched->chip = cfg->chip;
    }
    return sched;
}

/* All threads have ended. */
static inline void trn_sched_free(TrnSched *sched)
{
    sched->ops->free(sched);
}

/* The first turn can be given. BQL held. */
static inline void trn_sched_start(TrnSched *sched)
{
    if (sched->ops->start) {
        sched->ops->start(sched);
    }
}

/*
 * Threads end soon. They cannot be joined here: the caller has the BQL, and a
 * thread may be waiting for it. The chip is stopped.
 */
static inline void trn_sched_stop(TrnSched *sched)
{
    if (sched->ops->stop) {
        sched->ops->stop(sched);
    }
}

/* TrnBus.engine_ready: gives @engine a turn soon. Any thread. */
static inline void trn_sched_engine_ready(TrnSched *sched, unsigned engine)
{
    sched->ops->engine_ready(sched, engine);
}

/* TrnBus.defer. */
static inline void trn_sched_defer(TrnSched *sched)
{
    sched->ops->defer(sched);
}

/* The callback of the wake timer must call trn_sched_run() itself. */
static inline bool trn_sched_is_exact(TrnSched *sched)
{
    return sched->ops->is_exact && sched->ops->is_exact(sched);
}

/* The wake timer has expired: gives the turns that are due. BQL held. */
static inline void trn_sched_run(TrnSched *sched)
{
    if (sched->ops->run) {
        sched->ops->run(sched);
    }
}

/*
 * For schedulers: the engines that wait for a turn, each at most once, so that
 * the FIFO cannot overflow. The indices wrap because they have 8 bits.
 */
typedef struct TrnEngineFifo {
    uint8_t engine[256];
    uint8_t head;
    uint8_t tail;
} TrnEngineFifo;

QEMU_BUILD_BUG_ON(TRN_NUM_ENGINES > 255);

/* Needs no lock. */
static inline bool trn_engine_fifo_is_empty(TrnEngineFifo *fifo)
{
    return qatomic_read(&fifo->head) == qatomic_read(&fifo->tail);
}

static inline void trn_engine_fifo_push(TrnEngineFifo *fifo, unsigned engine)
{
    fifo->engine[fifo->tail] = engine;
    qatomic_set(&fifo->tail, fifo->tail + 1);
}

/* The FIFO is not empty. */
static inline unsigned trn_engine_fifo_pop(TrnEngineFifo *fifo)
{
    unsigned engine = fifo->engine[fifo->head];

    qatomic_set(&fifo->head, fifo->head + 1);
    return engine;
}

#endif /* HW_MISC_TRN_SCHED_H */
