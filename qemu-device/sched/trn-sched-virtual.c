/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wake timer, on the virtual clock, gives the turns. It holds the BQL.
 * Engines have their turns in the order in which they became ready. Under
 * -icount, each run does the same at the same time. The timing model needs
 * this scheduler.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "system/cpu-timers.h"
#include "system/qtest.h"
#include "sched/trn-sched.h"

/*
 * Some work takes no time in the model, and yet time of the host. After this
 * number of turns the scheduler pauses, so that virtual time advances.
 */
#define TRN_VIRTUAL_TURNS_MAX   1024
#define TRN_VIRTUAL_PAUSE_NS    1000

/*
 * Without -icount, virtual time is the time of the host. The chip of the model
 * is faster than the host, so that work is always due. After a slice, vCPUs
 * can have the BQL for as long as the engines had it.
 */
#define TRN_VIRTUAL_SLICE_NS    (2 * SCALE_MS)

typedef struct TrnVirtual {
    TrnSched sched;
    TrnExec *run;
    QEMUTimer *wake_timer;
    TrnEngineFifo fifo;
    bool is_deferred;           /* trn_chip_deferred() has to be called */
} TrnVirtual;

static bool trn_virtual_is_exact(TrnSched *sched)
{
    return icount_enabled() || qtest_enabled();
}

static void trn_virtual_run_in(TrnVirtual *v, int64_t delay_ns)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    timer_mod_anticipate(v->wake_timer, now + delay_ns);
}

static void trn_virtual_engine_ready(TrnSched *sched, unsigned engine)
{
    TrnVirtual *v = container_of(sched, TrnVirtual, sched);

    trn_engine_fifo_push(&v->fifo, engine);
    trn_virtual_run_in(v, 0);
}

static void trn_virtual_defer(TrnSched *sched)
{
    TrnVirtual *v = container_of(sched, TrnVirtual, sched);

    v->is_deferred = true;
    trn_virtual_run_in(v, 0);
}

static void trn_virtual_run(TrnSched *sched)
{
    TrnVirtual *v = container_of(sched, TrnVirtual, sched);
    int64_t began = trn_virtual_is_exact(sched) ? 0 : get_clock();
    int64_t took = 0;

    for (unsigned n = 0; n < TRN_VIRTUAL_TURNS_MAX &&
                         took < TRN_VIRTUAL_SLICE_NS &&
                         !trn_engine_fifo_is_empty(&v->fifo); n++) {
        unsigned engine = trn_engine_fifo_pop(&v->fifo);

        if (trn_engine_run(v->run, engine)) {
            trn_engine_fifo_push(&v->fifo, engine);
        }
        took = began ? get_clock() - began : 0;
    }
    if (!trn_engine_fifo_is_empty(&v->fifo)) {
        trn_virtual_run_in(v, MAX(TRN_VIRTUAL_PAUSE_NS, took));
    }
    if (v->is_deferred) {
        v->is_deferred = false;
        trn_chip_deferred(sched->chip);
    }
}

static void trn_virtual_free(TrnSched *sched)
{
    TrnVirtual *v = container_of(sched, TrnVirtual, sched);

    trn_exec_free(v->run);
    g_free(v);
}

static TrnSched *trn_virtual_new(const TrnSchedConfig *cfg)
{
    TrnVirtual *v = g_new0(TrnVirtual, 1);

    v->wake_timer = cfg->wake_timer;
    v->run = trn_exec_new(cfg->chip);
    if (!v->run) {
        g_free(v);
        return NULL;
    }
    return &v->sched;
}

const TrnSchedOps trn_sched_virtual = {
    .has_bql = true,
    .new = trn_virtual_new,
    .free = trn_virtual_free,
    .engine_ready = trn_virtual_engine_ready,
    .defer = trn_virtual_defer,
    .is_exact = trn_virtual_is_exact,
    .run = trn_virtual_run,
};
