/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TrnBus: all calls of the core into the front end.
 *
 * Threads and locks. The core has two kinds of callers:
 *
 *  - register access, reset and start/stop. These hold the big lock (QEMU's
 *    BQL; a single-threaded test needs none);
 *  - trn_engine_run(), on worker threads, without the big lock. One engine
 *    runs on one thread at a time, different engines in parallel.
 *
 * Lock order, outermost first: big lock, TrnEngine.lock, TrnStore.lock or
 * TrnScratch.lock. TrnFabric.lock is taken with no other lock than the big
 * lock, and is a leaf.
 *
 * A register access may wait, with the big lock held, until an engine has
 * stopped. That cannot deadlock: a worker takes the big lock only while it is
 * parked (udma/udma.h), and a parked engine counts as stopped. The worker
 * checks again, with the lock, whether it may go on.
 */
#ifndef TRN_CORE_BUS_H
#define TRN_CORE_BUS_H

#include "port.h"

typedef enum TrnLog {
    TRN_LOG_GUEST_ERROR,        /* the guest made a mistake */
    TRN_LOG_UNIMP,              /* not implemented, or not documented */
} TrnLog;

/* Steps of a copy. Arguments are (engine, queue, a, b). */
typedef enum TrnTrace {
    TRN_TRACE_DOORBELL_M2S,     /* a = count, b = tail register */
    TRN_TRACE_DOORBELL_S2M,     /* a = count, b = tail register */
    TRN_TRACE_FETCH_M2S,        /* a = ring index, b = descriptors */
    TRN_TRACE_FETCH_S2M,        /* a = ring index, b = descriptors */
    TRN_TRACE_MOVE_FROM,        /* a = source address, b = bytes */
    TRN_TRACE_MOVE_TO,          /* a = destination address, b = bytes */
    TRN_TRACE_INLINE,           /* a = TRN_INLINE_* opcode, b = position */
    TRN_TRACE_RETIRE,           /* a = S2M count, b = M2S count */
    TRN_TRACE_STALL,            /* a = TrnStall, b = M2S index */
    TRN_TRACE_ERROR,            /* a = TRNX_ERR_*, b = address */
    TRN_TRACE_QUEUE_RESET,      /* a = 0 M2S, 1 S2M */
    TRN_TRACE_EVENT,            /* a = type, b = data */
} TrnTrace;

typedef struct TrnBus {
    /*
     * Bus-master access to host memory at bus address @addr, which has no
     * bit 46 any more. Never while the caller has a reference to a neighbour
     * (fabric/fabric.h). False: some byte of the range is not memory, and the
     * number of bytes moved is unspecified. Any thread; with the big lock held
     * if host_needs_lock.
     */
    bool (*host_read)(void *opaque, uint64_t addr, void *buf, size_t len);
    bool (*host_write)(void *opaque, uint64_t addr, const void *buf,
                       size_t len);

    /* Host accesses can call back into the machine, as IOMMU faults do. */
    bool host_needs_lock;

    /* The device wrote bytes of HBM. May be NULL. */
    void (*hbm_dirty)(void *opaque, uint64_t offset, uint64_t len);

    /*
     * The pool of TrnConfig.scratch. scratch_dirty: the device wrote bytes of
     * it; may be NULL. scratch_clear: zero its first @len bytes; the big lock
     * is held, and no other thread uses the pool.
     */
    void (*scratch_dirty)(void *opaque, uint64_t offset, uint64_t len);
    void (*scratch_clear)(void *opaque, uint64_t len);

    /* Raise MSI-X @vector. Big lock held, no other. */
    void (*irq)(void *opaque, unsigned vector);

    /* Take and drop the big lock: from workers only, no other lock held. */
    void (*lock)(void *opaque);
    void (*unlock)(void *opaque);

    /* Virtual time in nanoseconds. Any thread. */
    uint64_t (*now)(void *opaque);

    /*
     * Call trn_chip_woken(), with the big lock, once now() has reached @when.
     * Of several requests the earliest counts; the core asks again for the
     * others. Any thread.
     */
    void (*wake_at)(void *opaque, uint64_t when);

    /*
     * Engine has work: call trn_engine_run() soon, on a worker. Called with
     * the engine's lock held; not repeated until that call.
     */
    void (*engine_ready)(void *opaque, unsigned engine);

    /* Call trn_chip_deferred() soon, with the big lock, not on a worker. */
    void (*defer)(void *opaque);

    /* True if log lines of this kind are shown. Any thread. */
    bool (*log_is_on)(void *opaque, TrnLog kind);

    /* One line without newline. */
    void (*log)(void *opaque, TrnLog kind, const char *line);

    /* May be NULL. */
    void (*trace)(void *opaque, TrnTrace event, unsigned engine,
                  unsigned queue, uint64_t a, uint64_t b);
} TrnBus;

#endif /* TRN_CORE_BUS_H */
