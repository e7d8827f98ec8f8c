/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "system/cpu-timers.h"
#include "system/qtest.h"
#include "trn-device.h"

/* 8-bit indices wrap at the size of the FIFO by themselves. */
QEMU_BUILD_BUG_ON(ARRAY_SIZE(((TrnTimed *)0)->fifo) != 256);
QEMU_BUILD_BUG_ON(TRN_NUM_ENGINES > 255);

/*
 * What takes no time in the model still takes the host's: after so many turns
 * virtual time moves on.
 */
#define TURNS_MAX   1024
#define PAUSE_NS    1000

/*
 * Virtual time is the host's unless -icount, or a test, moves it. The chip of the
 * model is faster than the host, so that work is always due: the vCPUs then have
 * the BQL for as long as the engines had it.
 */
#define SLICE_NS    (2 * SCALE_MS)

bool trn_timed_is_exact(void)
{
    return icount_enabled() || qtest_enabled();
}

static void run_at(TrnState *s, int64_t delay)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    timer_mod_anticipate(s->wake_timer, now + delay);
}

static void add(TrnState *s, unsigned engine)
{
    s->timed.fifo[s->timed.tail++] = engine;
}

static void bus_engine_ready(void *opaque, unsigned engine)
{
    add(opaque, engine);
    run_at(opaque, 0);
}

static void bus_defer(void *opaque)
{
    TrnState *s = opaque;

    s->timed.deferred = true;
    run_at(s, 0);
}

/* Whoever runs an engine has the BQL. */
static void bus_lock(void *opaque)
{
}

void trn_timed_init_bus(TrnBus *bus)
{
    bus->lock = bus_lock;
    bus->unlock = bus_lock;
    bus->engine_ready = bus_engine_ready;
    bus->defer = bus_defer;
}

bool trn_timed_init(TrnState *s)
{
    s->timed.run = trn_run_new(s->chip);
    return s->timed.run;
}

void trn_timed_fini(TrnState *s)
{
    trn_run_free(s->timed.run);
}

void trn_timed_run(TrnState *s)
{
    TrnTimed *t = &s->timed;
    int64_t began = trn_timed_is_exact() ? 0 : get_clock();
    int64_t took = 0;

    for (unsigned n = 0; n < TURNS_MAX && took < SLICE_NS &&
                         t->head != t->tail; n++) {
        unsigned engine = t->fifo[t->head++];

        if (trn_engine_run(t->run, engine)) {
            add(s, engine);
        }
        took = began ? get_clock() - began : 0;
    }
    if (t->head != t->tail) {
        run_at(s, MAX(PAUSE_NS, took));
    }
    if (t->deferred) {
        t->deferred = false;
        trn_chip_deferred(s->chip);
    }
}
