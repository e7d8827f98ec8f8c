/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/processor.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "block/aio.h"
#include "trn-worker.h"

/* 8-bit indices wrap at the size of the FIFO by themselves. */
QEMU_BUILD_BUG_ON(ARRAY_SIZE(((TrnWorkers *)0)->fifo) != 256);
QEMU_BUILD_BUG_ON(TRN_NUM_ENGINES > 255);

static bool fifo_is_empty(TrnWorkers *w)
{
    return qatomic_read(&w->head) == qatomic_read(&w->tail);
}

/* A little patience before sleeping: work often follows work. */
static void spin(TrnWorkers *w)
{
    int64_t until = get_clock() + w->spin_ns;

    while (fifo_is_empty(w) && !qatomic_read(&w->quit) &&
           get_clock() < until) {
        cpu_relax();
    }
}

/* The next engine, or -1 to quit. */
static int next_engine(TrnWorkers *w)
{
    int engine = -1;

    if (w->spin_ns && fifo_is_empty(w)) {
        spin(w);
    }
    qemu_mutex_lock(&w->lock);
    while (!w->quit && w->head == w->tail) {
        w->sleeping++;
        qemu_cond_wait(&w->wake, &w->lock);
        w->sleeping--;
    }
    if (!w->quit) {
        engine = w->fifo[w->head];
        qatomic_set(&w->head, w->head + 1);
    }
    qemu_mutex_unlock(&w->lock);
    return engine;
}

static void drop_owner(void *opaque)
{
    object_unref(opaque);
}

static void *worker_thread(void *opaque)
{
    TrnWorker *self = opaque;
    TrnWorkers *w = self->pool;
    int engine;

    rcu_register_thread();
    while ((engine = next_engine(w)) >= 0) {
        if (trn_engine_run(self->run, engine)) {
            trn_workers_add(w, engine);
        }
    }
    rcu_unregister_thread();
    aio_bh_schedule_oneshot(qemu_get_aio_context(), drop_owner, w->owner);
    return NULL;
}

void trn_workers_add(TrnWorkers *w, unsigned engine)
{
    qemu_mutex_lock(&w->lock);
    w->fifo[w->tail] = engine;
    qatomic_set(&w->tail, w->tail + 1);
    if (w->sleeping) {
        qemu_cond_signal(&w->wake);
    }
    qemu_mutex_unlock(&w->lock);
}

bool trn_workers_init(TrnWorkers *w, TrnChip *chip, unsigned count,
                      uint32_t spin_ns)
{
    qemu_mutex_init(&w->lock);
    qemu_cond_init(&w->wake);
    for (unsigned i = 0; i < count; i++) {
        w->worker[i].pool = w;
        w->worker[i].run = trn_run_new(chip);
        if (!w->worker[i].run) {
            return false;
        }
        w->count++;
    }
    w->spin_ns = spin_ns;
    return true;
}

void trn_workers_fini(TrnWorkers *w)
{
    if (!w->count) {
        return;
    }
    for (unsigned i = 0; i < w->count; i++) {
        trn_run_free(w->worker[i].run);
    }
    qemu_cond_destroy(&w->wake);
    qemu_mutex_destroy(&w->lock);
}

void trn_workers_start(TrnWorkers *w, Object *owner)
{
    w->owner = owner;
    for (unsigned i = 0; i < w->count; i++) {
        QemuThread thread;

        object_ref(owner);
        qemu_thread_create(&thread, "trn-worker", worker_thread,
                           &w->worker[i], QEMU_THREAD_DETACHED);
    }
}

void trn_workers_stop(TrnWorkers *w)
{
    qemu_mutex_lock(&w->lock);
    qatomic_set(&w->quit, true);
    qemu_cond_broadcast(&w->wake);
    qemu_mutex_unlock(&w->lock);
}
