/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker threads give the turns, without the BQL: different engines move data
 * in parallel, and one engine is on one thread at a time.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/processor.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "block/aio.h"
#include "sched/trn-sched.h"

typedef struct TrnThreads TrnThreads;

typedef struct TrnWorker {
    TrnThreads *threads;
    TrnExec *run;
} TrnWorker;

struct TrnThreads {
    TrnSched sched;
    Object *owner;
    QEMUBH *defer_bh;
    uint32_t spin_ns;
    QemuMutex lock;             /* protects wake to quit; innermost */
    QemuCond wake;
    TrnEngineFifo fifo;
    unsigned num_sleeping;
    bool quit;
    unsigned num_workers;
    TrnWorker worker[TRN_SCHED_THREADS_MAX];
};

/* Work often follows work: a thread that spins a little sleeps less often. */
static void trn_threads_spin(TrnThreads *t)
{
    int64_t until = get_clock() + t->spin_ns;

    while (trn_engine_fifo_is_empty(&t->fifo) && !qatomic_read(&t->quit) &&
           get_clock() < until) {
        cpu_relax();
    }
}

/* The next engine, or -1 to quit. */
static int trn_threads_next_engine(TrnThreads *t)
{
    int engine = -1;

    if (t->spin_ns && trn_engine_fifo_is_empty(&t->fifo)) {
        trn_threads_spin(t);
    }
    qemu_mutex_lock(&t->lock);
    while (!t->quit && trn_engine_fifo_is_empty(&t->fifo)) {
        t->num_sleeping++;
        qemu_cond_wait(&t->wake, &t->lock);
        t->num_sleeping--;
    }
    if (!t->quit) {
        engine = trn_engine_fifo_pop(&t->fifo);
    }
    qemu_mutex_unlock(&t->lock);
    return engine;
}

static void trn_threads_engine_ready(TrnSched *sched, unsigned engine)
{
    TrnThreads *t = container_of(sched, TrnThreads, sched);

    qemu_mutex_lock(&t->lock);
    trn_engine_fifo_push(&t->fifo, engine);
    if (t->num_sleeping) {
        qemu_cond_signal(&t->wake);
    }
    qemu_mutex_unlock(&t->lock);
}

static void trn_threads_drop_owner(void *opaque)
{
    object_unref(opaque);
}

static void *trn_threads_main(void *opaque)
{
    TrnWorker *self = opaque;
    TrnThreads *t = self->threads;
    int engine;

    rcu_register_thread();
    while ((engine = trn_threads_next_engine(t)) >= 0) {
        if (trn_engine_run(self->run, engine)) {
            trn_threads_engine_ready(&t->sched, engine);
        }
    }
    rcu_unregister_thread();
    aio_bh_schedule_oneshot(qemu_get_aio_context(), trn_threads_drop_owner,
                            t->owner);
    return NULL;
}

static void trn_threads_free(TrnSched *sched)
{
    TrnThreads *t = container_of(sched, TrnThreads, sched);

    for (unsigned i = 0; i < t->num_workers; i++) {
        trn_exec_free(t->worker[i].run);
    }
    qemu_cond_destroy(&t->wake);
    qemu_mutex_destroy(&t->lock);
    g_free(t);
}

static TrnSched *trn_threads_new(const TrnSchedConfig *cfg)
{
    TrnThreads *t = g_new0(TrnThreads, 1);

    t->owner = cfg->owner;
    t->defer_bh = cfg->defer_bh;
    t->spin_ns = cfg->spin_ns;
    qemu_mutex_init(&t->lock);
    qemu_cond_init(&t->wake);
    for (unsigned i = 0; i < cfg->num_threads; i++) {
        t->worker[i].threads = t;
        t->worker[i].run = trn_exec_new(cfg->chip);
        if (!t->worker[i].run) {
            trn_threads_free(&t->sched);
            return NULL;
        }
        t->num_workers++;
    }
    return &t->sched;
}

static void trn_threads_start(TrnSched *sched)
{
    TrnThreads *t = container_of(sched, TrnThreads, sched);

    for (unsigned i = 0; i < t->num_workers; i++) {
        QemuThread thread;

        object_ref(t->owner);
        qemu_thread_create(&thread, "trn-worker", trn_threads_main,
                           &t->worker[i], QEMU_THREAD_DETACHED);
    }
}

static void trn_threads_stop(TrnSched *sched)
{
    TrnThreads *t = container_of(sched, TrnThreads, sched);

    qemu_mutex_lock(&t->lock);
    qatomic_set(&t->quit, true);
    qemu_cond_broadcast(&t->wake);
    qemu_mutex_unlock(&t->lock);
}

static void trn_threads_defer(TrnSched *sched)
{
    qemu_bh_schedule(container_of(sched, TrnThreads, sched)->defer_bh);
}

const TrnSchedOps trn_sched_threads = {
    .new = trn_threads_new,
    .free = trn_threads_free,
    .start = trn_threads_start,
    .stop = trn_threads_stop,
    .engine_ready = trn_threads_engine_ready,
    .defer = trn_threads_defer,
};
