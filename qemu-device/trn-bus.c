/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TrnBus: services of QEMU that the core calls. */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "hw/pci/msix.h"
#include "trace.h"
#include "trn-bus.h"
#include "trn-guard.h"
#include "trn-host.h"
#include "trn-ram.h"

static void trn_bus_irq(void *opaque, unsigned vector)
{
    TrnState *s = opaque;

    if (s->exited || s->chip->errinj.gone ||
        trn_errinj_take(&s->chip->errinj.lose_irqs)) {
        trace_trn_irq_lost(s->name, vector);
        return;
    }
    trace_trn_irq(s->name, vector);
    if (msix_enabled(PCI_DEVICE(s))) {
        msix_notify(PCI_DEVICE(s), vector);
    }
}

static void trn_bus_lock(void *opaque)
{
    TrnState *s = opaque;

    if (!s->sched->ops->has_bql) {
        bql_lock();
        trn_guard_begin(s);
    }
}

static void trn_bus_unlock(void *opaque)
{
    TrnState *s = opaque;

    if (!s->sched->ops->has_bql) {
        trn_guard_end(s, false);
        bql_unlock();
    }
}

static uint64_t trn_bus_now(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void trn_bus_wake_at(void *opaque, uint64_t when)
{
    TrnState *s = opaque;

    timer_mod_anticipate(s->wake_timer, MIN(when, INT64_MAX));
}

static void trn_bus_engine_ready(void *opaque, unsigned engine)
{
    TrnState *s = opaque;

    trn_sched_engine_ready(s->sched, engine);
}

static void trn_bus_defer(void *opaque)
{
    TrnState *s = opaque;

    trn_sched_defer(s->sched);
}

static int trn_log_mask(TrnLog kind)
{
    return kind == TRN_LOG_UNIMP ? LOG_UNIMP : LOG_GUEST_ERROR;
}

static bool trn_bus_log_is_on(void *opaque, TrnLog kind)
{
    return qemu_loglevel_mask(trn_log_mask(kind));
}

static void trn_bus_log(void *opaque, TrnLog kind, const char *line)
{
    TrnState *s = opaque;

    qemu_log_mask(trn_log_mask(kind), "%s: %s\n", s->name, line);
}

static void trn_bus_trace(void *opaque, TrnTrace event, unsigned engine,
                          unsigned queue, uint64_t a, uint64_t b)
{
    TrnState *s = opaque;

    switch (event) {
    case TRN_TRACE_DOORBELL_M2S:
        trace_trn_doorbell(s->name, "M2S", engine, queue, a, b);
        break;
    case TRN_TRACE_DOORBELL_S2M:
        trace_trn_doorbell(s->name, "S2M", engine, queue, a, b);
        break;
    case TRN_TRACE_FETCH_M2S:
        trace_trn_fetch(s->name, "M2S", engine, queue, a, b);
        break;
    case TRN_TRACE_FETCH_S2M:
        trace_trn_fetch(s->name, "S2M", engine, queue, a, b);
        break;
    case TRN_TRACE_MOVE_FROM:
        trace_trn_move_from(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_MOVE_TO:
        trace_trn_move_to(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_INLINE:
        trace_trn_inline(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_RETIRE:
        trace_trn_retire(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_STALL:
        trace_trn_stall(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_ERROR:
        trace_trn_error(s->name, engine, queue, a, b);
        break;
    case TRN_TRACE_QUEUE_RESET:
        trace_trn_queue_reset(s->name, a ? "S2M" : "M2S", engine, queue);
        break;
    case TRN_TRACE_EVENT:
        trace_trn_event(s->name, engine, queue, a, b);
        break;
    }
}

const TrnBus trn_bus = {
    .host_read = trn_host_read,
    .host_write = trn_host_write,
    .hbm_dirty = trn_hbm_dirty,
    .scratch_dirty = trn_pool_dirty,
    .scratch_clear = trn_pool_clear,
    .irq = trn_bus_irq,
    .lock = trn_bus_lock,
    .unlock = trn_bus_unlock,
    .now = trn_bus_now,
    .wake_at = trn_bus_wake_at,
    .engine_ready = trn_bus_engine_ready,
    .defer = trn_bus_defer,
    .log_is_on = trn_bus_log_is_on,
    .log = trn_bus_log,
    .trace = trn_bus_trace,
};
